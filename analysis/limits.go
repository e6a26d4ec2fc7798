package analysis

import (
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// LimitLosses are lost calls that only a limit of the storm ended. Both limits are the caller's:
// Asterisk waits for a command, and for the end of a script, until its own caller hangs up (res_agi.c:
// no read time-out after the connect).
type LimitLosses struct {
	FirstCommand int `json:"first_command"`
	Session      int `json:"session"`
}

// lostToLimits is nil where there are none.
func lostToLimits(attempts []record.Attempt) *LimitLosses {
	l := LimitLosses{}
	for i := range attempts {
		switch a := &attempts[i]; {
		case a.Outcome == record.Silent:
			l.FirstCommand++
		case a.Outcome == record.ProtocolError && a.Limit == record.LimitSession:
			l.Session++
		}
	}
	if l == (LimitLosses{}) {
		return nil
	}
	return &l
}

// lostToLimits of all storms of the cell.
func (c *Cell) lostToLimits() (l LimitLosses) {
	for i := range c.Repeats {
		if of := c.Repeats[i].LostToLimits; of != nil {
			l.FirstCommand += of.FirstCommand
			l.Session += of.Session
		}
	}
	return l
}

// ownLimits are the lost calls of the setting that loses most to timeouts of the storm's own, which Asterisk does not
// have.
func (l *ladder) ownLimits(s *Summary) []finding.Finding {
	var worst []*Cell
	var most LimitLosses
	for _, c := range l.everything() {
		if n := c.lostToLimits(); n.FirstCommand+n.Session > most.FirstCommand+most.Session {
			worst, most = []*Cell{c}, n
		}
	}
	return factOf(finding.EndedByTimeout{FirstCommand: most.FirstCommand, Session: most.Session,
		FirstCommandTimeout: s.Run.Scenario.FirstCommandLimit, SessionTimeout: s.Run.Scenario.SessionLimit}, worst)
}
