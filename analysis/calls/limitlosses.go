package calls

import "agistorm/analysis/record"

// LimitLosses are lost calls that only a limit of the storm ended. Both limits are the caller's:
// Asterisk waits for a command, and for the end of a script, until its own caller hangs up (res_agi.c:
// no read time-out after the connect).
type LimitLosses struct {
	FirstCommand int `json:"first_command"`
	Session      int `json:"session"`
}

// LostToLimits returns nil where there are none.
func LostToLimits(attempts []record.Attempt) *LimitLosses {
	l := LimitLosses{
		FirstCommand: Count(attempts, func(a *record.Attempt) bool { return a.Outcome == record.Silent }),
		Session: Count(attempts, func(a *record.Attempt) bool {
			return a.Outcome == record.ProtocolError && a.Limit == record.LimitSession
		}),
	}
	if l == (LimitLosses{}) {
		return nil
	}
	return &l
}
