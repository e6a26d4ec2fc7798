package metric

import (
	"math/rand/v2"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// TestPoolEqualsConcatenation: a pool of storms is the same as one storm with all their attempts.
func TestPoolEqualsConcatenation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var storms []*Storm
	var all []record.Attempt
	for range 3 {
		attempts := make([]record.Attempt, 500)
		for i := range attempts {
			connected := time.Duration(rng.ExpFloat64() * float64(time.Second))
			attempts[i] = record.Attempt{
				Outcome: record.Answered, Connected: &connected, FirstCommand: &connected, RTT: &connected,
				SYNRetransmits: new(uint32), Done: connected + time.Duration(rng.Int64N(1e9)),
			}
		}
		storms = append(storms, &Storm{Latencies: LatenciesOf(attempts)})
		all = append(all, attempts...)
	}
	pooled := PooledLatencies(storms)
	whole := LatenciesOf(all)
	for name, pair := range map[string][2]Latency{
		"handshake": {pooled.Handshake, whole.Handshake}, "connect": {pooled.Connect, whole.Connect},
		"first command": {pooled.FirstCommand, whole.FirstCommand}, "session": {pooled.Session, whole.Session},
	} {
		if pair[0].Quantiles != pair[1].Quantiles || !pair[0].Histogram.Equals(pair[1].Histogram) ||
			pair[0].Count != 1500 {
			t.Errorf("%s: %+v and %+v", name, pair[0].Quantiles, pair[1].Quantiles)
		}
	}
}
func TestLatency(t *testing.T) {
	r := NewRecorder()
	for d := range 100 {
		r.Add(time.Duration(d+1)*ms+500, true) // 1.0005 … 100.0005 ms
	}
	r.Add(time.Hour, false)
	got := r.Latency()
	// Buckets are 32 µs wide at 50 ms and 64 µs at 90 ms: the upper edge is reported.
	for q, want := range map[time.Duration][2]time.Duration{
		got.P50: {50 * ms, 50*ms + 50*time.Microsecond},
		got.P90: {90 * ms, 90*ms + 90*time.Microsecond},
		got.P99: {99 * ms, 99*ms + 99*time.Microsecond},
	} {
		if q < want[0] || q > want[1] {
			t.Errorf("quantile %v is not within %v", q, want)
		}
	}
	if got.Count != 100 || got.Min != ms+500 || got.Max != 100*ms+500 {
		t.Errorf("got %+v", got.Quantiles)
	}
}

func TestLatencyEdges(t *testing.T) {
	if got := NewRecorder().Latency(); got.Quantiles != (Quantiles{}) || got.Histogram == nil {
		t.Errorf("nothing: got %+v", got.Quantiles)
	}
	r := NewRecorder()
	r.Add(300, true) // 300 ns, below the histogram
	r.Add(20*time.Minute, true)
	got := r.Latency()
	// 10 min is the histogram's end, to 3 digits; the exact ends stand beside it.
	if got.Count != 2 || got.Min != 300 || got.Max != 20*time.Minute || got.P50 != time.Microsecond ||
		got.P99 < 599*time.Second ||
		got.P99 > 601*time.Second {
		t.Errorf("clamped: got %+v", got.Quantiles)
	}
	one := NewRecorder()
	one.Add(1234567*time.Nanosecond, true)
	if got := one.Latency(); got.P50 != got.Min || got.P99 != got.Max {
		t.Errorf("one value must be all of its quantiles: got %+v", got.Quantiles)
	}
}

func TestExactQuantiles(t *testing.T) {
	d := []time.Duration{30, 10, 20, 40, 50, 60, 70, 80, 90, 100}
	want := Quantiles{Count: 10, P50: 50, P90: 90, P95: 100, P99: 100, Min: 10, Max: 100}
	if got := exactQuantiles(d); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := exactQuantiles([]time.Duration{7}), (Quantiles{1, 7, 7, 7, 7, 7, 7}); got != want {
		t.Errorf("one: got %+v", got)
	}
}

// TestWorstKnowsEveryQuantile: each is the greater of two, and the counts add up.
func TestWorstKnowsEveryQuantile(t *testing.T) {
	a, b := Quantiles{1, 9, 2, 9, 2, 9, 2}, Quantiles{2, 1, 9, 1, 9, 1, 9}
	if got, want := a.Worst(b), (Quantiles{3, 9, 9, 9, 9, 9, 9}); got != want || b.Worst(a) != want {
		t.Errorf("got %+v and %+v, want %+v", got, b.Worst(a), want)
	}
}
