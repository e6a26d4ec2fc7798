package plots

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

func withEffective(recommended int, effective ...int) *analysis.Summary {
	s := &analysis.Summary{}
	if recommended > 0 {
		s.Recommendation = &analysis.Recommendation{Backlog: recommended}
	}
	for _, n := range effective {
		s.Cells = append(s.Cells, analysis.Cell{Cell: record.Cell{Effective: n}})
	}
	return s
}

func TestChosen(t *testing.T) {
	for _, c := range []struct {
		name string
		s    *analysis.Summary
		want []int
	}{
		{"none", withEffective(0), nil},
		{"a few, in the order of the run", withEffective(512, 512, 128, 4096, 64), []int{512, 128, 4096, 64}},
		{"recommended, and the one below", withEffective(4096, 128, 512, 1024, 4096, 1<<31-1, 100),
			[]int{1024, 4096, 1<<31 - 1, 100}},
		{"the least is recommended", withEffective(1, 1, 2, 3, 4, 5), []int{1, 5}},
		{"one that was not tried is recommended", withEffective(700, 1, 2, 600, 800, 900), []int{1, 600, 800, 900}},
		{"all were too small", withEffective(7000, 1, 2, 3, 4, 5, 6), []int{1, 2, 4, 6}},
		{"no recommendation", withEffective(0, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1), []int{10, 7, 4, 1}},
	} {
		var got []int
		for _, cell := range chosen(c.s, handful) {
			got = append(got, cell.Effective)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestChosenWithRoom: all are shown if there is room for them.
func TestChosenWithRoom(t *testing.T) {
	if got := chosen(withEffective(0, 6, 5, 4, 3, 2, 1), queueRoom); len(got) != 6 || got[0].Effective != 6 {
		t.Errorf("%d of 6 settings", len(got))
	}
}

func TestMedianStorm(t *testing.T) {
	storm := func(n, lost, late int) analysis.Repeat {
		return analysis.Repeat{N: n, Storm: metric.Storm{Lost: lost, Late: late}, Raw: &record.Repeat{}}
	}
	all := func(*analysis.Repeat) bool { return true }
	c := analysis.Cell{Repeats: []analysis.Repeat{storm(1, 9, 0), storm(2, 5, 7), {N: 3}, storm(4, 5, 1), storm(5, 0, 0)}}
	// By lost calls: 5, then 4 and 2 with 1 and 7 late, then 1; the worse in the middle is 2.
	if got := medianStorm(&c, all); got.N != 2 {
		t.Errorf("storm %d, want 2", got.N)
	}
	if got := medianStorm(&c, func(r *analysis.Repeat) bool { return r.N < 3 }); got.N != 1 {
		t.Errorf("of two storm %d, want 1", got.N)
	}
	if got := medianStorm(&c, func(*analysis.Repeat) bool { return false }); got != nil {
		t.Errorf("of none storm %d", got.N)
	}
}

func TestWhichStorms(t *testing.T) {
	s := withEffective(0, 1, 2, 3, 4, 5)
	if got := Note(s); !strings.Contains(got, "no room for all 5 settings, it shows a few, from the shortest queue") ||
		strings.Contains(got, "median") {
		t.Errorf("%q", got)
	}
	s = withEffective(3, 1, 2, 3, 4, 5)
	s.Cells[2].Repeats = offeredTwice(1)
	if got := Note(s); !strings.Contains(got, "the recommended one") ||
		!strings.Contains(got, "of 2 storms of each setting the one with the median") {
		t.Errorf("%q", got)
	}
	if got := Note(withEffective(0, 1)); got != "" {
		t.Errorf("one storm: %q", got)
	}
	f := newFrame(withEffective(0, 1, 2, 3, 4, 5), &words.FigureQueue, 0, 0)
	f.addPlot(handful)
	if got := written(f).caption; !strings.HasSuffix(got, "Of the 5 settings a few are shown.") {
		t.Errorf("the figure itself says %q", got)
	}
}
