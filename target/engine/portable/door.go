package portable

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"agistorm/target/engine"
)

// door is one accepting goroutine and the sessions that it let in.
type door struct {
	engine *Engine
	// turn is the one thread of a server whose work blocks it.
	turn sync.Mutex

	mu      sync.Mutex
	changed sync.Cond // of all below
	rules   engine.Door
	kept    []chan struct{} // closed when it is their turn
	open    map[net.Conn]struct{}
	holding bool
	blocked time.Duration // by work and by the cost of events, where there is one thread only
	socket  *accepting
}

// accepting is a listener in use.
type accepting struct {
	listener *net.TCPListener
	release  func() error
	done     chan struct{}
}

func newDoor(e *Engine) *door {
	d := &door{engine: e, rules: engine.NewDoor(&e.plan.Rules), open: map[net.Conn]struct{}{}}
	d.changed.L = &d.mu
	return d
}

func (d *door) acceptFrom(socket engine.Socket, n int) {
	listener, release, err := socket.Listener()
	if err != nil {
		d.engine.plan.Failed(err)
		return
	}
	a := &accepting{listener, release, make(chan struct{})}
	d.mu.Lock()
	d.holding, d.socket = false, a
	d.mu.Unlock()
	d.engine.all.Go(func() {
		defer close(a.done)
		if err := d.acceptAll(listener, n); err != nil {
			d.engine.plan.Failed(err)
		}
	})
}

// hold returns when nobody accepts any more. A deadline in the past wakes who waits, and leaves the queue as it is.
func (d *door) hold() {
	d.mu.Lock()
	d.holding = true
	a := d.socket
	d.socket = nil
	d.changed.Broadcast()
	d.mu.Unlock()
	if a == nil {
		return
	}
	_ = a.listener.SetDeadline(time.Unix(1, 0)) // one that is closed wakes its waiter too
	<-a.done
	_ = a.release() // nothing more is wanted of it
}

// acceptAll takes out of the kernel's queue whom the door lets in, until it is held.
func (d *door) acceptAll(l *net.TCPListener, socket int) error {
	for d.mayAccept() {
		conn, err := l.AcceptTCP()
		switch {
		case err == nil:
			d.enter(conn, socket)
		case d.isHolding():
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default: // no descriptor is free, or the client has left
			d.engine.plan.Log.AcceptFailed()
			time.Sleep(engine.AcceptPause)
		}
	}
	return nil
}

// mayAccept waits until the door is open; false when it is held.
func (d *door) mayAccept() bool {
	d.takeTurn(func() {})
	d.mu.Lock()
	defer d.mu.Unlock()
	for !d.holding && !d.rules.Accepts() {
		d.changed.Wait()
	}
	return !d.holding && !d.isCut() // a fork ends at the cut, perhaps before the door is held
}

func (d *door) isHolding() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.holding
}

// takeTurn does what the server's one thread does, where it has one only.
func (d *door) takeTurn(do func()) {
	if d.engine.plan.Rules.OneThread {
		d.turn.Lock()
		defer d.turn.Unlock()
	}
	do()
}

// enter does with a connection what the door says.
func (d *door) enter(conn *net.TCPConn, socket int) {
	plan := d.engine.plan
	peer := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
	logged := plan.Log.Accepted(engine.Arrival{Peer: netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port()), Socket: socket})
	d.takeTurn(d.spend)
	turn := make(chan struct{})
	d.mu.Lock()
	ruling := d.rules.Enter(time.Since(d.engine.began))
	switch ruling {
	case engine.Serve:
		close(turn)
	case engine.Keep:
		d.kept = append(d.kept, turn)
	case engine.Shut:
		d.holding = true
	}
	d.mu.Unlock()
	if ruling == engine.Serve {
		d.fork()
	}
	if ruling == engine.Serve || ruling == engine.Keep {
		d.engine.all.Go(func() { d.serve(conn, logged, turn) })
		return
	}
	_ = conn.Close() // unread, as it was meant
	plan.Log.Ended(logged, engine.Rejected, 0)
	if ruling == engine.Shut {
		plan.Shut()
	}
}

// fork is the time that a process for a session takes the goroutine that accepts. A cut ends it.
func (d *door) fork() {
	cost := d.engine.plan.Rules.ForkTime
	if cost == 0 {
		return
	}
	timer := time.NewTimer(cost)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.engine.cut:
	}
}

// heard is told of a client that has said its environment.
func (d *door) heard() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rules.Heard()
	d.changed.Broadcast()
}

// leave lets the next in.
func (d *door) leave(conn net.Conn, heard bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, conn)
	d.rules.Leave(heard)
	for len(d.kept) > 0 && d.rules.Promote() {
		close(d.kept[0])
		d.kept = d.kept[1:]
	}
	d.changed.Broadcast()
}

// drop is a connection that was closed before it was served; its turn may have come in the same moment.
func (d *door) drop(turn chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(d.kept, turn); i >= 0 {
		d.kept = slices.Delete(d.kept, i, i+1)
		d.rules.Drop()
	} else {
		d.rules.Leave(false)
	}
	d.changed.Broadcast()
}

// spend spins for as long as an event costs the server's one thread. The caller has its turn. It measures the time that
// passes: Go does not report the CPU time of a goroutine.
func (d *door) spend() {
	cost := d.engine.plan.Rules.EventCost
	if cost == 0 {
		return
	}
	began := time.Now()
	for time.Since(began) < cost {
	}
	d.block(time.Since(began))
}

// block counts the time for which the server's one thread was busy with others.
func (d *door) block(busy time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.blocked += busy
}

func (d *door) blockedFor() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.blocked
}

// setDeadline sets one, unless the sessions are cut off already.
func (d *door) setDeadline(conn net.Conn, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[conn] = struct{}{}
	if d.isCut() {
		at = time.Unix(1, 0)
	}
	_ = conn.SetDeadline(at) // a connection that is closed needs none
}

func (d *door) isCut() bool {
	select {
	case <-d.engine.cut:
		return true
	default:
		return false
	}
}

func (d *door) cutOff() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for conn := range d.open {
		_ = conn.SetDeadline(time.Unix(1, 0))
	}
}
