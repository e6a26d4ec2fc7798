// Package portable serves on any system with package net: a goroutine for each connection. It takes more
// memory and time than epoll, and so it shows less of what the kernel could bear.
package portable

import (
	"context"
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
	cut       context.Context // done when the sessions are to end
	end       func()
	all       sync.WaitGroup // of the acceptors and the sessions
}

// New never fails: package net has all that it needs.
func New(plan *engine.Plan) *Engine {
	e := &Engine{plan: plan, began: time.Now()}
	e.cut, e.end = context.WithCancel(context.Background())
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
	return engine.ClosedAfter(func() {
		for _, d := range e.acceptors {
			d.hold()
		}
	})
}

// Idle implements engine.Engine.
func (e *Engine) Idle() <-chan struct{} { return engine.ClosedAfter(e.all.Wait) }

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
	case <-e.cut.Done():
		return false
	}
}

// Cut implements engine.Engine.
func (e *Engine) Cut() { e.end() }

func (e *Engine) isCut() bool { return e.cut.Err() != nil }

// Close implements engine.Engine.
func (e *Engine) Close() error { return nil }
