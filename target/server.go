package target

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"agistorm/target/engine"
	"agistorm/target/spec"
)

// Server is a FastAGI script server.
type Server struct {
	config   Config
	listener *Listener
	log      *peerLog
	plan     engine.Plan

	failed chan error
	shut   chan struct{}
	from   chan time.Time
}

// NewServer makes a server for a listener, which the caller closes, after Serve.
func NewServer(l *Listener, c Config) (*Server, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	s := &Server{
		config: c, listener: l, log: newPeerLog(c.Logged),
		failed: make(chan error, 1), shut: make(chan struct{}, 1), from: make(chan time.Time, 1),
	}
	s.plan = engine.Plan{
		Rules:  c.Behaviour.Rules(c.Limits.Sessions),
		Script: c.script(),
		Work:   func(call uint64) time.Duration { return c.Work.At(c.Seed, call) },
		Log:    s.log,
		Failed: func(err error) { first(s.failed, err) },
		Shut:   func() { first(s.shut, struct{}{}) },
	}
	return s, nil
}

// first sends to a channel that holds one value, and drops further ones.
func first[T any](c chan T, value T) {
	select {
	case c <- value:
	default:
	}
}

// script returns the commands of a session, and its limits.
func (c *Config) script() *engine.Script {
	s := &engine.Script{
		LineBytes: c.Limits.LineBytes, EnvLines: c.Limits.EnvLines,
		EnvTime: c.Limits.EnvTime, ScriptTime: c.Limits.ScriptTime,
	}
	for _, line := range c.Script {
		s.Commands = append(s.Commands, []byte(line+"\n"))
	}
	return s
}

// Serve accepts and serves until ctx is done; then it accepts no more, counts what is still queued, lets
// the open sessions finish for as long as Config.Drain, and cuts the rest off. It returns nil then, and an
// error if the listener fails. Call it once.
func (s *Server) Serve(ctx context.Context) error {
	sockets := s.listener.engineSockets()
	if len(sockets) == 0 {
		return fmt.Errorf("server: %w", net.ErrClosed)
	}
	e, err := newEngine(s.config.Engine, &s.plan)
	if err != nil {
		return err
	}
	e.Accept(sockets)
	err = s.watchOver(ctx, e)
	s.drain(e)
	return cmp.Or(err, e.Close())
}

// DisturbFrom sets the instant from which the times of the stalls and restarts count. Without it there are
// none. Call it once.
func (s *Server) DisturbFrom(begin time.Time) { s.from <- begin }

// watchOver does what happens to a server while it serves. It returns nil when ctx is done.
func (s *Server) watchOver(ctx context.Context, e engine.Engine) error {
	var plan []disturbance
	for {
		var next <-chan time.Time
		if len(plan) > 0 {
			next = time.After(time.Until(plan[0].begin))
		}
		var err error
		select {
		case <-ctx.Done():
			return nil
		case err := <-s.failed:
			return fmt.Errorf("server: %w", err)
		case begin := <-s.from:
			plan = s.config.disturbances(begin)
		case <-s.shut:
			err = s.interrupt(ctx, e,
				disturbance{begin: time.Now(), end: time.Now().Add(s.config.Behaviour.Pause()), closes: true})
		case <-next:
			err = s.interrupt(ctx, e, plan[0])
			plan = plan[1:]
		}
		if err != nil {
			return err
		}
	}
}

// disturbance is one with its instants.
type disturbance struct {
	begin, end time.Time
	closes     bool // the listener
}

// disturbances in the order in which they begin.
func (c *Config) disturbances(from time.Time) []disturbance {
	var plan []disturbance
	for i, list := range [][]spec.Disturbance{c.Stalls, c.Restarts} {
		for _, d := range list {
			plan = append(plan, disturbance{from.Add(d.At), from.Add(d.At + d.For), i == 1})
		}
	}
	slices.SortStableFunc(plan, func(a, b disturbance) int { return a.begin.Compare(b.begin) })
	return plan
}

// interrupt stops accepting until the disturbance ends, with the sockets closed or open.
func (s *Server) interrupt(ctx context.Context, e engine.Engine, d disturbance) error {
	select {
	case <-e.Hold():
	case <-ctx.Done():
		return nil
	}
	if d.closes {
		if err := s.listener.closeAll(); err != nil {
			return err
		}
		d.end = time.Now().Add(d.end.Sub(d.begin)) // one that begins late lasts as long
	}
	select {
	case <-time.After(time.Until(d.end)):
	case <-ctx.Done():
		return nil
	}
	if d.closes {
		if err := s.listener.listenAll(s.config.Behaviour.Sockets()); err != nil {
			return err
		}
	}
	e.Accept(s.listener.engineSockets())
	return nil
}

// drain waits for the sessions, and cuts those that take too long. What is queued is counted first:
// meanwhile retransmissions let more in.
func (s *Server) drain(e engine.Engine) {
	enough := time.After(s.config.Drain)
	wait := func(done <-chan struct{}) {
		select {
		case <-done:
		case <-enough:
			e.Cut()
			<-done
		}
	}
	held, idle := e.Hold(), e.Idle()
	wait(held)
	if n, err := s.listener.Waiting(); err == nil {
		s.log.left(n)
	}
	wait(idle)
}

// Log gives the peers in the order they were accepted, as far as they are logged.
func (s *Server) Log() []Peer { return s.log.all() }

// Counts gives what the server has seen so far.
func (s *Server) Counts() Counts { return s.log.count() }
