package comparison

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/stats"
)

// unitRatio is of a number that was divided by the same number of another setting of the same run.
const unitRatio = "ratio"

// CompareAcrossHosts compares two runs of different machines or kernels: not their numbers, which belong to
// the machine, but in each run the ratios of a setting to the smallest one that both have, storm by storm.
// Nothing is claimed where the storms differ, or a run is inconclusive.
func CompareAcrossHosts(
	oldName string,
	old *analysis.Summary,
	newName string,
	new *analysis.Summary,
	least Least,
) *SideBySide {
	s := newSideBySide(oldName, old, newName, new)
	s.Withheld = withheldAcross(s)
	a, b := smallest(old, new)
	if a != nil {
		s.match(old, new, func(x, y *analysis.Cell) []analysis.Contrast {
			if x == a {
				return nil // it is what the others are divided by
			}
			return compareRatios(x, a, y, b, least)
		})
		s.Settings = slices.DeleteFunc(s.Settings, func(c analysis.Comparison) bool { return len(c.Contrast) == 0 })
		if len(s.Settings) == 0 {
			s.Withheld = append(s.Withheld, finding.Finding{Fact: finding.OnlyReference{Setting: a.Label}})
		}
	}
	for c := range analysis.Each(s.Settings) {
		c.RatioTo = a.Label
		// A ratio is in doubt where what it is divided by is.
		noteDoubts(c, s.Old.Name, old, a)
		noteDoubts(c, s.New.Name, new, b)
	}
	s.conclude()
	return s
}

// withheldAcross leaves out what two machines may differ in.
func withheldAcross(s *SideBySide) []finding.Finding {
	same := *s
	same.Differs = slices.DeleteFunc(slices.Clone(s.Differs), func(d RunDiff) bool { return d.OfMachine() })
	return withheld(&same)
}

// smallest is the least effective backlog that both runs have stormed, in each of them; nil without one.
func smallest(old, new *analysis.Summary) (a, b *analysis.Cell) {
	for c := range analysis.Each(old.Cells) {
		if other := twin(new, c); other != nil && (a == nil || c.Effective < a.Effective) {
			a, b = c, other
		}
	}
	return a, b
}

// compareRatios sets the ratios of x to a beside those of y to b.
func compareRatios(x, a, y, b *analysis.Cell, least Least) []analysis.Contrast {
	return contrasts(func(m *metric.Metric) analysis.Contrast {
		was, is := ratios(m, x, a), ratios(m, y, b)
		// A ratio of 0 has no part of its own: then a hundredth is the least.
		middle := stats.SpreadOf(was).Median
		c := newContrast(m, unitRatio, was, is,
			least.widened(max(middle*least.Relative, least.Calls), middle*least.MostRelative, was))
		c.Reference = &analysis.Divisor{Unit: string(m.Unit),
			Old: stats.Number(median(a, m)), New: stats.Number(median(b, m))}
		if m.Unit == metric.Calls {
			matters := least.relevant(m, x.Values(m), x.Offered().Median)
			c.Against = !went(m, x, y, c.New.Median > c.Old.Median, matters)
			if c.Against && c.Enough { // then the number itself shows whether it is worse
				c.NotWorse, c.Deciding = notWorse(m, x.Values(m), y.Values(m), matters)
			}
		}
		return c
	})
}

// median of a metric over the storms of a setting.
func median(c *analysis.Cell, m *metric.Metric) float64 { return stats.SpreadOf(c.Values(m)).Median }

// went reports whether a number of calls itself rose, or fell, by what matters. All storms have as many
// calls, on whatever machine, and a setting that loses as many as before is not to blame for one that it is
// divided by.
func went(m *metric.Metric, old, new *analysis.Cell, up bool, least float64) bool {
	step := median(new, m) - median(old, m)
	return up && step >= least || !up && -step >= least
}

// ratios of a number in each storm of c to that in the storm of the same round of the reference: storms of a
// round lie near each other in time.
func ratios(m *metric.Metric, c, reference *analysis.Cell) []float64 {
	var all []float64
	for r := range analysis.Each(c.Repeats) {
		j := slices.IndexFunc(reference.Repeats, func(o analysis.Repeat) bool { return o.N == r.N })
		if j < 0 {
			continue
		}
		v, by := m.Measure(&r.Storm), m.Measure(&reference.Repeats[j].Storm)
		if v.Known() && by.Known() {
			all = append(all, ratio(v.Number, by.Number))
		}
	}
	return all
}

// ratio of two numbers that are not negative. What is the same has the ratio 1, none of none and a wait
// without an end too. Some of none, and a wait without an end, is more than any ratio: left out, it would
// leave the storms that went well.
func ratio(v, by float64) float64 {
	switch {
	case v == by, stats.Endless(v) && stats.Endless(by):
		return 1
	case by == 0, stats.Endless(v):
		return stats.NoEnd
	case stats.Endless(by):
		return 0
	}
	return v / by
}
