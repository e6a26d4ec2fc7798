package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

// StormOptions of one storm at a server that is already running.
type StormOptions struct {
	Load Load
	// Workers are the processes to play it with; 0 is as few as can.
	Workers int
	// StartAt is the storm's first instant by the wall clock; zero is at once.
	StartAt time.Time
	// URL as the user gave it.
	URL     string
	Version string
	Command []string
	// PID of a process in whose network namespace the server listens, to watch its accept queue; 0 is this
	// namespace.
	PID int
	// Gates that the run must meet, as analysis/gate/expr reads them.
	Gates []string
	// Live is told how far the storm is, some times a second; may be nil.
	Live func(Live)
}

// StormCell is the only cell of a storm at an external server.
const StormCell = "storm"

// Storm storms a server that is already running, and records it in dir. When ctx is done it keeps the
// attempts that have ended, marks the run as partial and returns it together with the error; so it does where
// one of several workers was lost.
func Storm(ctx context.Context, dir record.Dir, o StormOptions) (*record.Run, error) {
	run, err := describeStorm(&o)
	if err != nil {
		return nil, err
	}
	if err := o.canWatch(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCannotStart, err)
	}
	s, at := session{dir: dir, run: run}, step{run.Cells[0], 1}
	staged, err := s.stage(at)
	if err != nil {
		return nil, err
	}
	order := stormOrder{Load: o.Load, Dir: staged, Watch: o.Live != nil}
	storm, err := startWorkers(context.WithoutCancel(ctx), order, o.Workers, netns.Attributes(netns.Host))
	if err != nil {
		return nil, errors.Join(ErrCannotStart, err, dir.Discard(StormCell, 1))
	}
	defer storm.kill()
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, dir.Discard(StormCell, 1))
	}
	failure := observe(ctx, staged, storm, &o, run)
	switch {
	case staged.HasStorm():
		if err := s.commit(at); err != nil {
			return run, errors.Join(failure, err)
		}
	case staged.HasParts():
		return nil, fmt.Errorf("%w; what the workers recorded is kept in %s", failure, string(staged))
	default:
		failure = errors.Join(failure, dir.Discard(StormCell, 1))
	}
	return s.end(failure)
}

// observe plays the storm between two readings of the kernel's counters.
func observe(ctx context.Context, dir record.RepeatDir, storm *workers, o *StormOptions, run *record.Run) error {
	if err := ctx.Err(); err != nil {
		return err // while the sockets were made: there is no storm to keep
	}
	beside, err := o.besideServer()
	if err != nil {
		return err
	}
	if beside != nil {
		defer beside.Close()
	}
	kernel := &record.Kernel{}
	if kernel.Sysctls, err = sysctlsWith(beside); err != nil {
		return err
	}
	epoch := probe.Monotonic() + headStart
	if !o.StartAt.IsZero() {
		epoch = probe.MonotonicAt(o.StartAt)
		if err := sleepBefore(ctx, epoch); err != nil {
			return err
		}
	}
	if kernel.Before, err = countersWith(beside); err != nil {
		return err
	}
	server, why, err := o.watchServer()
	if err != nil {
		return err
	}
	run.Unwatched = why
	calls := run.Calls()
	server.count(func() (record.Counters, error) { return countersWith(beside) }, kernel.Before, epoch)
	machine := watchMachine(append(storm.cpu(), ownCPU)...)
	failure := storm.run(ctx, epoch, o.watch(&server, epoch, calls))
	kernel.Others = machine.others()
	failure = errors.Join(failure, storm.finish())
	if failure == nil && dir.CountAttempts() < calls {
		failure = ctx.Err() // one that came when all attempts had ended has cut nothing off
	}
	time.Sleep(longestQuiet) // nobody knows whether an external server is through
	if kernel.Sampler, err = server.stop(dir, epoch); err != nil {
		return errors.Join(failure, err)
	}
	if kernel.After, err = countersWith(beside); err != nil {
		return errors.Join(failure, err)
	}
	if kernel.Before == nil || !dir.HasStorm() {
		return failure
	}
	return errors.Join(failure, dir.WriteKernel(kernel))
}

