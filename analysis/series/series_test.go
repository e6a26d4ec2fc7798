package series

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

const ms = time.Millisecond

func ptr[T any](v T) *T { return &v }

func gained(at time.Duration, drops, overflows uint64) record.CounterSample {
	return record.CounterSample{
		At:     at,
		Gained: record.Counters{record.ListenDrops: drops, record.ListenOverflows: overflows},
	}
}

// served arrived at and was connected after took.
func served(at, took time.Duration) record.Attempt {
	return record.Attempt{
		Intended: at, Started: ptr(at), Connected: ptr(at + took), Done: at + took + 5*ms,
		Outcome: record.Answered, SYNRetransmits: ptr(uint32(0)),
	}
}

func TestFlow(t *testing.T) {
	r := &record.Repeat{
		Attempts: []record.Attempt{served(0, ms), served(9*ms, ms), served(10*ms, ms), served(31*ms, ms)},
		Target:   &record.Target{Peers: []record.Peer{{At: ms}, {At: 12 * ms}, {At: 45 * ms}, {At: -ms}}},
		// 3 dropped within the 10 ms before 12 ms, 2 more before 38 ms.
		Counters: []record.CounterSample{gained(2*ms, 0, 0), gained(12*ms, 3, 3), gained(22*ms, 3, 3), gained(38*ms, 5, 3)},
	}
	want := Flow{Arrivals: []float64{2, 1, 0, 1, 0}, Accepts: []float64{2, 1, 0, 0, 1}, Drops: []float64{3, 0, 0, 2, 0}}
	if diff := cmp.Diff(want, FlowOf(r, Step)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want = Flow{Arrivals: []float64{3, 1}, Accepts: []float64{3, 1}, Drops: []float64{3, 2}}
	if diff := cmp.Diff(want, FlowOf(r, 3*Step)); diff != "" {
		t.Errorf("wider bins (-want +got):\n%s", diff)
	}
}

func TestFlowOfWhatNobodySaw(t *testing.T) {
	want := Flow{Arrivals: []float64{0}}
	if diff := cmp.Diff(want, FlowOf(&record.Repeat{}, Step)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFlowHasNoMoreBins(t *testing.T) {
	for _, last := range []time.Duration{math.MinInt64, 0, 1, Step, Step - 1, 7 * time.Second, math.MaxInt64} {
		for _, bins := range []int{1, 2, 3, 700} {
			r := &record.Repeat{Attempts: []record.Attempt{{Intended: last}}}
			width := WidthFor(LastOf(r), bins)
			f := FlowOf(r, width)
			if n := len(f.Arrivals); n < 1 || n > bins || width%Step != 0 || width < Step {
				t.Errorf("last %v, %d bins: %d of %v", last, bins, n, width)
			}
			if f.Arrivals[len(f.Arrivals)-1] != 1 {
				t.Errorf("last %v, %d bins: the last arrival is not in the last bin: %v", last, bins, f.Arrivals)
			}
		}
	}
}

func TestDotsOfFew(t *testing.T) {
	late := served(3*ms, time.Second)
	late.SYNRetransmits = ptr(uint32(1))
	lost := record.Attempt{Intended: 5 * ms, Done: 2005 * ms, Outcome: record.ConnectTimeout}
	r := &record.Repeat{Attempts: []record.Attempt{
		served(0, 2*ms), late, lost, {Intended: 9 * ms, Done: ms, Outcome: "unheard of"},
	}}
	want := []Dot{
		{0, 2 * ms, record.Answered, false},
		{3 * ms, time.Second, record.Answered, true},
		{5 * ms, 2 * time.Second, record.ConnectTimeout, false},
		{9 * ms, 0, "unheard of", false},
	}
	if diff := cmp.Diff(want, DotsOf(r, 4)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// crowd is 10,000 answered calls, one of them by far the slowest, one the fastest, and among them 3
// lost ones and 50 late.
func crowd() *record.Repeat {
	r := &record.Repeat{}
	for i := range 10000 {
		a := served(time.Duration(i)*ms, time.Duration(5+i*7919%100)*ms)
		switch {
		case i == 4321:
			a = served(time.Duration(i)*ms, 900*ms)
		case i == 8765:
			a = served(time.Duration(i)*ms, ms)
		case i%4000 == 17:
			a.Outcome = record.Reset
		case i%200 == 100:
			a.SYNRetransmits = ptr(uint32(1))
		}
		r.Attempts = append(r.Attempts, a)
	}
	return r
}

func TestDotsKeepWhatIsRare(t *testing.T) {
	r := crowd()
	for _, most := range []int{0, 1, 2, 3, 7, 100, 500, 9999} {
		dots := DotsOf(r, most)
		if len(dots) > most {
			t.Errorf("%d dots, want at most %d", len(dots), most)
		}
		kinds := map[record.Outcome]int{}
		late, slowest, fastest := 0, time.Duration(0), time.Hour
		for i, d := range dots {
			kinds[d.Outcome]++
			if d.Late {
				late++
			}
			slowest, fastest = max(slowest, d.Took), min(fastest, d.Took)
			if i > 0 && d.At <= dots[i-1].At {
				t.Fatalf("%d dots: number %d is not after the one before", most, i)
			}
		}
		if most >= 3 && (kinds[record.Reset] == 0 || kinds[record.Answered] == late || late == 0 || slowest != 900*ms) {
			t.Errorf("%d dots: %v, %d late, slowest %v", most, kinds, late, slowest)
		}
		if most >= 100 && (kinds[record.Reset] != 3 || fastest != ms) {
			t.Errorf("%d dots: %v, fastest %v; want all 3 resets and 1ms", most, kinds, fastest)
		}
		if most >= 500 && late != 50 {
			t.Errorf("%d dots: %d late, want all 50", most, late)
		}
	}
}

func TestDotsAreSpreadOverTheStorm(t *testing.T) {
	quarters := [4]int{}
	for _, d := range DotsOf(crowd(), 400) {
		quarters[d.At*4/(10000*ms)]++
	}
	for i, n := range quarters {
		if n < 60 {
			t.Errorf("quarter %d of the storm has %d of 400 dots", i+1, n)
		}
	}
}

func TestInOrder(t *testing.T) {
	burst := func(calls int, at ...time.Duration) (dots []Dot) {
		for _, start := range at {
			dots = append(dots, slices.Repeat([]Dot{{At: start}}, calls)...)
		}
		return dots
	}
	for _, c := range []struct {
		name   string
		storms [][]Dot
		starts int
		want   bool
	}{
		{"one burst", [][]Dot{burst(3, 0), burst(3, 0)}, 1, true},
		{"a burst each second", [][]Dot{burst(10, 0, time.Second), burst(10, 0, time.Second)}, 2, true},
		{"nine at once are seen", [][]Dot{burst(9, 0, time.Second)}, 2, false},
		{"nothing", nil, 0, true},
	} {
		if starts, got := InOrder(slices.Concat(c.storms...)); len(starts) != c.starts || got != c.want {
			t.Errorf("%s: %v in order %v, want %d and %v", c.name, starts, got, c.starts, c.want)
		}
	}
}

// TestPlaces: calls of the same start stand side by side, in the room that their storm takes of it.
func TestPlaces(t *testing.T) {
	dots := []Dot{{At: 0}, {At: time.Second}, {At: 0}, {At: time.Second}, {At: time.Second}, {At: time.Second}}
	starts := []time.Duration{0, 500 * ms, time.Second}
	if diff := cmp.Diff([]float64{2, 20.5 + 0.5, 6, 20 + 3, 20 + 5, 20 + 7}, Places(dots, starts, 10, 8)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestQuotas(t *testing.T) {
	for _, c := range []struct {
		sizes []int
		most  int
		want  []int
	}{
		{[]int{1000, 3, 0, 50}, 100, []int{48, 3, 0, 49}},
		{[]int{1000, 1000}, 100, []int{50, 50}},
		{[]int{5, 5}, 100, []int{5, 5}},
		{[]int{9, 1, 9}, 2, []int{1, 1, 0}},
		{[]int{9}, 0, []int{0}},
	} {
		groups := make([][]int, len(c.sizes))
		for i, n := range c.sizes {
			groups[i] = make([]int, n)
		}
		if diff := cmp.Diff(c.want, quotas(groups, c.most)); diff != "" {
			t.Errorf("%v in %d (-want +got):\n%s", c.sizes, c.most, diff)
		}
	}
}

// BenchmarkMillion makes all that is drawn of a storm of 1,000,000 attempts.
func BenchmarkMillion(b *testing.B) {
	r := &record.Repeat{Target: &record.Target{Peers: make([]record.Peer, 1_000_000)}}
	for i := range 1_000_000 {
		at := time.Duration(i) * 10 * time.Microsecond
		r.Attempts = append(r.Attempts, served(at, time.Duration(i*7919%100)*ms))
		r.Target.Peers[i].At = at
		r.Queue = append(r.Queue, sample(at, uint32(i*7919%500)))
	}
	for _, part := range []struct {
		name string
		do   func()
	}{
		{"flow", func() { FlowOf(r, WidthFor(LastOf(r), 1000)) }},
		{"dots", func() { DotsOf(r, 2000) }},
		{"depth", func() { DepthOf(r, 2000) }},
	} {
		b.Run(part.name, func(b *testing.B) {
			for b.Loop() {
				part.do()
			}
		})
	}
}
