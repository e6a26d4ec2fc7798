package summary

import (
	"testing"

	"agistorm/analysis/metric"
)

func TestDialplanOfASetting(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 10, reset: 2, timeout: 1}, made{calls: 10, silent: 4})})
	want := metric.Dialplan{Success: 15, Failure: 1, Hangup: 4, Unserved: 2}
	if got := New(run, all).Cells[0].Dialplan; got == nil || *got != want {
		t.Errorf("over both storms %+v, want %+v", got, want)
	}
}

// TestConnectOnlyHasNoDialplan: a client that only connects is no Asterisk.
func TestConnectOnlyHasNoDialplan(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 10})})
	run.Scenario.Client = "connect-only"
	if c := New(run, all).Cells[0]; c.Dialplan != nil || c.Repeats[0].Dialplan != nil {
		t.Errorf("%+v", c.Dialplan)
	}
}
