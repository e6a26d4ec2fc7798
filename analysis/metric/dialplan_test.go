package metric

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

func TestDialplan(t *testing.T) {
	attempts := []record.Attempt{
		{Outcome: record.Answered, Commands: 2},
		{
			Outcome: record.Closed,
		}, {Outcome: record.Reset, Connected: new(time.Duration)},
		{Outcome: record.Reset, Connected: new(time.Duration)},
		{Outcome: record.Reset},                                             // before it was connected
		{Outcome: record.Reset, Connected: new(time.Duration), Commands: 1}, // its script began
		{
			Outcome:  record.ProtocolError,
			Commands: 3,
		}, // Asterisk answers 510 and goes on until the server closes
		{Outcome: record.ProtocolError, Commands: 3, Limit: "session"},
		{Outcome: record.Silent, Limit: "first-command"},
		{Outcome: record.ConnectTimeout, Limit: "connect"}, {Outcome: record.Refused}, {Outcome: record.Unreachable},
		{Outcome: record.LocalExhaustion}, {Outcome: record.NotOffered},
	}
	want := Dialplan{Success: 6, Failure: 4, Hangup: 2, Unserved: 3}
	if got := DialplanOf(attempts); *got != want {
		t.Errorf("the dialplan saw %+v, want %+v", got, want)
	}
}
