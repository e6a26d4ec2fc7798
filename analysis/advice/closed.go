package advice

import (
	"agistorm/analysis"
	"agistorm/analysis/counters"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// closedEarly are the connections that an external server, or the user's own, had and ended at once. Those that the
// kernel reset at a full accept queue are none of them, nor are those of a server that ended itself.
func (l *ladder) closedEarly() []finding.Finding {
	fact := finding.ClosedEarly{Connected: l.success == record.Connected}
	var cells []*analysis.Cell
	for _, c := range l.everything() {
		resets := 0
		if fact.Connected || closedAll(c) {
			resets = c.Sum(resetByServer)
		}
		if n := c.Sum(closedByServer) + resets; n > 0 {
			fact.Calls, fact.Reset, cells = fact.Calls+n, fact.Reset+resets, append(cells, c)
			fact.Perhaps += c.Sum(perhapsClosed)
		}
	}
	return analysis.FactOf(fact, cells)
}

// perhapsClosed are connections that may have been phantoms until their clients left, of a server that closes others
// at once.
func perhapsClosed(r *analysis.Repeat) int {
	if !r.OnlyConnects || analysis.Deref(r.Phantoms) == 0 || closedByServer(r) == 0 {
		return 0
	}
	return r.Served()
}

func closedByServer(r *analysis.Repeat) int {
	if r.Raw.Target != nil || r.ServerEnded() { // whose own account, or end, is the reason
		return 0
	}
	return r.Outcomes[record.Closed]
}

// resetByServer counts none where the kernel answers overflows with a reset (tcp_abort_on_overflow).
func resetByServer(r *analysis.Repeat) int {
	overflows, _ := counters.Gain(r.Raw.Kernel, record.ListenOverflows)
	k := r.Raw.Kernel
	kernels := k != nil && k.Sysctls["net.ipv4.tcp_abort_on_overflow"] == "1" && overflows > 0
	if r.Raw.Target != nil || r.ServerEnded() || kernels {
		return 0
	}
	return r.Outcomes[record.Reset]
}

// phantoms are those of the only setting, where its clients show them or their number has a lower bound only.
func (l *ladder) phantoms(c *analysis.Cell) []finding.Finding {
	fact := finding.Phantoms{AtLeast: c.Sum(atLeast) > 0}
	fact.Calls = c.Sum(func(r *analysis.Repeat) int { return analysis.Deref(r.Phantoms) + atLeast(r) })
	shown := fact.AtLeast || l.success == record.Connected
	return analysis.FactIf(shown && fact.Calls > 0, fact, c)
}

func atLeast(r *analysis.Repeat) int { return analysis.Deref(r.PhantomsAtLeast) }
