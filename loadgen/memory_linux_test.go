package loadgen

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
)

// heapPerAttempt returns the heap bytes per attempt of a storm that has been prepared and played:
// the engine's, the talk's and the record's. There is no listener, so that a server in this process takes
// none.
func heapPerAttempt(tb testing.TB, client string, calls int) float64 {
	tb.Helper()
	before := heapBytes()
	storm, err := Prepare(Config{
		Addresses: []netip.AddrPort{freePort(tb)}, Script: "agistorm", Schedule: arrival.Burst{Calls: calls},
		Limits: caller.DefaultLimits(), Client: caller.Client{Name: client}, Engine: Epoll,
	})
	if err != nil {
		tb.Fatal(err)
	}
	defer storm.Close()
	_, attempts := storm.Run(context.Background(), time.Now())
	after := heapBytes()
	n := 0
	for range attempts {
		n++
	}
	if n != calls {
		tb.Fatalf("%d attempts, want %d", n, calls)
	}
	return float64(after-before) / float64(calls)
}

// heapBytes returns what is alive on the heap.
func heapBytes() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// freePort is an address without a listener.
func freePort(tb testing.TB) netip.AddrPort {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func TestHeapPerAttempt(t *testing.T) {
	for _, client := range []string{caller.Asterisk, caller.SingleWrite} {
		if got := heapPerAttempt(t, client, 2_000); got > HeapPerAttempt {
			t.Errorf("%s: %.0f heap bytes per attempt, want %d at most", client, got, HeapPerAttempt)
		}
	}
}

// BenchmarkHeapPerAttempt reports the memory of an attempt in a burst of 10,000.
func BenchmarkHeapPerAttempt(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(heapPerAttempt(b, caller.Asterisk, 10_000), "B/attempt")
	}
}
