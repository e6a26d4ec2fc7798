package analysis

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

const ms = time.Millisecond

func TestSpread(t *testing.T) {
	values := []float64{7, 1, 4}
	if got, want := spread(values), (Spread{N: 3, Median: 4, Min: 1, Max: 7}); got != want {
		t.Errorf("odd: got %+v, want %+v", got, want)
	}
	if !slices.Equal(values, []float64{7, 1, 4}) {
		t.Errorf("spread sorted its argument: %v", values)
	}
	if got, want := spread([]float64{4, 1}), (Spread{N: 2, Median: 2.5, Min: 1, Max: 4}); got != want {
		t.Errorf("even: got %+v, want %+v", got, want)
	}
	if got := spread(nil); got != (Spread{}) {
		t.Errorf("nothing: got %+v", got)
	}
}

func TestCountCalls(t *testing.T) {
	var attempts []record.Attempt
	for _, o := range record.Outcomes { // one of each
		attempts = append(attempts, record.Attempt{Outcome: o, SYNRetransmits: ptr(uint32(2))})
	}
	offered, lost, late := countCalls(attempts)
	if offered != 9 || lost != 7 || late != 2 {
		t.Errorf("offered %d, lost %d, late %d; want 9, 7, 2: answered and connected are not lost", offered, lost, late)
	}
	if got := synRetransmits(attempts); got == nil || *got != 22 {
		t.Errorf("SYN retransmits: got %v, want 22", got)
	}
	attempts[2].SYNRetransmits = nil // a connect-timeout without an account
	if got := synRetransmits(attempts); got == nil || *got != 20 {
		t.Errorf("SYN retransmits without one: got %v, want 20", got)
	}
	attempts[3].EarlierSYNRetransmits = 3 // at another address, before
	if got := synRetransmits(attempts); got == nil || *got != 23 {
		t.Errorf("SYN retransmits with those to an earlier address: got %v, want 23", got)
	}
	attempts[0].SYNRetransmits = nil // who was late is not known
	if got := synRetransmits(attempts); got != nil {
		t.Errorf("SYN retransmits: got %d, want nil", *got)
	}
	attempts[0].SYNRetransmits, attempts[1].SYNRetransmits = ptr(uint32(0)), nil
	if got := synRetransmits(attempts); got != nil {
		t.Errorf("SYN retransmits without an account of one that connected: got %d, want nil", *got)
	}
}

// A call is late, too, that lost its SYNs at an address which it had tried before.
func TestLateByAnEarlierAddress(t *testing.T) {
	a := record.Attempt{Outcome: record.Connected, SYNRetransmits: ptr(uint32(0)), EarlierSYNRetransmits: 1}
	if !a.Late() {
		t.Error("it lost a SYN and is not late")
	}
	a.Outcome = record.Reset
	if a.Late() {
		t.Error("a lost call is late")
	}
}

// Whatever the outcomes, they sum to the attempts, and lost and answered to the offered.
func TestOutcomesSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		attempts := make([]record.Attempt, rng.IntN(50))
		for i := range attempts {
			attempts[i].Outcome = record.Outcomes[rng.IntN(len(record.Outcomes))]
		}
		counts := countOutcomes(attempts)
		sum := 0
		for _, n := range counts {
			sum += n
		}
		offered, lost, _ := countCalls(attempts)
		if sum != len(attempts) || len(counts) != len(record.Outcomes) || lost+counts[record.Answered]+counts[record.Connected] != offered {
			t.Fatalf("%d attempts: %v, offered %d, lost %d", len(attempts), counts, offered, lost)
		}
	}
}

// A pool of repeats is the same as one repeat with all their attempts.
func TestPoolEqualsConcatenation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var repeats []Repeat
	var all []record.Attempt
	for range 3 {
		attempts := make([]record.Attempt, 500)
		for i := range attempts {
			attempts[i] = made{}.attempt(i)
			attempts[i].Connected = ptr(time.Duration(rng.ExpFloat64() * float64(time.Second)))
			attempts[i].Done = *attempts[i].Connected + time.Duration(rng.Int64N(1e9))
		}
		repeats = append(repeats, Repeat{Latencies: stormLatencies(attempts)})
		all = append(all, attempts...)
	}
	pooled := poolLatencies(repeats)
	whole := stormLatencies(all)
	for name, pair := range map[string][2]Latency{
		"handshake": {pooled.Handshake, whole.Handshake}, "connect": {pooled.Connect, whole.Connect},
		"first command": {pooled.FirstCommand, whole.FirstCommand}, "session": {pooled.Session, whole.Session},
	} {
		if pair[0].Quantiles != pair[1].Quantiles || !pair[0].Histogram.Equals(pair[1].Histogram) || pair[0].Count != 1500 {
			t.Errorf("%s: %+v and %+v", name, pair[0].Quantiles, pair[1].Quantiles)
		}
	}
}

