// Package comparison finds the differences between two samples of storms: two settings of one run, or one
// setting of two runs, also of different machines.
package comparison

import (
	"maps"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/scenarios/axis"
)

// Least is the least difference that matters. What is smaller is no reason to change a setting, however sure
// it is.
type Least struct {
	// Calls is the part of the calls of a storm by which lost and late ones must differ, 0 to 1; it is never
	// less than one call.
	Calls float64
	// Relative is the part of the old latency or rate; a latency must differ by a tick of most kernels, 4 ms,
	// at least.
	Relative float64
}

// DefaultLeast is 1 of 100 calls, and a twentieth of a latency or rate.
var DefaultLeast = Least{Calls: 0.01, Relative: 0.05}

// leastStep is a tick of most kernels.
const leastStep = float64(4 * time.Millisecond)

const lostOrLate = "lost-or-late"

// of is the least difference of a metric that matters, given the old median and the calls of a storm.
func (l Least) of(m *metric.Metric, old, calls float64) float64 {
	switch m.Unit {
	case metric.Calls:
		return max(calls*l.Calls, 1)
	case metric.Time:
		return max(old*l.Relative, leastStep)
	}
	return old * l.Relative
}

// compared are the metrics in which two samples of storms are held against each other.
func compared() []*metric.Metric {
	return metric.Select(func(m *metric.Metric) bool { return m.Compared })
}

// compareCells contrasts all metrics that either cell knows; findDifferences says what they show.
func compareCells(old, new *analysis.Cell, least Least) []analysis.Contrast {
	var all []analysis.Contrast
	calls := old.Offered().Median
	for _, m := range compared() {
		a, b := old.Values(m), new.Values(m)
		if len(a)+len(b) == 0 {
			continue
		}
		matters, others := least.of(m, stats.SpreadOf(a).Median, calls), new.Offered().Median
		inPercent := m.Unit == metric.Calls && old.Calls != new.Calls && calls != others && calls*others > 0
		if inPercent {
			matters = 100 * least.Calls
			scale(a, 100/calls)
			scale(b, 100/others)
		}
		c := newContrast(m, a, b, matters)
		if inPercent {
			c.Unit = string(metric.Percent)
		}
		// A wait without an end is that of a lost call, and lost calls have a row of their own.
		if !stats.Endless(c.Old.Median) && !stats.Endless(c.New.Median) {
			all = append(all, c)
		}
	}
	return all
}

// scale multiplies all values.
func scale(values []float64, by float64) {
	for i := range values {
		values[i] *= by
	}
}

func newContrast(m *metric.Metric, old, new []float64, least float64) analysis.Contrast {
	c := analysis.Contrast{Metric: m.Name, Unit: string(m.Unit), Difference: stats.Compare(old, new), Least: least}
	c.Better = (c.New.Median > c.Old.Median) == (m.Better == metric.More)
	return c
}

// findDifferences decides what may be claimed of comparisons that stand in one table. Each metric asks a
// question of its own, in as many settings as there are, and is corrected for these: the numbers of one storm
// hang together, so that a setting which breaks breaks most of them, and would have to break more to be seen
// the more are measured.
func findDifferences(all []analysis.Comparison) {
	for _, m := range compared() {
		var together []*stats.Difference
		eachContrast(all, func(_ *analysis.Comparison, c *analysis.Contrast) {
			if c.Metric == m.Name {
				together = append(together, &c.Difference)
			}
		})
		stats.Correct(together)
	}
	eachContrast(all, func(_ *analysis.Comparison, c *analysis.Contrast) { find(c) })
}

func eachContrast(all []analysis.Comparison, visit func(*analysis.Comparison, *analysis.Contrast)) {
	for i := range all {
		for j := range all[i].Contrast {
			visit(&all[i], &all[i].Contrast[j])
		}
	}
}

func find(c *analysis.Contrast) {
	switch step := c.New.Median - c.Old.Median; {
	case c.Old.N == 0 || c.New.N == 0:
		c.Finding = analysis.OneSided
	case !c.Enough:
		c.Finding = analysis.TooFew
	case !c.Significant && !c.Suspected:
		c.Finding = analysis.NotShown
	case max(step, -step) < c.Least && c.Significant:
		c.Finding = analysis.Slight
	case max(step, -step) < c.Least:
		c.Finding = analysis.NotShown
	case c.Against:
		c.Finding = analysis.Reference
	case c.Suspected:
		c.Finding = analysis.Undecided
	default:
		c.Finding = analysis.Differs
	}
	c.Better = c.Better && (c.Finding == analysis.Differs || c.Finding == analysis.Undecided)
}

