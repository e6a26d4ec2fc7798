// Package caveats finds the reasons why a run, or a setting of it, may not show what it seems to show.
package caveats

import (
	"fmt"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/record"
)

// missingShares names the shares of a merged storm that are missing: without their calls the storm's numbers
// are wrong.
func missingShares(s *analysis.Summary) []finding.Finding {
	var absent []string
	for _, share := range s.Run.PartialShares() {
		if share.Host == nil {
			absent = append(absent, shareName(share))
		}
	}
	return analysis.FactIf(absent != nil, finding.SharesMissing{Shares: absent})
}

func shareName(s record.Share) string { return fmt.Sprintf("%d/%d", s.K, s.N) }

// partialShares are the shares for which a merged run is partial.
func partialShares(run *record.Run) (list []finding.PartialShare) {
	for _, s := range run.PartialShares() {
		fact := finding.PartialShare{
			Share: shareName(s), Failure: s.Partial, Interrupted: s.Partial == record.Interrupted,
		}
		if fact.Interrupted {
			fact.Failure = ""
		}
		list = append(list, fact)
	}
	return list
}

// clocks warns of what different clocks and versions on several machines can distort.
func clocks(s *analysis.Summary) []finding.Finding {
	var versions []string
	for _, share := range s.Run.Merged {
		if !slices.Contains(versions, share.Version) {
			versions = append(versions, share.Version)
		}
	}
	return slices.Concat(analysis.FactIf(len(s.Run.Merged) > 1, finding.OwnClocks{}),
		analysis.FactIf(len(versions) > 1, finding.VersionsDiffer{Versions: versions}))
}

// connectionsOnly warns of what a client that only connects cannot show.
func connectionsOnly(s *analysis.Summary) []finding.Finding {
	return analysis.FactIf(calls.Success(s.Run) == record.Connected,
		finding.ConnectionsOnly{Phantoms: analysis.PhantomsOf(s)})
}

// linkWasTheLimit finds storms in which the packets that the link dropped are enough to explain every lost
// call: whether the accept queue was too short is then not known. What lo drops is part of the answer
// instead: calls on the server's own host meet it too.
func linkWasTheLimit(s *analysis.Summary) []finding.Finding {
	var fact finding.LinkLimit
	cells, _ := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		if r.LinkWasLimit() && fact.Lost == 0 {
			fact = finding.LinkLimit{Dropped: int(r.Medium.Dropped), Lost: r.Lost}
		}
		return r.LinkWasLimit()
	})
	return analysis.FactOf(fact, cells)
}

// thin warns of a comparison in which settings were stormed only once.
func thin(s *analysis.Summary) []finding.Finding {
	cells, _ := s.StormsWhere(func(c *analysis.Cell, _ *analysis.Repeat) bool { return len(c.Repeats) == 1 })
	if len(s.Cells) < 2 {
		return nil
	}
	return analysis.FactOf(finding.OneStorm{Settings: len(cells)}, cells)
}

// lacking is what the engine has no account of.
func lacking(s *analysis.Summary) []finding.Finding {
	var fact finding.NoTCPInfo
	cells, _ := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		fact.Engine = r.Raw.Storm.Engine
		return slices.Contains(r.Raw.Storm.Lacks, record.LacksTCPInfo)
	})
	return analysis.FactOf(fact, cells)
}

// missing are the planned repeats that there are no numbers of; a run that was ended early has a finding of
// its own.
func missing(s *analysis.Summary) (all []finding.Finding) {
	if s.Run.Partial != "" {
		return nil
	}
	for c := range analysis.Each(s.Cells) {
		fact := finding.StormsMissing{Of: s.Run.Planned(c.ID)}
		for n := 1; n <= fact.Of; n++ {
			if !slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool { return r.N == n }) {
				fact.Repeats = append(fact.Repeats, n)
			}
		}
		all = append(all, analysis.FactIf(fact.Repeats != nil, fact, c)...)
	}
	return all
}

// Partial is why not every planned storm counts; nil where all do.
func Partial(s *analysis.Summary) *finding.Partial {
	fact := &finding.Partial{Interrupted: s.Run.Partial == record.Interrupted, Planned: len(s.Run.Steps())}
	have, damaged := 0, 0
	for _, r := range s.Storms() {
		have++
		if len(r.Damaged) > 0 {
			damaged++
		}
	}
	fact.Missing = fact.Planned - have + damaged
	switch {
	case fact.Interrupted:
	case s.Run.Partial == record.SharesPartial:
		fact.Shares = partialShares(s.Run)
	case s.Run.Partial != "":
		fact.Failure = strings.TrimSuffix(s.Run.Partial, ".")
	case fact.Missing <= 0 || have == 0:
		return nil
	}
	return fact
}

// Warnings of the run as a whole, what is missing and broken first.
func Warnings(s *analysis.Summary, problems []string) []finding.Finding {
	var all []finding.Finding
	for _, n := range s.Run.Warnings {
		all = append(all, analysis.About(finding.Noticed{Note: n}))
	}
	for _, problem := range problems {
		all = append(all, analysis.About(finding.Damaged{Problem: problem}))
	}
	for _, of := range []func(*analysis.Summary) []finding.Finding{
		missing, thin, lacking, connectionsOnly, unwatched, beganBusy, clocks,
		health.HeldUpWarnings, health.ReplyLagWarnings, health.StealWarnings,
	} {
		all = append(all, of(s)...)
	}
	return all
}
