package planner

import (
	"slices"
	"testing"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/loadgen"
	"agistorm/scenarios/lab"
)

// TestProven storms a small plan in namespaces: the proofs are ordinary cells of a run, and the status follows from
// them. How many calls the storms lose is left to the machine.
func TestProven(t *testing.T) {
	a := ask()
	a.Calls, a.In, a.Work, a.Budget, a.Confidence = 100, 200*time.Millisecond, "4ms", 30*time.Second, 0.75 // 2 storms
	p, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	p.Options = lab.Options{Engine: loadgen.Auto}
	dir := record.Dir(t.TempDir())
	answer, err := p.Answer(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(answer.Unproven, capacity.NoNamespace) {
		t.Skip("left out: what needs a network namespace, which this machine refuses")
	}
	s, err := summary.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Proofs) != len(s.Cells) || len(answer.QueueMeasured) == 0 {
		t.Fatalf("%d proofs, %d cells: %+v", len(answer.Proofs), len(s.Cells), answer)
	}
	first := answer.Proofs[0]
	want := capacity.Setting{Handlers: answer.Handlers, Backlog: *answer.Backlog}
	if first.Role != capacity.RoleRecommended || first.Storms < first.Needed || first.Setting != want ||
		first.Predicted.Storms == 0 {
		t.Errorf("%+v", first)
	}
	for _, proof := range answer.Proofs {
		if (answer.Status == capacity.Proven) && (proof.Contradicts || !first.Held) {
			t.Errorf("%s by %+v", answer.Status, proof)
		}
	}
	if m := answer.Memory; m == nil || m.Measured == nil {
		t.Errorf("memory %+v", m)
	}
}
