package plots

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

const ms = time.Millisecond

func at(t time.Duration, depth uint32) record.QueueSample {
	return record.QueueSample{At: t, Depth: depth, Limit: 128}
}

// steep is a queue that fills at once, is full until 40 ms, and empty from 50 ms on.
func steep() []record.QueueSample {
	return []record.QueueSample{at(-10*ms, 0), at(0, 129), at(40*ms, 128), at(45*ms, 60), at(50*ms, 0), at(900*ms, 0)}
}

// traceOf are the samples of a storm.
func traceOf(t *testing.T, samples ...record.QueueSample) *trace {
	t.Helper()
	r := queued(samples...)
	tr, ok := newTrace(&r, traceSteps)
	if !ok {
		t.Fatal("not watched")
	}
	return &tr
}

func TestTrace(t *testing.T) {
	tr := traceOf(t, steep()...)
	if tr.peak != 129 || tr.capacity() != 129 || tr.full != 40*ms || tr.Busy() != 50*ms {
		t.Errorf("peak %d, capacity %v, full %v, busy %v; want 129, 129, 40ms, 50ms", tr.peak, tr.capacity(), tr.full, tr.Busy())
	}
	if early := traceOf(t, at(-10*ms, 129), at(5*ms, 0)); early.full != 5*ms {
		t.Errorf("full since before the storm: %v, want 5ms of it", early.full)
	}
	if empty := traceOf(t, at(0, 0)); empty.Busy() != 0 || empty.full != 0 {
		t.Errorf("an empty queue is busy until %v, full for %v", empty.Busy(), empty.full)
	}
}

// TestQueueRowShowsTheMedianStorm: the one in the middle by lost calls, if it was watched.
func TestQueueRowShowsTheMedianStorm(t *testing.T) {
	storm := func(lost int, peak uint32) analysis.Repeat {
		r := queued(at(0, peak), at(ms, 0))
		r.Lost = lost
		return r
	}
	unwatched := analysis.Repeat{Lost: 55, Raw: &record.Repeat{}}
	c := analysis.Cell{Repeats: []analysis.Repeat{storm(90, 9), {N: 2}, storm(10, 1), unwatched, storm(60, 6)}}
	r := newQueueRow(&c)
	if r.shown == nil || r.shown.peak != 6 || len(r.others) != 2 || r.deepest().peak != 9 {
		t.Errorf("shown %+v, %d others; want the peak 6 and 2", r.shown, len(r.others))
	}
	c.Repeats = []analysis.Repeat{{N: 1}, unwatched}
	if r := newQueueRow(&c); r.watched() || len(r.others) != 0 {
		t.Errorf("unwatched: %+v", r)
	}
}

func TestStairs(t *testing.T) {
	x := scale{max: 0.1, from: 0, to: 100} // 1 point a millisecond
	y := scale{max: 200, from: 200, to: 0}
	for _, c := range []struct {
		name    string
		samples []record.QueueSample
		want    []point
	}{
		{"none", nil, nil},
		{"one", []record.QueueSample{at(0, 5)}, []point{{0, 195}}},
		{"a depth holds until the next sample, and beyond the end", steep(),
			[]point{{0, 71}, {40, 71}, {40, 72}, {45, 72}, {45, 140}, {50, 140}, {50, 200}, {100, 200}}},
		{"the last sample before the storm gives the depth at 0", []record.QueueSample{at(-2*ms, 1), at(-ms, 9), at(30*ms, 0)},
			[]point{{0, 191}, {30, 191}, {30, 200}}},
		{"flat runs are their two ends", []record.QueueSample{at(0, 9), at(10*ms, 9), at(20*ms, 9), at(30*ms, 9)},
			[]point{{0, 191}, {30, 191}}},
		{"all after the end", []record.QueueSample{at(time.Second, 9), at(2*time.Second, 3)}, nil},
	} {
		d, _ := series.DepthOf(&record.Repeat{Queue: c.samples}, traceSteps)
		got := stairs(d, 100*ms, x, y)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(point{}), nearly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestQueueNotes(t *testing.T) {
	limited := func(depth, limit uint32) *trace {
		return traceOf(t, record.QueueSample{Depth: depth, Limit: limit}, record.QueueSample{At: time.Second, Limit: limit})
	}
	unseen := func(depth uint32) *trace {
		r := queued(at(0, depth), at(time.Second, 0))
		r.Queue = &analysis.Queue{Limit: 128, Seen: depth, Peak: 129}
		tr, _ := newTrace(&r, traceSteps)
		return &tr
	}
	for _, c := range []struct {
		name    string
		row     queueRow
		want    string
		limited bool
	}{
		{"never ran", queueRow{}, "no storm was finished", false},
		{"not watched", queueRow{repeats: 3}, "not watched", false},
		{"full", queueRow{repeats: 1, shown: traceOf(t, steep()...)}, "full for 40.0 ms; peak 129", true},
		{"full at the last sample only", queueRow{repeats: 1, shown: traceOf(t, at(0, 129))}, "full; peak 129", true},
		{"full in one storm of three", queueRow{repeats: 3, shown: limited(60, 128), others: []trace{*limited(70, 128), *traceOf(t, steep()...)}},
			"full in some storms; peak 129", true},
		{"overflowed between two looks", queueRow{repeats: 1, shown: unseen(127)}, "overflowed; deepest seen 127", true},
		{"nothing seen of it", queueRow{repeats: 1, shown: unseen(0)}, "overflowed; deepest seen 0", true},
		{"overflowed in one storm of two", queueRow{repeats: 2, shown: limited(60, 128), others: []trace{*unseen(127)}},
			"overflowed in some storms; deepest seen 127", true},
		{"near the limit", queueRow{repeats: 1, shown: limited(1985, 4096)}, "never full; peak 1,985", true},
		{"far from the limit", queueRow{repeats: 1, shown: limited(1300, 4096)}, "never full; peak 1,300; full at 4,097; (off the scale)", false},
		{"no limit to speak of", queueRow{repeats: 1, shown: limited(1985, 2147483647)},
			"never full; peak 1,985; full at max; (off the scale)", false},
	} {
		if got := said(c.row.notes()); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if !c.row.watched() {
			continue
		}
		top, limited := c.row.top()
		if limited != c.limited {
			t.Errorf("%s: the limit is drawn: %v, want %v", c.name, limited, c.limited)
		}
		if peak := float64(c.row.deepest().peak); top < peak {
			t.Errorf("%s: the scale ends at %v, below the peak %v", c.name, top, peak)
		}
	}
}

func TestExtent(t *testing.T) {
	rows := []queueRow{{}, {shown: traceOf(t, steep()...), others: []trace{*traceOf(t, at(0, 1), at(100*ms, 0), at(time.Hour, 0))}}}
	if got, want := extent(rows), 104*ms; got != want {
		t.Errorf("%v, want %v: the queue of the other storm was busy for 100 ms", got, want)
	}
}
