package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios/axis"
	"agistorm/target/netns"
	"agistorm/target/probe"
	"agistorm/target/tracefs"
)

// StormOptions of storms at a server that is already running.
type StormOptions struct {
	Load Load
	// Repeats of the storm; 0 is one. Warmups are further storms before them, which are recorded and not judged.
	Repeats, Warmups int
	// Pause is the longest wait for the server to rest before a further storm: until its accept queue is empty
	// and no counter moves.
	Pause time.Duration
	// Wait is how long the server may take until it listens; 0 does not wait.
	Wait time.Duration
	// Progress is called before every storm; may be nil.
	Progress func(Progress)
	// Workers are the processes to play it with; 0 is as few as can.
	Workers int
	// StartAt is the first storm's first instant by the wall clock; zero is at once.
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
	// Drops: the kernel's drop reasons are counted during each storm.
	Drops bool
	// Live is called with the state of the storm, some times a second; may be nil.
	Live func(Live)
}

// StormCell is the only cell of a storm at an external server.
const StormCell = "storm"

// Storm storms a server that is already running, and records it in dir. When ctx is done it keeps the
// attempts that have ended, marks the run as partial and returns it together with the error; so it does where
// one of several workers was lost.
func Storm(ctx context.Context, dir record.Dir, o StormOptions) (*record.Run, error) {
	e, err := NewStorm(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	return e.playAll(ctx, o.Progress)
}

// NewStorm begins a run of storms at a server that is already running.
func NewStorm(ctx context.Context, dir record.Dir, o StormOptions) (*Experiment, error) {
	x := &external{StormOptions: o}
	wait := func() error { return x.awaitServer(ctx) }
	if err := inTurn(readLimits().check, x.describe, wait, x.checkWatch); err != nil {
		return nil, err
	}
	e := &Experiment{dir: dir, run: x.run, site: x}
	return e, e.begin()
}

// external plays storms at a server that is already running.
type external struct {
	StormOptions
	run *record.Run
	// played: there was a storm before.
	played bool
}

// cell returns the only cell: of an external server no setting is known.
func (x *external) cell(axis.Values) (record.Cell, error) { return x.run.Cells[0], nil }

func (x *external) storm(at step, dir record.RepeatDir) (storm, error) {
	order := stormOrder{Load: x.Load, Dir: dir, Watch: x.Live != nil}
	order.Repeat = at.repeat - 1
	s := &externalStorm{external: x, order: order}
	if !x.played {
		s.startAt = x.StartAt
	}
	s.again, x.played = x.played, true
	return s, nil
}

// externalStorm is one storm at an external server. What has ended when it fails is kept.
type externalStorm struct {
	*external
	order   stormOrder
	startAt time.Time
	// again: there was a storm before.
	again   bool
	workers *workers
	// beside is the server's namespace, where it is known not to be this one.
	beside *netns.Beside
	server serverWatch
	kernel record.Kernel
	// listened are the listeners of the server's namespace before the storm.
	listened []probe.Listener
	epoch    time.Duration
	// endReasons returns with which reasons the kernel dropped packets; nil where they are not counted.
	endReasons func() *record.DropReasons
	// cut is what the storm was ended by before all attempts had, if anything.
	cut     func() error
	failure error
}

func (s *externalStorm) prepare(ctx context.Context) (err error) {
	attr := netns.Attributes(netns.Host)
	if s.workers, err = startWorkers(context.WithoutCancel(ctx), s.order, s.Workers, attr); err != nil {
		return errors.Join(ErrCannotStart, err)
	}
	return nil
}

// play plays the storm after a reading of the kernel's counters.
func (s *externalStorm) play(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err // while the sockets were made: there is no storm to keep
	}
	var err error
	if s.beside, err = s.besideServer(); err != nil {
		return err
	}
	if s.kernel.Sysctls, err = sysctlsWith(s.beside); err != nil {
		return err
	}
	if err := s.rest(ctx); err != nil {
		return err
	}
	s.epoch = probe.Monotonic() + headStart
	if !s.startAt.IsZero() {
		s.epoch = probe.MonotonicAt(s.startAt)
		if err := sleepBefore(ctx, s.epoch); err != nil {
			return err
		}
	}
	if s.kernel.Before, err = s.counters(); err != nil {
		return err
	}
	s.countReasons()
	if s.server, s.run.Unwatched, err = s.watchServer(); err != nil {
		return err
	}
	s.listened = listenersOf(s.beside)
	s.server.count(s.counters, s.kernel.Before, s.epoch)
	machine := watchMachine(append(s.workers.cpu(), ownCPU)...)
	s.failure = s.workers.run(ctx, s.epoch, s.live())
	s.kernel.Others = machine.others()
	s.cut = ctx.Err
	return awaitDrain(s.queued(ctx), s.Load.Limits.Session)
}

// queued returns how many connections the server has not accepted yet, 0 where that cannot be seen, or when
// nothing more is to be waited for.
func (s *externalStorm) queued(ctx context.Context) func() (int, error) {
	return func() (int, error) {
		if q := s.server.queue(); q != nil && ctx.Err() == nil {
			return int(q.Depth), nil
		}
		return 0, nil
	}
}

// rest waits until the server is through with the storm before, as far as that can be seen, or for the pause.
func (s *externalStorm) rest(ctx context.Context) error {
	if !s.again {
		return nil
	}
	began := time.Now()
	watch, _, err := s.watchServer()
	if err != nil {
		return err
	}
	defer watch.close()
	idle := func() (bool, error) {
		q := watch.queue()
		return q != nil && q.Depth == 0, ctx.Err()
	}
	_, quiet, err := settle(s.counters, idle, s.Pause, stillFor)
	s.kernel.Rest = &record.Rest{Waited: time.Since(began), Quiet: quiet}
	return err
}

