package portable

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"agistorm/target/engine"
)

// acceptor is one accepting goroutine and the sessions that it admitted.
type acceptor struct {
	engine *Engine
	// turn is the one thread of a server whose work blocks it.
	turn sync.Mutex
	// blocked counts the time for which that thread was busy with others' work and events.
	blocked atomic.Int64

	mu      sync.Mutex
	changed sync.Cond // of all below
	rules   engine.Admission
	kept    []chan struct{} // closed when it is their turn
	holding bool
	socket  *accepting
}

// accepting is a listener in use.
type accepting struct {
	listener *net.TCPListener
	release  func() error
	done     chan struct{}
}

func newAcceptor(e *Engine) *acceptor {
	a := &acceptor{engine: e, rules: engine.NewAdmission(&e.plan.Rules)}
	a.changed.L = &a.mu
	return a
}

func (a *acceptor) acceptFrom(socket engine.Socket, n int) {
	listener, release, err := socket.Listener()
	if err != nil {
		a.engine.plan.Failed(err)
		return
	}
	in := &accepting{listener, release, make(chan struct{})}
	a.change(func() { a.holding, a.socket = false, in })
	a.engine.all.Go(func() {
		defer close(in.done)
		if err := a.acceptAll(listener, n); err != nil {
			a.engine.plan.Failed(err)
		}
	})
}

// hold stops accepting and returns once it has. A deadline in the past ends a waiting accept and leaves the
// queue as it is.
func (a *acceptor) hold() {
	var in *accepting
	a.change(func() { a.holding, a.socket, in = true, nil, a.socket })
	if in == nil {
		return
	}
	_ = in.listener.SetDeadline(past) // one that is closed wakes its waiter too
	<-in.done
	_ = in.release() // nothing more is wanted of it
}

// acceptAll accepts connections as the rules admit them, until hold.
func (a *acceptor) acceptAll(l *net.TCPListener, socket int) error {
	for a.mayAccept() {
		conn, err := l.AcceptTCP()
		switch {
		case err == nil:
			a.enter(conn, socket)
		case a.isHolding():
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default: // no descriptor is free, or the client has left
			a.engine.plan.Log.AcceptFailed()
			time.Sleep(engine.AcceptPause)
		}
	}
	return nil
}

// mayAccept waits until the rules admit a connection and reports whether one may be accepted: not once it
// is held.
func (a *acceptor) mayAccept() bool {
	a.takeTurn(func() {})
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.holding && !a.rules.Accepts() {
		a.changed.Wait()
	}
	return !a.holding && !a.engine.isCut() // a fork ends at the cut, perhaps before hold
}

func (a *acceptor) isHolding() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.holding
}

// takeTurn does what the server's one thread does, where it has one only.
func (a *acceptor) takeTurn(do func()) {
	if a.engine.plan.Rules.OneThread {
		a.turn.Lock()
		defer a.turn.Unlock()
	}
	do()
}

// enter does with a connection what the rules decide.
func (a *acceptor) enter(conn *net.TCPConn, socket int) {
	plan := a.engine.plan
	peer := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	logged := plan.Log.Accepted(
		engine.Arrival{Peer: netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port()), Socket: socket})
	a.takeTurn(a.spend)
	turn := make(chan struct{})
	a.mu.Lock()
	decision := a.rules.Enter(time.Since(a.engine.began))
	switch decision {
	case engine.Serve:
		close(turn)
	case engine.Keep:
		a.kept = append(a.kept, turn)
	case engine.Shut:
		a.holding = true
	}
	a.mu.Unlock()
	if decision == engine.Serve {
		a.fork()
	}
	if decision == engine.Serve || decision == engine.Keep {
		a.engine.all.Go(func() { a.serve(conn, logged, turn) })
		return
	}
	_ = conn.Close() // unread, as it was meant
	plan.Log.Ended(logged, engine.Rejected, 0)
	if decision == engine.Shut {
		plan.Shut()
	}
}

// fork is the time that a process for a session takes the goroutine that accepts. A cut ends it.
func (a *acceptor) fork() {
	a.engine.wait(a.engine.plan.Rules.ForkTime)
}

// change runs f, which may admit others.
func (a *acceptor) change(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
	a.changed.Broadcast()
}

// leave ends a session and serves those that were kept, as far as handlers are free.
func (a *acceptor) leave(environmentRead bool) {
	a.change(func() {
		a.rules.Leave(environmentRead)
		for len(a.kept) > 0 && a.rules.Promote() {
			close(a.kept[0])
			a.kept = a.kept[1:]
		}
	})
}

// drop removes a connection that was closed before it was served; its turn may have come at the same moment.
func (a *acceptor) drop(turn chan struct{}) {
	a.change(func() {
		if i := slices.Index(a.kept, turn); i >= 0 {
			a.kept = slices.Delete(a.kept, i, i+1)
			a.rules.Drop()
		} else {
			a.rules.Leave(false)
		}
	})
}

// spend spins for as long as an event costs the server's one thread. The caller has its turn. It measures
// the time that passes: Go does not report the CPU time of a goroutine.
func (a *acceptor) spend() {
	cost := a.engine.plan.Rules.EventCost
	if cost == 0 {
		return
	}
	began := time.Now()
	for time.Since(began) < cost {
	}
	a.block(time.Since(began))
}

// block counts the time for which the server's one thread was busy with others.
func (a *acceptor) block(busy time.Duration) { a.blocked.Add(int64(busy)) }

func (a *acceptor) blockedFor() time.Duration { return time.Duration(a.blocked.Load()) }
