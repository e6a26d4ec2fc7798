package planner

import (
	"context"
	"sync/atomic"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/metric"
)

// clock knows how much time is left for simulations, and how long one takes.
type clock struct {
	began time.Time
	limit time.Duration
	// calls that were simulated, and the time that their storms took, each by itself.
	calls, took atomic.Int64
}

// simulationClock begins the time for simulations.
func (p *Plan) simulationClock() *clock {
	c := &clock{began: time.Now(), limit: time.Duration(float64(p.Question.Budget) * simulating)}
	if p.SimulateOnly {
		c.limit = p.Question.Budget
	}
	return c
}

// timed counts what a function simulates.
func (c *clock) timed(simulate capacity.Simulate) capacity.Simulate {
	return func(ctx context.Context, t capacity.Trial) (*metric.Storm, error) {
		began := time.Now()
		storm, err := simulate(ctx, t)
		c.took.Add(int64(time.Since(began)))
		c.calls.Add(int64(t.Calls))
		return storm, err
	}
}

// over reports whether a storm of so many calls would end too late, at the pace so far.
func (c *clock) over(calls int) bool {
	left := c.limit - time.Since(c.began)
	needs := time.Duration(float64(c.took.Load()) / float64(max(c.calls.Load(), 1)) * float64(calls))
	return needs >= left
}
