package advice

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/finding"
)

// mostApplications are stated; the table has all.
const mostApplications = 3

// applications states what the application's own backlog did; nothing where that was not tried.
func (l *ladder) applications(h harm) (all []finding.Finding) {
	groups := grouped(l.apps, effective)
	for _, cells := range groups[:min(len(groups), mostApplications)] {
		all = append(all, analysis.About(finding.ApplicationBacklog{
			Backlog: cells[0].Effective, Late: h.late,
			Least: rounded(h.median(slices.MinFunc(cells, h.byMedian))),
			Most:  rounded(h.median(slices.MaxFunc(cells, h.byMedian))),
			// They are ascending.
			SomaxconnFrom: cells[0].Somaxconn, SomaxconnTo: cells[len(cells)-1].Somaxconn,
		}, cells...))
	}
	return append(all, l.sysctlAlone(h)...)
}

// ownFault reports whether every storm of the cell impaired more calls than is usual under
// the same somaxconn with a full backlog.
func (l *ladder) ownFault(c *analysis.Cell, h harm) bool {
	at := l.rung(c.Somaxconn)
	return at >= 0 && h.median(l.rungs[at]) < h.of(c).Min
}

// rung returns the index of the first rung with an effective backlog; -1 without one.
func (l *ladder) rung(effective int) int {
	return slices.IndexFunc(l.rungs, func(c *analysis.Cell) bool { return c.Effective == effective })
}

// sysctlAlone is the conclusion from the applications' own faults; nothing where there is none.
func (l *ladder) sysctlAlone(h harm) []finding.Finding {
	var faults []*analysis.Cell
	fact := finding.SysctlNotEnough{}
	for _, cells := range grouped(l.apps, effective) {
		if last := cells[len(cells)-1]; l.ownFault(last, h) {
			faults = append(faults, last)
			fact.Helped = fact.Helped || l.raised(cells, h)
		}
	}
	return analysis.FactOf(fact, faults)
}

// raised reports whether a larger somaxconn may have helped an application: it was tried with none that is
// smaller, or lost fewer calls than with each of these in every storm.
func (l *ladder) raised(cells []*analysis.Cell, h harm) bool {
	last := cells[len(cells)-1]
	smaller := slices.Clone(cells[:len(cells)-1])
	if same := l.rung(last.Effective); same >= 0 {
		smaller = append(smaller, l.rungs[same])
	}
	return !slices.ContainsFunc(smaller, func(c *analysis.Cell) bool { return h.of(last).Max >= h.of(c).Min })
}
