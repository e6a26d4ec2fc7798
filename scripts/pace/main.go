// Command pace compares the arrival `asterisk 1` with a real Asterisk:
//
//	pace AGISTORM
//
// AGISTORM is the binary. It plays the built-in scenario one-asterisk, a serial server with 5 ms of work
// under 500 calls whose callers reply after 2.2 ms (fitted; see the scenario): first as it is, then with the
// arrivals `constant 2500/s` and `burst`. The tables on stdout have for each backlog the calls that were
// served, those whose connect timed out (FAILURE for a dialplan) and those without a script (SUCCESS for a
// dialplan), beside the numbers of Asterisk 22.11 and of agistorm 0.1.0 (baseline.go). Then come the fewest
// and the most calls that a storm served, the share of the losses that fall into another class, and the
// server's median time per call. The exit code is 1 where `asterisk 1` serves over 10 % more or fewer calls
// than Asterisk, and 2 where there is no result. It takes 2 minutes and wants a quiet machine.
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
	"agistorm/scripts/internal/program"
)

// scenario that is played.
const scenario = "one-asterisk"

func main() { program.Main("pace", run) }

// run plays and reports every baseline's arrival.
func run(args []string, stdout io.Writer) (misses []string, err error) {
	if len(args) != 1 {
		return nil, errors.New("usage: pace AGISTORM")
	}
	folder, err := os.MkdirTemp("", "pace")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	for i := range baselines {
		b := &baselines[i]
		summary, err := play(args[0], filepath.Join(folder, strconv.Itoa(i)), b.arrival)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.arrival, err)
		}
		missed, err := report(b, summary, stdout)
		misses = append(misses, missed...)
		if err != nil {
			return misses, err
		}
	}
	return misses, nil
}

// report prints a table and returns what is wrong.
func report(b *baseline, summary *analysis.Summary, stdout io.Writer) (misses []string, err error) {
	results := read(summary)
	fmt.Fprintln(stdout, b.table(results))
	if b.bar && !summary.Conclusive {
		err = fmt.Errorf("%s: no result: %s", b.arrival, strings.Join(words.Doubts(summary), " "))
	}
	return b.misses(results), err
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
	output, err := exec.Command(agistorm, "sweep", file, "-o", folder, "--quiet").CombinedOutput()
	summary, unread := summary.Read(record.Dir(folder))
	if unread != nil { // an inconclusive run ends with an exit code too, and can be read
		return nil, fmt.Errorf("%w\n%s", errors.Join(err, unread), output)
	}
	return summary, nil
}
