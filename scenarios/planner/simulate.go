package planner

import (
	"context"
	"strconv"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/metric"
	"agistorm/analysis/model"
	"agistorm/scenarios"
	"agistorm/scenarios/lab"
	"agistorm/target/spec"
)

// simulate plays a trial.
func (p *Plan) simulate(_ context.Context, t capacity.Trial) (*metric.Storm, error) {
	m, err := p.model(t)
	if err != nil {
		return nil, err
	}
	return &m.Play(model.Observer{}).Storm, nil
}

// oneMachine reports whether the simulator's machine can play so many calls in their time, as a proof on this kernel
// would: its clients have one CPU. Else callers have hosts of their own.
func (p *Plan) oneMachine(calls int) bool {
	m := model.ReferenceMachine()
	one := m.Connect + m.Settle + m.FirstLine + m.Environment + m.Held + m.Leave +
		time.Duration(len(p.Scenario.Target.Script))*m.Reply
	return time.Duration(calls)*one <= max(p.Question.Span, p.Question.FirstCommandTimeout)
}

// serverCPUs of a server that is not short of them.
const serverCPUs = 64

// servers is a machine of which only the server's work takes time: none where that is less than a hundredth of what a
// call keeps a handler busy, which makes large storms several times faster.
func (p *Plan) servers(m model.Machine) model.Machine {
	own := m.Wake + m.Accept + m.Read + time.Duration(len(p.Scenario.Target.Script))*m.Command
	if 100*own < p.Question.MeanWork {
		return model.Machine{}
	}
	m = m.ServerOnly()
	m.CPUs = 1 + serverCPUs
	return m
}

// model returns the storm of a trial for the simulator.
func (p *Plan) model(t capacity.Trial) (*model.Storm, error) {
	s, err := p.scenarioOf(t)
	if err != nil {
		return nil, err
	}
	if p.trace != nil {
		s.Storm.Arrival, s.Storm.Calls = "burst", p.trace.Len() // its own starts follow
	}
	m, err := lab.Model(s, t.Backlog, p.sysctls)
	if err != nil {
		return nil, err
	}
	if p.trace != nil {
		m.Starts = p.trace
	}
	if t.Calls != m.Starts.Len() {
		m.Starts = stretched{m.Starts, t.Calls, t.Seed}
	}
	if !p.oneMachine(t.Calls) {
		m.Machine = p.servers(m.Machine)
	}
	return m, nil
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
