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
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends gracefully; with the default restored, the second ends at once.
	context.AfterFunc(ctx, restore)
	os.Exit(run(ctx, systemEnv()))
}
