package epoll

import (
	"errors"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
	"agistorm/target/rawsock"
)

// expire does what the deadlines that have passed ask for.
func (e *Engine) expire(now time.Duration) {
	for t := range timers {
		for d, ok := e.deadlines[t].pop(now); ok; d, ok = e.deadlines[t].pop(now) {
			e.fire(t, d, now)
		}
	}
}

// fire does it for one attempt, if the deadline still means something there.
func (e *Engine) fire(t timer, d deadline, now time.Duration) {
	i := int(d.i)
	slot := &e.slots[i]
	switch {
	case t == connectTimer && slot.state == connecting && slot.try == d.try:
		e.timeOut(i, now)
	case t == connectTimer || slot.state != open: // it means nothing any more
	case t == commandTimer:
		e.lastRead(i, now)
	case t == finTimer:
		e.checkFIN(i, now)
	case t == sessionTimer && e.flows[i].Left: // the wait for the acknowledgement has a limit of its own
	case t == sessionTimer:
		e.overLimit(i, engine.SessionLimit, now)
	case t == hangUpTimer:
		e.hangUp(i)
	case t == thinkTimer:
		e.thought(i)
	}
}

// lastRead reads what may have come while others had their turn, before an attempt is called silent.
func (e *Engine) lastRead(i int, now time.Duration) {
	if !e.flows[i].HasCommand {
		e.read(i, true)
	}
	if e.slots[i].state == open && !e.flows[i].HasCommand {
		e.overLimit(i, engine.FirstCommandLimit, now)
	}
}

// timeOut ends the try of one address, unless the connection has been made while others had their turn.
func (e *Engine) timeOut(i int, now time.Duration) {
	e.account(i, now)
	switch state := e.info.State; {
	case !e.flows[i].HasInfo || e.connectedLate(i):
	case state == established || state == closeWait:
		e.open(i, now)
		e.greet(i)
		return
	case state == closed:
		if errno := rawsock.SocketError(e.slots[i].fd); errno != 0 {
			e.fail(i, errno) // it was refused, or reset, while others had their turn
			return
		}
	}
	e.nextAddress(i, now)
}

// nextAddress ends the try of an address whose limit has passed.
func (e *Engine) nextAddress(i int, now time.Duration) {
	if !e.tryNext(i) {
		e.overLimit(i, engine.ConnectLimit, now)
	}
}

// connectedLate reports whether a connection was made after its limit, while others had their turn:
// Asterisk would have given up. The kernel's time of the SYN-ACK has the grain of a tick, 10 ms at most.
func (e *Engine) connectedLate(i int) bool {
	flow := &e.flows[i]
	return flow.HasInfo && flow.Retransmits > 0 && flow.SYNACK-flow.Tried > e.plan.ConnectLimit+10*time.Millisecond
}

// tcpi_state of a connection, of one whose server has closed, and of none (the kernel's
// include/net/tcp_states.h).
const (
	established = 1
	closed      = 7
	closeWait   = 8
)

func (e *Engine) overLimit(i int, limit engine.Limit, now time.Duration) {
	e.flows[i].Limit = limit
	e.end(i, engine.OverLimit, now)
}

// fail ends an attempt, or its try of one address, by an errno.
func (e *Engine) fail(i int, errno syscall.Errno) {
	if e.slots[i].state == connecting {
		e.account(i, e.now())
		if e.tryNext(i) {
			return
		}
	}
	if e.flows[i].Left && e.acknowledged(i) {
		e.end(i, engine.Finished, e.now()) // the server had read that its client left
		return
	}
	e.flows[i].Errno = errno
	e.end(i, engine.Failed, e.now())
}

// errnoOf finds the errno in what went wrong with a socket; without one it is EADDRNOTAVAIL, no port.
func errnoOf(err error) syscall.Errno {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return unix.EADDRNOTAVAIL
}

func (e *Engine) abandon(i int, err error) {
	e.flows[i].Err = err
	e.end(i, engine.Broken, e.now())
}

func (e *Engine) end(i int, cause engine.Cause, now time.Duration) {
	flow, slot := &e.flows[i], &e.slots[i]
	flow.Cause, flow.Done = cause, now
	slot.state = ended
	slot.unsent = nil
	e.left--
	e.release(i)
	e.plan.Observer.Ended(flow)
}

// release closes the attempt's socket; that also takes it out of the epoll set.
func (e *Engine) release(i int) {
	if fd := e.slots[i].fd; fd >= 0 {
		e.freePort(fd)
		rawsock.Close(fd)
		e.slots[i].fd = -1
	}
}

// freePort lets further sockets have a planned port while its connection lingers in TIME_WAIT, which takes this
// from the socket when both sides have closed.
func (e *Engine) freePort(fd int32) {
	if e.ports.planned() {
		_ = reuse(int(fd)) // else its port is only not used again
	}
}

// account reads the kernel's own account of the handshake and the client's address. It is called before
// the first word: what the server then acknowledges is no part of the handshake.
func (e *Engine) account(i int, now time.Duration) {
	fd, flow := e.slots[i].fd, &e.flows[i]
	flow.HasInfo, flow.HasRTO = false, false
	if size, errno := rawsock.TCPInfo(fd, &e.info); errno == 0 {
		flow.HasInfo = size >= end(unsafe.Offsetof(e.info.Total_retrans), unsafe.Sizeof(e.info.Total_retrans))
		flow.Retransmits = e.info.Total_retrans
		flow.RTT = time.Duration(e.info.Rtt) * time.Microsecond
		flow.HasRTO = size >= end(unsafe.Offsetof(e.info.Total_rto_time), unsafe.Sizeof(e.info.Total_rto_time))
		flow.RTOTime = time.Duration(e.info.Total_rto_time) * time.Millisecond
		flow.SYNACK = now - time.Duration(e.info.Last_ack_recv)*time.Millisecond
	}
	flow.Local = rawsock.LocalAddr(fd, &e.local)
}

// end is where a field of the kernel's struct ends: an older kernel fills in less.
func end(start, size uintptr) uint32 { return uint32(start + size) }
