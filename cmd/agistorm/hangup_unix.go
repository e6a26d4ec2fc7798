//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// hangUps are the SIGHUPs from now on; a program that does not ask for them is ended by one.
func hangUps() <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals
}