// withhold claims nothing of any.
func withhold(all []analysis.Comparison) {
	eachContrast(all, func(_ *analysis.Comparison, c *analysis.Contrast) { withholdOne(c) })
}

func withholdOne(c *analysis.Contrast) { c.Finding, c.Better = analysis.Withheld, false }

// noteDoubts notes what is in doubt of a cell that is compared, by a name for it.
func noteDoubts(c *analysis.Comparison, name string, s *analysis.Summary, cell *analysis.Cell) {
	for _, f := range s.Doubts {
		if f.Concerns(cell.ID) {
			c.Doubted = append(c.Doubted, analysis.RunDoubt{Of: name, Doubt: f})
		}
	}
}

// withholdDoubted claims nothing of a metric that is in doubt in one of the settings.
func withholdDoubted(all []analysis.Comparison) {
	eachContrast(all, func(of *analysis.Comparison, c *analysis.Contrast) {
		if slices.ContainsFunc(of.Doubted, func(d analysis.RunDoubt) bool { return d.Doubt.ConcernsMetric(c.Metric) }) {
			withholdOne(c)
		}
	})
}

// doubtedAll reports whether nothing at all is claimed of the two.
func doubtedAll(c *analysis.Comparison) bool {
	return slices.ContainsFunc(c.Doubted, func(d analysis.RunDoubt) bool { return len(d.Doubt.Metrics) == 0 })
}

// repeatsNeeded are enough storms on both sides to decide what is Undecided or TooFew in comparisons that
// stand in one table: at the worst every setting counts, and only one of them differs.
func repeatsNeeded(all []analysis.Comparison) int { return stats.Needed(len(all)) }

// Settings sets each setting beside its neighbour on each axis: two that differ in one thing,
// with no other between them. Settings that differ in more are never compared: it is not known which
// of it made the difference. An inconclusive run proves no difference, and a setting in doubt none
// from its neighbours.
func Settings(s *analysis.Summary) []analysis.Comparison {
	var all []analysis.Comparison
	for i := range s.Cells {
		for j := range s.Cells {
			axis := neighbours(s.Cells, i, j)
			if axis == "" || len(s.Cells[i].Repeats) == 0 || len(s.Cells[j].Repeats) == 0 {
				continue
			}
			c := analysis.Comparison{
				Old: s.Cells[i].Label, New: s.Cells[j].Label, Differs: axis,
				Contrast: compareCells(&s.Cells[i], &s.Cells[j], DefaultLeast),
			}
			noteDoubts(&c, c.Old, s, &s.Cells[i])
			noteDoubts(&c, c.New, s, &s.Cells[j])
			all = append(all, c)
		}
	}
	findDifferences(all)
	withholdDoubted(all)
	return all
}

// oneAxis names the only axis on which two cells differ; empty where they differ on none, or on more than
// one.
func oneAxis(a, b *record.Cell) string {
	if differing := axis.Differing(a.Axes(), b.Axes()); len(differing) == 1 {
		return differing[0]
	}
	return ""
}

// differences returns the names whose values differ, sorted; a missing value is an empty one.
func differences(a, b map[string]string) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return axis.Same(a[name], b[name]) })
}

// neighbours names the axis on which cell j comes next after cell i; empty where it does not.
func neighbours(cells []analysis.Cell, i, j int) string {
	name := oneAxis(&cells[i].Cell, &cells[j].Cell)
	if name == "" || !before(&cells[i].Cell, &cells[j].Cell, name, i, j) {
		return ""
	}
	between := func(k int) bool {
		return oneAxis(&cells[i].Cell, &cells[k].Cell) == name && before(&cells[i].Cell, &cells[k].Cell, name, i, k) &&
			before(&cells[k].Cell, &cells[j].Cell, name, k, j)
	}
	for k := range cells {
		if k != i && k != j && between(k) {
			return ""
		}
	}
	return name
}

// before orders two cells on an axis: by their numbers, or where those are none or the same by their places
// in the run.
func before(a, b *record.Cell, name string, i, j int) bool {
	x, xNumber := axis.Size(a.Axes()[name])
	y, yNumber := axis.Size(b.Axes()[name])
	if !xNumber || !yNumber || x == y {
		return i < j
	}
	return x < y
}

// Shown are the contrasts of a comparison in which a difference was shown.
func Shown(c *analysis.Comparison) []analysis.Contrast {
	return slices.DeleteFunc(
		slices.Clone(c.Contrast),
		func(m analysis.Contrast) bool { return m.Finding != analysis.Differs },
	)
}
