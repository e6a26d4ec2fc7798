// Command pace holds the arrival `asterisk 1` against a real Asterisk:
//
//	pace AGISTORM
//
// AGISTORM is the binary. It plays the built-in scenario one-asterisk, a serial server with 5 ms of work under 500
// calls whose callers reply after 2.2 ms (fitted; see the scenario): first as it is, then with the arrivals
// `constant 2500/s` and `burst`. The tables on stdout have for each backlog the calls that were served, those
// whose connect timed out (FAILURE for a dialplan) and those without a script (SUCCESS for a dialplan), beside the
// numbers of Asterisk 22.11 and of agistorm 0.1.0 (baseline.go). Then come the fewest and the most calls that a
// storm served, the share of the losses that fall into another class, and the server's median time per call. The
// exit code is 1 where `asterisk 1` serves over 10 % more or fewer calls than Asterisk, and 2 where there is no
// result. It takes 2 minutes and wants a quiet machine.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/reports/words"
	"agistorm/scenarios"
)

// Exit codes.
const (
	exitMet = iota
	exitMissed
	exitNoResult
)

// scenario that is played.
const scenario = "one-asterisk"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) != 1 {
		fmt.Fprintln(stderr, "usage: pace AGISTORM")
		return exitNoResult
	}
	folder, err := os.MkdirTemp("", "pace")
	if err != nil {
		fmt.Fprintln(stderr, "pace:", err)
		return exitNoResult
	}
	code := playAll(args[0], folder, stdout, stderr)
	if err := os.RemoveAll(folder); err != nil {
		fmt.Fprintln(stderr, "pace:", err)
	}
	return code
}

// playAll plays and reports every baseline's arrival, and returns the exit code.
func playAll(agistorm, folder string, stdout, stderr io.Writer) int {
	code := exitMet
	for i := range baselines {
		b := &baselines[i]
		summary, err := play(agistorm, filepath.Join(folder, strconv.Itoa(i)), b.arrival)
		if err != nil {
			fmt.Fprintf(stderr, "pace: %s: %v\n", b.arrival, err)
			return exitNoResult
		}
		code = max(code, report(b, summary, stdout, stderr))
	}
	return code
}

// report prints a table and what is wrong, and returns the exit code.
func report(b *baseline, summary *analysis.Summary, stdout, stderr io.Writer) int {
	results := read(summary)
	fmt.Fprintln(stdout, b.table(results))
	code := exitMet
	for _, miss := range b.misses(results) {
		fmt.Fprintln(stderr, "pace:", miss)
		code = exitMissed
	}
	if b.bar && !summary.Conclusive {
		fmt.Fprintf(stderr, "pace: %s: no result: %s\n", b.arrival, strings.Join(words.Doubts(summary), " "))
		code = exitNoResult
	}
	return code
}

// play sweeps the scenario with an arrival.
func play(agistorm, folder, arrival string) (*analysis.Summary, error) {
	s, err := scenarios.Load(scenario)
	if err != nil {
		return nil, err
	}
	s.Storm.Arrival = arrival
	text, err := s.YAML()
	if err != nil {
		return nil, err
	}
	file := folder + ".yaml"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	said, err := exec.Command(agistorm, "sweep", file, "-o", folder, "--quiet").CombinedOutput()
	summary, unread := summary.Read(record.Dir(folder))
	if unread != nil { // an inconclusive run ends with an exit code too, and can be read
		return nil, fmt.Errorf("%w\n%s", errors.Join(err, unread), said)
	}
	return summary, nil
}