// canWatch shows beforehand that the watch, which begins with the storm, will be possible.
func (o *StormOptions) canWatch() error {
	server, _, err := o.watchServer()
	server.close()
	return err
}

// watchServer begins to watch the server's accept queue, or says why that cannot be seen.
func (o *StormOptions) watchServer() (w serverWatch, why string, err error) {
	if o.PID == 0 {
		w, why = watchServer(o.Load.Addresses)
		return w, why, nil
	}
	w, err = watchProcess(o.PID, o.Load.Addresses[0])
	return w, "", err
}

// besideServer is the server's network namespace where it is known not to be this one, else nil.
func (o *StormOptions) besideServer() (*netns.Beside, error) {
	if o.PID == 0 {
		return nil, nil
	}
	return netns.BesideOf(o.PID)
}

// sleepBefore waits until shortly before the storm's first instant.
func sleepBefore(ctx context.Context, epoch time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(epoch - probe.Monotonic() - 10*headStart):
		return nil
	}
}

// watch is nil where nobody wants to know.
func (o *StormOptions) watch(server *serverWatch, epoch time.Duration, calls int) func(loadgen.Progress) {
	if o.Live == nil {
		return nil
	}
	return func(p loadgen.Progress) {
		o.Live(Live{Calls: calls, Elapsed: probe.Monotonic() - epoch, Progress: p, Queue: server.look()})
	}
}

// describeStorm fills in run.json, and what of the load depends on this host.
func describeStorm(o *StormOptions) (*record.Run, error) {
	schedule, err := o.Load.Schedule()
	if err != nil {
		return nil, err
	}
	host := DescribeHost()
	run := &record.Run{
		Format:  record.Format,
		Version: o.Version,
		Command: o.Command,
		Scenario: record.Scenario{
			Name:              StormCell,
			Question:          "What becomes of a storm at " + o.URL + "?",
			Arrival:           schedule.String(),
			Calls:             schedule.Len(),
			Client:            o.Load.Client.Name,
			Target:            o.URL,
			Clients:           recordedClients(o.Load.Sources),
			Load:              recordedLoad("", o.Load.Client, o.Workers), // the URL has the script
			ConnectLimit:      o.Load.Limits.Connect,
			FirstCommandLimit: o.Load.Limits.FirstCommand,
			SessionLimit:      o.Load.Limits.Session,
			Gates:             o.Gates,
		},
		Host:      host,
		Isolation: record.Isolation{Mode: record.IsolationHost, Reason: "the server was already running"},
		Cells:     []record.Cell{{ID: StormCell}},
		Repeats:   1,
		Seed:      o.Load.Seed,
	}
	if o.Load.Share.N > 1 {
		part := o.Load.Share.Part(schedule)
		run.Share = &record.Share{K: part.K, N: part.N, Calls: part.Len(), StartAt: o.StartAt.UTC()}
	}
	o.Workers, o.Load.Sources, err = fit(host, host.Sysctls[portRange], run.Calls(), o.Workers, o.Load.Sources)
	return run, err
}

// fit tells how many workers calls need, and which ports they get, in a range of ports that may be unknown.
func fit(h record.Host, ports string, calls, workers int, s loadgen.Sources) (int, loadgen.Sources, error) {
	room := loadgen.Room{Files: h.OpenFiles}
	var err error
	if ports != "" {
		if room.Low, room.High, err = loadgen.ParsePortRange(ports); err != nil {
			return 0, s, fmt.Errorf("%w: %s: %w", ErrCannotStart, portRange, err)
		}
	}
	if workers, err = room.Workers(calls, workers); err == nil {
		s, err = room.Plan(calls, s)
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrCannotStart, err)
	}
	return workers, s, err
}
