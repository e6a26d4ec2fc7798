//go:build !unix

package main

import "os"

// relisten returns no signal: this system has none at which a server could listen again.
func relisten() <-chan os.Signal { return nil }

// signalName returns the name of a signal that relisten returns.
func signalName(s os.Signal) string { return s.String() }
