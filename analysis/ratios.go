package analysis

import (
	"slices"

	"agistorm/analysis/stats"
)

// unitRatio is of a number that was divided by the same number of another setting of the same run.
const unitRatio = "ratio"

// CompareAcrossHosts compares two runs of different machines or kernels: not their numbers, which belong to the machine, but in each run the
// ratios of a setting to the smallest one that both have, storm by storm. Nothing is claimed where the storms differ, or a run is inconclusive.
func CompareAcrossHosts(oldName string, old *Summary, newName string, new *Summary, least Least) *SideBySide {
	s := beside(oldName, old, newName, new)
	s.Withheld = withheldAcross(s)
	a, b := smallest(old, new)
	if a == nil {
		s.Verdict = s.verdict()
		return s
	}
	s.match(old, new, func(x, y *Cell) []Contrast {
		if x == a {
			return nil // it is what the others are divided by
		}
		return compareRatios(x, a, y, b, least)
	})
	s.Settings = slices.DeleteFunc(s.Settings, func(c Comparison) bool { return len(c.Contrast) == 0 })
	for i := range s.Settings {
		s.Settings[i].Differs = "as ratios to " + a.Label
	}
	if findDifferences(s.Settings); len(s.Withheld) > 0 {
		s.withhold()
	}
	s.Verdict = s.verdict()
	return s
}

// withheldAcross leaves out what two machines may differ in.
func withheldAcross(s *SideBySide) []string {
	same := *s
	same.Differs = slices.DeleteFunc(slices.Clone(s.Differs), func(d Unlike) bool {
		return d.Kind == KindMachine || d.Kind == KindKernel || d.Kind == KindSysctls
	})
	return withheld(&same)
}

// smallest is the least effective backlog that both runs have stormed, in each of them; nil without one.
func smallest(old, new *Summary) (a, b *Cell) {
	for i := range old.Cells {
		c := &old.Cells[i]
		if other := twin(new, c); other != nil && (a == nil || c.Effective < a.Effective) {
			a, b = c, other
		}
	}
	return a, b
}

func compareRatios(x, a, y, b *Cell, least Least) []Contrast {
	var all []Contrast
	for _, m := range contrasts {
		was, is := m.ratios(x, a), m.ratios(y, b)
		if len(was) == 0 && len(is) == 0 {
			continue
		}
		ratio := m
		ratio.unit = unitRatio
		// A ratio of 0 has no part of its own: then a hundredth is the least.
		all = append(all, ratio.compare(was, is, max(stats.MedianOf(was).Median*least.Relative, least.Calls)))
	}
	return all
}

// ratios of a number in each storm of c to that in the storm of the same round of the reference: storms of a round lie near each other
// in time. A round in which the reference has none or 0 has no ratio, nor has a wait without an end.
func (m contrast) ratios(c, reference *Cell) []float64 {
	var all []float64
	for i := range c.Repeats {
		r := &c.Repeats[i]
		j := slices.IndexFunc(reference.Repeats, func(o Repeat) bool { return o.N == r.N })
		if j < 0 {
			continue
		}
		v, ok := m.of(r)
		by, known := m.of(&reference.Repeats[j])
		if ok && known && by != 0 && !Endless(v) && !Endless(by) {
			all = append(all, v/by)
		}
	}
	return all
}
