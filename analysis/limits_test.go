package analysis

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

// TestOwnLimits: a limit that Asterisk has not is said to be the storm's own wherever calls are lost to it.
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
		want     *LimitLosses
		says     string
	}{
		"none": {made{timeout: 3, reset: 2}, 0, nil, ""},
		"the first command's": {made{timeout: 3, silent: 2}, 0, &LimitLosses{FirstCommand: 2},
			"2 are lost only because this storm's own first-command limit of 3.00 s passed"},
		"the session's": {made{timeout: 3}, 1, &LimitLosses{Session: 1},
			"1 is lost only because this storm's own session limit of 10.0 s passed"},
		"both": {made{silent: 2}, 1, &LimitLosses{FirstCommand: 2, Session: 1},
			"3 are lost only because this storm's own first-command limit of 3.00 s and session limit of 10.0 s passed"},
		"the connect limit, Asterisk's also": {made{timeout: 3}, 0, nil, ""},
	} {
		run, all := madeRun(cellOf{tuned(128), storms(tt.storm)}, cellOf{tuned(512), storms(made{})})
		run.Scenario.FirstCommandLimit, run.Scenario.SessionLimit = 3*time.Second, 10*time.Second
		session(all["somaxconn-128"][0], tt.sessions)
		s := Summarise(run, all)
		if diff := cmp.Diff(tt.want, s.Cells[0].Repeats[0].LostToLimits); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		const asterisk = ": Asterisk has no such limit and would wait."
		if tt.says == "" && strings.Contains(s.Verdict, "limit") ||
			tt.says != "" && !strings.HasSuffix(s.Verdict, "Of the lost calls with somaxconn 128, "+tt.says+asterisk) {
			t.Errorf("%s: want %q in %s", name, tt.says, s.Verdict)
		}
	}
}

// TestOwnLimitsOfAnExternalServer: that nobody was answered within a limit says whose it is.
func TestOwnLimitsOfAnExternalServer(t *testing.T) {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 10, silent: 10})})
	run.Scenario.FirstCommandLimit = 3 * time.Second
	raw := all["storm"][0]
	for limit, want := range map[string]string{
		"first-command": "within the first-command limit of 3s (this storm's own; Asterisk has none)",
		"session":       "the session limit of 0s ended 10 (it is this storm's own; Asterisk has none)",
	} {
		for i := range raw.Attempts {
			raw.Attempts[i].Limit = limit
		}
		if s := Summarise(run, all); !strings.Contains(s.Verdict, want) {
			t.Errorf("%s: want %q in %s", limit, want, s.Verdict)
		}
	}
}
