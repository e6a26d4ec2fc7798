// Package program runs the small programs of scripts: all of them report what is wrong in one way, by the
// same exit codes.
package program

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes.
const (
	// Met: everything is as it should be.
	Met = iota
	// Missed: something is not.
	Missed
	// NoResult: the program could not find out.
	NoResult
)

// Work does what a program is for. It returns a line for each thing that is not as it should be; the error is
// for a program that has no result.
type Work func(args []string, stdout io.Writer) (misses []string, err error)

// Main does the work with the arguments of this process, and ends the process.
func Main(name string, work Work) { os.Exit(Run(name, work, os.Args[1:], os.Stdout, os.Stderr)) }

// MainUntilSignal is Main for work that an interrupt or SIGTERM ends, by its context.
func MainUntilSignal(name string, work func(ctx context.Context, args []string, stdout io.Writer) ([]string, error)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	Main(name, func(args []string, stdout io.Writer) ([]string, error) { return work(ctx, args, stdout) })
}

// Run does the work and returns the exit code. What is wrong goes to stderr, each line behind the program's
// name.
func Run(name string, work Work, args []string, stdout, stderr io.Writer) int {
	misses, err := work(args, stdout)
	for _, miss := range misses {
		fmt.Fprintf(stderr, "%s: %s\n", name, miss)
	}
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return NoResult
	case len(misses) > 0:
		return Missed
	}
	return Met
}
