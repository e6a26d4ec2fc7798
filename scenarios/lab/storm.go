package lab

import (
	"context"
	"errors"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
)

// StormOptions of one storm at a server that is already running.
type StormOptions struct {
	Config loadgen.Config
	// URL as the user gave it.
	URL     string
	Version string
	Command []string
}

// StormCell is the only cell of a storm at somebody else's server.
const StormCell = "storm"

// Storm storms a server that is already running, from this process, and records it in
// dir. When ctx is done it keeps the attempts that have ended, marks the run as
// partial and returns it together with the error.
func Storm(ctx context.Context, dir record.Dir, o StormOptions) (*record.Run, error) {
	run := describeStorm(o)
	if err := roomFor(run.Host, run.Host.Sysctls[portRange], run.Scenario.Calls); err != nil {
		return nil, err
	}
	storm, err := loadgen.Prepare(o.Config)
	if err != nil {
		return nil, errors.Join(ErrCannotStart, err)
	}
	defer storm.Close()
	if err := dir.WriteRun(run); err != nil {
		return nil, err
	}
	staged, err := dir.Stage(StormCell, 1)
	if err != nil {
		return nil, err
	}
	if err := observe(ctx, staged, storm); err != nil {
		return nil, errors.Join(err, dir.Discard(StormCell, 1))
	}
	run.Finished, run.Partial = time.Now(), ""
	if ctx.Err() != nil {
		run.Partial = "interrupted"
	}
	return run, errors.Join(ctx.Err(), dir.Commit(StormCell, 1), dir.WriteRun(run))
}

func observe(ctx context.Context, dir record.RepeatDir, storm *loadgen.Storm) error {
	kernel := &record.Kernel{Sysctls: readSysctls()}
	var err error
	if kernel.Before, err = counters(); err != nil {
		return err
	}
	account, attempts := storm.Run(ctx, time.Now())
	time.Sleep(quiet)
	if kernel.After, err = counters(); err != nil {
		return err
	}
	if kernel.Before == nil {
		return dir.WriteStorm(account, attempts)
	}
	return errors.Join(dir.WriteStorm(account, attempts), dir.WriteKernel(kernel))
}

func describeStorm(o StormOptions) *record.Run {
	limits := o.Config.Limits
	return &record.Run{
		Format:  record.Format,
		Version: o.Version,
		Command: o.Command,
		Scenario: record.Scenario{
			Name:              StormCell,
			Question:          "What becomes of a storm at " + o.URL + "?",
			Arrival:           o.Config.Schedule.String(),
			Calls:             o.Config.Schedule.Len(),
			Client:            loadgen.Asterisk,
			Target:            o.URL,
			ConnectLimit:      limits.Connect,
			FirstCommandLimit: limits.FirstCommand,
			SessionLimit:      limits.Session,
		},
		Host:      DescribeHost(),
		Isolation: record.Isolation{Mode: record.IsolationHost, Reason: "the server was already running"},
		Cells:     []record.Cell{{ID: StormCell}},
		Repeats:   1,
		Seed:      o.Config.Seed,
		Started:   time.Now(),
		Partial:   unfinished,
	}
}
