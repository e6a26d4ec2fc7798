//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// relisten returns the signals from now on at which a server listens again: SIGUSR1, and SIGHUP where no
// terminal sends it when it is closed. There SIGHUP ends the program no longer.
func relisten() <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	if signal.Ignored(syscall.SIGHUP) || !hasTerminal() { // nohup has said that a closed terminal ends nothing
		signal.Reset(syscall.SIGHUP)
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// hasTerminal reports whether this process has a controlling terminal, wherever its output goes.
func hasTerminal() bool {
	tty, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	_ = tty.Close() // only whether it opens counts
	return true
}

// signalName returns the name of a signal that relisten returns.
func signalName(s os.Signal) string {
	if s == syscall.SIGHUP {
		return "SIGHUP"
	}
	return "SIGUSR1"
}
