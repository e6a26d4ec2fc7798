package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/analysis/validation"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/target/netns"
)

// Grid is the built-in scenario by which the simulator is validated.
const Grid = "grid"

// ValidationScenario returns the grid, or the part of it for a quick check.
func ValidationScenario(part bool) (*scenarios.Scenario, error) {
	grid, err := scenarios.Load(Grid)
	if err != nil || !part {
		return grid, err
	}
	var some []axis.Values
	for _, i := range validation.PartPositions {
		some = append(some, grid.Settings[i])
	}
	grid.Settings, grid.Repeats = some, validation.LeastPartStorms
	return grid, nil
}

// Validate plays the scenario of the options, records it in dir and holds the simulator against it. Without namespaces
// it plays nothing, and the report says so. A failure or an interrupt returns the run as Sweep does, and no report.
func Validate(ctx context.Context, dir record.Dir, o Options, part bool) (*validation.Report, *record.Run, error) {
	where, err := o.place(ctx)
	if err != nil {
		return nil, nil, err
	}
	if where.mode == netns.Host {
		none := &analysis.Summary{Run: &record.Run{Isolation: where.isolation, Host: DescribeHost()}}
		return validation.New(validation.Input{Measured: none, Part: part}), nil, nil
	}
	run, err := Sweep(ctx, dir, o)
	if err != nil {
		return nil, run, err
	}
	report, err := ValidateRun(dir, part)
	return report, run, err
}

// ValidateRun holds the simulator against a recorded sweep of the built-in target: each of its storms is simulated
// twice, with the actual starts of its calls and with the planned ones.
func ValidateRun(dir record.Dir, part bool) (*validation.Report, error) {
	measured, err := summary.Read(dir)
	if err != nil {
		return nil, err
	}
	run := measured.Run
	switch {
	case run.Simulated != nil:
		return nil, inputf("%s is simulated: a validation needs a run that was measured", string(dir))
	case run.Scenario.Server == nil:
		return nil, inputf("%s is no sweep of the built-in target, which alone the simulator knows", string(dir))
	}
	in := validation.Input{Measured: measured, Given: map[string]map[string]string{}, Part: part}
	if in.Grid, err = gridIDs(); err != nil {
		return nil, err
	}
	if run.Isolation.Own() {
		err = predict(&in)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", string(dir), err)
	}
	return validation.New(in), nil
}

// gridIDs are the IDs of the grid's cells, in its order.
func gridIDs() (ids []string, err error) {
	grid, err := scenarios.Load(Grid)
	if err != nil {
		return nil, err
	}
	for _, setting := range grid.Settings {
		ids = append(ids, setting.Key())
	}
	return ids, nil
}

// predict adds the predictions.
func predict(in *validation.Input) error {
	s, err := simulationOf(in.Measured.Run)
	if err != nil {
		return err
	}
	for _, setting := range s.scenario.Settings {
		in.Given[setting.Key()] = given(s.scenario, setting)
	}
	if in.Actual, err = s.predict(in.Measured, true); err == nil {
		in.Planned, err = s.predict(in.Measured, false)
	}
	return err
}

// given are the values of a setting that are not the scenario's own.
func given(s *scenarios.Scenario, setting axis.Values) axis.Values {
	own := axis.Values{}
	for name, value := range setting {
		if !axis.Same(value, axis.Named(name).Get(&s.Plan)) {
			own[name] = value
		}
	}
	return own
}

// simulationOf simulates the settings of a recorded run.
func simulationOf(run *record.Run) (*simulation, error) {
	scenario, err := scenarios.Parse("run.json", []byte(run.Scenario.Source))
	if err != nil {
		return nil, err
	}
	s := newSimulation(scenario, nil)
	for _, setting := range scenario.Settings {
		if _, err := s.cell(setting); err != nil {
			return nil, err
		}
	}
	simulated := *run
	simulated.Host, simulated.Isolation = record.Host{}, record.Isolation{Mode: record.IsolationSimulator}
	simulated.Simulated = assumptions(nil)
	s.run = &simulated
	return s, nil
}

// predict simulates the storms of a run: with the actual starts of their calls, or with the planned ones.
func (s *simulation) predict(measured *analysis.Summary, actual bool) (*analysis.Summary, error) {
	storms := summary.Storms{}
	type storm struct {
		cell   record.Cell
		repeat *analysis.Repeat
	}
	var all []storm
	for c, r := range measured.Storms() {
		all = append(all, storm{c.Cell, r})
		if storms[c.ID] == nil {
			storms[c.ID] = make([]*record.Repeat, s.run.Planned(c.ID))
		}
	}
	errs := make([]error, len(all))
	record.InParallel(len(all), func(i int) {
		of := all[i]
		storms[of.cell.ID][of.repeat.N-1], errs[i] = s.again(of.cell, of.repeat, actual)
	})
	return summary.New(s.run, storms), errors.Join(errs...)
}

// again simulates a recorded storm, under the sysctls that the kernel had.
func (s *simulation) again(cell record.Cell, r *analysis.Repeat, actual bool) (*record.Repeat, error) {
	plan := s.plans[cell.ID]
	if plan == nil {
		return nil, inputf("setting %s is none of its scenario", cell.ID)
	}
	var kernel map[string]string
	if r.Raw.Kernel != nil {
		kernel = r.Raw.Kernel.Sysctls
	}
	m, err := modelOf(plan, cell, kernel, r.N)
	if err != nil {
		return nil, err
	}
	if !actual {
		return simulated(m), nil
	}
	starts := startsOf(r.Raw.Attempts)
	m.Starts = starts
	again := simulated(m)
	for a := range analysis.Each(again.Attempts) {
		a.Intended = starts[a.Seq].intended
	}
	return again, nil
}

// started is when a call started, and when it was to.
type started struct{ at, intended time.Duration }

// starts are those of a recorded storm, in their order.
type starts []started

// Len implements model.Starts.
func (s starts) Len() int { return len(s) }

// At implements model.Starts.
func (s starts) At(i int) time.Duration { return s[i].at }

// startsOf leaves out attempts that never started.
func startsOf(attempts []record.Attempt) (all starts) {
	for a := range analysis.Each(attempts) {
		if a.Started != nil {
			all = append(all, started{*a.Started, a.Intended})
		}
	}
	slices.SortStableFunc(all, func(a, b started) int { return cmp.Compare(a.at, b.at) })
	return all
}
