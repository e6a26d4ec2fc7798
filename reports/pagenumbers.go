package reports

import (
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

// What the captions of the plots say.
const (
	queueWords = "Connections that the kernel had made and the server had not yet accepted. Along the dashed line the " +
		"queue is full, and every SYN that arrives is dropped; a tick above marks each moment at which ListenOverflows had grown."
	flowWords = "What happened in each step of time: calls that were meant to start, connections that the server accepted, and what the listener dropped " +
		"(ListenDrops). Each row has a scale of its own."
	dotsWords = "Each dot is a call: when it was meant to start, and how long it took until it was connected or given up, on a log scale. A disc was served, " +
		"a ring was served late, after a lost SYN, and a cross was lost. Of very many, the common ones are thinned out."
)

// What several panels have in common, or not.
const (
	queueScales = " Each panel has a scale of its own."
	flowScales  = " All panels have the same scales."
)

// whichStorm says which storms were chosen, with a blank before it; empty where there was no choice.
func whichStorm(s *analysis.Summary) string {
	if !slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return len(c.Repeats) > 1 }) {
		return ""
	}
	return " Of several storms of a setting it is the one with the median number of lost calls."
}

// numbersTable is a plot in numbers.
type numbersTable struct {
	Heads []string
	Rows  []numbersRow
}

type numbersRow struct {
	Setting string
	Values  []string
}

var (
	queueHeads = []string{"setting", "deepest", "it holds", "full for", "overflowed from", "until"}
	flowHeads  = []string{"setting", "arrivals", "most at once", "accepts", "most at once", "drops", "most at once", "“at once” is"}
	dotsHeads  = []string{"setting", "outcome", "calls", "quickest", "slowest"}
)

// in is the setting and, where it has several, the storm.
func (s shownStorm) in() string {
	if name := s.name(); name != "" {
		return s.cell.Label + ", " + name
	}
	return s.cell.Label
}

func (t *numbersTable) add(s shownStorm, values ...string) {
	t.Rows = append(t.Rows, numbersRow{s.in(), values})
}

func (t *numbersTable) queueRow(s shownStorm, d *series.Depth) {
	deepest, full, first, last := slices.Max(d.Depth), unknown, unknown, unknown
	if q := s.repeat.Queue; q != nil {
		deepest, full = q.Peak, fullFor(q)
	}
	if len(d.Overflows) > 0 {
		first, last = "+"+analysis.Duration(d.Overflows[0]), "+"+analysis.Duration(d.Overflows[len(d.Overflows)-1])
	}
	t.add(s, analysis.Count(int(deepest)), capacity(d.Limit), full, first, last)
}

func (t *numbersTable) flowRow(s shownStorm, f *series.Flow) {
	var values []string
	for _, counts := range [][]float64{f.Arrivals, f.Accepts, f.Drops} {
		values = append(values, sumAndMost(counts)...)
	}
	t.add(s, append(values, "within "+analysis.Duration(f.Width))...)
}

// sumAndMost of bins, which nobody may have counted.
func sumAndMost(counts []float64) []string {
	if len(counts) == 0 {
		return []string{unknown, unknown}
	}
	sum := 0.0
	for _, n := range counts {
		sum += n
	}
	return []string{count(sum), count(slices.Max(counts))}
}

// dotRows have a line for each outcome that occurred: dots keep the extremes of each.
func (t *numbersTable) dotRows(s shownStorm, dots []series.Dot) {
	for _, o := range record.Outcomes {
		var took []time.Duration
		for i := range dots {
			if dots[i].Outcome == o {
				took = append(took, dots[i].Took)
			}
		}
		if len(took) > 0 {
			t.add(s, string(o), analysis.Count(s.repeat.Outcomes[o]), analysis.Duration(slices.Min(took)), analysis.Duration(slices.Max(took)))
		}
	}
}
