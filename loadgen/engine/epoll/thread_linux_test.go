package epoll

import (
	"runtime"
	"testing"
	"time"

	"agistorm/loadgen/engine"
)

func TestParseSchedstat(t *testing.T) {
	for _, text := range []string{"1500000000 250000 37\n", "1500000000 250000", "1500000000 250000\n"} {
		got := parseSchedstat([]byte(text))
		if want := (engine.Thread{CPU: 1500 * time.Millisecond, Waited: 250 * time.Microsecond}); got == nil ||
			*got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"", "12", "12\n", "a b c", "1 -2 3", "9999999999999999999 1 1"} {
		if got := parseSchedstat([]byte(text)); got != nil {
			t.Errorf("%q gave %+v", text, got)
		}
	}
}

// TestReadThread: what this thread works is counted.
func TestReadThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := readThread()
	for began := time.Now(); time.Since(began) < 20*time.Millisecond; {
	}
	got := threadCost(before, readThread())
	if got == nil {
		t.Skip("this kernel has no /proc/thread-self/schedstat")
	}
	// A virtual machine's own waits are in neither.
	if got.CPU < time.Millisecond || got.CPU > 25*time.Millisecond || got.Waited < 0 {
		t.Errorf("20 ms of work: %v on a CPU and %v waiting", got.CPU, got.Waited)
	}
}
