//go:build linux

// Package measure is what the reference clients written in Go share with client.c: the
// command line, and what they print.
package measure

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
)

// Options of one run.
type Options struct {
	Server       netip.AddrPort
	Open, Rounds int    // calls open at once, and how often
	Connects     string // file for a line of JSON per call; none where empty
	// SingleWrite sends the environment in one write with TCP_NODELAY, as other clients than Asterisk do.
	SingleWrite bool
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
}

// most calls at once, and rounds, as in client.c.
const most = 1_000_000

// Parse reads the arguments after the program's name.
func Parse(args []string) (Options, error) {
	var o Options
	if o.SingleWrite = len(args) > 0 && args[0] == "--single-write"; o.SingleWrite {
		args = args[1:]
	}
	if len(args) != 4 && len(args) != 5 {
		return o, fmt.Errorf("%d arguments: want [--single-write] ADDRESS PORT OPEN ROUNDS [CONNECTS]", len(args))
	}
	address, err := netip.ParseAddr(args[0])
	if err != nil {
		return o, err
	}
	var port int
	for _, n := range []struct {
		name  string
		text  string
		most  int
		value *int
	}{{"port", args[1], 65535, &port}, {"open", args[2], most, &o.Open}, {"rounds", args[3], most, &o.Rounds}} {
		if *n.value, err = strconv.Atoi(n.text); err != nil || *n.value < 1 || *n.value > n.most {
			return o, fmt.Errorf("%s %s: want a number from 1 to %d", n.name, n.text, n.most)
		}
	}
	o.Server = netip.AddrPortFrom(address, uint16(port))
	if len(args) == 5 {
		o.Connects = args[4]
	}
	return o, nil
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
