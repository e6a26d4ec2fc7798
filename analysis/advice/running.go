package advice

import (
	"math"
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/target/known"
)

// ownBacklog reports whether the server keeps a backlog of its own: it runs already, or is a command that takes
// none.
func ownBacklog(c *analysis.Cell) bool { return c.Backlog == "" || c.Backlog == record.BacklogOwn }

// running reports whether the setting shows nothing of other backlogs: the server keeps its own, or is a command
// that was stormed with one only.
func running(s *analysis.Summary, c *analysis.Cell) bool {
	return ownBacklog(c) || len(s.Run.Scenario.Process) > 0 && len(s.Cells) == 1
}

// shortBacklog is what a server needs whose accept queue was full in a setting, or nearly full while no call was
// lost; false where its queue was not seen, or had room.
func (l *ladder) shortBacklog(s *analysis.Summary, c *analysis.Cell) (fact finding.ShortBacklog, short bool) {
	limit, seen := c.SeenBacklog()
	full, known := l.overflowed(c)
	peak := deepest([]*analysis.Cell{c}, c.Effective)
	if !seen || !full && (!known || c.Lost.Max > 0 || !tight(peak, int(limit))) {
		return fact, false
	}
	fact = finding.ShortBacklog{Backlog: int(limit), Somaxconn: readSomaxconn(c), Servers: l.servers,
		Provisional: !s.Conclusive}
	need := int(peak)
	if fact.Peak = need; full {
		need, fact.Peak = mostWaiting(s, c), 0
		fact.Calls, fact.Waiting = rounded(c.Offered().Max), need
	}
	fact.Want = roomy(uint32(need), 0, int(limit))
	l.act(&fact, c)
	return fact, true
}

// mostWaiting is how many calls wait at once at most: all that had come by the last arrival, but for those that
// were served meanwhile, where the server's pace is known. A call that only connects shows none.
func mostWaiting(s *analysis.Summary, c *analysis.Cell) int {
	rate := c.Metrics["served"].Median
	if p, ok := paceOf(s, c); ok {
		rate = max(rate, p.rate)
	}
	if c.Total(record.Connected) > 0 {
		rate = 0
	}
	calls := c.Offered().Max
	return int(min(max(math.Ceil(calls-rate*arrivalSpan(c).Seconds()), 1), calls))
}

// act fills in what has to change: the sysctl where it is what cut the backlog, or is too small for the longer one
// where the server lives.
func (l *ladder) act(fact *finding.ShortBacklog, c *analysis.Cell) {
	have := l.host // the namespace of a command has the somaxconn of its setting
	if c.Backlog == "" && fact.Somaxconn != nil {
		have = *fact.Somaxconn
	}
	cut := fact.Somaxconn == nil || fact.Backlog >= *fact.Somaxconn
	switch follows, enough := followSomaxconn(fact.Servers), have >= fact.Want; {
	case follows && enough && !cut:
		fact.Action = finding.RestartServer
	case follows && enough:
		fact.Action = finding.KeepSysctl
	case follows:
		fact.Action = finding.RaiseSysctl
	case enough && (!cut || c.Backlog != ""):
		fact.Action = finding.RaiseApplication
	default:
		fact.Action = finding.RaiseBoth
	}
}

// followSomaxconn reports whether servers of these kinds take no backlog but somaxconn.
func followSomaxconn(kinds []string) bool {
	return len(kinds) > 0 && !slices.ContainsFunc(kinds, func(kind string) bool {
		server := known.Of(kind)
		return server == nil || !server.Follows
	})
}

// changes are what an action changes.
var changes = map[finding.Action]analysis.Change{
	finding.RestartServer: analysis.ChangeSysctl, finding.RaiseSysctl: analysis.ChangeSysctl,
	finding.KeepSysctl:       analysis.ChangeSysctl,
	finding.RaiseApplication: analysis.ChangeApplication, finding.RaiseBoth: analysis.ChangeBoth,
}

// recommendFor turns what a server needs into the recommendation; nil where calls come faster than it takes them,
// where something else impaired them, or where no queue was short.
func (l *ladder) recommendFor(s *analysis.Summary) *analysis.Recommendation {
	if len(l.rungs) == 0 || l.mixed {
		return nil
	}
	c := l.rungs[len(l.rungs)-1]
	if !running(s, c) || otherReason(s, c) {
		return nil
	}
	fact, short := l.shortBacklog(s, c)
	if full := fact.Peak == 0; !short || full && !impaired(c) || !full && len(s.Cells) > 1 {
		return nil
	}
	rec := &analysis.Recommendation{
		Somaxconn: fact.Want, Backlog: fact.Want, Change: changes[fact.Action], Untried: true,
		From: fact.Backlog, Waiting: fact.Waiting, Calls: fact.Calls, Peak: uint32(fact.Peak), LossFree: fact.Want,
		Provisional: !s.Conclusive,
	}
	if c.Backlog == "" {
		rec.Here = fact.Somaxconn
	}
	if p, ok := paceOf(s, c); ok && p.useful() >= rec.Backlog {
		rec.Useful = p.useful()
	}
	return rec
}

// otherReason reports whether something else than a short queue impaired the calls of a setting.
func otherReason(s *analysis.Summary, c *analysis.Cell) bool {
	return tooSlow(s, c) != nil || overloaded(c) || serverFailed(c) || otherCauses(s) != nil
}

// ownEnds reports whether calls were impaired with the longest queue that a server's own backlog allows.
func (l *ladder) ownEnds(h harm) bool {
	last := len(l.rungs) - 1
	return last >= 0 && !l.mixed && ownBacklog(l.rungs[last]) && h.of(l.rungs[last]).Max > 0
}

// impaired reports whether a full queue can have been the cause of a lost or late call of the setting.
func impaired(c *analysis.Cell) bool { return c.Lost.Max > 0 || c.Count(synDropped) > 0 }

// sameQueue is the fact that a server's own backlog limits several of the settings alike; nothing where it does not.
func (l *ladder) sameQueue() []finding.Finding {
	var cells []*analysis.Cell
	for _, c := range l.rungs {
		if c.Backlog == record.BacklogOwn && c.Effective < c.Somaxconn {
			cells = append(cells, c)
		}
	}
	if len(cells) < 2 {
		return nil
	}
	return []finding.Finding{analysis.About(finding.OwnBacklog{Backlog: cells[0].Effective}, cells...)}
}
