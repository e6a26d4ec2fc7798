package words

import (
	"testing"

	"agistorm/analysis/capacity"
	"agistorm/analysis/stats"
)

// TestPlanProvisional: an answer that storms did not prove says which setting lost none, or how to prove it.
func TestPlanProvisional(t *testing.T) {
	largest := func(lost float64) []capacity.Proof {
		return []capacity.Proof{{
			Role: capacity.RoleLargest, Setting: capacity.Setting{Handlers: 26, Backlog: 520}, Storms: 2,
			Lost: stats.Spread{N: 2, Median: lost, Max: lost},
		}}
	}
	for _, c := range []struct {
		reason capacity.Reason
		proofs []capacity.Proof
		want   string
	}{
		{capacity.LostCalls, largest(0), "provisional: not proven on this kernel, but 520 lost none in 2 storms"},
		{capacity.LostCalls, largest(3), "provisional: not proven here; rerun with a larger --budget on a quiet machine"},
		{capacity.TooFewStorms, nil, "provisional: not proven here; rerun with a larger --budget on a quiet machine"},
		{capacity.NoNamespace, nil, "provisional: not proven on this kernel"},
	} {
		p := Plan{&capacity.Answer{Unproven: []capacity.Reason{c.reason}, Proofs: c.proofs}}
		if got := PlanProvisional.With(p); got != c.want {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
}
