//go:build linux

// Package measure holds what the reference clients in Go share with those in C (caller.h): the
// command line, and the line that they print.
package measure

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// Options of one run.
type Options struct {
	Server       netip.AddrPort
	Open, Rounds int    // calls open at once, and how often
	Connects     string // file for a line of JSON per call; none where empty
	// SingleWrite sends the environment in one write with TCP_NODELAY, as other clients than Asterisk do.
	SingleWrite bool
	// FirstCommandTimeout is from 1 ms to 10 min; 0 leaves it to the client.
	FirstCommandTimeout time.Duration
}

// Result is the line that every client prints.
type Result struct {
	Sessions int `json:"sessions"`
	// Answered: connected, at least one command, and closed by the server.
	Answered int `json:"answered"`
	// WallNS and CPUNS are summed over the rounds, from the first connect to the last close. CPU is
	// the whole process's, user and system.
	WallNS int64 `json:"wall_ns"`
	CPUNS  int64 `json:"cpu_ns"`
	// MaxRSS is the most memory that the process ever had resident.
	MaxRSS int64 `json:"maxrss_bytes"`

	// Outcomes of the sessions, by the names of package record, without those that did not occur; nil
	// where they were not counted, as by the dialer.
	Outcomes map[string]int `json:"outcomes,omitempty"`
	// Slow sessions were answered, but waited SlowAfter or longer for their first command; nil where
	// not counted.
	Slow *int `json:"slow,omitempty"`
	// ReplyLag of all replies; nil where nothing was replied, or the client does not measure it.
	ReplyLag *Lag `json:"reply_lag,omitempty"`
	// Unstamped replies are not in ReplyLag: the kernel did not report when their commands arrived.
	Unstamped int `json:"unstamped_replies,omitempty"`
	// HeapPerAttempt is the memory that agistorm's storm itself holds for an attempt, in bytes; nil
	// for the others.
	HeapPerAttempt *float64 `json:"heap_bytes_per_attempt,omitempty"`
}

// Lag is a distribution of reply lag: from the arrival of a command at the client's socket until
// its reply has been written. The quantiles are at most a sixteenth or 1 µs too long.
type Lag struct {
	Count int           `json:"count"`
	Sum   time.Duration `json:"sum_ns"`
	Max   time.Duration `json:"max_ns"`
	P50   time.Duration `json:"p50_ns"`
	P99   time.Duration `json:"p99_ns"`
}

// SlowAfter is how long a call waits for its first command, from the connection, before it is slow
// (SLOW_MS in caller.h).
const SlowAfter = time.Second

// The most calls at once, the most rounds and the longest timeout, as in caller.h.
const (
	most        = 1_000_000
	mostTimeout = 600_000
)

// usage of every client in Go.
const usage = "[--single-write] [--first-command-timeout MS] ADDRESS PORT OPEN ROUNDS [CONNECTS]"

// Parse reads the arguments after the program's name.
func Parse(args []string) (Options, error) {
	o, args, err := parseOptions(args)
	if err != nil {
		return o, err
	}
	if len(args) != 4 && len(args) != 5 {
		return o, fmt.Errorf("%d arguments: want %s", len(args), usage)
	}
	address, err := netip.ParseAddr(args[0])
	port, errPort := parseNumber("port", args[1], 65535)
	o.Server = netip.AddrPortFrom(address, uint16(port))
	var errOpen, errRounds error
	o.Open, errOpen = parseNumber("open", args[2], most)
	o.Rounds, errRounds = parseNumber("rounds", args[3], most)
	o.Connects = strings.Join(args[4:], "")
	return o, errors.Join(err, errPort, errOpen, errRounds)
}

// parseOptions reads the options and returns the arguments after them.
func parseOptions(args []string) (o Options, rest []string, err error) {
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		switch {
		case args[0] == "--single-write":
			o.SingleWrite = true
			args = args[1:]
		case args[0] == "--first-command-timeout" && len(args) > 1:
			ms, err := parseNumber(args[0], args[1], mostTimeout)
			if err != nil {
				return o, args, err
			}
			o.FirstCommandTimeout = time.Duration(ms) * time.Millisecond
			args = args[2:]
		default:
			return o, args, fmt.Errorf("option %s: want %s", args[0], usage)
		}
	}
	return o, args, nil
}

func parseNumber(name, text string, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("%s %s: want a number from 1 to %d", name, text, most)
	}
	return n, nil
}

// Main runs a client: it reads the options, plays, and prints the result. It exits with 1
// where play could not play.
func Main(name string, play func(Options) (Result, error)) {
	if err := run(os.Args[1:], os.Stdout, play); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer, play func(Options) (Result, error)) error {
	o, err := Parse(args)
	if err != nil {
		return err
	}
	result, err := play(o)
	if err != nil {
		return err
	}
	if result.MaxRSS, err = peakResident(); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}
