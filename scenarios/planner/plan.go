package planner

import (
	"context"
	"errors"
	"strconv"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
	"agistorm/scenarios"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/axis"
	"agistorm/scenarios/lab"
	"agistorm/target/command"
	"agistorm/target/spec"
)

// Plan is a question that can be answered.
type Plan struct {
	Question capacity.Question
	// Scenario of its storms, without a setting.
	Scenario *scenarios.Scenario
	// Options of the storms on this kernel; SimulateOnly plays none.
	Options      lab.Options
	SimulateOnly bool
	// Gates that the storms must meet.
	Gates []string

	// trace is the schedule of a call log, which is read once; nil for another arrival.
	trace arrival.Schedule
	host  *capacity.Host
	// seed of the storms on this kernel.
	seed    uint64
	sysctls map[string]string
	began   time.Time
}

// New returns the plan of a question, or one line that says what is wrong with it.
func New(a *Ask) (*Plan, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	s, err := a.scenario()
	if err != nil {
		return nil, err
	}
	p := &Plan{Scenario: s, began: time.Now(), sysctls: lab.DescribeHost().Sysctls}
	if a.Unmeasured {
		if err := p.check(); err != nil {
			return nil, err
		}
		return p, p.readTrace()
	}
	if p.Question, err = a.question(s); err != nil {
		return nil, err
	}
	if err := p.readTrace(); err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	return p, p.simulable()
}

// Trace returns how a call log, a capture or a recording became the arrivals; nil for another arrival.
func (p *Plan) Trace() *arrival.Trace { return arrival.TraceOf(p.trace) }

// readTrace reads the schedule of a call log, unless it was read.
func (p *Plan) readTrace() (err error) {
	if p.trace == nil && arrival.IsTrace(p.Scenario.Storm.Arrival) {
		p.trace, err = p.Scenario.Schedule()
	}
	return err
}

// simulable finds what the simulator cannot play.
func (p *Plan) simulable() error {
	q := &p.Question
	_, err := p.model(capacity.Trial{Setting: capacity.Setting{Handlers: q.Handlers}, Calls: q.Calls, Seed: q.Seed})
	return err
}

// check finds what is wrong with the scenario, as far as it does not depend on a setting.
func (p *Plan) check() error {
	trial := *p.Scenario
	trial.Settings = []axis.Values{{"somaxconn": "1", "backlog": axis.Max}}
	return trial.Validate()
}

// simulating is the share of the budget that simulations may take before storms on this kernel.
const simulating = 0.4

// AnswerFor answers a question about the user's own command, of which it measures first what is not given.
func (p *Plan) AnswerFor(ctx context.Context, a *Ask, dir record.Dir) (*capacity.Answer, error) {
	if err := p.measure(ctx, a, dir); err != nil {
		return nil, err
	}
	if err := p.own(a, capacity.Command, command.Line(p.Options.Server.Argv)); err != nil {
		return nil, err
	}
	return p.Answer(ctx, dir)
}

// Answer answers the question in a run directory. An error beside an answer is what ended it early.
func (p *Plan) Answer(ctx context.Context, dir record.Dir) (*capacity.Answer, error) {
	p.host, p.seed = p.today(), p.Question.Seed
	began, clock := time.Now(), p.simulationClock()
	answer, err := capacity.Search(ctx, capacity.Config{
		Question: p.Question, Simulate: clock.timed(p.simulate), Host: p.host,
		Over: clock.over,
	})
	calls := p.Question.Calls
	if answer.Found != nil {
		calls = answer.Found.Calls
	}
	answer.Searched.Simulating, answer.Searched.OneMachine = time.Since(began), p.oneMachine(calls)
	if err == nil {
		err = p.prove(ctx, answer, dir)
	}
	if errors.Is(err, capacity.ErrBudget) {
		err = nil // the answer says so
	}
	return answer, err
}

// today is what limits the accept queue now; nil where the host does not report it.
func (p *Plan) today() *capacity.Host {
	somaxconn, err := strconv.Atoi(p.sysctls[axis.SomaxconnSysctl])
	if err != nil {
		return nil
	}
	backlog, err := spec.ParseBacklog(p.Scenario.Backlog)
	if err != nil {
		return nil
	}
	number, err := backlog.Number(&somaxconn)
	if err != nil {
		return nil
	}
	return &capacity.Host{Somaxconn: somaxconn, Asked: p.Scenario.Backlog, Backlog: number}
}

// prove storms the answer on this kernel, as far as it can be.
func (p *Plan) prove(ctx context.Context, a *capacity.Answer, dir record.Dir) error {
	if !p.proves(a) {
		a.Conclude()
		return p.overTime(ctx, a)
	}
	began := time.Now()
	proof := &proof{Plan: p, answer: a, dir: dir}
	err := proof.play(ctx)
	if measured, failed := lab.MeasureMemory(ctx); failed == nil && a.Memory != nil { // else it is the documented one
		p.takeMemory(a, measured, dir)
	}
	a.Searched.Proving = time.Since(began)
	if errors.Is(err, errNoNamespace) {
		a.Unproven, err = append(a.Unproven, capacity.NoNamespace), nil
	}
	switch {
	case ctx.Err() != nil:
		a.Status = capacity.Interrupted
	case err != nil:
		a.Unproven, a.Failure = append(a.Unproven, capacity.Failed), err.Error()
	}
	a.Conclude()
	return errors.Join(ctx.Err(), p.overTime(ctx, a))
}

// proves reports whether there is something to storm.
func (p *Plan) proves(a *capacity.Answer) bool {
	if p.SimulateOnly {
		a.Unproven = append(a.Unproven, capacity.Asked)
	}
	return a.Status == capacity.Simulated && !p.SimulateOnly
}
