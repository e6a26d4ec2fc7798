package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// env is what a verb has of the outside, so that tests can run one in their own process.
type env struct {
	args   []string
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string
	// environ returns the whole environment, "NAME=value" each.
	environ func() []string
	// command is the command line, as it can be typed again.
	command []string
	// Terminals, and the widths of those at stdout and stderr (0 where it is none).
	stdoutTerminal, stderrTerminal bool
	width, stderrWidth             int
	// left is what a second signal leaves.
	left leftover
	// relisten returns the signals from the call on at which a server listens again.
	relisten func() <-chan os.Signal
}

func systemEnv() *env {
	e := &env{
		args:           os.Args[1:],
		stdout:         os.Stdout,
		stderr:         os.Stderr,
		getenv:         os.Getenv,
		environ:        os.Environ,
		relisten:       relisten,
		stdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		stderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	e.width = widthOf(os.Stdout, os.Getenv)
	e.stderrWidth, _, _ = term.GetSize(int(os.Stderr.Fd()))
	return e
}

// widthOf returns the width of a terminal; elsewhere the one that the user exports as COLUMNS, or 0 for none.
func widthOf(f *os.File, getenv func(string) string) int {
	if width, _, err := term.GetSize(int(f.Fd())); err == nil {
		return width
	}
	columns, err := strconv.Atoi(getenv("COLUMNS"))
	if err != nil || columns < 1 {
		return 0
	}
	return columns
}
