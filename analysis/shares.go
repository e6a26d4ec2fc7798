package analysis

import (
	"fmt"
	"slices"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// missingShares names the shares of a merged storm that are not there: without their calls nobody
// knows what the storm did.
func missingShares(s *Summary) []finding.Finding {
	merged := s.Run.Merged
	if len(merged) == 0 {
		return nil
	}
	var absent []string
	for k := range merged[0].N {
		if !slices.ContainsFunc(merged, func(share record.Share) bool { return share.K == k }) {
			absent = append(absent, fmt.Sprintf("%d/%d", k, merged[0].N))
		}
	}
	if absent == nil {
		return nil
	}
	return []finding.Finding{about(finding.SharesMissing{Shares: absent})}
}

// clocks warns of what the clocks of several machines can and cannot bend.
func clocks(s *Summary) []finding.Finding {
	if len(s.Run.Merged) < 2 {
		return nil
	}
	return []finding.Finding{about(finding.OwnClocks{})}
}
