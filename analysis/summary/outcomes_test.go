package summary

import (
	"testing"

	"agistorm/analysis/record"
)

// TestOutcomesAddUp: each call has one outcome. A phantom of a FastAGI client, which the server's log shows, has that
// of how it ended.
func TestOutcomesAddUp(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{reset: 50, peak: 129})})
	raw := all["somaxconn-128"][0]
	raw.Target = &record.Target{}
	for i := range raw.Attempts {
		a := &raw.Attempts[i]
		if a.Outcome == record.Answered {
			raw.Target.Peers = append(raw.Target.Peers, record.Peer{Address: a.Local, Fate: record.PeerServed})
		}
	}
	c := &New(run, all).Cells[0]
	if c.Phantoms == nil || c.Phantoms.Median != 50 {
		t.Fatalf("phantoms %+v: want the 50 that were reset", c.Phantoms)
	}
	sum := 0.0
	for _, o := range record.Outcomes {
		sum += c.Outcomes[o].Median
	}
	if sum != c.Offered().Median {
		t.Errorf("outcomes of %v calls, %v were offered: %+v", sum, c.Offered().Median, c.Outcomes)
	}
}
