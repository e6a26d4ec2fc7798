// Command check compares the record of a storm at an external server with what that server logged of it:
//
//	go run ./scripts/interop/check DIR CALLS COMMANDS SESSIONS RESULTS
//
// DIR is the run directory. All CALLS are there, each was answered and had COMMANDS commands; the server's
// file SESSIONS has a line for each, with an id of its own and the RESULTS behind it. It ends with 1 and a
// line for each thing that is not so.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/record"
	"agistorm/scripts/internal/program"
)

func main() { program.Main("check", check) }

func check(args []string, stdout io.Writer) (misses []string, err error) {
	if len(args) != 5 {
		return nil, errors.New("usage: check DIR CALLS COMMANDS SESSIONS RESULTS")
	}
	calls, errCalls := strconv.Atoi(args[1])
	commands, errCommands := strconv.ParseUint(args[2], 10, 32)
	storm, errStorm := record.Dir(args[0]).Repeat("storm", 1)
	text, errText := os.ReadFile(args[3])
	if err := errors.Join(errCalls, errCommands, errStorm, errText); err != nil {
		return nil, err
	}
	misses = append(
		checkAttempts(storm.Attempts, calls, uint32(commands)),
		checkSessions(string(text), calls, args[4])...)
	if len(misses) == 0 {
		fmt.Fprintf(stdout, "check: %d calls, all of them answered with %d commands, and the server counted the same\n",
			calls, commands)
	}
	return misses, nil
}

// checkAttempts checks what the client recorded.
func checkAttempts(attempts []record.Attempt, calls int, commands uint32) (wrong []string) {
	sums, sum := map[record.Outcome]int{}, 0
	for _, a := range attempts {
		sums[a.Outcome]++
		if a.Outcome == record.Answered && a.Commands != commands {
			wrong = append(
				wrong,
				fmt.Sprintf("call %d was answered with %d commands, want %d", a.Seq, a.Commands, commands),
			)
		}
	}
	for _, o := range record.Outcomes {
		sum += sums[o]
	}
	if sum != calls {
		wrong = append(wrong, fmt.Sprintf("the outcomes add up to %d, want %d calls", sum, calls))
	}
	if sums[record.Answered] != calls {
		wrong = append(wrong, fmt.Sprintf("%d of %d calls were answered: %v", sums[record.Answered], calls, sums))
	}
	return wrong
}

// checkSessions checks what the server logged.
func checkSessions(text string, calls int, results string) (wrong []string) {
	var ids []string
	for line := range strings.Lines(text) {
		id, got, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "|")
		if got != results {
			wrong = append(wrong, fmt.Sprintf("the server had %q for call %s, want %q", got, id, results))
		}
		ids = append(ids, id)
	}
	if len(ids) != calls {
		wrong = append(wrong, fmt.Sprintf("the server had %d whole sessions, want %d", len(ids), calls))
	}
	slices.Sort(ids)
	if different := len(slices.Compact(ids)); different != len(ids) {
		wrong = append(wrong, fmt.Sprintf("only %d of %d calls had an id of their own", different, len(ids)))
	}
	return wrong
}
