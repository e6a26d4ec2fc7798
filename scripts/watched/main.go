// Command watched holds `agistorm watch` against the account that the built-in target keeps of its own accept queue:
//
//	watched [-storms N] [-first K] AGISTORM
//
// AGISTORM is the program. Each of N storms (100 by default, from the K-th on) goes to a fresh target on this host's
// loopback, with another backlog, number of calls and pace, while a watch that knows nothing of it runs beside it. The
// peak of the queue must be within 2 % or 5 connections of the target's own, or be said as "at least"; the drops must
// be equal. The table on stdout has both. The exit code is 1 where they differ, and 2 where a storm could not be
// played. A storm takes about 4 s.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"agistorm/scripts/internal/program"
)

func main() { program.MainUntilSignal("watched", run) }

// run returns where the watch and the target differ.
func run(ctx context.Context, args []string, stdout io.Writer) (misses []string, err error) {
	flags := flag.NewFlagSet("watched", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	storms := flags.Int("storms", 100, "storms to play")
	first := flags.Int("first", 0, "number of the first one")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 || *storms < 1 || *first < 0 {
		return nil, errors.Join(err, errors.New("usage: watched [-storms N] [-first K] AGISTORM"))
	}
	var all []pair
	for n := *first; n < *first+*storms; n++ {
		p, err := play(ctx, flags.Arg(0), stormOf(n))
		if err != nil {
			return nil, fmt.Errorf("storm %d: %w", n, err)
		}
		all = append(all, p)
		if miss := p.miss(); miss != "" {
			misses = append(misses, fmt.Sprintf("storm %d (%s): %s", n, p.storm.name(), miss))
		}
	}
	fmt.Fprint(stdout, table(all))
	return misses, nil
}
