package target

import (
	"syscall"
	"testing"
	"time"
)

// TestEventCostIsCPUTime: the loop computes for what an event costs; it does not sleep.
func TestEventCostIsCPUTime(t *testing.T) {
	const cost, calls = 10 * time.Millisecond, 4
	config := fastConfig(behaviour(t, "async:10ms"))
	config.Engine = Epoll
	s := start(t, config)
	before := usedCPU(t)
	callAll(t, s.l, calls)
	if used := usedCPU(t) - before; used < calls*callEvents*cost {
		t.Errorf("%d calls took %v of CPU time, want at least %v for each of %d events a call", calls, used, cost,
			callEvents)
	}
}

// usedCPU is the CPU time of the process.
func usedCPU(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
