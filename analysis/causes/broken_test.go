package causes

import (
	"math"
	"testing"
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/record"
)

// TestBrokenCount: a record that claims more SYNs than any kernel sends is stated as shortly as another, and
// at once.
func TestBrokenCount(t *testing.T) {
	for n, again := range map[uint32]int{6: 6, 7: 7, math.MaxUint32: 11} {
		a := call(0, 12*ms)
		a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(n), record.ConnectTimeout, "connect", 200*time.Second
		raw, run := joined([]record.Attempt{a}), &record.Run{Scenario: record.Scenario{ConnectLimit: 200 * time.Second}}
		all := calls.Follow(run, 1, raw).Trails
		steps := newExplainer(run, raw, nil).explain(nil, &all[0])
		if got := steps[0]; got.Again != again || len(got.Example.Retransmitted) != mostShown-1 || len(steps) != 2 {
			t.Errorf("%d: %+v", n, steps)
		}
	}
}
