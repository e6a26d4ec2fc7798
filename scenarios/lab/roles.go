package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/scenarios/lab/rules"
	"agistorm/target"
	"agistorm/target/probe"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// The roles.
const (
	roleCheck  = "check"
	roleCell   = "cell"
	roleTarget = "target"
	roleServer = "server"
	roleStorm  = "storm"
	roleMemory = "memory"
)

// Role runs a part of a sweep, if args (without the program's name) ask for one.
// Every program that calls Sweep calls it first: a sweep starts its own program again.
func Role(args []string) (code int, ok bool) {
	if code, ok := rules.Role(args); ok {
		return code, true
	}
	if len(args) != 2 || args[0] != RoleArg {
		return 0, false
	}
	// The parent decides what these mean: a terminal and timeout(1) signal the whole process group.
	// What is ignored a server that is started here would ignore, too; what is caught it does not.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return runRole(args[1], os.Stdin, os.Stdout), true
}

func runRole(role string, stdin io.Reader, stdout io.Writer) int {
	part, ok := map[string]func(*parent) error{
		roleCheck:  checkRole,
		roleCell:   cellRole,
		roleTarget: targetRole,
		roleServer: serverRole,
		roleStorm:  stormRole,
		roleMemory: memoryRole,
	}[role]
	p := newParent(stdin, stdout)
	err := fmt.Errorf("no such role: %s", role)
	if ok {
		err = part(p)
	}
	if err != nil {
		_ = p.fail(err) // the parent may have ended
		return 1
	}
	return 0
}

// targetOrder is the server to run.
type targetOrder struct {
	Listen  string
	Backlog string
	Target  axis.Target
	// Seed of the work.
	Seed uint64
	// Calls to expect: the log of accepted peers has room for as many.
	Calls int
	Dir   record.RepeatDir
}

// listening is the target's answer when it listens.
type listening struct {
	Address   string
	Effective *int
	// Loopback: no other host could connect. Of the user's own server only.
	Loopback bool
	// Process that holds the socket; nil where that cannot be seen. Of the user's own server only.
	Process *record.Process
}

// sampleEvery is how often the accept queue is sampled while it is not empty: 10 kHz.
const sampleEvery = probe.DefaultInterval

// targetRole serves until the storm is over, and then writes its half of the record.
func targetRole(p *parent) error {
	var order targetOrder
	if err := p.order(&order); err != nil {
		return err
	}
	listener, server, err := order.server()
	if err != nil {
		return err
	}
	defer listener.Close()
	sampler, unwatched := listener.Sample(sampleEvery)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx) }()
	if err := p.answer(listening{Address: listener.Addr().String(), Effective: listener.Kept().Effective}); err != nil {
		return err
	}
	var epoch epochOrder
	if err := p.order(&epoch); err != nil {
		return err
	}
	server.DisturbFrom(probe.WallAt(epoch.Epoch))
	state := func() targetState {
		counts := server.Counts()
		waiting, err := listener.Waiting()
		return targetState{Idle: err == nil && waiting == 0 && counts.Open() == 0, Queued: waiting}
	}
	if err := inTurn(p.done, func() error { return p.untilOver(state) }); err != nil {
		return err
	}
	var samples []probe.Sample
	if unwatched == nil {
		samples = sampler.Stop()
	}
	stop()
	if err := <-served; err != nil {
		return err
	}
	report := targetReport(listener, server, epoch.Epoch)
	report.Watch, report.Unwatched = watchReport(sampler, samples, unwatched)
	write := func() error { return order.Dir.WriteTarget(report, queueSamples(samples, epoch.Epoch)) }
	return inTurn(write, p.done)
}

// watchReport returns how well a queue was watched, or why it was not.
func watchReport(sampler *probe.Sampler, samples []probe.Sample, unwatched error) (*record.Watch, *record.Note) {
	switch {
	case unwatched != nil:
		return nil, &record.Note{Code: record.NoteQueueUnreadable, Error: unwatched.Error()}
	case len(samples) == 0:
		return nil, &record.Note{Code: record.NoteNoSample}
	}
	n, longest := sampler.Samples()
	span := samples[len(samples)-1].At - samples[0].At
	return &record.Watch{Looks: n, Span: span, LongestGap: longest}, nil
}

// targetWord asks a target that serves for its state, or reports that the storm is over.
type targetWord struct{ Over bool }

// targetState is the answer while it serves.
type targetState struct {
	// Idle: no session is open as far as is known, and no connection waits in the accept queue.
	Idle bool
	// Queued connections that are not accepted yet, as far as is known.
	Queued int
	// CPU time of the user's own server; 0 for the built-in target, which is one process.
	CPU time.Duration
}

// untilOver answers for a server that serves, until the storm is over.
func (p *parent) untilOver(state func() targetState) error {
	for {
		var word targetWord
		if err := p.order(&word); err != nil || word.Over {
			return err
		}
		if err := p.answer(state()); err != nil {
			return err
		}
	}
}

// config of the server.
func (o *targetOrder) config() (target.Config, error) {
	config := target.DefaultConfig()
	config.Script, config.Seed = o.Target.Script, o.Seed
	var err error
	if config.Behaviour, err = spec.ParseBehaviour(o.Target.Behaviour); err != nil {
		return config, err
	}
	if config.Work, err = work.Parse(o.Target.Work, scenarios.OpenRegular); err != nil {
		return config, err
	}
	if config.Stalls, err = spec.ParseDisturbances(o.Target.Stalls); err != nil {
		return config, err
	}
	config.Restarts, err = spec.ParseDisturbances(o.Target.Restarts)
	return config, err
}

// server is the one that was ordered, listening.
func (o *targetOrder) server() (*target.Listener, *target.Server, error) {
	backlog, err := spec.ParseBacklog(o.Backlog)
	if err != nil {
		return nil, nil, err
	}
	config, err := o.config()
	if err != nil {
		return nil, nil, err
	}
	config.Logged = o.Calls
	config.Limits.Sessions = sessionLimit(o.Calls)
	listener, err := target.Listen(o.Listen, backlog, config.Behaviour.Sockets())
	if err != nil {
		return nil, nil, err
	}
	server, err := target.NewServer(listener, config)
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	return listener, server, nil
}

func targetReport(l *target.Listener, s *target.Server, epoch time.Duration) *record.Target {
	kept := l.Kept()
	report := &record.Target{
		Asked:        kept.Asked,
		Somaxconn:    kept.Somaxconn,
		Effective:    kept.Effective,
		Queued:       s.Counts().Queued,
		Discarded:    l.Discarded(),
		Sockets:      l.Sockets(),
		AcceptErrors: s.Counts().AcceptErrors,
		CPU:          loadgen.ProcessCPU(),
		Priority:     ownPriority(),
	}
	for _, peer := range s.Log() {
		logged := record.Peer{
			At:      peer.At - epoch,
			Address: peer.Address.String(),
			Done:    peer.Done - epoch,
			Fate:    peer.Fate.String(),
			Queued:  peer.Queued,
		}
		if report.Sockets > 1 {
			logged.Socket = peer.Socket + 1
		}
		report.Peers = append(report.Peers, logged)
	}
	return report
}

func queueSamples(samples []probe.Sample, epoch time.Duration) []record.QueueSample {
	queue := make([]record.QueueSample, 0, len(samples))
	for _, s := range samples {
		queue = append(queue, record.QueueSample{At: s.At - epoch, Depth: s.Depth, Limit: s.Limit, Drops: s.Drops})
	}
	return queue
}
