package caveats

import (
	"agistorm/analysis"
	"agistorm/analysis/finding"
)

// beganBusy warns of storms that began before the server was seen at rest.
func beganBusy(s *analysis.Summary) []finding.Finding {
	fact := finding.BeganBusy{Unseen: s.Run.Unwatched != nil}
	cells, storms := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		fact.Of++
		if r.Raw.Kernel == nil || r.Raw.Kernel.Rest == nil || r.Raw.Kernel.Rest.Quiet {
			return false
		}
		fact.Waited = max(fact.Waited, r.Raw.Kernel.Rest.Waited)
		return true
	})
	fact.Storms = storms
	return analysis.FactOf(fact, cells)
}
