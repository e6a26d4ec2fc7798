package model

import (
	"sync/atomic"
	"testing"
	"time"
)

// play plays storms on all CPUs and reports the attempts per second, and the allocations of each.
func play(b *testing.B, make func(seed uint64) *Storm) {
	var seed atomic.Uint64
	var attempts atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s := make(seed.Add(1))
			s.Play(Observer{})
			attempts.Add(int64(s.Starts.Len()))
		}
	})
	b.ReportMetric(float64(attempts.Load())/b.Elapsed().Seconds(), "attempts/s")
}

const benchmarkCalls = 200_000

// BenchmarkNoLoss: 16 handlers of which 78 % are busy.
func BenchmarkNoLoss(b *testing.B) {
	arrivals := poisson(benchmarkCalls, 2500, 1)
	play(b, func(seed uint64) *Storm {
		s := storm(0, 4096)
		s.Starts, s.Seed = arrivals, seed
		return s
	})
}

// BenchmarkHalfDropped: 4,400 calls/s where 16 handlers serve 3,200: with the retransmissions half of all SYNs (51 %)
// meet a full queue.
func BenchmarkHalfDropped(b *testing.B) {
	arrivals := poisson(benchmarkCalls, 4400, 1)
	play(b, func(seed uint64) *Storm {
		s := storm(0, 128)
		s.Starts, s.Seed = arrivals, seed
		return s
	})
}

// BenchmarkMachine: the burst of the main job on the reference machine.
func BenchmarkMachine(b *testing.B) {
	play(b, func(seed uint64) *Storm {
		s := storm(2000, 128)
		s.Machine, s.Seed = ReferenceMachine(), seed
		return s
	})
}

// BenchmarkHosts: a million calls in a minute of many Asterisk hosts, 10 ms away, at 100 handlers.
func BenchmarkHosts(b *testing.B) {
	arrivals := poisson(1_000_000, 1_000_000/60., 1)
	play(b, func(seed uint64) *Storm {
		s := storm(0, 4096)
		s.Starts, s.Seed, s.Link.RTT = arrivals, seed, 10*time.Millisecond
		s.Server.Rules.Open, s.Server.Rules.Active = 1000, 1000
		return s
	})
}
