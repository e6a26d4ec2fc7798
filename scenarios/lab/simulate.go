package lab

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"agistorm/analysis/model"
	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
)

// Simulate does what Sweep does, in the simulator of the listen queue: no connection is made, so it works on every
// system. Of the options, Isolation, Server and Engine do not matter. What the simulator cannot play is an InputError.
func Simulate(ctx context.Context, dir record.Dir, o Options) (*record.Run, error) {
	s := newSimulation(o.Scenario, simulatedDefaults())
	if err := s.describe(o); err != nil {
		return nil, err
	}
	e := &Experiment{dir: dir, run: s.run, site: s}
	if err := e.begin(); err != nil {
		return nil, err
	}
	return e.playAll(ctx, o.Progress)
}

// simulation simulates the storms of a scenario's settings.
type simulation struct {
	scenario *scenarios.Scenario
	run      *record.Run
	// sysctls in force where no setting gives them.
	sysctls map[string]string
	// plans are the scenarios of the cells, by their IDs.
	plans map[string]*scenarios.Scenario
}

func newSimulation(s *scenarios.Scenario, sysctls map[string]string) *simulation {
	return &simulation{scenario: s, sysctls: sysctls, plans: map[string]*scenarios.Scenario{}}
}

func (s *simulation) cell(setting axis.Values) (record.Cell, error) {
	cell, plan, err := cellOf(s.scenario, setting)
	if err == nil {
		s.plans[cell.ID] = plan
		fillIn(&cell, sweptBy(s.scenario), s.sysctls)
	}
	return cell, err
}

func (s *simulation) storm(at step, dir record.RepeatDir) (storm, error) {
	m, err := modelOf(s.plans[at.cell.ID], at.cell, s.sysctls, at.repeat)
	return &simulatedStorm{model: m, dir: dir}, err
}

// describe describes the run. The machine that simulates does not matter, so the run has no host.
func (s *simulation) describe(o Options) (err error) {
	cells := make([]record.Cell, len(s.scenario.Settings))
	for i, setting := range s.scenario.Settings {
		if cells[i], err = s.cell(setting); err != nil {
			return err
		}
		if _, err := modelOf(s.plans[cells[i].ID], cells[i], s.sysctls, 1); err != nil {
			return fmt.Errorf("setting %s: %w", cells[i].ID, err)
		}
	}
	if err := checkInForce(s.scenario, cells); err != nil {
		return err
	}
	first := s.plans[cells[0].ID]
	if s.run, err = o.describe(cells, first, record.Isolation{Mode: record.IsolationSimulator}); err != nil {
		return err
	}
	describeTarget(&s.run.Scenario, &first.Target)
	s.run.Host, s.run.Simulated = record.Host{}, assumptions(s.sysctls)
	if s.run.Scenario.RTT = first.RTT; first.Linked() {
		s.run.Scenario.Link = record.LinkVeth
	}
	addrs, err := first.Storm.Addresses()
	s.run.Scenario.Clients = recordedClients(loadgen.Sources{Addrs: addrs})
	return err
}

// simulatedStorm is one storm in the simulator.
type simulatedStorm struct {
	model  *model.Storm
	dir    record.RepeatDir
	record *record.Repeat
}

func (s *simulatedStorm) prepare(ctx context.Context) error { return ctx.Err() }

func (s *simulatedStorm) play(ctx context.Context) error {
	s.record = simulated(s.model)
	return ctx.Err()
}

// simulated plays a storm. Its start by the wall clock, which a simulator does not have, is now.
func simulated(m *model.Storm) *record.Repeat {
	r, _ := m.Record()
	r.Storm.Start = time.Now()
	return r
}

func (s *simulatedStorm) write() (kept bool, err error) {
	r, kernel := s.record, func() error { return nil }
	if r.Kernel != nil {
		kernel = func() error { return s.dir.WriteKernel(r.Kernel) }
	}
	err = inTurn(
		func() error { return s.dir.WriteStorm(&r.Storm, slices.Values(r.Attempts)) },
		func() error { return s.dir.WriteTarget(r.Target, r.Queue) },
		kernel,
	)
	return err == nil, err
}

func (s *simulatedStorm) kill() {}

// simulatedMachine is what CPU work of both sides takes in every simulation: as on the machine by which the model was
// measured.
func simulatedMachine() model.Machine { return model.ReferenceMachine() }

// assumptions are what a simulation with that machine rests on, under these sysctls.
func assumptions(sysctls map[string]string) *record.Simulated {
	m := simulatedMachine()
	s := &record.Simulated{CPUs: m.CPUs, Costs: map[string]time.Duration{}, Sysctls: sysctls}
	for field, value := range reflect.ValueOf(m).Fields() {
		if cost, is := value.Interface().(time.Duration); is {
			s.Costs[field.Name] = cost
		}
	}
	return s
}
