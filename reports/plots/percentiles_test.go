package plots

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

func TestRanks(t *testing.T) {
	h := histogram(10, 20, 20, 20, 1000)
	for _, c := range []struct {
		name            string
		served, offered float64
		want            []rank
	}{
		// Of 10 calls the first has the share 1/20, the second to fourth 3/20 to 7/20, the fifth 9/20.
		{"half are lost", 5, 10, []rank{{0.05, 10}, {0.05, 10}, {0.15, 20}, {0.35, 20}, {0.45, 1000}, {0.45, 1000}}},
		{"one had a command and was lost", 4, 10, []rank{{0.05, 10}, {0.05, 10}, {0.15, 20}, {0.35, 20}}},
		{"two of three alike", 3, 10, []rank{{0.05, 10}, {0.05, 10}, {0.15, 20}, {0.25, 20}}},
		{"none served", 0, 10, nil},
		{"more served than offered", 5, 4, nil},
	} {
		got := ranks(h, c.served, c.offered)
		for i := range got {
			got[i].us = math.Floor(got[i].us) // the middle of the bracket
		}
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(rank{}), nearly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if got := ranks(nil, 1, 1); got != nil {
		t.Errorf("no histogram: %v", got)
	}
}

func waited(answered, offered int, us ...int64) *analysis.Cell {
	c := &analysis.Cell{Repeats: []analysis.Repeat{{Storm: metric.Storm{
		Offered:  offered,
		Outcomes: map[record.Outcome]int{record.Answered: answered},
	}}}}
	c.Latencies.FirstCommand.Histogram = histogram(us...)
	return c
}

func TestPercentileNotes(t *testing.T) {
	hundred := make([]int64, 100)
	for i := range hundred {
		hundred[i] = int64(i+1) * 1000
	}
	thousand := slices.Repeat([]int64{1000}, 999)
	for _, c := range []struct {
		name string
		cell *analysis.Cell
		want string
	}{
		{"nothing offered", &analysis.Cell{Repeats: offeredTwice(0)}, "no call was offered"},
		{"all answered", waited(100, 100, hundred...), "50 % within 50.0 ms; 99 % within 99.0 ms"},
		{"a fifth lost", waited(80, 100, hundred[:80]...), "ends at 80 %: rest lost; 50 % within 50.0 ms"},
		{"one lost in a thousand", waited(999, 1000, thousand...),
			"ends at 99 %: rest lost; 50 % within 1.00 ms; 99 % within 1.00 ms; 99.9 % within 1.00 ms"},
		{"two short of a thousand", waited(998, 998, thousand[:998]...), "50 % within 1.00 ms; 99 % within 1.00 ms"},
		{"60 calls", waited(60, 60, hundred[:60]...), "50 % within 30.0 ms; slowest: 60.0 ms"},
		{"one call", waited(1, 1, 5580), "slowest: 5.58 ms"},
		{"everything lost", waited(0, 100), "ends at 0 %: rest lost"},
		{"answered at an unknown time", waited(3, 3), "waits not known"},
	} {
		r := newPercentileRow(c.cell, record.Answered)
		if got := said(words.FigurePercentiles.NotesOf(r)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestOneCallIsADot: a line needs two places.
func TestOneCallIsADot(t *testing.T) {
	curve := corners(
		ranks(histogram(5580), 1, 1), stretch,
		scale{max: 2, from: 0, to: 200},
		scale{min: 1, max: 1e4, from: 300, to: 0, log: true},
	)
	svg, err := svgOn(light, 300, 300, func(s *sheet) { drawCurve(s, pen{1.8, alarm, nil}, curve) })
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(svg, "fill:#A33F00"); got != 1 {
		t.Errorf("%d dots, want 1", got)
	}
}

// TestConnectOnlyWaits: a client that only connects waits for the connection.
func TestConnectOnlyWaits(t *testing.T) {
	c := &analysis.Cell{}
	c.Latencies.Connect.Count, c.Latencies.FirstCommand.Count = 7, 9
	if a, b := waiting(c, record.Connected).Count, waiting(c, record.Answered).Count; a != 7 || b != 9 {
		t.Errorf("%d and %d, want 7 and 9", a, b)
	}
}

func TestStretch(t *testing.T) {
	for share, want := range map[float64]float64{0: 0, 0.9: 1, 0.99: 2, 0.999: 3, 1: 12} {
		if got := stretch(share); math.Abs(got-want) > 1e-3 {
			t.Errorf("stretch(%v) = %v, want %v", share, got, want)
		}
	}
	for share, want := range map[float64]string{0: "0 %", 0.5: "50 %", 0.99: "99 %", 0.9999: "99.99 %",
		0.999999: "99.9999 %"} {
		if got := words.Nines(share); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTicksReachTheLastCall(t *testing.T) {
	for offered, want := range map[int]int{1: 3, 10: 3, 1000: 5, 10000: 6} {
		f := percentilesFigure(&analysis.Summary{Cells: []analysis.Cell{*waited(offered, offered, 5)}})
		if got := len(f.x.ticks); got != want {
			t.Errorf("%d calls: %d ticks, want %d: %s", offered, got, want, ticksOf(f.x))
		}
	}
}

func TestCornersKeepTheEnds(t *testing.T) {
	x, y := scale{max: 2, from: 0, to: 200}, scale{min: 1, max: 1000, from: 300, to: 0, log: true}
	var curve []rank
	for i := range 1000 {
		curve = append(curve, rank{0.5 + float64(i)/1e6, 10})
	}
	got := corners(append(curve, rank{0.99, 100}), stretch, x, y)
	if len(got) != 2 || got[1].x < 199.9 || math.Abs(got[1].y-100) > 1e-9 {
		t.Errorf("%v, want the first corner and the last", got)
	}
}
