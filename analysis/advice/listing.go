package advice

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
)

// listing states what the rungs lose, from the smallest on, those with which no call is impaired at the end.
func (l *ladder) listing(h harm) []finding.Finding {
	if l.mixed {
		return l.eachAlone(h)
	}
	free := l.freeFrom(h)
	return append(h.states(abridge(l.rungs[:free])), abridge(l.spared(l.rungs[free:], free == 0))...)
}

// states are what each of the settings loses.
func (h harm) states(cells []*analysis.Cell) (all []finding.Finding) {
	for _, c := range cells {
		all = append(all, h.state(c))
	}
	return all
}

// state is what a setting loses.
func (h harm) state(c *analysis.Cell) finding.Finding {
	calls, of := rangeOf(h.of(c)), rounded(c.Offered().Median)
	switch {
	case calls.Max == 0:
		return analysis.About(finding.NoneLost{Of: of, Late: lateRange(c)}, c)
	case h.late:
		return analysis.About(finding.CallsLate{Calls: calls, Of: of}, c)
	}
	return analysis.About(finding.CallsLost{Calls: calls, Of: of}, c)
}

// rangeOf is the calls per storm of a setting.
func rangeOf(s analysis.Spread) finding.Range {
	return finding.Range{Median: s.Median, Min: s.Min, Max: s.Max, Storms: s.N}
}

// lateRange of the setting; nil where that is not known.
func lateRange(c *analysis.Cell) *finding.Range {
	if !c.LateKnown() {
		return nil
	}
	late := rangeOf(c.Late)
	return &late
}

// spared states of settings that lose no call how many are late, together of those next to each other with
// none.
func (l *ladder) spared(cells []*analysis.Cell, first bool) (all []finding.Finding) {
	for i := 0; i < len(cells); {
		fact, end := finding.NoneLost{Late: lateRange(cells[i])}, i+1
		for fact.Late == nil || fact.Late.Max == 0 {
			if end == len(cells) || cells[end].LateKnown() != (fact.Late != nil) || cells[end].Late.Max > 0 {
				break
			}
			end++
		}
		if first && i == 0 {
			fact.Of = rounded(cells[0].Offered().Median)
		}
		all = append(all, analysis.About(fact, cells[i:end]...))
		i = end
	}
	return all
}

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
	return h.states(most(others, h.median))
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
	return append(h.states(abridge(cells)), analysis.FactIf(l.lengths() > 1, finding.SettingsMixed{})...)
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
