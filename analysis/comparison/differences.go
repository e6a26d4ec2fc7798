// Package comparison finds the differences between two samples of storms: two settings of one run, or one
// setting of two runs, also of different machines.
package comparison

import (
	"iter"
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
	// Spread is how many standard deviations of the old storms they must differ by, where that is more; 0 for none.
	// It asks for no more than MostCalls and MostRelative, which are as Calls and Relative.
	Spread                  float64
	MostCalls, MostRelative float64
}

// DefaultLeast is 1 of 100 calls, and a twentieth of a latency or rate.
var DefaultLeast = Least{Calls: 0.01, Relative: 0.05}

// BetweenRuns is DefaultLeast between runs: what the storms of one run differ in among themselves is no change.
var BetweenRuns = Least{Calls: 0.01, Relative: 0.05, Spread: 3, MostCalls: 0.1, MostRelative: 0.25}

// leastStep is a tick of most kernels.
const leastStep = float64(4 * time.Millisecond)

const lostOrLate = "lost-or-late"

// relevant is the least difference of a metric that matters, given its old values and the calls of a storm.
func (l Least) relevant(m *metric.Metric, old []float64, calls float64) float64 {
	median := stats.SpreadOf(old).Median
	switch m.Unit {
	case metric.Calls:
		return l.widened(max(calls*l.Calls, 1), calls*l.MostCalls, old)
	case metric.Time:
		return l.widened(max(median*l.Relative, leastStep), median*l.MostRelative, old)
	}
	return l.widened(median*l.Relative, median*l.MostRelative, old)
}

// widened is the least difference, or as far as most allows what the old storms differ in among themselves.
func (l Least) widened(least, most float64, old []float64) float64 {
	return max(least, min(l.Spread*stats.Deviation(old), most))
}

// compared are the metrics in which two samples of storms are held against each other.
func compared() []*metric.Metric {
	return metric.Select(func(m *metric.Metric) bool { return m.Compared })
}

// contrasts are those of all metrics, of which there are any values on either side; findDifferences decides
// what they show.
func contrasts(contrast func(*metric.Metric) analysis.Contrast) (all []analysis.Contrast) {
	for _, m := range compared() {
		c := contrast(m)
		// A wait without an end is that of a lost call, and lost calls have a row of their own. Where only some storms
		// have such a wait, chance decides how many.
		lost := m.Unit == metric.Time && (stats.Endless(c.Old.Max) || stats.Endless(c.New.Max))
		if c.Old.N+c.New.N > 0 && !lost {
			all = append(all, c)
		}
	}
	return all
}

// compareCells contrasts the numbers of two cells.
func compareCells(old, new *analysis.Cell, least Least) []analysis.Contrast {
	calls, others := old.Offered().Median, new.Offered().Median
	differ := old.Calls != new.Calls && calls != others && calls*others > 0
	return contrasts(func(m *metric.Metric) analysis.Contrast {
		a, b := old.Values(m), new.Values(m)
		if m.Unit != metric.Calls || !differ {
			return newContrast(m, string(m.Unit), a, b, least.relevant(m, a, calls))
		}
		scale(a, 100/calls)
		scale(b, 100/others)
		return newContrast(m, string(metric.Percent), a, b, least.relevant(m, a, 100))
	})
}

// scale multiplies all values.
func scale(values []float64, by float64) {
	for i := range values {
		values[i] *= by
	}
}

func newContrast(m *metric.Metric, unit string, old, new []float64, least float64) analysis.Contrast {
	c := analysis.Contrast{Metric: m.Name, Unit: unit, Difference: stats.Compare(old, new), Least: least}
	c.Better = (c.New.Median > c.Old.Median) == (m.Better == metric.More)
	c.Shift = stats.ShiftOf(old, new)
	if c.Enough {
		split := stats.SplitOf(old, new)
		c.Split, c.Quarters = &split, stats.Quarters(old, new)
		c.NotWorse, c.Deciding = notWorse(m, old, new, least)
	}
	return c
}

// notWorse reports whether the interval of the shift excludes that the new values are worse by the least difference,
// and else how many values probably decide it.
func notWorse(m *metric.Metric, old, new []float64, least float64) (bool, int) {
	if m.Better == metric.More {
		old, new = new, old
	}
	if stats.ShiftOf(old, new).Excludes(least) {
		return true, 0
	}
	return false, max(stats.Deciding(old, new, least), min(len(old), len(new))+1)
}

