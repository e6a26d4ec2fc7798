package summary

import (
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

func TestShares(t *testing.T) {
	run, all := madeRun(
		cellOf{
			tuned(128),
			storms(made{calls: 1000, timeout: 30, late: 7}, made{calls: 1000, reset: 10, exhausted: 20}),
		},
	)
	c := New(run, all).Cells[0]
	// 20 of the 2,000 were never offered.
	if want := stats.Wilson(40, 1980); c.Shares.Lost != want {
		t.Errorf("lost: %+v, want %+v", c.Shares.Lost, want)
	}
	if want := stats.Wilson(7, 1980); c.Shares.Late == nil || *c.Shares.Late != want {
		t.Errorf("late: %+v, want %+v", c.Shares.Late, want)
	}
	if want := stats.Wilson(10, 1980); c.Shares.Outcomes[record.Reset] != want {
		t.Errorf("reset: %+v, want %+v", c.Shares.Outcomes[record.Reset], want)
	}
	if _, ok := c.Shares.Outcomes[record.LocalExhaustion]; ok {
		t.Error("calls that were never offered have a share of those that were")
	}
	run, all = madeRun(cellOf{tuned(128), storms(made{calls: 10, blind: true})})
	if s := New(run, all).Cells[0].Shares; s.Late != nil {
		t.Errorf("it is not known which calls were late, and yet %+v were", s.Late)
	}
}

func TestFromActualStart(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 1})})
	a := &all["somaxconn-128"][0].Attempts[0]
	a.Started, a.Connected, a.FirstCommand, a.Done = ptr(300*ms), ptr(310*ms), ptr(330*ms), 360*ms
	c := New(run, all).Cells[0]
	for name, pair := range map[string][2]time.Duration{
		"connect": {c.Latencies.Connect.Max, 310 * ms}, "connect from the actual start": {c.FromStart.Connect.Max, 10 * ms},
		"first command from the actual start": {c.FromStart.FirstCommand.Max, 30 * ms},
		"session from the actual start":       {c.FromStart.Session.Max, 60 * ms},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
}
