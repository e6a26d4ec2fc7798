// Package lab is where a scenario is run: each storm in a fresh network namespace
// that is a process of its own, with the target and the generator as further
// processes in it; the host's settings are never touched. What was seen is
// recorded in a run directory.
package lab

import (
	"context"

	"agistorm/analysis/record"
	"agistorm/scenarios"
)

// Options of a sweep.
type Options struct {
	Scenario  *scenarios.Scenario
	Isolation Isolation
	// Warmups are storms of each setting that are recorded before the first repeat, and not judged.
	Warmups int
	// Server is the user's own, in the place of the built-in target; nil for the target.
	Server *ServerCommand
	// Engine of the generator; see loadgen.Config.
	Engine string
	// Version and Command of the program, for the record.
	Version string
	Command []string
	// Progress is called before every storm and once at the end; may be nil.
	Progress func(Progress)
	// Recorded is called when a storm is recorded, before the next one is played, with its calls and how many of them
	// were lost; may be nil.
	Recorded func(calls, lost int)
	// Notice is called before the first storm with the run's description, which has what the user must know;
	// may be nil.
	Notice func(*record.Run)
}

// Sweep storms every setting of a scenario and records it in dir. When ctx is done or
// a storm fails it keeps the finished repeats, marks the run as partial and returns
// the run together with the error; where no storm had finished it leaves dir as it was and returns no run.
func Sweep(ctx context.Context, dir record.Dir, o Options) (*record.Run, error) {
	e, err := NewExperiment(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	return e.playAll(ctx, o.Progress)
}

// NewExperiment tries every setting of a scenario out, and begins its run in dir.
func NewExperiment(ctx context.Context, dir record.Dir, o Options) (*Experiment, error) {
	if err := readLimits().check(); err != nil {
		return nil, err
	}
	where, err := o.place(ctx)
	if err != nil {
		return nil, err
	}
	s := &sandbox{options: o, place: where, swept: sweptBy(o.Scenario), plans: map[string]*scenarios.Scenario{}}
	try := func() error { return s.trySettings(ctx) }
	if !s.isolated() {
		try = func() error { return inTurn(LoopbackUp, s.stayOnHost) }
	}
	learn := func() error { return s.learn(ctx) }
	if err := inTurn(learn, s.describe, try, s.notice, s.checkRoom, s.describeLink); err != nil {
		return nil, err
	}
	e := &Experiment{dir: dir, run: s.run, site: s, recorded: o.Recorded}
	return e, e.begin()
}
