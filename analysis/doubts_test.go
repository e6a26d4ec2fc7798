package analysis

import (
	"testing"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestTargetFailures: a target without descriptors is no proof against its accept queue.
func TestTargetFailures(t *testing.T) {
	run, storms := madeRun(cellOf{tuned(128), thrice(made{timeout: 10, peak: 20})})
	for _, raw := range storms[run.Cells[0].ID] {
		raw.Target = &record.Target{AcceptErrors: 7}
	}
	s := Summarise(run, storms)
	if s.Conclusive || !hasFact(s.Doubts, finding.AcceptErrors{Accepts: 21}, "somaxconn-128") {
		t.Errorf("conclusive %v: %s", s.Conclusive, says(s.Doubts))
	}
}
