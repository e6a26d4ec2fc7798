// Command agistorm makes connect storms against FastAGI servers and says what
// became of every call, and why.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"agistorm/scenarios/lab"
)

func main() {
	if code, ok := lab.Role(os.Args[1:]); ok {
		os.Exit(code)
	}
	os.Exit(run(untilSignal(), systemEnv()))
}

// untilSignal is done at the first signal, so that the run ends gracefully; the second ends it at once.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx
}