func TestLatency(t *testing.T) {
	r := newRecorder()
	for d := range 100 {
		r.add(time.Duration(d+1)*ms+500, true) // 1.0005 … 100.0005 ms
	}
	r.add(time.Hour, false)
	got := r.latency()
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
	if got := newRecorder().latency(); got.Quantiles != (Quantiles{}) || got.Histogram == nil {
		t.Errorf("nothing: got %+v", got.Quantiles)
	}
	r := newRecorder()
	r.add(300, true) // 300 ns, below the histogram
	r.add(20*time.Minute, true)
	got := r.latency()
	// 10 min is the histogram's end, to 3 digits; the exact ends stand beside it.
	if got.Count != 2 || got.Min != 300 || got.Max != 20*time.Minute || got.P50 != time.Microsecond || got.P99 < 599*time.Second || got.P99 > 601*time.Second {
		t.Errorf("clamped: got %+v", got.Quantiles)
	}
	one := newRecorder()
	one.add(1234567*time.Nanosecond, true)
	if got := one.latency(); got.P50 != got.Min || got.P99 != got.Max {
		t.Errorf("one value must be all of its quantiles: got %+v", got.Quantiles)
	}
}

func TestExactQuantiles(t *testing.T) {
	d := []time.Duration{30, 10, 20, 40, 50, 60, 70, 80, 90, 100}
	want := Quantiles{Count: 10, P50: 50, P90: 90, P99: 100, Min: 10, Max: 100}
	if got := exactQuantiles(d); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := exactQuantiles([]time.Duration{7}), (Quantiles{1, 7, 7, 7, 7, 7}); got != want {
		t.Errorf("one: got %+v", got)
	}
}

func TestWatchQueue(t *testing.T) {
	tests := []struct {
		name    string
		samples []record.QueueSample
		want    *Queue
	}{
		{"not watched", nil, nil},
		{"always empty", []record.QueueSample{{At: 0, Limit: 8}, {At: 10 * ms, Limit: 8}}, &Queue{Limit: 8}},
		{
			"up, full, down, and quiet",
			// 2 for 1 ms, 9 for 2 ms, 4 for 1 ms, then empty for ever: (2 + 18 + 4) / 4 = 6
			[]record.QueueSample{
				{At: 0, Depth: 2, Limit: 8}, {At: 1 * ms, Depth: 9, Limit: 8}, {At: 3 * ms, Depth: 4, Limit: 8},
				{At: 4 * ms, Limit: 8}, {At: 100 * ms, Limit: 8},
			},
			&Queue{Limit: 8, Peak: 9, Seen: 9, Full: 2 * ms, Mean: 6, P50: 4, P90: 9, P99: 9, Drain: 4 * ms},
		},
		{
			"at its limit is not over it",
			[]record.QueueSample{{At: 0, Depth: 8, Limit: 8}, {At: 5 * ms, Limit: 8}},
			&Queue{Limit: 8, Peak: 8, Seen: 8, Mean: 8, P50: 8, P90: 8, P99: 8, Drain: 5 * ms},
		},
		{
			"what was before the storm does not count", // 4 for 2 ms
			[]record.QueueSample{{At: -10 * ms, Depth: 4, Limit: 3}, {At: 2 * ms, Limit: 3}},
			&Queue{Limit: 3, Peak: 4, Seen: 4, Full: 2 * ms, Mean: 4, P50: 4, P90: 4, P99: 4, Drain: 2 * ms, LongestPause: 2 * ms},
		},
		{
			"the last sample holds for no time", // 0 for 1 ms, 6 for 1 ms
			[]record.QueueSample{{At: 0, Limit: 8}, {At: 1 * ms, Depth: 6, Limit: 8}, {At: 2 * ms, Depth: 6, Limit: 8}},
			&Queue{Limit: 8, Peak: 6, Seen: 6, Mean: 3, P90: 6, P99: 6, Drain: 2 * ms},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, watchQueue(tt.samples, 0, 0)); diff != "" {
				t.Errorf("queue (-want +got):\n%s", diff)
			}
		})
	}
}

// A listener that is closed and opened again counts its drops from 0.
func TestDroppedByANewListener(t *testing.T) {
	var samples []record.QueueSample
	for _, n := range []int{40, 45, -1, 47, 0, 3, 3} { // -1: not known
		s := record.QueueSample{}
		if n >= 0 {
			s.Drops = ptr(uint32(n))
		}
		samples = append(samples, s)
	}
	if got := dropped(samples); got != 10 {
		t.Errorf("%d dropped, want 7 by the first listener and 3 by the second", got)
	}
}
