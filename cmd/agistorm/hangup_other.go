//go:build !unix

package main

import "os"

// hangUps: this system has no such signal.
func hangUps() <-chan os.Signal { return nil }
