package planner

import (
	"os"
	"testing"

	"agistorm/scenarios/lab"
)

// TestMain lets this test's program play the roles of a storm.
func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	if code, ok := lab.Role(os.Args[1:]); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}
