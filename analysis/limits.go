package analysis

import (
	"fmt"
	"time"

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

// ownLimits say of the setting that loses most calls to the storm's own limits that these are not
// Asterisk's; empty where none does.
func (l *ladder) ownLimits(s *Summary) string {
	var worst *Cell
	var most LimitLosses
	for _, c := range l.everything() {
		if n := c.lostToLimits(); n.FirstCommand+n.Session > most.FirstCommand+most.Session {
			worst, most = c, n
		}
	}
	if worst == nil {
		return ""
	}
	with := ""
	if len(s.Cells) > 1 {
		with = " with " + worst.Label
	}
	n := most.FirstCommand + most.Session
	return fmt.Sprintf("Of the lost calls%s, %s only because this storm's own %s passed: Asterisk has no such limit "+
		"and would wait.",
		with, amount(n, "is lost", "are lost"), limitNames(s.Run, most))
}

// limitNames are those that ended calls, with their values where they are known.
func limitNames(run *record.Run, l LimitLosses) string {
	var names []string
	if l.FirstCommand > 0 {
		names = append(names, named("first-command limit", run.Scenario.FirstCommandLimit))
	}
	if l.Session > 0 {
		names = append(names, named("session limit", run.Scenario.SessionLimit))
	}
	return list(names)
}

// named is "first-command limit of 10.0 s".
func named(limit string, d time.Duration) string {
	if d <= 0 {
		return limit
	}
	return limit + " of " + Duration(d)
}
