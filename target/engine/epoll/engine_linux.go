// Package epoll serves on Linux: each loop of the plan is a thread with an epoll instance and a table of
// sessions. There is no goroutine per session, and none is allocated for once the table has grown.
package epoll

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"agistorm/target/engine"
)

// Engine implements engine.Engine.
type Engine struct {
	plan  *engine.Plan
	began time.Time
	calls atomic.Uint64
	cut   chan struct{} // closed when the sessions are to end
	loops []*loop
	over  sync.WaitGroup
}

// New starts the threads, which do nothing yet. The error wraps an *os.SyscallError.
func New(plan *engine.Plan) (*Engine, error) {
	e := &Engine{plan: plan, began: time.Now(), cut: make(chan struct{})}
	for range plan.Rules.Loops {
		l, err := newLoop(e)
		if err != nil {
			_ = e.Close() // the first error is the one that matters
			return nil, err
		}
		e.loops = append(e.loops, l)
		e.over.Go(l.run)
	}
	return e, nil
}

// Accept implements engine.Engine.
func (e *Engine) Accept(sockets []engine.Socket) {
	for i, l := range e.loops {
		n := min(i, len(sockets)-1)
		socket := sockets[n].Descriptor()
		shared := len(sockets) < len(e.loops)
		l.post(func() { l.acceptFrom(int32(socket), n, shared) })
	}
}

// Hold implements engine.Engine.
func (e *Engine) Hold() <-chan struct{} {
	return e.all(func(l *loop, done func()) {
		l.hold()
		done()
	})
}

// Idle implements engine.Engine.
func (e *Engine) Idle() <-chan struct{} {
	return e.all(func(l *loop, done func()) { l.idle = done })
}

// all gives each loop its order, and closes the channel when each has called done.
func (e *Engine) all(order func(l *loop, done func())) <-chan struct{} {
	var left sync.WaitGroup
	left.Add(len(e.loops))
	for _, l := range e.loops {
		l.post(func() { order(l, left.Done) })
	}
	return engine.ClosedAfter(left.Wait)
}

// Cut implements engine.Engine.
func (e *Engine) Cut() {
	close(e.cut)
	for _, l := range e.loops {
		l.post(l.endAll)
	}
}

// Close implements engine.Engine.
func (e *Engine) Close() error {
	for _, l := range e.loops {
		l.post(func() { l.over = true })
	}
	e.over.Wait()
	var failed error
	for _, l := range e.loops {
		failed = cmp.Or(failed, l.close())
	}
	return failed
}
