package counters

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

const ms = time.Millisecond

// TestOverflows: from the first sample with one to the last with more.
func TestOverflows(t *testing.T) {
	sampled := func(at time.Duration, n uint64) record.CounterSample {
		return record.CounterSample{At: at, Gained: record.Counters{record.ListenOverflows: n, "TcpInSegs": 5}}
	}
	got := OverflowsOf(
		[]record.CounterSample{sampled(0, 0), sampled(10*ms, 3), sampled(20*ms, 3), sampled(1000*ms, 9), sampled(1010*ms, 9)},
	)
	if got == nil || *got != (Overflows{Count: 9, First: 10 * ms, Last: 1000 * ms}) {
		t.Errorf("got %+v", got)
	}
	if got := OverflowsOf([]record.CounterSample{sampled(0, 0)}); got != nil {
		t.Errorf("none, and got %+v", got)
	}
}

// TestGainedWithin: only what samples show within the time counts.
func TestGainedWithin(t *testing.T) {
	samples := []record.CounterSample{
		{At: 10 * ms, Gained: record.Counters{"x": 2}}, {At: 30 * ms, Gained: record.Counters{"x": 2, "y": 1}},
	}
	for _, tt := range []struct {
		name     string
		from, to time.Duration
		want     bool
	}{
		{"x", 0, 10 * ms, true}, {"x", 0, 9 * ms, false}, {"x", 10 * ms, 30 * ms, false}, {"y", 10 * ms, 30 * ms, true},
		{"y", 30 * ms, 99 * ms, false}, {"x", -ms, 99 * ms, true}, {"z", -ms, 99 * ms, false},
	} {
		if got := GainedWithin(samples, tt.name, tt.from, tt.to-sampleLag); got != tt.want {
			t.Errorf("%s from %v to %v: %v", tt.name, tt.from, tt.to, got)
		}
	}
}
