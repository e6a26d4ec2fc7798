// Command check holds a storm at a server that others wrote against what that server says of it:
//
//	go run ./scripts/interop/check DIR CALLS COMMANDS SESSIONS RESULTS
//
// DIR is the run directory. All CALLS are there, each was answered and had COMMANDS commands; the server's file
// SESSIONS has a line for each, with an id of its own and the RESULTS behind it. It ends with 1 and a line for
// each thing that is not so.
package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/record"
)

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "usage: check DIR CALLS COMMANDS SESSIONS RESULTS")
		os.Exit(2)
	}
	wrong, err := check(os.Args[1:])
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for _, line := range wrong {
		fmt.Fprintln(os.Stderr, "check:", line)
	}
	if len(wrong) > 0 {
		os.Exit(1)
	}
	fmt.Printf("check: %s calls, all of them answered with %s commands, and the server says the same\n", os.Args[2], os.Args[3])
}

func check(args []string) (wrong []string, err error) {
	calls, err := strconv.Atoi(args[1])
	if err != nil {
		return nil, err
	}
	commands, err := strconv.ParseUint(args[2], 10, 32)
	if err != nil {
		return nil, err
	}
	storm, err := record.Dir(args[0]).Repeat("storm", 1)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(args[3])
	if err != nil {
		return nil, err
	}
	return append(checkAttempts(storm.Attempts, calls, uint32(commands)), checkSessions(string(text), calls, args[4])...), nil
}

// checkAttempts looks at what the client saw.
func checkAttempts(attempts []record.Attempt, calls int, commands uint32) (wrong []string) {
	sums, sum := map[record.Outcome]int{}, 0
	for _, a := range attempts {
		sums[a.Outcome]++
		if a.Outcome == record.Answered && a.Commands != commands {
			wrong = append(wrong, fmt.Sprintf("call %d was answered with %d commands, want %d", a.Seq, a.Commands, commands))
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

// checkSessions looks at what the server says.
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
