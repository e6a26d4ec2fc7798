package analysis

import (
	"math/bits"
	"slices"
)

// Room above the deepest queue seen, as a fraction: a quarter. The next storm is not the same.
const (
	roomOver  = 5
	roomUnder = 4
)

// recommend is nil where the storms give no reason to prefer a setting; see Recommendation.
func (l *ladder) recommend(calls int) *Recommendation {
	m, ok := l.trouble()
	if !ok {
		return nil
	}
	at := l.firstFree(m)
	if at == len(l.rungs) || l.innocent(m) || !l.lesserHurt(m, at) {
		return nil
	}
	c := l.rungs[at]
	rec := &Recommendation{
		Somaxconn: c.Effective,
		Backlog:   c.Effective,
		Peak:      deepest(l.rungs[at:], c.Effective),
		Late:      c.Late.Median,
		InTime:    l.inTime(at),

		Application: l.noun == "backlog" || at == 0,
	}
	if c.Effective >= largest {
		rec.Untried = true
		rec.Somaxconn = roomy(rec.Peak, calls, l.largestHurt(at))
		rec.Backlog = rec.Somaxconn
	}
	return rec
}

// lesserHurt tells whether a smaller backlog than that of rung at made calls suffer:
// without that nothing shows that its size matters.
func (l *ladder) lesserHurt(m metric, at int) bool {
	for _, c := range slices.Concat(l.apps, l.rungs[:at]) {
		if c.Effective < l.rungs[at].Effective && m.of(c).Max > 0 {
			return true
		}
	}
	return false
}

// innocent tells whether it is known that the accept queue was never full where calls suffered.
func (l *ladder) innocent(m metric) bool {
	for _, c := range slices.Concat(l.apps, l.rungs) {
		if m.of(c).Max == 0 {
			continue
		}
		if full, known := l.overflowed(c); full || !known {
			return false
		}
	}
	return true
}

// inTime is the least effective backlog from rung at on from which on every storm is known to have no late call.
func (l *ladder) inTime(at int) int {
	from := max(l.firstFree(l.lateCalls()), at)
	if from == len(l.rungs) {
		return 0
	}
	for _, c := range l.rungs[from:] {
		if !c.lateKnown() {
			return 0
		}
	}
	return l.rungs[from].Effective
}

func (l *ladder) largestHurt(at int) int {
	if at == 0 {
		return 0
	}
	return l.rungs[at-1].Effective
}

// deepest is the deepest queue seen in the cells of one effective backlog, 0 where none was watched.
func deepest(cells []*Cell, effective int) uint32 {
	var peak uint32
	for _, c := range cells {
		if c.Effective == effective && c.QueuePeak != nil {
			peak = max(peak, uint32(c.QueuePeak.Max))
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
	return int(min(uint64(1)<<bits.Len64(need-1), largest))
}

// tight tells whether the deepest queue left less than a quarter of itself free.
func tight(peak uint32, limit int) bool {
	return uint64(peak)*roomOver > uint64(max(limit, 0))*roomUnder
}
