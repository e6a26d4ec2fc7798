package plots

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// rungs is a sweep of somaxconn; lost calls of 2,000 in one storm each.
func rungs(somaxconn []int, lost ...int) *analysis.Summary {
	s := &analysis.Summary{}
	for i, n := range somaxconn {
		c := analysis.Cell{
			Label: fmt.Sprint("somaxconn ", n),
			Cell:  record.Cell{Backlog: record.BacklogMax, Somaxconn: n, Effective: n},
		}
		if i < len(lost) {
			median := float64(lost[i])
			c.Repeats = []analysis.Repeat{{N: 1, Storm: metric.Storm{Offered: 2000}}}
			c.Lost = analysis.Spread{N: 1, Median: median, Min: median, Max: median}
			c.Late = analysis.Spread{N: 1, Median: 100, Min: 100, Max: 100}
			c.Outcomes = outcomes{record.ConnectTimeout: {Median: median, Max: median}}
		}
		s.Cells = append(s.Cells, c)
	}
	return s
}

var manyRungs = []int{16, 32, 64, 128, 256, 512, 1024, 2048, 4096, math.MaxInt32}

func TestLadderOfManySettings(t *testing.T) {
	s := rungs(manyRungs, 1900, 1800, 1700, 1500, 1300, 900, 400, 3, 0, 0)
	p := ladderFigure(s)
	for _, want := range []string{"Lost and late calls against somaxconn",
		"none lost with 4,096 or more; up to 3 of 2,000 lost with 2,048", "somaxconn 128: 1,500 of 2,000 lost"} {
		if text := wordsOf(p); !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, f := range drawnCoarse(t, s) {
		checkFigure(t, f)
	}
}

func TestNoLadder(t *testing.T) {
	backlogs := rungs(manyRungs)
	backlogs.Cells[3].Backlog = strconv.Itoa(100)
	for name, s := range map[string]*analysis.Summary{
		"a few settings":       rungs(manyRungs[:mostBars]),
		"two things swept":     backlogs,
		"twice the same":       rungs(append([]int{16, 16}, manyRungs[1:]...)),
		"no place on the axis": rungs(append([]int{0}, manyRungs...)),
		"an application beside": {Cells: append(rungs(manyRungs).Cells,
			analysis.Cell{Cell: record.Cell{Backlog: "128", Somaxconn: 4096, Effective: 128}})},
	} {
		if _, ok := newLadderPlot(s); ok {
			t.Errorf("%s: stands on an axis", name)
		}
	}
}

func TestLadderNotes(t *testing.T) {
	for _, c := range []struct {
		lost []int
		want string
	}{
		{[]int{9, 8, 7, 6, 5, 4, 3, 2, 1, 1}, "not even the greatest is enough; 1 of 2,000 lost; 100 answered late"},
		{[]int{9, 8, 0, 6, 5, 4, 3, 2, 0, 0}, "none lost with 4,096 or more; up to 2 of 2,000 lost with 2,048"},
		{[]int{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}, "none lost with max or more; up to 1 of 2,000 lost with 4,096"},
		{make([]int, 10), "none lost"},
		{nil, "not even the greatest is enough; no storm was finished"},
	} {
		p, ok := newLadderPlot(rungs(manyRungs, c.lost...))
		if !ok {
			t.Fatal("no ladder")
		}
		if got := said(p.notes()); got != c.want {
			t.Errorf("%v: %q, want %q", c.lost, got, c.want)
		}
	}
}

func TestLadderSaysFromWhereOnNoneIsLate(t *testing.T) {
	s := rungs(manyRungs, 9, 8, 7, 6, 5, 4, 0, 0, 0, 0)
	for i := 8; i < 10; i++ {
		s.Cells[i].Late = analysis.Spread{N: 1}
	}
	p, _ := newLadderPlot(s)
	if got, want := said(p.notes()), "none lost with 1,024 or more; up to 4 of 2,000 lost with 512; none late with "+
		"4,096 or more"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestAxisBreak: max is not on the logarithmic axis, and the axis says so.
func TestAxisBreak(t *testing.T) {
	p, _ := newLadderPlot(rungs(manyRungs))
	x, broken := p.axisBreak()
	if last := len(p.at) - 1; !broken || x-p.width/2 <= p.at[last-1] || x+p.width/2 >= p.at[last] {
		t.Errorf("broken %v at %v, between %v", broken, x, p.at[last-1:])
	}
	if p, _ = newLadderPlot(rungs([]int{1, 2, 4, 8, 16, 32, 64, 128, 256})); p == nil {
		t.Fatal("no ladder")
	}
	if _, broken := p.axisBreak(); broken {
		t.Error("an axis without max is broken")
	}
	strokes := func(somaxconn []int) int {
		svg := lostSVG(t, rungs(somaxconn))
		day, _ := groundsOf(t, []byte(svg))
		for name, colour := range day {
			if colour == hex(outline) {
				return strings.Count(svg, "stroke:var("+name+")")
			}
		}
		return 0
	}
	if with, without := strokes(manyRungs), strokes(manyRungs[:9]); with != without+2 {
		t.Errorf("%d strokes of the axis with max, %d without: want the two of the break more", with, without)
	}
}

func lostSVG(t *testing.T, s *analysis.Summary) string {
	t.Helper()
	return string(drawnCoarse(t, s)[0].SVG)
}

func TestColumns(t *testing.T) {
	// 1 to 1000 in three decades between 227 and 683.
	at, width := columnsOf([]int{1, 10, 100, 1000})
	if diff := cmp.Diff([]float64{227, 379, 531, 683}, at, nearly); diff != "" || width != widestColumn {
		t.Errorf("width %v (-want +got):\n%s", width, diff)
	}
	at, width = columnsOf([]int{1000, 1001, 100000, math.MaxInt32})
	if at[3]-at[2] != unboundedSlot || at[3] != plotRight-widestColumn/2 || width > at[1]-at[0] && width != 1 {
		t.Errorf("%v, %v wide: the greatest has a slot of its own, and columns do not overlap", at, width)
	}
}
