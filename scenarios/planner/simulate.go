package planner

import (
	"context"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/metric"
	"agistorm/analysis/model"
	"agistorm/analysis/record"
	"agistorm/scenarios"
	"agistorm/scenarios/lab"
	"agistorm/target/spec"
)

// simulate plays a trial: callers have hosts of their own, and handlers machines of their own.
func (p *Plan) simulate(_ context.Context, t capacity.Trial) (*metric.Storm, error) {
	m, err := p.model(t)
	if err != nil {
		return nil, err
	}
	m.Machine = model.Machine{}
	return stormOf(m.Record()), nil
}

// model returns the storm of a trial for the simulator.
func (p *Plan) model(t capacity.Trial) (*model.Storm, error) {
	s, err := p.scenarioOf(t)
	if err != nil {
		return nil, err
	}
	m, err := lab.Model(s, t.Backlog, p.sysctls)
	if err == nil && t.Calls != m.Starts.Len() {
		m.Starts = stretched{m.Starts, t.Calls, t.Seed}
	}
	return m, err
}

// scenarioOf has the load, the handlers and the seed of a trial.
func (p *Plan) scenarioOf(t capacity.Trial) (*scenarios.Scenario, error) {
	s := *p.Scenario
	s.Seed = t.Seed
	takeCalls(&s.Storm, p.Question.Calls, t.Calls)
	return &s, takeHandlers(&s, t.Handlers)
}

// takeHandlers gives the target so many handlers, where its behaviour has a number of them.
func takeHandlers(s *scenarios.Scenario, handlers int) error {
	b, err := spec.ParseBehaviour(s.Target.Behaviour)
	if err == nil && b.Handlers() > 0 && b.Rules(1).Rate == 0 && handlers > 0 {
		b, err = b.WithHandlers(strconv.Itoa(handlers))
		s.Target.Behaviour = b.String()
	}
	return err
}

// stormOf takes from a simulated storm what a search needs.
func stormOf(r *record.Repeat) *metric.Storm {
	s := &metric.Storm{Queue: &metric.Queue{}}
	var waits []time.Duration
	for i := range r.Attempts {
		a := &r.Attempts[i]
		s.Offered += count(a.Outcome.Offered())
		s.Lost += count(a.Outcome.Lost())
		s.Late += count(a.Late())
		if wait, ok := a.FirstCommandLatency(); ok && a.Outcome == record.Answered {
			waits = append(waits, wait)
		}
	}
	for i := range r.Queue {
		s.Queue.Peak = max(s.Queue.Peak, r.Queue[i].Depth)
	}
	slices.Sort(waits)
	s.Latencies.FirstCommand.Quantiles = quantiles(waits)
	return s
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// quantiles of sorted waits, exact.
func quantiles(sorted []time.Duration) metric.Quantiles {
	n := len(sorted)
	if n == 0 {
		return metric.Quantiles{}
	}
	return metric.NewQuantiles(int64(n), sorted[0], sorted[n-1], func(percent float64) time.Duration {
		return sorted[max((n*int(percent)+99)/100, 1)-1]
	})
}
