// Package portable serves on any system with package net: a goroutine for each connection. It takes more
// memory and time than epoll, and so it shows less of what the kernel could bear.
package portable

import (
	"sync"
	"sync/atomic"
	"time"

	"agistorm/target/engine"
)

// Engine implements engine.Engine.
type Engine struct {
	plan      *engine.Plan
	began     time.Time
	calls     atomic.Uint64
	acceptors []*acceptor
	cut       chan struct{}  // closed when the sessions are to end
	all       sync.WaitGroup // of the acceptors and the sessions
}

// New never fails: package net has all that it needs.
func New(plan *engine.Plan) *Engine {
	e := &Engine{plan: plan, began: time.Now(), cut: make(chan struct{})}
	for range plan.Rules.Loops {
		e.acceptors = append(e.acceptors, newAcceptor(e))
	}
	return e
}

// Accept implements engine.Engine.
func (e *Engine) Accept(sockets []engine.Socket) {
	for i, d := range e.acceptors {
		n := min(i, len(sockets)-1)
		d.acceptFrom(sockets[n], n)
	}
}

// Hold implements engine.Engine.
func (e *Engine) Hold() <-chan struct{} {
	return closedAfter(func() {
		for _, d := range e.acceptors {
			d.hold()
		}
	})
}

// Idle implements engine.Engine.
func (e *Engine) Idle() <-chan struct{} { return closedAfter(e.all.Wait) }

// closedAfter is closed when f has returned.
func closedAfter(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		f()
		close(done)
	}()
	return done
}

// wait waits for d and reports whether no cut ended it.
func (e *Engine) wait(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-e.cut:
		return false
	}
}

// Cut implements engine.Engine.
func (e *Engine) Cut() {
	close(e.cut)
	for _, d := range e.acceptors {
		d.cutOff()
	}
}

// Close implements engine.Engine.
func (e *Engine) Close() error { return nil }
