package plots

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

func flowing(r record.Repeat) *analysis.Cell {
	return &analysis.Cell{Label: "one", Repeats: []analysis.Repeat{{Raw: &r}}}
}

func TestFlowNotes(t *testing.T) {
	arrivals := []record.Attempt{{}, {}, {Intended: 50 * ms}}
	peers := &record.Target{Peers: []record.Peer{{At: ms}}}
	counted := func(n uint64) []record.CounterSample {
		return []record.CounterSample{{At: 20 * ms, Gained: record.Counters{"ListenDrops": n}}}
	}
	for _, c := range []struct {
		name string
		cell *analysis.Cell
		want string
	}{
		{"an external server", flowing(record.Repeat{Attempts: arrivals}),
			"up to 2 arrivals; accepts not known; drops not known"},
		{"nothing dropped", flowing(record.Repeat{Attempts: arrivals, Target: peers, Counters: counted(0)}),
			"up to 2 arrivals; up to 1 accepts; no drops"},
		{"all dropped", flowing(record.Repeat{Attempts: arrivals, Target: &record.Target{}, Counters: counted(1234)}),
			"up to 2 arrivals; no accepts; up to 1,234 drops"},
	} {
		p, _ := newFlowPanel(series.FlowOf(c.cell.Repeats[0].Raw, series.Step))
		if got := said(flowNotes(p.Counts)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestFlowHasOneWidth: the bins of all panels are alike, as wide as the longest storm needs.
func TestFlowHasOneWidth(t *testing.T) {
	storm := func(last time.Duration) *analysis.Cell {
		return flowing(record.Repeat{Attempts: []record.Attempt{{}, {}, {Intended: last}}})
	}
	f := written(flowFigure(&analysis.Summary{Cells: []analysis.Cell{*storm(time.Second), *storm(10 * time.Second)}}))
	// 10 s in 400 bins of a multiple of 10 ms: 30 ms each.
	if f.plot.Width != 30_000 || len(f.plot.Panels[0].Counts[0]) != 34 || len(f.plot.Panels[1].Counts[0]) != 334 ||
		f.plot.End != 334*30_000 {
		t.Errorf(
			"bins of %d µs, %d and %d of them, until %d",
			f.plot.Width,
			len(f.plot.Panels[0].Counts[0]),
			len(f.plot.Panels[1].Counts[0]),
			f.plot.End,
		)
	}
	if got, want := f.keys[0].Text, "arrivals, up to 2 per 30 ms"; got != want ||
		f.plot.Lanes[0] != (Lane{"arrivals", 2}) {
		t.Errorf("%q, want %q; the lane is %v", got, want, f.plot.Lanes[0])
	}
	if !strings.Contains(f.caption, "counted per 30 ms.") {
		t.Errorf("caption %q", f.caption)
	}
}

func TestNoFlowOfAnInstant(t *testing.T) {
	c := flowing(record.Repeat{Attempts: make([]record.Attempt, 5)})
	if p := flowFigure(&analysis.Summary{Cells: []analysis.Cell{*c}}); p != nil {
		t.Error("all happened at once, and is drawn over time")
	}
}
