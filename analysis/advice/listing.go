package advice

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/record"
)

// listing states what the rungs lose, from the smallest on, those with which no call is impaired at the end.
func (l *ladder) listing(h harm) []finding.Finding {
	if l.mixed {
		return l.eachAlone(h)
	}
	free := l.freeFrom(h)
	for free > 0 && free < len(l.rungs) && alike(l.rungs[free-1], l.rungs[free]) {
		free++
	}
	harmed, spared := distinct(l.rungs[:free]), distinct(l.rungs[free:])
	return append(h.states(abridge(harmed)), abridge(l.spared(spared, free == 0))...)
}

// alike reports whether two settings cannot differ: a backlog of the server's own limits the queue of both.
func alike(a, b *analysis.Cell) bool {
	limits := func(c *analysis.Cell) bool { return c.Backlog == record.BacklogOwn && c.Effective < c.Somaxconn }
	return limits(a) && limits(b) && a.Effective == b.Effective
}

// distinct puts those of the rungs together that cannot differ.
func distinct(rungs []*analysis.Cell) (groups [][]*analysis.Cell) {
	for _, c := range rungs {
		if last := len(groups) - 1; last >= 0 && alike(groups[last][0], c) {
			groups[last] = append(groups[last], c)
		} else {
			groups = append(groups, []*analysis.Cell{c})
		}
	}
	return groups
}

// each makes a group of each setting.
func each(cells []*analysis.Cell) (groups [][]*analysis.Cell) {
	for _, c := range cells {
		groups = append(groups, []*analysis.Cell{c})
	}
	return groups
}

// states are what each of the groups of settings loses.
func (h harm) states(groups [][]*analysis.Cell) (all []finding.Finding) {
	for _, cells := range groups {
		all = append(all, h.state(cells))
	}
	return all
}

// state is what settings that cannot differ lose.
func (h harm) state(cells []*analysis.Cell) finding.Finding {
	calls, of := rangeOf(h.together(cells)), rounded(cells[0].Offered().Median)
	switch {
	case calls.Max == 0:
		return analysis.About(finding.NoneLost{Of: of, Late: lateRange(cells)}, cells...)
	case h.late:
		return analysis.About(finding.CallsLate{Calls: calls, Of: of}, cells...)
	}
	return analysis.About(finding.CallsLost{Calls: calls, Of: of}, cells...)
}

// rangeOf is the calls per storm of a setting.
func rangeOf(s analysis.Spread) finding.Range {
	return finding.Range{Median: s.Median, Min: s.Min, Max: s.Max, Storms: s.N}
}

// lateRange of settings that cannot differ; nil where that is not known.
func lateRange(cells []*analysis.Cell) *finding.Range {
	if slices.ContainsFunc(cells, func(c *analysis.Cell) bool { return !c.LateKnown() }) {
		return nil
	}
	late := rangeOf(lateCalls.together(cells))
	return &late
}

// spared states of settings that lose no call how many are late, together of those next to each other with
// none.
func (l *ladder) spared(groups [][]*analysis.Cell, first bool) (all []finding.Finding) {
	for i := 0; i < len(groups); {
		fact, end := finding.NoneLost{Late: lateRange(groups[i])}, i+1
		for end < len(groups) && noneLate(fact.Late) {
			if next := lateRange(groups[end]); !noneLate(next) || (next == nil) != (fact.Late == nil) {
				break
			}
			end++
		}
		if first && i == 0 {
			fact.Of = rounded(groups[0][0].Offered().Median)
		}
		all = append(all, analysis.About(fact, slices.Concat(groups[i:end]...)...))
		i = end
	}
	return all
}

// noneLate reports whether no call is known to be late.
func noneLate(late *finding.Range) bool { return late == nil || late.Max == 0 }

// worseElsewhere is the setting of another ladder with which calls are impaired most, though with as long a queue
// none does in this one.
func (l *ladder) worseElsewhere(h harm) []finding.Finding {
	free := l.freeFrom(h)
	if free == len(l.rungs) {
		return nil
	}
	var others []*analysis.Cell
	for _, o := range l.others {
		others = append(others, o.from(l.rungs[free].Effective)...)
	}
	return h.states(each(most(others, h.median)))
}

// most is the setting with the greatest number, the first of several; none where it is 0 in all.
func most(cells []*analysis.Cell, number func(*analysis.Cell) float64) (one []*analysis.Cell) {
	greatest := 0.0
	for _, c := range cells {
		if n := number(c); n > greatest {
			one, greatest = []*analysis.Cell{c}, n
		}
	}
	return one
}

// eachAlone lists settings that have no order: they differ in more than the queue's length, so that
// what they lose is no matter of that.
func (l *ladder) eachAlone(h harm) []finding.Finding {
	cells := slices.Clone(l.rungs)
	if len(cells) > fewListed {
		slices.SortStableFunc(cells, func(a, b *analysis.Cell) int { return h.byMedian(b, a) })
	}
	return append(h.states(abridge(each(cells))), analysis.FactIf(l.lengths() > 1, finding.SettingsMixed{})...)
}

// evenLargest reports whether calls were impaired with the largest of several settings.
func (l *ladder) evenLargest(h harm) bool {
	return !l.one() && !l.mixed && l.freeFrom(h) == len(l.rungs)
}

// fewListed are stated one by one; the table has all.
const fewListed = 4

// abridge keeps a long list readable: the first two and the last.
func abridge[T any](all []T) []T {
	if len(all) <= fewListed {
		return all
	}
	return []T{all[0], all[1], all[len(all)-1]}
}

// unmet states why calls were still impaired with the largest setting.
func (l *ladder) unmet(s *analysis.Summary) []finding.Finding {
	c := l.rungs[len(l.rungs)-1]
	if serverFailed(c) {
		return nil
	}
	all := tooSlow(s, c)
	if running(s, c) && all == nil {
		all = l.suspicion(s, c)
	}
	full, known := l.overflowed(c)
	if all == nil && (full || !synQueueWasFull(c)) {
		var fact finding.Fact = neverFull(c)
		switch {
		case !known:
			fact = finding.QueueUnknown{}
		case full:
			fact = finding.QueueFull{Longest: longestFull(c), Largest: true, Generator: c.Lagging()}
		}
		all = append([]finding.Finding{analysis.About(fact, c)}, health.LagFinding(c)...)
	}
	return append(all, analysis.FactIf(len(s.Run.Isolation.LeftOut()) > 0, finding.LongerNotTried{})...)
}
