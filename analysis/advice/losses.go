package advice

import (
	"math/bits"
	"strconv"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// packetLoss is what the medium between clients and server dropped itself, which neither the listener nor its
// queue did.
func packetLoss(s *analysis.Summary) []finding.Finding {
	most, settled, link := 0, 0, false
	cells, storms := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		most, link = max(most, int(r.Medium.Dropped)), link || r.Medium.Link()
		if r.AgainByMedium {
			settled++
		}
		return r.Medium.Dropped > 0
	})
	if link {
		return analysis.FactOf(finding.LinkDrops{Storms: storms, Settled: settled, Most: most}, cells)
	}
	from, to := maxBacklogFor(s.Run, most)
	return analysis.FactOf(
		finding.LoopbackDrops{Storms: storms, Settled: settled, Most: most, Shared: !s.Run.Isolation.Own(),
			Raise: maxBacklog, From: from, To: to},
		cells,
	)
}

const maxBacklog = "net.core.netdev_max_backlog"

// maxBacklogFor is the least power of two that holds a packet of every call: then none is dropped, whenever
// SYNs are retransmitted. What the queue held and what it dropped together is never more, but where others
// use it too.
func maxBacklogFor(run *record.Run, most int) (from *int, to int) {
	calls := max(run.Calls(), 1)
	need := calls
	if n, err := strconv.Atoi(run.Host.Sysctls[maxBacklog]); err == nil {
		from, need = &n, max(need, n+min(most, calls))
	}
	return from, 1 << bits.Len(uint(need-1))
}

// ownLimits are the lost calls of the setting that loses most to timeouts of the storm's own, which Asterisk
// does not have.
func (l *ladder) ownLimits(s *analysis.Summary) []finding.Finding {
	var fact finding.EndedByTimeout
	worst := most(l.everything(), func(c *analysis.Cell) float64 {
		n := limitLosses(c)
		return float64(n.FirstCommand + n.Session)
	})
	for _, c := range worst {
		n, limits := limitLosses(c), &s.Run.Scenario
		fact = finding.EndedByTimeout{FirstCommand: n.FirstCommand, Session: n.Session,
			FirstCommandTimeout: limits.FirstCommandLimit, SessionTimeout: limits.SessionLimit}
	}
	return analysis.FactOf(fact, worst)
}

// limitLosses returns those of all storms of the cell.
func limitLosses(c *analysis.Cell) calls.LimitLosses {
	return calls.LimitLosses{
		FirstCommand: c.Sum(func(r *analysis.Repeat) int { return analysis.Deref(r.LostToLimits).FirstCommand }),
		Session:      c.Sum(func(r *analysis.Repeat) int { return analysis.Deref(r.LostToLimits).Session }),
	}
}
