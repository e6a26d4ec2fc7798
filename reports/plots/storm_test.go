package plots

import (
	"slices"
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/series"
)

// TestStormAsAWhole: the picture is of the setting that lost most, and every call that came in came out.
func TestStormAsAWhole(t *testing.T) {
	s := modelled()
	c, storm := worstStorm(s)
	for i := range s.Cells {
		if s.Cells[i].Lost.Median > c.Lost.Median {
			t.Errorf("%s lost more than %s", s.Cells[i].Label, c.Label)
		}
	}
	f := written(stormFigure(s))
	if !strings.HasPrefix(f.title, "2,000 calls, a queue for 129: ") || !strings.HasSuffix(f.title, " calls are lost") {
		t.Errorf("the title is %q", f.title)
	}
	if got := len(f.rows); got != 3 || f.rows[0].label != "Calls come in" {
		t.Errorf("%d rows, the first %q", got, f.rows[0].label)
	}
	sum := func(all []float64) (n float64) {
		for _, v := range all {
			n += v
		}
		return n
	}
	ends := series.EndsOf(storm.Raw, f.shown.Per)
	in, out := sum(series.FlowOf(storm.Raw, f.shown.Per).Arrivals), sum(ends.InTime)+sum(ends.Late)+sum(ends.Lost)
	if in != float64(len(storm.Raw.Attempts)) || out != in || sum(ends.Lost) != float64(storm.Lost) ||
		sum(ends.Late) != float64(storm.Late) {
		t.Errorf("%v came in, %v came out: %v lost of %d, %v late of %d", in, out, sum(ends.Lost), storm.Lost,
			sum(ends.Late), storm.Late)
	}
}

// TestNoStormToShow: without the record of a queue or of attempts there is no picture, and none is lost is said so.
func TestNoStormToShow(t *testing.T) {
	if stormFigure(&analysis.Summary{}) != nil {
		t.Error("a storm of nothing")
	}
	s := modelled()
	s.Cells = slices.DeleteFunc(s.Cells, func(c analysis.Cell) bool { return c.Lost.Max > 0 || c.Late.Max > 0 })
	f := written(stormFigure(s))
	if !strings.HasSuffix(f.title, ": none is lost") || !strings.Contains(f.alt, "never full") {
		t.Errorf("%q: %s", f.title, f.alt)
	}
	for i := range s.Cells {
		for j := range s.Cells[i].Repeats {
			s.Cells[i].Repeats[j].Raw.Queue = nil
		}
	}
	if stormFigure(s) != nil {
		t.Error("a queue that was not sampled is shown")
	}
}
