package plots

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/record"
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
		{"never ran", &analysis.Cell{}, "no storm was finished"},
		{"not recorded", flowing(record.Repeat{}), "not recorded"},
		{"somebody else's server", flowing(record.Repeat{Attempts: arrivals}), "up to 2 arrivals; accepts not known; drops not known"},
		{"nothing dropped", flowing(record.Repeat{Attempts: arrivals, Target: peers, Counters: counted(0)}), "up to 2 arrivals; up to 1 accepts; no drops"},
		{"all dropped", flowing(record.Repeat{Attempts: arrivals, Target: &record.Target{}, Counters: counted(1234)}), "up to 2 arrivals; no accepts; up to 1,234 drops"},
	} {
		r := newFlowRow(c.cell)
		if got := said(r.notes()); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestFlowKeepsPeaks: a column of several bins shows the greatest of them.
func TestFlowKeepsPeaks(t *testing.T) {
	if diff := cmp.Diff([]float64{3, 9, 4}, peaks([]float64{1, 3, 9, 0, 4}, 2)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if peaks(nil, 3) != nil {
		t.Error("what nobody counted became a count")
	}
	attempts := make([]record.Attempt, 300)
	for i := range attempts {
		attempts[i].Intended = time.Duration(i/100) * 5 * time.Second
	}
	r := newFlowRow(flowing(record.Repeat{Attempts: attempts}))
	// 10.01 s are 1,001 bins: five share each of 245 columns.
	if together := togetherFor([]flowRow{r, {}}, r.end()); r.width != 10*ms || r.lanes[0].most() != 100 || together != 5 {
		t.Errorf("bins of %v, at most %v in one, %d together; want 10ms, 100, 5", r.width, r.lanes[0].most(), together)
	}
	if got, want := togetherWords(5), " (a column is the greatest of 5)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFlowOfAVeryLongStorm: bins wider than 10 ms still tell how many there were in 10 ms.
func TestFlowOfAVeryLongStorm(t *testing.T) {
	attempts := make([]record.Attempt, 10_000)
	for i := range attempts {
		attempts[i].Intended = time.Duration(i) * time.Second
	}
	r := newFlowRow(flowing(record.Repeat{Attempts: attempts}))
	if r.width != 100*ms || r.lanes[0].most() != 0.1 || r.end() < 9999*time.Second {
		t.Errorf("bins of %v until %v, at most %v; want 100ms, 9999s and 0.1", r.width, r.end(), r.lanes[0].most())
	}
	if got, want := perStep([]flowRow{r}), "per 10 ms (the mean over 100 ms)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNoFlowOfAnInstant(t *testing.T) {
	c := flowing(record.Repeat{Attempts: make([]record.Attempt, 5)})
	if p := flowPicture(&analysis.Summary{Cells: []analysis.Cell{*c}}); p != nil {
		t.Error("all happened at once, and is drawn over time")
	}
}
