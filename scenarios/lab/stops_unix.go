//go:build unix

package lab

import (
	"os"
	"os/signal"
	"syscall"
)

// continuations returns the signals that continue this process after a stop, until forget is called.
func continuations() (continued <-chan os.Signal, forget func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGCONT)
	return signals, func() { signal.Stop(signals) }
}
