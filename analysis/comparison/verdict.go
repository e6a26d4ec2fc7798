package comparison

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/stats"
)

// answer states first which calls fare otherwise, then what else differs, and what is not known.
func (s *SideBySide) answer() (all finding.List) {
	switch {
	case len(s.Withheld) > 0:
		all.AddIf(len(s.unsure) > 0, finding.SeenChanged{Changes: s.unsure})
		return all // Withheld is the rest of it
	case len(s.Settings) == 0:
		return finding.List{{Fact: finding.NothingInCommon{Old: s.Old.Name, New: s.New.Name}}}
	}
	for _, better := range []bool{false, true} {
		changes := s.changes(analysis.Differs, better)
		all.AddIf(len(changes) > 0, finding.Changed{Run: s.New.Name, Better: better, Changes: changes})
	}
	undecided := append(s.changes(analysis.Undecided, false), s.changes(analysis.Undecided, true)...)
	all.AddIf(
		len(undecided) > 0,
		finding.PerhapsChanged{Changes: undecided, Settings: len(s.Settings), Needed: s.RepeatsNeeded()},
	)
	for of, c := range eachContrast(s.Settings) {
		all.AddIf(c.Finding == analysis.Split && !saidByLost(of, c), spread(of, c))
	}
	same := s.count(alike)
	all.AddIf(same > 0 && s.count(differing) == 0, finding.NoChange{Old: s.Old.Name, New: s.New.Name, Settings: same})
	few := s.count(untested)
	all.AddIf(few > 0, finding.TooFewStorms{Settings: few, All: few == len(s.Settings), Needed: s.RepeatsNeeded()})
	all.AddIf(len(s.unsure) > 0, finding.SeenChanged{Changes: s.unsure})
	for _, pace := range []bool{false, true} {
		names, first := s.doubted(pace)
		all.AddIf(names != nil, finding.NotCompared{Names: names, Pace: pace, Run: first.Of, Doubt: &first.Doubt})
	}
	all.AddIf(len(s.Unmatched) > 0, finding.OneRunOnly{Settings: len(s.Unmatched)})
	return all
}

// spread is a contrast whose storms are distributed differently; nothing for another one.
func spread(of *analysis.Comparison, c *analysis.Contrast) finding.DistributionDiffers {
	if c.Split == nil {
		return finding.DistributionDiffers{}
	}
	return finding.DistributionDiffers{
		Metric: c.Metric, Setting: of.Old, Unit: c.Unit, Q: c.Split.Q,
		OldMin: stats.Number(c.Old.Min), OldMax: stats.Number(c.Old.Max),
		NewMin: stats.Number(c.New.Min), NewMax: stats.Number(c.New.Max),
	}
}

// count returns how many of the settings are of a kind.
func (s *SideBySide) count(kind func(*analysis.Comparison) bool) (n int) {
	for c := range analysis.Each(s.Settings) {
		if kind(c) {
			n++
		}
	}
	return n
}

// differing, alike and untested are the settings in which a difference was shown, in which none was, and that have too
// few storms to be compared.
func differing(c *analysis.Comparison) bool { return has(c, analysis.Differs) }

func alike(c *analysis.Comparison) bool {
	return tested(c) && !has(c, analysis.Undecided) && !DistributionDiffers(c)
}

func untested(c *analysis.Comparison) bool { return !tested(c) && !doubtedAll(c) }

// DistributionDiffers reports whether the storms of a metric are distributed differently, though no shift is shown.
func DistributionDiffers(c *analysis.Comparison) bool { return has(c, analysis.Split) }

func has(c *analysis.Comparison, f analysis.Finding) bool {
	return slices.ContainsFunc(c.Contrast, func(m analysis.Contrast) bool { return m.Finding == f })
}

// Inconclusive reports whether a comparison proves nothing: none was possible, or none of what it shows is
// sure and some of it could not be decided.
func (s *SideBySide) Inconclusive() bool {
	shown, open := false, false
	for _, c := range eachContrast(s.Settings) {
		shown = shown || c.Finding == analysis.Differs || c.Finding == analysis.Split
		open = open || c.Finding == analysis.TooFew || c.Finding == analysis.Undecided || c.Finding == analysis.Withheld
	}
	return len(s.Withheld) > 0 || len(s.Settings) == 0 || open && !shown
}

// doubted names the settings that are not compared because one of the runs is in doubt of them, or of the
// server's pace there, with the first doubt; nil without one.
func (s *SideBySide) doubted(pace bool) (names []string, first analysis.RunDoubt) {
	for c := range analysis.Each(s.Settings) {
		if len(c.Doubted) > 0 && doubtedAll(c) != pace {
			if names = append(names, c.New); len(names) == 1 {
				first = c.Doubted[0]
			}
		}
	}
	return names, first
}

func tested(c *analysis.Comparison) bool {
	return slices.ContainsFunc(c.Contrast, func(m analysis.Contrast) bool {
		return m.Finding != analysis.TooFew && m.Finding != analysis.OneSided && m.Finding != analysis.Withheld
	})
}

// RepeatsNeeded are enough storms on both sides to decide what could not be: more than there were.
func (s *SideBySide) RepeatsNeeded() int {
	needed := stats.Needed(len(s.Settings)) // at the worst every setting counts, and one of them differs
	for _, c := range eachContrast(s.Settings) {
		if c.Finding == analysis.Undecided { // so many may not be enough where the storms of both sides overlap
			needed = max(needed, min(c.Old.N, c.New.N)+1, c.Deciding)
		}
	}
	return needed
}

// saidByLost reports whether calls that are lost or late say no more than those that are lost.
func saidByLost(c *analysis.Comparison, m *analysis.Contrast) bool {
	return m.Metric == lostOrLate && slices.ContainsFunc(c.Contrast, func(o analysis.Contrast) bool {
		return o.Metric == "lost" && o.Finding == m.Finding && o.Better == m.Better
	})
}

// changes are the contrasts of a kind, for the better or for the worse.
func (s *SideBySide) changes(kind analysis.Finding, better bool) (all []finding.Change) {
	for of, c := range eachContrast(s.Settings) {
		if c.Finding == kind && c.Better == better && !saidByLost(of, c) {
			all = append(all, finding.Change{
				Metric: c.Metric, Setting: of.Old, Unit: c.Unit,
				Old: stats.Number(c.Old.Median), New: stats.Number(c.New.Median),
			})
		}
	}
	return all
}
