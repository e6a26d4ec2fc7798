package capacity

import (
	"math"
	"testing"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/stats"
)

func stormsOf(p99 time.Duration, lost ...int) (all []*metric.Storm) {
	for _, n := range lost {
		all = append(all, stormOf(1000, n, p99))
	}
	return all
}

func proofOf(q *Question, predicted float64, storms []*metric.Storm) *Proof {
	p := &Proof{Role: RoleRecommended, Calls: 1000, Predicted: Outcome{Lost: stats.Spread{N: 6, Median: predicted}}}
	q.Prove(p, storms)
	return p
}

func TestNeeded(t *testing.T) {
	for confidence, want := range map[float64]int{0.5: 1, 0.9: 4, 0.95: 5, 0.99: 7} {
		if n := Needed(confidence); n != want {
			t.Errorf("%v: %d storms, want %d", confidence, n, want)
		}
	}
}

// TestNeededBeside: of 8 storms one may miss, since 9 of 256 orders have no more heads; of 11 two may, 67 of 2048.
func TestNeededBeside(t *testing.T) {
	for missed, want := range []int{5, 8, 11, 13} {
		if n := NeededBeside(missed, 0.95); n != want {
			t.Errorf("%d missed: %d storms, want %d", missed, n, want)
		}
	}
}

// TestBounds: by hand. With 5 storms the greatest is above the median with 31 of 32; with 8, the second greatest is
// with 1 - 9/256.
func TestBounds(t *testing.T) {
	q := question()
	for _, c := range []struct {
		lost      []int
		low, high float64
	}{
		{[]int{0, 0, 0, 0, 0}, 0, 0},
		{[]int{10, 0, 20, 5, 30}, 0, 0.03},
		{[]int{1, 2, 3, 4, 5, 6, 7, 100}, 0.002, 0.007},
	} {
		p := proofOf(&q, 0, stormsOf(time.Millisecond, c.lost...))
		if p.Low == nil || *p.Low != c.low || *p.High != c.high {
			t.Errorf("%v: %v to %v", c.lost, *p.Low, *p.High)
		}
	}
	if p := proofOf(&q, 0, stormsOf(time.Millisecond, 0, 0, 0, 0)); p.High != nil || p.Held || p.Needed != 5 {
		t.Errorf("four storms are too few: %+v", p)
	}
}

// TestStormsBound: none of 5 storms lost a call, so at most 45 % of storms do, and of 59 storms 5 %.
func TestStormsBound(t *testing.T) {
	for n, want := range map[int]float64{1: 0.95, 5: 0.4507, 59: 0.0495} {
		if b := stormsBound(make([]float64, n), 0.95); math.Abs(*b-want) > 1e-4 {
			t.Errorf("%d storms: %v, want %v", n, *b, want)
		}
	}
	if b := stormsBound([]float64{0, 1}, 0.95); b != nil {
		t.Errorf("a call was lost, and the bound is %v", *b)
	}
}

// TestContradicts: 5 points of the calls, and where storms range over more than 10, outside of their range.
func TestContradicts(t *testing.T) {
	for _, c := range []struct {
		predicted float64
		lost      []float64
		want      bool
	}{
		{0, []float64{0, 0, 50}, false},
		{0, []float64{51, 51, 60}, true},
		{0.1, []float64{149, 150, 150}, false},
		{0.1, []float64{151, 152, 152}, true},
		{0.3, []float64{100, 200, 301}, false}, // wide, and within
		{0.31, []float64{100, 300, 301}, true}, // wide, and outside
	} {
		if got := contradicts(c.predicted, c.lost, 1000); got != c.want {
			t.Errorf("%v of %v: %v", c.predicted, c.lost, got)
		}
	}
}

// TestConclude: what the proofs make of an answer.
func TestConclude(t *testing.T) {
	q := question()
	for _, c := range []struct {
		storms    []*metric.Storm
		predicted float64
		before    []Reason
		want      Status
		why       []Reason
	}{
		{stormsOf(time.Millisecond, 0, 0, 0, 0, 0), 0, nil, Proven, nil},
		{stormsOf(time.Millisecond, 0, 0, 0), 0, nil, NotProven, []Reason{TooFewStorms}},
		{stormsOf(time.Millisecond, 0, 0, 0, 0, 1), 0, nil, NotProven, []Reason{LostCalls}},
		{stormsOf(2*time.Second, 0, 0, 0, 0, 0), 0, nil, NotProven, []Reason{WaitedTooLong}},
		{stormsOf(time.Millisecond, 0, 0, 0, 0, 0), 100, nil, Contradicted, nil},
		{nil, 0, []Reason{Asked}, Simulated, []Reason{Asked}},
		{nil, 0, []Reason{Failed}, NotProven, []Reason{Failed}},
	} {
		a := &Answer{Question: q, Status: Simulated, Unproven: c.before}
		if c.storms != nil {
			a.Proofs = []Proof{*proofOf(&q, c.predicted, c.storms)}
		}
		a.Conclude()
		if a.Status != c.want || len(a.Unproven) != len(c.why) || len(c.why) > 0 && a.Unproven[0] != c.why[0] {
			t.Errorf("%+v: %s %v", c, a.Status, a.Unproven)
		}
	}
}