// findDifferences decides what may be claimed of comparisons that stand in one table. Each metric asks a
// question of its own, in as many settings as there are, and is corrected for these: the numbers of one storm
// hang together, so that a setting which breaks breaks most of them, and would have to break more to be seen
// the more are measured.
func findDifferences(all []analysis.Comparison) {
	together, splits := map[string][]*stats.Difference{}, map[string][]*analysis.Contrast{}
	for _, c := range eachContrast(all) {
		together[c.Metric] = append(together[c.Metric], &c.Difference)
		if c.Enough && !c.Constant() {
			splits[c.Metric] = append(splits[c.Metric], c)
		}
	}
	for name := range together {
		stats.Correct(together[name])
		correctSplits(splits[name])
	}
	for _, c := range eachContrast(all) {
		find(c)
	}
}

// correctSplits corrects the tests of form like those of the shift.
func correctSplits(all []*analysis.Contrast) {
	p := make([]float64, len(all))
	for i, c := range all {
		p[i] = c.Split.P
	}
	for i, q := range stats.Corrected(p) {
		all[i].Split.Q = q
	}
}

// eachContrast visits every contrast with its comparison.
func eachContrast(all []analysis.Comparison) iter.Seq2[*analysis.Comparison, *analysis.Contrast] {
	return func(yield func(*analysis.Comparison, *analysis.Contrast) bool) {
		for of := range analysis.Each(all) {
			for c := range analysis.Each(of.Contrast) {
				if !yield(of, c) {
					return
				}
			}
		}
	}
}

func find(c *analysis.Contrast) {
	switch {
	case c.Old.N == 0 || c.New.N == 0:
		c.Finding = analysis.OneSided
	case !c.Enough:
		c.Finding = analysis.TooFew
	case c.Significant || c.Suspected:
		c.Finding = findShift(c)
	case split(c):
		c.Finding = analysis.Split
	default:
		c.Finding = analysis.NotShown
	}
	c.Better = c.Better && (c.Finding == analysis.Differs || c.Finding == analysis.Undecided)
	if c.Finding != analysis.Split {
		c.Split = nil
	}
}

// findShift is what a difference comes to that a test shows, alone at least.
func findShift(c *analysis.Contrast) analysis.Finding {
	switch step := c.New.Median - c.Old.Median; {
	case max(step, -step) < c.Least && c.Significant:
		return analysis.Slight
	case max(step, -step) < c.Least:
		return analysis.NotShown
	case c.Against:
		return analysis.Reference
	case c.Suspected:
		return analysis.Undecided
	}
	return analysis.Differs
}

// split reports whether both are distributed differently, and a quarter of the storms by what matters.
func split(c *analysis.Contrast) bool { return c.Split.Q <= stats.Alpha && c.Quarters >= c.Least }

// noteDoubts notes what is in doubt of a cell that is compared, by a name for it.
func noteDoubts(c *analysis.Comparison, name string, s *analysis.Summary, cell *analysis.Cell) {
	for _, f := range s.Doubts {
		if f.Concerns(cell.ID) {
			c.Doubted = append(c.Doubted, analysis.RunDoubt{Of: name, Doubt: f})
		}
	}
}

// withhold claims nothing: of a metric that is in doubt in one of the settings, or of anything.
func withhold(all []analysis.Comparison, everything bool) {
	for of, c := range eachContrast(all) {
		m := metric.Named(c.Metric)
		inDoubt := func(d analysis.RunDoubt) bool { return d.Doubt.ConcernsMetric(m.Name, m.Of) }
		if everything || slices.ContainsFunc(of.Doubted, inDoubt) {
			c.Finding, c.Better = analysis.Withheld, false
		}
	}
}

// doubtedAll reports whether nothing at all is claimed of the two.
func doubtedAll(c *analysis.Comparison) bool {
	return slices.ContainsFunc(c.Doubted, func(d analysis.RunDoubt) bool { return len(d.Doubt.Metrics) == 0 })
}

// Settings sets each setting beside its neighbour on each axis: two that differ in one thing,
// with no other between them. Settings that differ in more are never compared: it is not known which
// of it made the difference. An inconclusive run proves no difference, and a setting in doubt none
// from its neighbours.
func Settings(s *analysis.Summary) []analysis.Comparison {
	var all []analysis.Comparison
	for i := range s.Cells {
		for j := range s.Cells {
			a, b, axis := &s.Cells[i], &s.Cells[j], neighbours(s.Cells, i, j)
			if axis == "" || len(a.Repeats) == 0 || len(b.Repeats) == 0 {
				continue
			}
			c := analysis.Comparison{
				Old: a.Label, New: b.Label, Differs: axis, Contrast: compareCells(a, b, DefaultLeast),
			}
			noteDoubts(&c, c.Old, s, a)
			noteDoubts(&c, c.New, s, b)
			all = append(all, c)
		}
	}
	findDifferences(all)
	withhold(all, false)
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
