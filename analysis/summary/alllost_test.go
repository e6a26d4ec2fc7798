package summary

import (
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

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
