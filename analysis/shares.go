package analysis

import (
	"fmt"
	"slices"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// missingShares names the shares of a merged storm that are missing: without their calls the storm's numbers are wrong.
func missingShares(s *Summary) []finding.Finding {
	var absent []string
	for _, share := range s.Run.PartialShares() {
		if share.Host == nil {
			absent = append(absent, shareName(share))
		}
	}
	if absent == nil {
		return nil
	}
	return []finding.Finding{about(finding.SharesMissing{Shares: absent})}
}

func shareName(s record.Share) string { return fmt.Sprintf("%d/%d", s.K, s.N) }

// partialShares are the shares for which a merged run is partial.
func partialShares(run *record.Run) (list []finding.PartialShare) {
	for _, s := range run.PartialShares() {
		fact := finding.PartialShare{Share: shareName(s), Failure: s.Partial, Interrupted: s.Partial == record.Interrupted}
		if fact.Interrupted {
			fact.Failure = ""
		}
		list = append(list, fact)
	}
	return list
}

// clocks warns of what different clocks and versions on several machines can distort.
func clocks(s *Summary) []finding.Finding {
	if len(s.Run.Merged) < 2 {
		return nil
	}
	all := []finding.Finding{about(finding.OwnClocks{})}
	var versions []string
	for _, share := range s.Run.Merged {
		if !slices.Contains(versions, share.Version) {
			versions = append(versions, share.Version)
		}
	}
	if len(versions) > 1 {
		all = append(all, about(finding.VersionsDiffer{Versions: versions}))
	}
	return all
}
