package health

import (
	"agistorm/analysis/finding"

	"agistorm/analysis"
)

// stealLimit is the part of a machine's CPU time from which on a hypervisor that takes it is named: a server
// that was to be busy for nine tenths of its time or more cannot keep up any longer.
const stealLimit = 0.1

// stolenInStorm returns the greatest part of the machine's CPU time that was taken in a storm; 0 where it is
// not known.
func stolenInStorm(r *analysis.Repeat) (share float64) {
	for _, w := range analysis.Deref(r.Health).Workers {
		share = max(share, analysis.Deref(w.StolenShare))
	}
	return share
}

// stolen returns that of the setting's worst storm.
func stolen(c *analysis.Cell) float64 { return analysis.Most(c, stolenInStorm) }

// StealWarnings are of storms in which the machine had less CPU than it seemed to have.
func StealWarnings(s *analysis.Summary) []finding.Finding {
	var fact finding.Steal
	cells, storms := s.StormsWhere(func(c *analysis.Cell, r *analysis.Repeat) bool {
		fact.Of, fact.Server, fact.Most = fact.Of+1, fact.Server || c.Backlog != "", max(fact.Most, stolenInStorm(r))
		return stolenInStorm(r) > stealLimit
	})
	fact.Storms = storms
	return analysis.FactOf(fact, cells)
}
