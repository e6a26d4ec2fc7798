package lab

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/command"
	"agistorm/target/netns"
	"agistorm/target/probe"
	"agistorm/target/rawsock"
)

// serverOrder says which command to run.
type serverOrder struct {
	command.Config
	Dir record.RepeatDir
}

// startServer starts the command in this process's cell and waits until it listens.
func (o *serverOrder) startServer(ctx context.Context) (*command.Server, *command.Listening, error) {
	server, err := command.Start(o.Config)
	if err != nil {
		return nil, nil, err
	}
	hurryOn(server)
	_ = rawsock.SetAutogroup(server.PID(), stormNice) // as the built-in target has it; refused: it has its own
	listening, err := server.Listen(ctx)
	if err != nil {
		_, endError := server.End() // then all that it has written is there
		return nil, nil, errors.Join(withOutput(err, server.Output()), endError)
	}
	return server, listening, nil
}

// startServerChild starts the process that follows the server. It has a session of its own: what kills the cell
// must leave it the time to end the server.
func startServerChild() (*child, error) {
	c, err := startChild(context.Background(), roleServer, netns.Attributes(netns.Host), ownEnds()...)
	if err == nil {
		c.grace = 3 * command.DefaultGrace
	}
	return c, err
}

// tailLines is how much of a server's output an error quotes.
const tailLines = 3

// withOutput adds the last lines of a server's output to an error.
func withOutput(err error, output *command.Output) error {
	if lines := output.LastLines(tailLines); len(lines) > 0 {
		return fmt.Errorf("%w; its output ends with: %s", err, strings.Join(lines, " | "))
	}
	return err
}

// tryServer starts the server, and ends it when it listens.
func (o *serverOrder) tryServer() (*listening, error) {
	c, err := startServerChild()
	if err != nil {
		return nil, err
	}
	defer c.kill()
	var l listening
	return &l, c.ask(o, &l)
}

// serverRole runs the user's own server until it is told when the storm was, and then writes what was seen of
// it.
func serverRole(p *parent) error {
	var order serverOrder
	if err := p.order(&order); err != nil {
		return err
	}
	began := time.Now()
	server, listens, err := order.startServer(p.whileHeard())
	if err != nil {
		return err
	}
	s := &served{order: &order, server: server, listening: listens, took: time.Since(began)}
	server.ForgetPeak()
	s.idle, _ = server.Memory()
	defer func() { _ = s.end() }() // what failed before has more to report
	if err := s.watch(); err != nil {
		return err
	}
	effective := listens.Effective()
	holder := processOf(&listens.Sockets[0])
	if err := p.answer(listening{listens.Address.String(), &effective, listens.Loopback(), holder}); err != nil {
		return err
	}
	var epoch epochOrder
	err = inTurn(
		func() error { return p.order(&epoch) },
		p.done,
		func() error { return p.untilOver(s.state) },
	)
	if err != nil {
		return err
	}
	return inTurn(func() error { return s.write(epoch.Epoch) }, p.done)
}

// served is the user's own server while it is stormed.
type served struct {
	order     *serverOrder
	server    *command.Server
	listening *command.Listening
	took      time.Duration
	// idle is the memory of the server before the storm; 0 where that is not known.
	idle    int64
	port    *probe.Port
	sampler *probe.Sampler
	ended   bool
}

// watch begins to sample the accept queues.
func (s *served) watch() (err error) {
	port := s.listening.Address.Port()
	if s.port, err = probe.OpenPort(port); err != nil {
		return err
	}
	s.sampler, err = probe.StartSourceSampler(s.port, sampleEvery, nil)
	return err
}

// state is that of the queues: whether a server has open sessions is its own affair.
func (s *served) state() targetState {
	listeners, err := probe.Listeners(s.listening.Address.Port())
	state := targetState{Idle: err == nil, CPU: s.server.CPU()}
	for i := range listeners {
		state.Queued += int(listeners[i].Depth)
	}
	state.Idle = state.Idle && state.Queued == 0
	return state
}

// write ends the watch and the server, and writes what was seen.
func (s *served) write(epoch time.Duration) error {
	samples := s.sampler.Stop()
	watch, _ := watchReport(s.sampler, samples, nil) // nil without a sample
	cpu := s.server.CPU()
	report := &record.Served{
		Address: s.listening.Address.String(), Loopback: s.listening.Loopback(), Daemonised: s.listening.Daemonised,
		Took: s.took, CPU: &cpu, Watch: watch,
	}
	if _, busy := s.server.Memory(); s.idle > 0 && busy > 0 {
		report.Idle, report.Busy = &s.idle, &busy
	}
	report.Sockets = socketsOf(s.port)
	if exit := s.server.Exit(); exit != nil && !s.listening.Daemonised {
		report.Ended = &record.Exit{Code: exit.Code, Signal: exit.Signal, Stopped: exit.Stopped}
	}
	err := s.end()
	dir := s.order.Dir
	return errors.Join(err, dir.WriteServed(report), dir.WriteQueue(queueSamples(samples, epoch)),
		dir.WriteServerLog(s.server.Output().Bytes()))
}

// socketsOf are the sockets that a watch has seen.
func socketsOf(p *probe.Port) (all []record.ServedSocket) {
	for _, s := range p.Sockets() {
		all = append(all, record.ServedSocket{
			Address: s.Address.String(), Effective: int(s.Limit), Peak: int(s.Peak), Drops: s.Drops,
		})
	}
	return all
}

// end ends what still runs.
func (s *served) end() error {
	if s.ended {
		return nil
	}
	s.ended = true
	if s.sampler != nil {
		s.sampler.Stop()
	}
	_, err := s.server.End()
	if s.port != nil {
		err = errors.Join(err, s.port.Close())
	}
	return err
}

// checkServer holds how the server listens in a storm against how it did in the trial.
func (o *cellOrder) checkServer(l listening) error {
	if *l.Effective != o.Effective {
		return fmt.Errorf("the server listens with a backlog of %d now, and it was %d when it was tried",
			*l.Effective, o.Effective)
	}
	return nil
}