// write lets the workers write their record, and writes what was seen beside them.
func (s *externalStorm) write() (kept bool, err error) {
	failure := errors.Join(s.failure, s.workers.finish())
	if failure == nil && s.order.Dir.CountAttempts() < s.run.Calls() {
		failure = s.cut() // one that came when all attempts had ended has cut nothing off
	}
	time.Sleep(longestQuiet) // whether an external server has finished is unknown
	failure = errors.Join(failure, s.writeKernel())
	kept = s.order.Dir.HasStorm()
	if !kept && s.order.Dir.HasParts() {
		failure = partsKept{fmt.Errorf("%w; what the workers recorded is kept in %s", failure, string(s.order.Dir))}
	}
	return kept, failure
}

// writeKernel ends the watch and writes the kernel's part of the record.
func (s *externalStorm) writeKernel() (err error) {
	if s.server.sampler != nil {
		s.kernel.Listeners = dropped(s.listened, listenersOf(s.beside), s.Load.Addresses[0].Port())
	}
	if s.kernel.Sampler, err = s.server.stop(s.order.Dir, s.epoch); err != nil {
		return err
	}
	s.stopReasons()
	if s.kernel.After, err = s.counters(); err != nil {
		return err
	}
	if s.kernel.Before == nil || !s.order.Dir.HasStorm() {
		return nil
	}
	return s.order.Dir.WriteKernel(&s.kernel)
}

// countReasons begins to count the kernel's drop reasons. A storm does not fail where that cannot be done.
func (s *externalStorm) countReasons() {
	if s.Drops {
		s.endReasons = tracefs.Count()
	}
}

// stopReasons takes what was counted, once.
func (s *externalStorm) stopReasons() {
	if s.endReasons != nil {
		s.kernel.Reasons = s.endReasons()
		s.endReasons = nil
	}
}

func (s *externalStorm) kill() {
	s.stopReasons()
	s.server.close()
	if s.workers != nil {
		s.workers.kill()
	}
	if s.beside != nil {
		_ = s.beside.Close() // it is not used any more
	}
}

func (s *externalStorm) counters() (record.Counters, error) { return countersWith(s.beside) }

// live is nil where the progress is not shown.
func (s *externalStorm) live() func(loadgen.Progress) {
	if s.Live == nil {
		return nil
	}
	calls := s.run.Calls()
	return func(p loadgen.Progress) {
		s.Live(Live{Calls: calls, Elapsed: probe.Monotonic() - s.epoch, Progress: p, Queue: s.server.queue()})
	}
}

// awaitServer waits until the server listens. One that is on this host is looked for in the kernel's list, any
// other is connected to, and sent nothing.
func (x *external) awaitServer(ctx context.Context) error {
	const every = 50 * time.Millisecond
	deadline := time.Now().Add(x.Wait)
	for x.Wait > 0 {
		listens, err := x.listens(ctx)
		switch {
		case listens:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return fmt.Errorf("%w: nothing listens at %s within %v%s", ErrCannotStart, x.URL, x.Wait, unexpected(err))
		}
		time.Sleep(every)
	}
	return nil
}

// unexpected is an error that says more than that nothing listens.
func unexpected(err error) string {
	if errors.Is(err, probe.ErrNoListener) || errors.Is(err, syscall.ECONNREFUSED) {
		return ""
	}
	return ": " + err.Error()
}

// listens reports whether the server takes connections, and if not why.
func (x *external) listens(ctx context.Context) (bool, error) {
	watch, why, err := x.watchServer()
	watch.close()
	if err == nil && (why == nil || why.Code == record.NoteNotListening) {
		return why == nil, probe.ErrNoListener
	}
	dialer := net.Dialer{Timeout: x.Load.Limits.Connect}
	c, err := dialer.DialContext(ctx, "tcp", x.Load.Addresses[0].String())
	if err != nil {
		return false, err
	}
	return true, c.Close()
}

// checkWatch shows beforehand that the watch, which begins with the storm, will be possible, and finds the
// server's process.
func (x *external) checkWatch() error {
	server, _, err := x.watchServer()
	x.run.ServerProcess = server.process()
	server.close()
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrCannotStart, err)
	}
	return err
}

// watchServer begins to watch the server's accept queue, or returns why that cannot be seen.
func (o *StormOptions) watchServer() (w serverWatch, why *record.Note, err error) {
	if o.PID == 0 {
		w, why = watchServer(o.Load.Addresses)
		return w, why, nil
	}
	w, err = watchProcess(o.PID, o.Load.Addresses[0])
	return w, nil, err
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

// describe describes the run, and fills in what of the load depends on this host.
func (x *external) describe() error {
	schedule, err := x.Load.Schedule()
	if err != nil {
		return err
	}
	described := x.Load
	described.Script = "" // the URL has it
	x.run = describeRun(described, schedule, x.Workers, record.Run{
		Version: x.Version,
		Command: x.Command,
		Scenario: record.Scenario{
			Name:   StormCell,
			Target: x.URL,
			Gates:  x.Gates,
		},
		Isolation: record.Isolation{Mode: record.IsolationHost, Reason: &record.Note{Code: record.NoteServerRuns}},
		Cells:     []record.Cell{{ID: StormCell}},
		Warmups:   x.Warmups,
		Repeats:   max(x.Repeats, 1),
	})
	if x.Load.Share.N > 1 {
		part := x.Load.Share.Part(schedule)
		x.run.Share = &record.Share{K: part.K, N: part.N, Calls: part.Len(), StartAt: x.StartAt.UTC()}
	}
	host := x.run.Host
	x.Workers, x.Load.Sources, err = fit(host, host.Sysctls[portRange], x.run.Calls(), x.Workers, x.Load.Sources)
	return err
}
