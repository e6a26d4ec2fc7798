// Package portable plays a storm on any system with package net: a goroutine per
// attempt. It cannot ask the kernel for SYN retransmissions, and its own
// scheduling is part of what it measures; where there is epoll, use that.
package portable

import (
	"bytes"
	"cmp"
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
	mu    sync.Mutex // of the lags
	lags  engine.Lags
}

// New prepares a storm. Package net makes its sockets only when it connects, so
// nothing can fail here; it plans no ports: Plan.Sources gives it the addresses only.
func New(plan engine.Plan) (*Engine, error) {
	plan.Observer = cmp.Or[engine.Observer](plan.Observer, engine.Unobserved{})
	return &Engine{plan: plan, flows: make([]engine.Flow, plan.Schedule.Len())}, nil
}

// Close implements engine.Engine; every connection is closed when Run returns.
func (e *Engine) Close() error { return nil }

// Thread implements engine.Engine: this one plays on many.
func (e *Engine) Thread() *engine.Thread { return nil }

// ReplyLags implements engine.Engine: package net reads no arrival stamps, so they count from the read.
func (e *Engine) ReplyLags() (*engine.Lags, bool) { return &e.lags, false }

func (e *Engine) addLag(lag time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lags.Add(lag)
}

// Run implements engine.Engine.
func (e *Engine) Run(ctx context.Context, epoch time.Time) []engine.Flow {
	var running sync.WaitGroup
	defer running.Wait()
	for i := range e.flows {
		if !sleepUntil(ctx, epoch.Add(e.plan.Schedule.At(i))) {
			break
		}
		running.Go(func() {
			a := attempt{i: i, plan: &e.plan, flow: &e.flows[i], epoch: epoch, addLag: e.addLag}
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
	// hungUp: the caller has gone, the session goes on.
	hungUp bool
	spoke  time.Duration // when the environment had been sent
	addLag func(time.Duration)
}

func (a *attempt) now() time.Duration { return time.Since(a.epoch) }

func (a *attempt) run(ctx context.Context) {
	now := a.now()
	if now-a.plan.Schedule.At(a.i) > a.plan.NotOfferedAfter {
		a.end(engine.Missed)
		return
	}
	a.flow.Started, a.flow.HasStarted = now, true
	a.plan.Observer.Started()
	if err := a.dial(ctx); err != nil {
		a.stop(ctx, err, engine.ConnectLimit)
		return
	}
	defer a.conn.Close()
	defer context.AfterFunc(ctx, func() { _ = a.conn.Close() })()
	a.connected()
	if limit, err := a.converse(ctx); err != nil {
		a.stop(ctx, err, limit)
	}
}

// dial tries the server's addresses in turn.
func (a *attempt) dial(ctx context.Context) (err error) {
	for n, address := range a.plan.Addresses {
		a.flow.Address, a.flow.Tried = uint8(n), a.now()
		if err = a.connect(ctx, address); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// connect connects as Asterisk does: no keepalive, Nagle on unless the plan has NoDelay.
func (a *attempt) connect(ctx context.Context, address netip.AddrPort) error {
	dialer := net.Dialer{Timeout: a.plan.ConnectLimit, KeepAlive: -1}
	conn, err := dialer.DialTCP(ctx, "tcp", a.source(), address)
	if err != nil {
		return err
	}
	a.conn = conn
	return conn.SetNoDelay(a.plan.NoDelay)
}

func (a *attempt) source() netip.AddrPort {
	if addrs := a.plan.Sources.Addrs; len(addrs) > 0 {
		return netip.AddrPortFrom(addrs[a.plan.SourceOf(a.i)], 0)
	}
	return netip.AddrPort{}
}

func (a *attempt) connected() {
	a.flow.Connected, a.flow.HasConnected = a.now(), true
	if local, ok := a.conn.LocalAddr().(*net.TCPAddr); ok {
		a.flow.Local = local.AddrPort()
	}
	a.plan.Observer.Connected(a.flow.Connected - a.plan.Schedule.At(a.i))
}

// converse runs the session. The limit is the one that was in force when the error came.
func (a *attempt) converse(ctx context.Context) (engine.Limit, error) {
	if a.plan.Talk == nil && a.plan.HangUpAfter == 0 {
		return engine.NoLimit, a.leave()
	}
	limit, err := a.setDeadline()
	if err != nil {
		return limit, err
	}
	if a.plan.Talk != nil {
		if err := a.send(a.plan.Talk.Open(a.out[:0], a.i)); err != nil {
			return engine.SessionLimit, err
		}
		a.spoke = a.now()
	}
	in := make([]byte, 16<<10)
	for a.flow.Cause == engine.Running {
		if limit, err = a.setDeadline(); err != nil {
			return limit, err
		}
		n, err := a.conn.Read(in)
		if n > 0 {
			if err := a.receive(ctx, in[:n]); err != nil {
				return limit, err
			}
		}
		switch {
		case err == io.EOF:
			return limit, a.closed()
		case a.hangsUp(err):
			if err := a.hangUp(); err != nil {
				return limit, err
			}
		case err != nil:
			return limit, err
		}
	}
	return limit, nil
}

// setDeadline sets the deadlines of the next read and write, and returns which limit the read has.
func (a *attempt) setDeadline() (engine.Limit, error) {
	connected := a.epoch.Add(a.flow.Connected)
	limit, until := engine.SessionLimit, connected.Add(a.plan.SessionLimit)
	if err := a.conn.SetWriteDeadline(until); err != nil {
		return limit, err
	}
	// The server's time to answer begins with the client's words.
	answer := a.epoch.Add(a.spoke + a.plan.FirstCommandLimit)
	if a.plan.Talk != nil && !a.flow.HasCommand && answer.Before(until) {
		limit, until = engine.FirstCommandLimit, answer
	}
	if leaves := connected.Add(a.plan.HangUpAfter); a.mayHangUp() && leaves.Before(until) {
		until = leaves
	}
	return limit, a.conn.SetReadDeadline(until)
}

func (a *attempt) mayHangUp() bool { return a.plan.HangUpAfter > 0 && !a.hungUp }

// hangsUp reports whether a read has ended because it is time for the caller to hang up.
func (a *attempt) hangsUp(err error) bool {
	return a.mayHangUp() && errors.Is(err, os.ErrDeadlineExceeded) && a.now()-a.flow.Connected >= a.plan.HangUpAfter
}

func (a *attempt) hangUp() error {
	a.hungUp = true
	if a.plan.Talk == nil {
		return a.leave()
	}
	if _, err := a.setDeadline(); err != nil {
		return err
	}
	return a.send(a.plan.Talk.HangUp(a.out[:0], a.i))
}

// leave closes the client's side. Whether the server's kernel acknowledges that, this engine cannot tell.
func (a *attempt) leave() error {
	if err := a.conn.CloseWrite(); err != nil {
		return err
	}
	a.flow.Left, a.flow.LeftAt = true, a.now()
	a.end(engine.Finished)
	return nil
}

// broken marks an error as the talk's.
type broken struct{ error }

func (a *attempt) receive(ctx context.Context, in []byte) error {
	read := a.now()
	a.flow.BytesIn += uint64(len(in))
	if a.plan.Talk == nil {
		return nil
	}
	answer, commands, err := a.plan.Talk.Receive(a.out[:0], a.i, in)
	a.flow.CountCommands(commands, a.now())
	if err != nil {
		return broken{err}
	}
	if len(answer) == 0 {
		return nil
	}
	if due := read + a.plan.Think; a.plan.Think > 0 && !sleepUntil(ctx, a.epoch.Add(due)) {
		return ctx.Err() // the connection is closed too
	}
	return a.reply(answer, read+a.plan.Think)
}

// reply answers what was to be answered at due.
func (a *attempt) reply(answer []byte, due time.Duration) error {
	lag := a.plan.Lag(a.flow.Connected, due, a.now()) // a write that blocks waits for the server
	a.addLag(lag)
	a.flow.Replied(lag)
	return a.send(answer)
}

func (a *attempt) closed() error {
	if a.plan.Talk == nil {
		a.end(engine.Finished)
		return nil
	}
	farewell, err := a.plan.Talk.Close(a.out[:0], a.i)
	if err != nil {
		return broken{err}
	}
	// The server may have gone: whether the last bytes arrive does not matter.
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

// stop ends the attempt by its error. One that comes from ctx leaves it running.
func (a *attempt) stop(ctx context.Context, err error, limit engine.Limit) {
	var talk broken
	var errno syscall.Errno
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return
	case errors.As(err, &talk):
		a.abandon(talk.error)
	case errors.Is(err, syscall.EPIPE) && a.plan.Talk != nil:
		a.drain()
	case errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout() && !errors.As(err, &errno):
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

// drain reads commands that cannot be answered any more: the server had closed before it reset.
func (a *attempt) drain() {
	in := make([]byte, 4096)
	for {
		n, err := a.conn.Read(in)
		a.flow.BytesIn += uint64(n)
		_, commands, talkErr := a.plan.Talk.Receive(a.out[:0], a.i, in[:n])
		a.flow.CountCommands(commands, a.now())
		if talkErr != nil {
			a.abandon(talkErr)
			return
		}
		if err != nil {
			break
		}
	}
	if _, err := a.plan.Talk.Close(a.out[:0], a.i); err != nil {
		a.abandon(err)
		return
	}
	a.end(engine.Finished)
}

// abandon ends the attempt by an error of the talk.
func (a *attempt) abandon(err error) {
	a.flow.Err = err
	a.end(engine.Broken)
}

func (a *attempt) end(cause engine.Cause) {
	a.flow.Cause, a.flow.Done = cause, a.now()
	a.plan.Observer.Ended(a.flow)
}