// TestErlang: 5 erlangs, 50 ms, 1 s: with 6 handlers C is 0.5875 (Erlang's table), and C·exp(-1·20) is next to none.
func TestErlang(t *testing.T) {
	q := question()
	e := ErlangOf(&q)
	if e.Handlers != 6 || math.Abs(e.Waiting-0.5875) > 1e-3 || math.Abs(e.Blocked-0.1918) > 1e-3 ||
		len(e.LeftOut) != 4 {
		t.Errorf("%+v", e)
	}
	if want := 203 * time.Millisecond; (e.WaitP99 - want).Abs() > 2*time.Millisecond { // 50 ms × ln(58.75)
		t.Errorf("p99 %v, want %v", e.WaitP99, want)
	}
	q.FirstCommandTimeout, q.Span = 10*time.Millisecond, 10*time.Second
	if stricter := ErlangOf(&q); stricter.Handlers <= e.Handlers {
		t.Errorf("%d handlers for 10 ms, %d for 1 s", stricter.Handlers, e.Handlers)
	}
	if q.Planned = false; ErlangOf(&q) != nil {
		t.Error("without handlers")
	}
}

// TestSmaller: an eighth less, one at least, and none below 0.
func TestSmaller(t *testing.T) {
	for backlog, want := range map[int]int{0: -1, 1: 0, 7: 6, 16: 14, 800: 700} {
		if n, ok := Smaller(backlog); n != want || ok != (want >= 0) {
			t.Errorf("%d: %d, %v", backlog, n, ok)
		}
	}
}

// TestRaise: what did not hold on this kernel gives way to a larger backlog where the queue was full, up to the largest
// useful one, and to more handlers where it was not.
func TestRaise(t *testing.T) {
	a := answer(t, Config{Question: question(), Simulate: threshold(6, 17, 0)})
	lost := stats.Spread{N: 5, Max: 3}
	for _, c := range []struct {
		proof Proof
		want  Setting
		ok    bool
	}{
		{Proof{Setting: Setting{6, 0}, Lost: lost, Peak: stats.Spread{Max: 1}}, Setting{6, 8}, true},
		{Proof{Setting: Setting{6, 17}, Lost: lost, Peak: stats.Spread{Max: 18}}, Setting{6, 34}, true},
		{Proof{Setting: Setting{6, 70}, Lost: lost, Peak: stats.Spread{Max: 71}}, Setting{6, 120}, true},
		{Proof{Setting: Setting{6, 120}, Lost: lost, Peak: stats.Spread{Max: 121}}, Setting{6, 120}, false},
		{Proof{Setting: Setting{6, 17}, Lost: lost, Peak: stats.Spread{Max: 9}}, Setting{7, 17}, true},
		{Proof{Setting: Setting{1000, 17}, Lost: lost, Peak: stats.Spread{Max: 9}}, Setting{1062, 17}, false},
		{Proof{Setting: Setting{6, 17}, Lost: stats.Spread{N: 5}}, Setting{6, 17}, false}, // slow: nothing helps
		{Proof{Setting: Setting{6, 17}, Lost: lost, Held: true}, Setting{6, 17}, false},
	} {
		if larger, ok := a.Larger(&c.proof); larger != c.want || ok != c.ok {
			t.Errorf("%+v: %v, %v", c.proof, larger, ok)
		}
	}
	a.Raise(Setting{6, 34}, stormsOf(time.Millisecond, 0, 0))
	a.Raise(Setting{10, 68}, stormsOf(time.Millisecond, 0, 0, 1))
	if *a.Backlog != 68 || *a.Somaxconn != 68 || *a.LeastSimulated != 17 || a.LeastHandlers != 6 || a.Recommended.Storms != 3 ||
		a.Memory.Queued != 69 || *a.Rows[0].Backlog != 68 || a.Rows[0].Handlers != 10 || a.Useful.Backlog != 200 ||
		*a.Utilisation != 0.5 {
		t.Errorf("%+v", a)
	}
}

// TestUnpredicted: where nothing is predicted nothing is contradicted.
func TestUnpredicted(t *testing.T) {
	q := question()
	p := &Proof{Role: RoleAsked, Calls: 1000}
	if q.Prove(p, stormsOf(time.Millisecond, 900, 900, 900, 900, 900)); p.Contradicts || p.Share != 0.9 {
		t.Errorf("%+v", p)
	}
}

// TestLongest: the longest wait is that of all storms, not their median.
func TestLongest(t *testing.T) {
	q := question()
	storms := append(stormsOf(time.Millisecond, 0, 0), stormsOf(700*time.Millisecond, 0)...)
	if o := q.Outcome(storms); *o.Longest != 700*time.Millisecond || *o.P99 != time.Millisecond {
		t.Errorf("longest %v, p99 %v", *o.Longest, *o.P99)
	}
}
