package analysis

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

const ms = time.Millisecond

func TestSpread(t *testing.T) {
	values := []float64{7, 1, 4}
	if got, want := spreadOf(values), (Spread{N: 3, Median: 4, Min: 1, Max: 7}); got != want {
		t.Errorf("odd: got %+v, want %+v", got, want)
	}
	if !slices.Equal(values, []float64{7, 1, 4}) {
		t.Errorf("spread sorted its argument: %v", values)
	}
	if got, want := spreadOf([]float64{4, 1}), (Spread{N: 2, Median: 2.5, Min: 1, Max: 4}); got != want {
		t.Errorf("even: got %+v, want %+v", got, want)
	}
	if got := spreadOf(nil); got != (Spread{}) {
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

func TestWatchQueue(t *testing.T) {
	tests := []struct {
		name    string
		samples []record.QueueSample
		want    *metric.Queue
	}{
		{"not watched", nil, nil},
		{"always empty", []record.QueueSample{{At: 0, Limit: 8}, {At: 10 * ms, Limit: 8}}, &metric.Queue{Limit: 8}},
		{
			"up, full, down, and quiet",
			// 2 for 1 ms, 9 for 2 ms, 4 for 1 ms, then empty for ever: (2 + 18 + 4) / 4 = 6
			[]record.QueueSample{
				{At: 0, Depth: 2, Limit: 8}, {At: 1 * ms, Depth: 9, Limit: 8}, {At: 3 * ms, Depth: 4, Limit: 8},
				{At: 4 * ms, Limit: 8}, {At: 100 * ms, Limit: 8},
			},
			&metric.Queue{Limit: 8, Peak: 9, Seen: 9, Full: 2 * ms, Mean: 6, P50: 4, P90: 9, P99: 9, Drain: 4 * ms},
		},
		{
			"at its limit is not over it",
			[]record.QueueSample{{At: 0, Depth: 8, Limit: 8}, {At: 5 * ms, Limit: 8}},
			&metric.Queue{Limit: 8, Peak: 8, Seen: 8, Mean: 8, P50: 8, P90: 8, P99: 8, Drain: 5 * ms},
		},
		{
			"what was before the storm does not count", // 4 for 2 ms
			[]record.QueueSample{{At: -10 * ms, Depth: 4, Limit: 3}, {At: 2 * ms, Limit: 3}},
			&metric.Queue{Limit: 3, Peak: 4, Seen: 4, Full: 2 * ms, Mean: 4, P50: 4, P90: 4, P99: 4, Drain: 2 * ms, LongestPause: 2 * ms},
		},
		{
			"the last sample holds for no time", // 0 for 1 ms, 6 for 1 ms
			[]record.QueueSample{{At: 0, Limit: 8}, {At: 1 * ms, Depth: 6, Limit: 8}, {At: 2 * ms, Depth: 6, Limit: 8}},
			&metric.Queue{Limit: 8, Peak: 6, Seen: 6, Mean: 3, P90: 6, P99: 6, Drain: 2 * ms},
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
