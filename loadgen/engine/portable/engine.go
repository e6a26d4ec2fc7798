// Package portable plays a storm on any system with package net: a goroutine per
// attempt. It cannot ask the kernel for SYN retransmissions, and its own
// scheduling is part of what it measures; where there is epoll, use that.
package portable

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"agistorm/loadgen/engine"
)

// Engine is a storm, prepared.
type Engine struct {
	plan  engine.Plan
	flows []engine.Flow
}

// New prepares a storm. Package net makes its sockets only when it connects, so
// nothing can fail here.
func New(plan engine.Plan) (*Engine, error) {
	return &Engine{plan: plan, flows: make([]engine.Flow, plan.Schedule.Len())}, nil
}

// Close implements engine.Engine; every connection is closed when Run returns.
func (e *Engine) Close() error { return nil }

// Run implements engine.Engine.
func (e *Engine) Run(ctx context.Context, epoch time.Time) []engine.Flow {
	var running sync.WaitGroup
	defer running.Wait()
	for i := range e.flows {
		if !sleepUntil(ctx, epoch.Add(e.plan.Schedule.At(i))) {
			break
		}
		running.Go(func() {
			a := attempt{i: i, plan: &e.plan, flow: &e.flows[i], epoch: epoch}
			a.run(ctx)
		})
	}
	running.Wait()
	return e.flows
}

// sleepUntil is false when ctx was done first.
func sleepUntil(ctx context.Context, at time.Time) bool {
	wait := time.Until(at)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt is one conversation from its start to its end.
type attempt struct {
	i     int
	plan  *engine.Plan
	flow  *engine.Flow
	epoch time.Time
	conn  *net.TCPConn
	out   []byte
}

func (a *attempt) now() time.Duration { return time.Since(a.epoch) }

func (a *attempt) run(ctx context.Context) {
	now := a.now()
	if now-a.plan.Schedule.At(a.i) > a.plan.NotOfferedAfter {
		a.end(engine.Missed)
		return
	}
	a.flow.Started, a.flow.HasStarted = now, true
	if err := a.dial(ctx); err != nil {
		a.stop(ctx, err, engine.ConnectLimit)
		return
	}
	defer a.conn.Close()
	defer context.AfterFunc(ctx, func() { _ = a.conn.Close() })()
	a.flow.Connected, a.flow.HasConnected = a.now(), true
	if local, ok := a.conn.LocalAddr().(*net.TCPAddr); ok {
		a.flow.Local = local.AddrPort()
	}
	if limit, err := a.converse(); err != nil {
		a.stop(ctx, err, limit)
	}
}

// dial connects as Asterisk does: no keepalive, Nagle on.
func (a *attempt) dial(ctx context.Context) error {
	dialer := net.Dialer{Timeout: a.plan.ConnectLimit, KeepAlive: -1}
	conn, err := dialer.DialTCP(ctx, "tcp", netip.AddrPort{}, a.plan.Address)
	if err != nil {
		return err
	}
	a.conn = conn
	return conn.SetNoDelay(false)
}

// converse runs the session. The limit is the one that was in force when the error came.
func (a *attempt) converse() (engine.Limit, error) {
	limit, err := a.patience()
	if err != nil {
		return limit, err
	}
	if err := a.send(a.plan.Talk.Open(a.out[:0], a.i)); err != nil {
		return limit, err
	}
	in := make([]byte, 16<<10)
	for {
		n, err := a.conn.Read(in)
		if n > 0 {
			if err := a.receive(in[:n]); err != nil {
				return limit, err
			}
		}
		if err == io.EOF {
			return limit, a.closed()
		}
		if err != nil {
			return limit, err
		}
		if limit, err = a.patience(); err != nil {
			return limit, err
		}
	}
}

// patience sets the deadline of the next read and write.
func (a *attempt) patience() (engine.Limit, error) {
	limit, after := engine.SessionLimit, a.plan.SessionLimit
	if !a.flow.HasCommand && a.plan.FirstCommandLimit < after {
		limit, after = engine.FirstCommandLimit, a.plan.FirstCommandLimit
	}
	return limit, a.conn.SetDeadline(a.epoch.Add(a.flow.Connected + after))
}

// broken marks an error as the talk's.
type broken struct{ error }

func (a *attempt) receive(in []byte) error {
	a.flow.BytesIn += uint64(len(in))
	answer, commands, err := a.plan.Talk.Receive(a.out[:0], a.i, in)
	if commands > 0 && !a.flow.HasCommand {
		a.flow.FirstCommand, a.flow.HasCommand = a.now(), true
	}
	a.flow.Commands += uint32(commands)
	if err != nil {
		return broken{err}
	}
	return a.send(answer)
}

func (a *attempt) closed() error {
	farewell, err := a.plan.Talk.Close(a.out[:0], a.i)
	if err != nil {
		return broken{err}
	}
	// The server may be gone for good: what becomes of the last words changes nothing.
	_ = a.send(farewell)
	a.end(engine.Finished)
	return nil
}

func (a *attempt) send(p []byte) error {
	a.out = p
	for len(p) > 0 {
		line := p
		if end := bytes.IndexByte(p, '\n'); a.plan.LineByLine && end >= 0 {
			line = p[:end+1]
		}
		n, err := a.conn.Write(line)
		a.flow.BytesOut += uint64(n)
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// stop ends the attempt by what an error says. One that comes from ctx leaves it running.
func (a *attempt) stop(ctx context.Context, err error, limit engine.Limit) {
	var talk broken
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return
	case errors.As(err, &talk):
		a.flow.Err = talk.error
		a.end(engine.Broken)
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() && !errors.As(err, &errno):
		a.flow.Limit = limit
		a.end(engine.OverLimit)
	default:
		if !errors.As(err, &errno) {
			errno = syscall.EIO
		}
		a.flow.Errno = errno
		a.end(engine.Failed)
	}
}

func (a *attempt) end(cause engine.Cause) {
	a.flow.Cause, a.flow.Done = cause, a.now()
}
