package plots

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

const ms = time.Millisecond

func at(t time.Duration, depth uint32) record.QueueSample {
	return record.QueueSample{At: t, Depth: depth, Limit: 128}
}

// steep is a queue that fills at once, is full until 40 ms, and empty from 50 ms on.
func steep() []record.QueueSample {
	return []record.QueueSample{at(-10*ms, 0), at(0, 129), at(40*ms, 128), at(45*ms, 60), at(50*ms, 0), at(900*ms, 0)}
}

func TestTrace(t *testing.T) {
	tr := newTrace(steep())
	if tr.peak != 129 || tr.capacity() != 129 || tr.full() != 40*ms || tr.busy() != 50*ms {
		t.Errorf("peak %d, capacity %v, full %v, busy %v; want 129, 129, 40ms, 50ms", tr.peak, tr.capacity(), tr.full(), tr.busy())
	}
	if empty := newTrace([]record.QueueSample{at(0, 0)}); empty.busy() != 0 || empty.full() != 0 {
		t.Errorf("an empty queue is busy until %v, full for %v", empty.busy(), empty.full())
	}
}

func TestTypicalIsTheMedianPeak(t *testing.T) {
	for _, c := range []struct {
		peaks []uint32
		want  uint32
	}{
		{[]uint32{7}, 7}, {[]uint32{9, 3}, 3}, {[]uint32{9, 3, 5}, 5}, {[]uint32{1, 8, 8, 9}, 8},
	} {
		cell := analysis.Cell{Repeats: []analysis.Repeat{{N: 1}, {N: 2, Raw: &record.Repeat{}}}}
		for _, p := range c.peaks {
			cell.Repeats = append(cell.Repeats, queued(at(0, p)))
		}
		all := traces(&cell)
		if got := typical(all).peak; len(all) != len(c.peaks) || got != c.want {
			t.Errorf("%v: %d traces, typical peak %d; want %d, %d", c.peaks, len(all), got, len(c.peaks), c.want)
		}
	}
}

func TestThinKeepsPeaks(t *testing.T) {
	var samples []record.QueueSample
	for i := range 10000 {
		samples = append(samples, at(time.Duration(i)*100*time.Microsecond, uint32(i*7919%500)))
	}
	samples[4321].Depth, samples[8765].Depth = 1000, 0
	kept := thin(samples, time.Second, 50)
	if len(kept) > 4*50 {
		t.Errorf("%d samples were kept in 50 columns", len(kept))
	}
	if got := newTrace(kept).peak; got != 1000 {
		t.Errorf("the peak became %d, want 1000", got)
	}
	if kept[0] != samples[0] || kept[len(kept)-1] != samples[len(samples)-1] {
		t.Error("the first or the last sample was lost")
	}
	few := steep()
	if diff := cmp.Diff(few, thin(few, time.Second, 1000)); diff != "" {
		t.Errorf("few samples were thinned (-want +got):\n%s", diff)
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
		got := stairs(c.samples, 100*ms, x, y)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(point{}), nearly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestQueueNotes(t *testing.T) {
	limited := func(depth, limit uint32) trace {
		return newTrace([]record.QueueSample{{Depth: depth, Limit: limit}, {At: time.Second, Limit: limit}})
	}
	for _, c := range []struct {
		name    string
		row     queueRow
		want    string
		limited bool
	}{
		{"never ran", queueRow{}, "no storm was finished", false},
		{"not watched", queueRow{repeats: 3}, "not watched", false},
		{"full", queueRow{repeats: 1, traces: []trace{newTrace(steep())}}, "full for 40.0 ms; peak 129", true},
		{"full at the last sample only", queueRow{repeats: 1, traces: []trace{newTrace([]record.QueueSample{at(0, 129)})}}, "full; peak 129", true},
		{"full in one storm of three", queueRow{repeats: 3, traces: []trace{limited(60, 128), limited(70, 128), newTrace(steep())}},
			"full in some storms; peak 129", true},
		{"near the limit", queueRow{repeats: 1, traces: []trace{limited(1985, 4096)}}, "never full; peak 1,985", true},
		{"far from the limit", queueRow{repeats: 1, traces: []trace{limited(1300, 4096)}}, "never full; peak 1,300; full at 4,097; (off the scale)", false},
		{"no limit to speak of", queueRow{repeats: 1, traces: []trace{limited(1985, 2147483647)}},
			"never full; peak 1,985; full at 2,147,483,648; (off the scale)", false},
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
		if peak := float64(typical(c.row.traces).peak); top < peak {
			t.Errorf("%s: the scale ends at %v, below the peak %v", c.name, top, peak)
		}
	}
}

func TestExtent(t *testing.T) {
	for busy, want := range map[time.Duration]time.Duration{0: time.Second, time.Second: 1040 * ms, 50 * ms: 52 * ms} {
		if got := extent(busy); got != want {
			t.Errorf("extent(%v) = %v, want %v", busy, got, want)
		}
	}
}
