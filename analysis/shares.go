package analysis

import (
	"fmt"
	"slices"
	"strings"

	"agistorm/analysis/record"
)

// missingShares names the shares of a merged storm that are not there: without their calls nobody
// knows what the storm did.
func missingShares(s *Summary) string {
	merged := s.Run.Merged
	if len(merged) == 0 {
		return ""
	}
	var absent []string
	for k := range merged[0].N {
		if !slices.ContainsFunc(merged, func(share record.Share) bool { return share.K == k }) {
			absent = append(absent, fmt.Sprintf("%d/%d", k, merged[0].N))
		}
	}
	if len(absent) == 0 {
		return ""
	}
	return fmt.Sprintf("%s of the storm %s missing (%s): merge the run directories of all its machines",
		amount(len(absent), "share", "shares"), choose(len(absent), "is", "are"), strings.Join(absent, ", "))
}

// clocks warns of what the clocks of several machines can and cannot bend.
func clocks(s *Summary) []string {
	if len(s.Run.Merged) < 2 {
		return nil
	}
	return []string{"times count from each machine's own clock: its error adds nothing to a latency or a lag, " +
		"but to every comparison of starts between machines"}
}

// shareOf says of which storm a run is only a share; empty for all of it.
func shareOf(run *record.Run) string {
	if run.Share == nil {
		return ""
	}
	return fmt.Sprintf("share %d/%d of a storm of %s", run.Share.K, run.Share.N, amount(run.Scenario.Calls, "call", "calls"))
}
