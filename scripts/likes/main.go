// Command likes holds the servers of `agistorm serve --like` against the real ones:
//
//	likes [-runs N] [-arrival PACE] AGISTORM
//
// AGISTORM is the program. Each preset gets the storm that the real server had, N times (3 unless told), in a process
// of its own, one after another on loopback. The table on stdout has the medians beside the real server's numbers. The
// exit code is 1 where one of them is further from the real one than 10 % of the calls, and 2 where a storm could not
// be played.
// A run takes about 20 s, and says something of a quiet machine only.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes.
const (
	exitMet = iota
	exitMissed
	exitNoResult
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("likes", flag.ContinueOnError)
	flags.SetOutput(stderr)
	runs := flags.Int("runs", 3, "storms of each server")
	arrival := flags.String("arrival", "burst", "when the calls come")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 || *runs < 1 {
		fmt.Fprintln(stderr, "usage: likes [-runs N] [-arrival PACE] AGISTORM")
		return exitNoResult
	}
	var rows []row
	for _, s := range servers {
		r := row{server: s}
		for range *runs {
			t, err := play(ctx, flags.Arg(0), &s, *arrival)
			if err != nil {
				fmt.Fprintf(stderr, "likes: %s: %v\n", s.name(), err)
				return exitNoResult
			}
			r.runs = append(r.runs, t)
		}
		rows = append(rows, r)
	}
	fmt.Fprint(stdout, table(rows))
	return judge(rows, stderr)
}

// judge says what is too far from the real servers.
func judge(rows []row, stderr io.Writer) int {
	code := exitMet
	for i := range rows {
		for _, miss := range rows[i].misses() {
			fmt.Fprintf(stderr, "likes: %s: %s\n", rows[i].server.name(), miss)
			code = exitMissed
		}
	}
	return code
}
