package metric

import "agistorm/analysis/record"

// Dialplan is what Asterisk's AGISTATUS would have been for the offered calls of a storm (res_agi.c:
// agi_exec_full and launch_netscript): FAILURE only where no connection was made or left before the first
// line, HANGUP where the caller was gone first, else SUCCESS. Asterisk has no limit for a server that sends
// nothing: where a limit of the storm ended the call, the caller gave up.
type Dialplan struct {
	Success int `json:"SUCCESS"`
	Failure int `json:"FAILURE"`
	Hangup  int `json:"HANGUP"`
	// Unserved calls are among Success, though not one command came: no script ran, and the dialplan does not
	// know it.
	Unserved int `json:"success_without_a_script"`
}

// DialplanOf returns that of a storm.
func DialplanOf(attempts []record.Attempt) *Dialplan {
	d := &Dialplan{}
	for i := range attempts {
		d.add(&attempts[i])
	}
	return d
}

func (d *Dialplan) add(a *record.Attempt) {
	switch {
	case !a.Outcome.Offered():
	case a.Outcome == record.Silent || a.Limit == record.LimitSession || a.Limit == record.LimitFirstCommand:
		d.Hangup++
	case a.Outcome == record.ConnectTimeout || a.Outcome == record.Refused || a.Outcome == record.Unreachable,
		// handle_connection asks for SO_ERROR, and the first line cannot be sent.
		a.Outcome == record.Reset && a.Connected == nil:
		d.Failure++
	default:
		d.Success++
		if a.Commands == 0 && !a.Outcome.Served() {
			d.Unserved++
		}
	}
}

// PooledDialplan returns that of all storms that have one; nil where none has.
func PooledDialplan(storms []*Storm) *Dialplan {
	all, found := Dialplan{}, false
	for _, s := range storms {
		if d := s.Dialplan; d != nil {
			found = true
			all = Dialplan{
				all.Success + d.Success,
				all.Failure + d.Failure,
				all.Hangup + d.Hangup,
				all.Unserved + d.Unserved,
			}
		}
	}
	if !found {
		return nil
	}
	return &all
}
