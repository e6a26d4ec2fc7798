// Command agistorm makes connect storms against FastAGI servers and reports the outcome of every call, and
// why.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"agistorm/scenarios/lab"
)

func main() {
	if code, ok := lab.Role(os.Args[1:]); ok {
		os.Exit(code)
	}
	e := systemEnv()
	os.Exit(run(untilSignal(e), e))
}

// untilSignal is done at the first signal, so that the run ends gracefully; a second one ends the program at
// once, says what it leaves, and kills the user's own server.
func untilSignal(e *env) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup lets a program outlive its terminal
		signal.Notify(signals, syscall.SIGHUP)
	}
	go endOn(signals, cancel, func() {
		lab.EndServers()
		fmt.Fprintln(e.stderr, e.left.String())
		os.Exit(exitInterrupted)
	})
	return ctx
}

// doubled is how soon after the first signal another one is the same: timeout(1) signals its child and then
// the whole process group.
const doubled = 500 * time.Millisecond

// endOn calls end at the first signal, and endNow at the next one that is not the first one doubled.
func endOn(signals <-chan os.Signal, end, endNow func()) {
	<-signals
	first := time.Now()
	end()
	for range signals {
		if time.Since(first) >= doubled {
			endNow()
			return
		}
	}
}
