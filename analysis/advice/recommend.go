package advice

import (
	"cmp"
	"math/bits"
	"slices"
	"strconv"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// Room above the deepest queue seen, as a fraction: a quarter. The next storm is not the same.
const (
	roomOver  = 5
	roomUnder = 4
)

// recommend is nil where the storms give no reason to prefer a setting; see Recommendation.
func (l *ladder) recommend(s *analysis.Summary) *analysis.Recommendation {
	h, ok := l.harm()
	if !ok || l.mixed || len(l.rungs) == 0 {
		return nil
	}
	at := l.firstFree(h)
	if at == len(l.rungs) || l.knownNeverFull(h) || !l.smallerHarms(h, at) {
		return nil
	}
	best := l.best(at)
	c := l.rungs[best]
	rec := &analysis.Recommendation{
		Somaxconn: c.Effective,
		Backlog:   c.Effective,
		Peak:      deepest(l.rungs[best:], c.Effective),
		Late:      c.Late.Median,
		LossFree:  l.rungs[at].Effective,

		Provisional: !s.Conclusive,
	}
	if at < best {
		rec.LossFreeLate = l.rungs[at].Late.Median
	}
	tooSmall := 0
	if at > 0 {
		tooSmall = l.rungs[at-1].Effective
	}
	if c.Effective >= record.MaxBacklog {
		rec.Untried, rec.Tried = true, c.Effective
		rec.Somaxconn = roomy(rec.Peak, s.Run.Scenario.Calls, tooSmall)
		rec.Backlog, rec.LossFree = rec.Somaxconn, rec.Somaxconn
	}
	if p, ok := paceOf(s, c); ok {
		bound(rec, p.useful(), max(tooSmall, int(rec.Peak)))
	}
	rec.Change = l.change(h, rec.Backlog)
	rec.Own = c.Backlog == record.BacklogOwn
	rec.Margin = margin(rec.Peak, rec.Backlog)
	rec.TryLonger = l.tryLonger(rec, best)
	return rec
}

// bound takes the longest backlog of any use into a recommendation. One of no more than what was not enough, or
// than the deepest queue in which no call was lost, is disproved by the storms. A longer one that was tried gives
// way to it.
func bound(rec *analysis.Recommendation, useful, least int) {
	if useful <= least {
		return
	}
	if rec.Useful = useful; useful < rec.Backlog {
		rec.Untried, rec.Tried = true, max(rec.Tried, rec.Backlog)
		rec.Somaxconn, rec.Backlog, rec.LossFree = useful, useful, min(rec.LossFree, useful)
	}
}

// need is how long a queue a ladder needs, for putting the greatest need first.
type need struct {
	// lengths that were tried, 1 or 2 for more; with one a ladder shows nothing of them.
	lengths int
	// unmet: calls are lost with the longest queue too.
	unmet bool
	// lost and late calls, the medians of the cells together.
	lost, late float64
	// backlog that is recommended, 0 without one.
	backlog int
}

func (l *ladder) need(s *analysis.Summary) need {
	n := need{lengths: min(l.lengths(), 2)}
	for _, c := range l.all() {
		n.lost, n.late = n.lost+c.Lost.Median, n.late+c.Late.Median
	}
	if rec := l.recommend(s); rec != nil {
		n.backlog = rec.Backlog
	}
	n.unmet = lostCalls.any(l.all()) && n.backlog == 0
	return n
}

// compareNeeds puts the greater need first: of those that lose calls those which compare anything, and of
// these the one that no setting helped.
func compareNeeds(a, b need) int {
	return cmp.Or(first(a.lost > 0, b.lost > 0), cmp.Compare(b.lengths, a.lengths), first(a.unmet, b.unmet),
		cmp.Compare(b.backlog, a.backlog), cmp.Compare(b.lost, a.lost), cmp.Compare(b.late, a.late))
}

// first puts what holds before what does not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// adviser is the ladder with the longest queue that is recommended, and that; nil where one loses calls in
// any case.
func (l *ladder) adviser(s *analysis.Summary) (*ladder, *analysis.Recommendation) {
	adviser, rec := l, l.recommend(s)
	if rec == nil {
		return l, nil
	}
	for _, o := range l.others {
		switch r := o.recommend(s); {
		case r == nil && lostCalls.any(o.from(rec.Backlog)), r == nil && lostCalls.any(o.all()) && o.lengths() > 1:
			return l, nil
		case r != nil && r.Backlog > rec.Backlog:
			adviser, rec = o, r
		}
	}
	return adviser, rec
}

// from are the cells with that effective backlog or more.
func (l *ladder) from(backlog int) []*analysis.Cell {
	return slices.DeleteFunc(l.all(), func(c *analysis.Cell) bool { return c.Effective < backlog })
}

// tryLonger is for calls that were late because even the longest queue tried was full, and a longer one is of
// use.
func (l *ladder) tryLonger(rec *analysis.Recommendation, best int) bool {
	c := l.rungs[best]
	full, _ := l.overflowed(c)
	return full && c.LateKnown() && c.Late.Max > 0 && best == len(l.rungs)-1 &&
		(rec.Useful == 0 || rec.Useful > rec.Backlog)
}

// best is the first rung from rung at on from which on every storm is known to have no late call either; at
// where there is none, or none with a number that can be set.
func (l *ladder) best(at int) int {
	from := max(l.firstFree(lateCalls), at)
	if from == len(l.rungs) ||
		l.rungs[from].Effective >= record.MaxBacklog && l.rungs[at].Effective < record.MaxBacklog {
		return at
	}
	if slices.ContainsFunc(l.rungs[from:], func(c *analysis.Cell) bool { return !c.LateKnown() }) {
		return at
	}
	return from
}

// change returns what kept the queues of the cells whose calls were impaired shorter than the one that is
// recommended.
func (l *ladder) change(h harm, backlog int) analysis.Change {
	var sysctl, application bool
	for _, c := range h.cells(l.all()) {
		if c.Effective >= backlog {
			continue
		}
		sysctl = sysctl || !c.Application()
		application = application || c.Application() ||
			!c.FollowsSomaxconn() && !ownBacklog(c) && asked(c) < backlog
	}
	switch {
	case sysctl && application && !l.backlog:
		return analysis.ChangeBoth
	case sysctl && !l.backlog:
		return analysis.ChangeSysctl
	}
	return analysis.ChangeApplication
}

// asked is what listen(2) was given, as far as the record shows; at least what was kept of it.
func asked(c *analysis.Cell) int {
	for r := range analysis.Each(c.Repeats) {
		if t := r.Raw.Target; t != nil {
			return t.Asked
		}
	}
	asked, _ := strconv.Atoi(c.Backlog) // 0 for a name
	return max(asked, c.Effective)
}

// margin is the part of a queue that was free when it was deepest: it holds one more than its backlog. Nil
// where it was not watched.
func margin(peak uint32, backlog int) *float64 {
	if peak == 0 {
		return nil
	}
	free := max(1-float64(peak)/(float64(backlog)+1), 0)
	return &free
}

// smallerHarms reports whether a smaller backlog than that of rung at impaired calls:
// without that nothing shows that its size matters.
func (l *ladder) smallerHarms(h harm, at int) bool {
	return slices.ContainsFunc(slices.Concat(l.apps, l.rungs[:at]), func(c *analysis.Cell) bool {
		return c.Effective < l.rungs[at].Effective && h.of(c).Max > 0
	})
}

// knownNeverFull reports whether it is known that the accept queue was never full where calls were impaired.
func (l *ladder) knownNeverFull(h harm) bool {
	return !slices.ContainsFunc(h.cells(l.all()), func(c *analysis.Cell) bool {
		full, known := l.overflowed(c)
		return full || !known || synQueueWasFull(c)
	})
}

// deepest returns the deepest queue seen in the cells of one effective backlog, 0 where none was watched.
func deepest(cells []*analysis.Cell, effective int) (peak uint32) {
	for _, c := range cells {
		if c.Effective == effective {
			peak = max(peak, uint32(analysis.Deref(c.QueuePeak).Max))
		}
	}
	return peak
}

// roomy is the least power of two that leaves room above the deepest queue and is larger
// than what was not enough. Where no queue was watched it holds every call of a storm.
func roomy(peak uint32, calls, tooSmall int) int {
	need := uint64(peak) * roomOver / roomUnder
	if peak == 0 {
		need = uint64(max(calls, 0))
	}
	need = max(need, uint64(max(tooSmall, 0))+1, 1)
	return int(min(uint64(1)<<bits.Len64(need-1), record.MaxBacklog))
}

// tight reports whether the deepest queue left less than a quarter of itself free.
func tight(peak uint32, limit int) bool {
	return uint64(peak)*roomOver > uint64(max(limit, 0))*roomUnder
}

// advice is what to set, and how near the queue came to its limit.
func (l *ladder) advice(rec *analysis.Recommendation) finding.Finding {
	h, _ := l.harm()
	at := l.best(l.firstFree(h))
	c := l.rungs[at]
	fact := finding.RaiseBacklog{Action: finding.RaiseSysctl, Somaxconn: rec.Somaxconn, Backlog: rec.Backlog,
		Useful: rec.Useful, Untried: rec.Untried, Peak: int(rec.Peak), Tight: tight(rec.Peak, c.Effective),
		TryLonger: rec.TryLonger, Provisional: rec.Provisional, Own: rec.Own, Servers: l.servers}
	switch {
	case l.backlog || rec.Change == analysis.ChangeApplication:
		fact.Action = finding.RaiseApplication
	case l.host >= rec.Somaxconn:
		fact.Action = finding.KeepSysctl
	}
	for _, roomier := range l.rungs[at:] {
		if fact.Tight && fact.Roomier == "" && roomier.Effective > c.Effective {
			fact.Roomier = roomier.ID
		}
	}
	return analysis.About(fact, c)
}
