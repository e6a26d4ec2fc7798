// Command likes compares the servers of `agistorm serve --like` with the real ones:
//
//	likes [-runs N] [-arrival PACE] [-simulate] AGISTORM
//
// AGISTORM is the program. Each preset gets the storm that the real server had, N times (3 by default), in a
// process of its own, one after another on loopback; with -simulate, in the simulator of the listen queue instead. The
// table on stdout has the medians beside the real server's numbers. The exit code is 1 where one of them is further from the real one than 10 % of the calls,
// and 2 where a storm could not be played. A run takes about 20 s, and is meaningful on a quiet machine only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"agistorm/scripts/internal/program"
)

func main() { program.MainUntilSignal("likes", run) }

// run returns what is too far from the real servers.
func run(ctx context.Context, args []string, stdout io.Writer) (misses []string, err error) {
	flags := flag.NewFlagSet("likes", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	runs := flags.Int("runs", 3, "storms of each server")
	arrival := flags.String("arrival", "burst", "when the calls come")
	simulated := flags.Bool("simulate", false, "play the storms in the simulator")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 || *runs < 1 {
		return nil, errors.Join(err, errors.New("usage: likes [-runs N] [-arrival PACE] [-simulate] AGISTORM"))
	}
	var rows []row
	for _, s := range servers {
		r, play := row{server: s}, playAll
		if *simulated {
			play = simulate
		}
		if r.runs, err = play(ctx, flags.Arg(0), &s, *arrival, *runs); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name(), err)
		}
		rows = append(rows, r)
		for _, miss := range r.misses() {
			misses = append(misses, s.name()+": "+miss)
		}
	}
	fmt.Fprint(stdout, table(rows))
	return misses, nil
}
