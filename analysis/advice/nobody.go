package advice

import (
	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// nobody states why an external server served no call, where one cause explains all of them: else, and where the accept
// queue was full, the outcomes of the calls are the answer.
func nobody(s *analysis.Summary, l *ladder) []finding.Finding {
	if len(s.Cells) != 1 || s.Cells[0].Backlog != "" || !s.ServedNothing() {
		return nil
	}
	c := &s.Cells[0]
	full, _ := l.overflowed(c)
	// Phantoms are of a full queue.
	if full && c.Total(record.Closed) < c.Sum(offered) || c.Total(record.Connected) > 0 {
		return nil
	}
	fact := finding.NobodyAnswered{Why: finding.SilenceNoAGI, Address: c.Repeats[0].Raw.Storm.Address,
		Reason: firstReason(c), Calls: c.Sum(offered)}
	explains := silence(&fact, s, c)
	return analysis.FactIf(explains, fact)
}

// silence states why no call was served; false where no one reason explains all of them.
func silence(fact *finding.NobodyAnswered, s *analysis.Summary, c *analysis.Cell) bool {
	scenario := &s.Run.Scenario
	endedBy := func(limit string) int { return c.Count(func(a *record.Attempt) bool { return a.Limit == limit }) }
	switch {
	case c.Total(record.Refused) == fact.Calls:
		fact.Why = finding.SilenceRefused
	case c.Total(record.Unreachable) == fact.Calls:
		fact.Why = finding.SilenceUnreachable
	case c.Total(record.Closed)+c.Total(record.Reset) == fact.Calls && calls.Success(s.Run) == record.Connected:
		fact.Why = finding.SilenceClosed
	case c.Total(record.ConnectTimeout) == fact.Calls:
		fact.Why = finding.SilenceNoConnect
	case c.Total(record.ConnectTimeout) > 0 || calls.Success(s.Run) == record.Connected:
		return false
	case endedBy(record.LimitSession) > 0:
		fact.Why, fact.Ended, fact.Timeout = finding.SilenceSession, endedBy(record.LimitSession), scenario.SessionLimit
	case endedBy(record.LimitFirstCommand) > 0:
		fact.Ended, fact.Timeout = endedBy(record.LimitFirstCommand), scenario.FirstCommandLimit
	}
	return true
}

// firstReason is what the first attempt that has a reason or an errno gives; empty without one.
func firstReason(c *analysis.Cell) string {
	for _, of := range []func(*record.Attempt) string{
		func(a *record.Attempt) string { return a.Reason }, func(a *record.Attempt) string { return a.Errno },
	} {
		for r := range analysis.Each(c.Repeats) {
			for a := range analysis.Each(r.Raw.Attempts) {
				if why := of(a); why != "" {
					return why
				}
			}
		}
	}
	return ""
}
