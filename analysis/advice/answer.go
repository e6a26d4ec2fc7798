// Package advice answers the question of a run: what happened to the calls of each setting, and what to
// change.
package advice

import (
	"slices"
	"strconv"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// Conclude fills in what the run shows and what to change: the answer, whether it is conclusive, and the
// recommendation.
func Conclude(s *analysis.Summary) {
	l := sureLadder(s)
	if s.Conclusive = l != nil; !s.Conclusive {
		l = newLadder(s, everyCell)
	}
	if s.Recommendation = l.recommendFor(s); s.Recommendation == nil {
		_, s.Recommendation = l.adviser(s)
	}
	s.Answer = answer(s, l)
}

// answer states what the run shows. It claims nothing of settings that were not tried.
func answer(s *analysis.Summary, l *ladder) (all []finding.Finding) {
	nobody := nobody(s, l)
	switch {
	case slices.ContainsFunc(s.Doubts, isNoStorm):
		all = []finding.Finding{s.Doubts[slices.IndexFunc(s.Doubts, isNoStorm)]}
	case nobody != nil:
		all = nobody
	case len(l.rungs)+len(l.apps) == 0:
	case len(s.Cells) == 1:
		all = l.single(s, &s.Cells[0])
	default:
		all = l.several(s)
	}
	all = slices.Concat(serverEnded(s), all)
	all = slices.Concat(all, synQueue(s, slices.ContainsFunc(all, settlesQueue)), beforeListener(s), packetLoss(s))
	if s.Partial != nil {
		all = append(all, analysis.About(*s.Partial))
	}
	return all
}

// isNoStorm reports whether no storm was recorded: that is the whole answer.
func isNoStorm(f finding.Finding) bool {
	_, is := f.Fact.(finding.NoStorm)
	return is
}

// several compares settings, and states what to do.
func (l *ladder) several(s *analysis.Summary) []finding.Finding {
	h, ok := l.harm()
	if !ok {
		return l.noTrouble(s)
	}
	all := slices.Concat(l.listing(h), l.worseElsewhere(h), l.sameQueue())
	causes := otherCauses(s)
	switch adviser, rec := l.adviser(s); {
	case s.Recommendation != nil && s.Recommendation.From > 0:
		all = append(all, l.unmet(s)...)
	case s.Recommendation != nil && adviser != l:
		own, _ := adviser.harm()
		all = append(append(all, adviser.listing(own)...), adviser.advice(rec))
	case s.Recommendation != nil:
		all = append(all, l.advice(rec))
	case causes != nil:
	case l.evenLargest(h), rec == nil && l.ownEnds(h):
		all = append(all, l.unmet(s)...)
	case l.knownNeverFull(h):
		all = append(all, analysis.About(finding.QueueNeverFull{}, h.cells(l.all())...))
	}
	return slices.Concat(all, l.closedEarly(), causes, l.applications(h), l.slowest(), l.ownLimits(s))
}

// noTrouble states that every setting served every call.
func (l *ladder) noTrouble(s *analysis.Summary) []finding.Finding {
	fact := finding.NothingLost{Calls: s.Run.Calls(), Late: true}
	for _, c := range l.everything() {
		fact.Storms, fact.Late = fact.Storms+len(c.Repeats), fact.Late && c.LateKnown()
		if s.Run.CallsOf(&c.Cell) != fact.Calls {
			fact.Calls = 0
		}
	}
	more := append(l.harmlessOverflow(), l.slowest()...)
	least := l.rungs[:1]
	if l.one() {
		least = nil
	}
	return slices.Concat([]finding.Finding{analysis.About(fact)}, more,
		analysis.FactIf(len(more) == 0, finding.NoDifference{}, least...))
}

// harmlessOverflow are the settings whose accept queue overflowed though no call was lost or late: what it
// dropped were last ACKs, and their calls waited for another packet.
func (l *ladder) harmlessOverflow() []finding.Finding {
	var fact finding.QueueOverflowed
	var full []*analysis.Cell
	for _, c := range l.everything() {
		switch overflowed, known := l.overflowed(c); {
		case overflowed:
			full, fact.Free = append(full, c), ""
			fact.Revived = max(fact.Revived, revived(c))
		case known && fact.Free == "":
			fact.Free = c.ID
		}
	}
	return analysis.FactOf(fact, full)
}

// revived returns the most in any storm.
func revived(c *analysis.Cell) int {
	return analysis.Most(c, func(r *analysis.Repeat) int { return analysis.Deref(r.PhantomFates).Revived })
}

// single states what became of the calls of the only setting.
func (l *ladder) single(s *analysis.Summary, c *analysis.Cell) []finding.Finding {
	fact := finding.Outcome{Storms: len(c.Repeats), Lost: rangeOf(c.Lost), Served: c.Served(),
		Connected: l.success == record.Connected}
	if fact.Connected {
		fact.Unseen = analysis.PhantomsOf(s) != finding.Known
		fact.Unaccepted = c.Sum(func(r *analysis.Repeat) int { return analysis.Deref(r.Unaccepted) })
	}
	fact.Calls, fact.AllLost = c.Sum(offered), c.Sum(lost)
	if fact.Calls == 0 {
		return nil
	}
	if fact.LostAs = lostAs(c); c.LateKnown() {
		late := c.Sum(func(r *analysis.Repeat) int { return r.Late })
		fact.Late = &late
	}
	if share := s.Run.Share; share != nil {
		fact.Share = &finding.Share{K: share.K, N: share.N, Calls: s.Run.Scenario.Calls}
	}
	outcome := analysis.About(fact, c)
	if c.Backlog == "" {
		outcome.Settings = nil
	}
	return slices.Concat([]finding.Finding{outcome}, l.phantoms(c), l.closedEarly(), slowOfServed(c),
		l.queueOf(s, c, fact.AllLost),
		analysis.FactIf(revived(c) > 0, finding.QueueOverflowed{Revived: revived(c)}, c),
		l.remedy(s, c), l.ownLimits(s))
}

// lostAs counts the lost calls of all storms by their outcomes.
func lostAs(c *analysis.Cell) (counts []finding.Count) {
	rest := c.Sum(lost)
	for _, o := range record.Outcomes {
		if n := c.Total(o); n > 0 && o.Lost() {
			counts = append(counts, finding.Count{Outcome: string(o), Calls: n})
			rest -= n
		}
	}
	if rest > 0 {
		counts = append(counts, finding.Count{Calls: rest})
	}
	return counts
}

// queueOf states whether the accept queue was full; nothing where that is not known or does not matter.
func (l *ladder) queueOf(s *analysis.Summary, c *analysis.Cell, lost int) []finding.Finding {
	switch full, known := l.overflowed(c); {
	case !known || lost == 0 && !full || !full && (otherCauses(s) != nil || synQueueWasFull(c)):
		return nil
	case full:
		return []finding.Finding{analysis.About(finding.QueueFull{Longest: longestFull(c)}, c)}
	}
	return append([]finding.Finding{analysis.About(neverFull(c), c)}, health.LagFinding(c)...)
}

// neverFull blames the server only where the generator did not keep it waiting.
func neverFull(c *analysis.Cell) finding.QueueNeverFull {
	silent := 2*c.Total(record.Silent) > int(c.Lost.Median)*len(c.Repeats)
	return finding.QueueNeverFull{Silent: silent && !c.Lagging(), LostAs: lostAs(c)}
}

// longestFull returns the longest time that the queue was seen full in a storm.
func longestFull(c *analysis.Cell) time.Duration {
	return analysis.Most(c, func(r *analysis.Repeat) time.Duration { return analysis.Deref(r.Queue).Full })
}

// remedy states what would help, where that is known.
func (l *ladder) remedy(s *analysis.Summary, c *analysis.Cell) []finding.Finding {
	slow := tooSlow(s, c)
	full, _ := l.overflowed(c)
	causes := otherCauses(s)
	switch {
	case causes != nil:
		return causes
	case serverFailed(c):
		return nil
	case slow != nil:
		return slow
	case running(s, c):
		return l.suspicion(s, c)
	}
	return analysis.FactIf(full && c.Lost.Max > 0 && c.Effective < record.MaxBacklog, finding.SweepLarger{}, c)
}

// suspicion is what the queue of an external server shows where it could be seen, and else what lost packets
// hint at.
func (l *ladder) suspicion(s *analysis.Summary, c *analysis.Cell) []finding.Finding {
	run := s.Run
	short, isShort := l.shortBacklog(s, c)
	full, known := l.overflowed(c)
	hidden := finding.QueueHidden{DroppedSYNs: c.Count(synDropped), Reset: c.Count(resetUnheard)}
	if run.Unwatched != nil {
		hidden.Why = *run.Unwatched
	}
	switch {
	case known && !full && !isShort, full && !impaired(c):
		return nil
	case full && overloaded(c):
		return append(
			[]finding.Finding{analysis.About(finding.ServerOverloaded{Generator: c.Lagging()}, c)},
			health.LagFinding(c)...)
	case isShort:
		return []finding.Finding{analysis.About(short, c)}
	case hidden.DroppedSYNs+hidden.Reset == 0 && (run.Unwatched == nil || c.Served() == 0): // perhaps nothing is there
		return nil
	}
	return []finding.Finding{analysis.About(hidden, c)}
}

// resetUnheard reports whether a call was reset before a command.
func resetUnheard(a *record.Attempt) bool { return a.Outcome == record.Reset && a.FirstCommand == nil }

// synDropped reports whether a SYN of the call was dropped. One that met a TIME_WAIT is retransmitted without
// having been dropped; where nothing listens any more it is then refused.
func synDropped(a *record.Attempt) bool {
	n, ok := calls.Retransmits(a)
	return ok && n > 0 && a.Outcome.Offered() && a.Outcome != record.Refused
}

// readSomaxconn is the value that was read before the storm, in the namespace of the storm; nil where none
// was.
func readSomaxconn(c *analysis.Cell) *int {
	for r := range analysis.Each(c.Repeats) {
		if k := r.Raw.Kernel; k != nil {
			if n, err := strconv.Atoi(k.Sysctls[axis.SomaxconnSysctl]); err == nil {
				return &n
			}
		}
	}
	return nil
}

func offered(r *analysis.Repeat) int { return r.Offered }

func lost(r *analysis.Repeat) int { return r.Lost }
