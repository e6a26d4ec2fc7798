package main

import (
	"context"
	"errors"
	"fmt"

	"agistorm/reports/words"
	"agistorm/scenarios/lab"
)

// Exit codes.
const (
	exitDone = 0
	// exitFailed: it could not run, or the server served no call, or ended in the storms.
	exitFailed = 1
	// exitUsage: a wrong flag, argument, environment variable or scenario.
	exitUsage = 2
	// exitInconclusive: the generator or the host was the limit; or a rule or a claim could not be checked.
	exitInconclusive = 3
	// exitGate: a gate failed, or a rule does not hold.
	exitGate = 99
	// exitInterrupted: ended by a signal; what was measured is kept.
	exitInterrupted = 130
)

// usageError is about what the user gave: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errInconclusive ends a verb that has already reported why its run is inconclusive.
var errInconclusive = errors.New("inconclusive")

// errGate ends a verb that has already reported which gate failed, or which rule does not hold.
var errGate = errors.New("a gate failed")

// errServedNothing ends a verb whose run shows that the server served no call, and why.
var errServedNothing = errors.New("the server served no call")

// errServerEnded ends a verb in whose storms the user's own server ended.
var errServerEnded = errors.New("the command ended, or was stopped, in every storm of a setting")

// reported stand for what a run shows, which its report has.
var reported = []error{errInconclusive, errGate, errServedNothing, errServerEnded}

// remedy returns what helps against an error, for the end of its line; empty where that is not known.
func remedy(err error) string {
	var refused *lab.RefusedError
	if !errors.As(err, &refused) {
		return ""
	}
	return "; " + words.Remedy(refused.Note)
}

// exitCode returns the code for what a verb returned.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage), errors.As(err, new(lab.InputError)):
		return exitUsage
	case errors.Is(err, errInconclusive), errors.As(err, new(lab.HostError)):
		return exitInconclusive
	case errors.Is(err, errGate):
		return exitGate
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}
