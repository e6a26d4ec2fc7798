package plots

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/metric"
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

// panelOf is the panel of the only storm of a setting.
func panelOf(r analysis.Repeat) Panel {
	c := analysis.Cell{Repeats: []analysis.Repeat{r}}
	p, _ := newQueuePanel(&c, &c.Repeats[0], depthSteps)
	return p
}

// TestQueueShowsTheMedianStorm: the one in the middle by lost calls, if it was sampled, with the
// others behind it.
func TestQueueShowsTheMedianStorm(t *testing.T) {
	storm := func(n, lost int, peak uint32) analysis.Repeat {
		r := queued(at(0, peak), at(ms, 0))
		r.N, r.Lost = n, lost
		return r
	}
	unsampled := analysis.Repeat{N: 4, Storm: metric.Storm{Lost: 55}, Raw: &record.Repeat{}}
	s := oneCell(storm(1, 90, 9), analysis.Repeat{N: 2}, storm(3, 10, 1), unsampled, storm(5, 60, 6))
	f := queueFigure(s)
	if f == nil || len(f.plot.Panels) != 1 {
		t.Fatal("not one panel")
	}
	p := f.plot.Panels[0]
	if p.Storm != "storm 5 of 5" || p.Depth[0] != 6 || len(p.Others) != 2 || p.Top < 9 {
		t.Errorf(
			"shown %s, %v, %d others, the axis until %v; want the peak 6, 2 others, and room for 9",
			p.Storm,
			p.Depth,
			len(p.Others),
			p.Top,
		)
	}
	if f := queueFigure(oneCell(analysis.Repeat{N: 1}, unsampled)); f != nil {
		t.Error("a queue that no sample saw is drawn")
	}
}

func TestStairs(t *testing.T) {
	x := scale{max: 100e3, from: 0, to: 100} // 1 point a millisecond
	y := scale{max: 200, from: 200, to: 0}
	for _, c := range []struct {
		name    string
		samples []record.QueueSample
		want    []point
	}{
		{"none", nil, nil},
		{"one", []record.QueueSample{at(0, 5)}, []point{{0, 195}, {0, 195}}[:1]},
		{"a depth holds until the next sample, and beyond the end", steep(),
			[]point{{0, 71}, {40, 71}, {40, 72}, {45, 72}, {45, 140}, {50, 140}, {50, 200}, {100, 200}}},
		{"the last sample before the storm gives the depth at 0",
			[]record.QueueSample{at(-2*ms, 1), at(-ms, 9), at(30*ms, 0)},
			[]point{{0, 191}, {30, 191}, {30, 200}}},
		{"flat runs are their two ends", []record.QueueSample{at(0, 9), at(10*ms, 9), at(20*ms, 9), at(30*ms, 9)},
			[]point{{0, 191}, {30, 191}}},
	} {
		d, _ := series.DepthOf(&record.Repeat{Queue: c.samples}, depthSteps)
		got := stairs(stepsOf(d), strip{x: x, y: y})
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(point{}), nearly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestQueueNotes(t *testing.T) {
	queue := func(seen, peak, limit uint32, full time.Duration) analysis.Repeat {
		r := queued(record.QueueSample{Depth: seen, Limit: limit}, record.QueueSample{At: time.Second, Limit: limit})
		r.Queue.Peak, r.Queue.Full = peak, full
		return r
	}
	for _, c := range []struct {
		name   string
		storms []analysis.Repeat // the first is shown
		want   string
		near   bool
	}{
		{"full", []analysis.Repeat{queue(129, 129, 128, 40*ms)}, "full for 40.0 ms; peak 129", true},
		{"full at the last sample only", []analysis.Repeat{queue(129, 129, 128, 0)}, "full; peak 129", true},
		{"full in one storm of three", []analysis.Repeat{queue(60, 60, 128, 0), queue(70, 70, 128, 0),
			queue(129, 129, 128, ms)},
			"full in some storms; peak 129", true},
		{"overflowed between two samples", []analysis.Repeat{queue(127, 129, 128, 0)}, "overflowed; deepest seen 127", true},
		{"no sample saw it", []analysis.Repeat{queue(0, 129, 128, 0)}, "overflowed; deepest seen 0", true},
		{"overflowed in one storm of two", []analysis.Repeat{queue(60, 60, 128, 0), queue(127, 129, 128, 0)},
			"overflowed in some storms; deepest seen 127", true},
		{"near the limit", []analysis.Repeat{queue(1985, 1985, 4096, 0)}, "never full; peak 1,985", true},
		{"far from the limit", []analysis.Repeat{queue(1300, 1300, 4096, 0)},
			"never full; peak 1,300; full at 4,097; (off the scale)", false},
		{"no limit to speak of", []analysis.Repeat{queue(1985, 1985, 2147483647, 0)},
			"never full; peak 1,985; full at max; (off the scale)", false},
	} {
		cell := analysis.Cell{Repeats: c.storms}
		p, _ := newQueuePanel(&cell, &cell.Repeats[0], depthSteps)
		if got := said(queueNotes(&cell, &cell.Repeats[0], p.Near)); got != c.want || p.Near != c.near {
			t.Errorf("%s: %q, the limit drawn: %v; want %q, %v", c.name, got, p.Near, c.want, c.near)
		}
		if peak := float64(c.storms[0].Queue.Peak); p.Top < peak {
			t.Errorf("%s: the scale ends at %v, below the peak %v", c.name, p.Top, peak)
		}
	}
}

// TestQueueKeysExplainOnlyWhatIsThere, in the picture and in the page alike.
func TestQueueKeysExplainOnlyWhatIsThere(t *testing.T) {
	far := panelOf(queued(at(0, 1), at(ms, 0)))
	full := panelOf(queued(steep()...))
	full.Overflows, full.Others = []int64{5}, []Steps{{}}
	for _, c := range []struct {
		panels []Panel
		want   string
	}{
		{[]Panel{far}, "connections queued"},
		{[]Panel{far, full}, "connections queued; in the other storms; full: SYNs are dropped; overflows counted"},
	} {
		var got []string
		for _, k := range queueKeys(c.panels) {
			got = append(got, k.Text)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
