package summary

import (
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestServedNothingForSeveralCauses: calls that were lost in several ways are not said to have one cause.
func TestServedNothingForSeveralCauses(t *testing.T) {
	for name, c := range map[string]struct {
		lost   made
		client string
		nobody bool
	}{
		"no connection, and silence": {made{calls: 10, timeout: 4, silent: 6}, "", false},
		"closed, and no connection":  {made{calls: 10, timeout: 4, reset: 6}, "connect-only", false},
		"closed":                     {made{calls: 10, reset: 10}, "connect-only", true},
		"no connection":              {made{calls: 10, timeout: 10}, "", true},
		"silence":                    {made{calls: 10, silent: 10}, "", true},
	} {
		run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(c.lost)})
		run.Scenario.Calls, run.Scenario.Client = 10, c.client
		s := New(run, all)
		if got := len(factsLike[finding.NobodyAnswered](s.Answer)) > 0; got != c.nobody || !s.ServedNothing() || s.AllLost() {
			t.Errorf("%s: %s", name, asText(s.Answer))
		}
		if got := len(factsLike[finding.Outcome](s.Answer)) > 0; got == c.nobody {
			t.Errorf("%s: %s", name, asText(s.Answer))
		}
	}
}

// TestAllLostAtAFullQueue: the queue is the answer, and the run is conclusive: the server fails.
func TestAllLostAtAFullQueue(t *testing.T) {
	for peak, full := range map[int]bool{6: true, 3: false} {
		run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{timeout: 2000, peak: peak, limit: 5})})
		s := New(run, all)
		if !s.Conclusive || !s.ServedNothing() || s.AllLost() != full {
			t.Errorf("peak %d: conclusive %t, served nothing %t, all lost %t: %s", peak, s.Conclusive, s.ServedNothing(),
				s.AllLost(), asText(s.Doubts))
		}
		if got := len(factsLike[finding.NobodyAnswered](s.Answer)) == 0; got != full {
			t.Errorf("peak %d: %s", peak, asText(s.Answer))
		}
		if full && !hasFact(s.Answer, finding.QueueFull{Longest: 40 * time.Millisecond}, "storm") {
			t.Errorf("the queue was full: %s", asText(s.Answer))
		}
	}
}
