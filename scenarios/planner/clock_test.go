package planner

import (
	"context"
	"testing"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/metric"
)

// TestClock: a storm that would take longer than what is left is not begun.
func TestClock(t *testing.T) {
	p := &Plan{Question: capacity.Question{Budget: time.Hour}, SimulateOnly: true}
	c := p.simulationClock()
	if c.over(1_000_000) {
		t.Error("nothing is known of the pace")
	}
	slow := c.timed(func(context.Context, capacity.Trial) (*metric.Storm, error) {
		time.Sleep(time.Millisecond)
		return nil, nil
	})
	if _, err := slow(t.Context(), capacity.Trial{Calls: 1}); err != nil {
		t.Fatal(err)
	}
	if c.over(1000) || !c.over(10_000_000) {
		t.Error("1 ms for a call: 1 s for 1,000, 3 hours for 10,000,000")
	}
	if c.limit = 0; !c.over(1) {
		t.Error("the time is over")
	}
}
