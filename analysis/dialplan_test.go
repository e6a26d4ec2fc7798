package analysis

import (
	"testing"

	"agistorm/analysis/record"
)

func TestDialplan(t *testing.T) {
	run := &record.Run{}
	attempts := []record.Attempt{
		{Outcome: record.Answered, Commands: 2},
		{Outcome: record.Closed}, {Outcome: record.Reset, Connected: ptr(ms)}, {Outcome: record.Reset, Connected: ptr(ms)},
		{Outcome: record.Reset},                                  // before it was connected
		{Outcome: record.Reset, Connected: ptr(ms), Commands: 1}, // its script began
		{Outcome: record.ProtocolError, Commands: 3},             // Asterisk answers 510 and goes on until the server closes
		{Outcome: record.ProtocolError, Commands: 3, Limit: "session"},
		{Outcome: record.Silent, Limit: "first-command"},
		{Outcome: record.ConnectTimeout, Limit: "connect"}, {Outcome: record.Refused}, {Outcome: record.Unreachable},
		{Outcome: record.LocalExhaustion}, {Outcome: record.NotOffered},
	}
	want := Dialplan{Success: 6, Failure: 4, Hangup: 2, Unserved: 3}
	if got := believed(run, attempts); got == nil || *got != want {
		t.Errorf("the dialplan saw %+v, want %+v", got, want)
	}
	run.Scenario.Client = connectOnly
	if got := believed(run, attempts); got != nil {
		t.Errorf("a client that only connects is no Asterisk: %+v", got)
	}
}

func TestDialplanOfASetting(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 10, reset: 2, timeout: 1}, made{calls: 10, silent: 4})})
	want := Dialplan{Success: 15, Failure: 1, Hangup: 4, Unserved: 2}
	if got := Summarise(run, all).Cells[0].Dialplan; got == nil || *got != want {
		t.Errorf("over both storms %+v, want %+v", got, want)
	}
}
