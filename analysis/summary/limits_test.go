package summary

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestOwnLimits: a limit that Asterisk has not is stated as the storm's own wherever calls are lost to it.
func TestOwnLimits(t *testing.T) {
	session := func(raw *record.Repeat, n int) {
		for i := range n {
			a := &raw.Attempts[len(raw.Attempts)-1-i]
			a.Outcome, a.Limit = record.ProtocolError, "session"
		}
	}
	for name, tt := range map[string]struct {
		storm    made
		sessions int
		want     *calls.LimitLosses
		says     finding.EndedByTimeout
	}{
		"none": {made{timeout: 3, reset: 2}, 0, nil, finding.EndedByTimeout{}},
		"the first command's": {made{timeout: 3, silent: 2}, 0, &calls.LimitLosses{FirstCommand: 2},
			finding.EndedByTimeout{FirstCommand: 2}},
		"the session's": {made{timeout: 3}, 1, &calls.LimitLosses{Session: 1},
			finding.EndedByTimeout{Session: 1}},
		"both": {made{silent: 2}, 1, &calls.LimitLosses{FirstCommand: 2, Session: 1},
			finding.EndedByTimeout{FirstCommand: 2, Session: 1}},
		"the connect limit, Asterisk's also": {made{timeout: 3}, 0, nil, finding.EndedByTimeout{}},
	} {
		run, all := madeRun(cellOf{tuned(128), storms(tt.storm)}, cellOf{tuned(512), storms(made{})})
		run.Scenario.FirstCommandLimit, run.Scenario.SessionLimit = 3*time.Second, 10*time.Second
		session(all["somaxconn-128"][0], tt.sessions)
		s := New(run, all)
		if diff := cmp.Diff(tt.want, s.Cells[0].Repeats[0].LostToLimits); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		none := tt.says == finding.EndedByTimeout{}
		tt.says.FirstCommandTimeout, tt.says.SessionTimeout = 3*time.Second, 10*time.Second
		if hasFact(s.Answer, tt.says, "somaxconn-128") == none {
			t.Errorf("%s: want %+v in %s", name, tt.says, asText(s.Answer))
		}
	}
}

// TestOwnLimitsOfAnExternalServer: a limit within which no call was answered is stated as the storm's own.
func TestOwnLimitsOfAnExternalServer(t *testing.T) {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 10, silent: 10})})
	run.Scenario.FirstCommandLimit = 3 * time.Second
	raw := all["storm"][0]
	for limit, want := range map[string]finding.NobodyAnswered{
		"first-command": {Why: finding.SilenceNoAGI, Calls: 10, Ended: 10, Timeout: 3 * time.Second},
		"session":       {Why: finding.SilenceSession, Calls: 10, Ended: 10},
	} {
		for i := range raw.Attempts {
			raw.Attempts[i].Limit = limit
		}
		if s := New(run, all); !hasFact(s.Answer, want) {
			t.Errorf("%s: want %+v in %s", limit, want, asText(s.Answer))
		}
	}
}
