package epoll

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/engine"
	"agistorm/target/rawsock"
)

// acceptFrom begins to accept.
func (l *loop) acceptFrom(socket int32, n int, shared bool) {
	l.socket, l.socketNumber, l.shared = socket, n, shared
	l.accept()
}

// hold stops accepting.
func (l *loop) hold() {
	l.disarm()
	l.socket, l.retryAt = nothing, 0
}

// accept accepts connections as the rules admit them.
func (l *loop) accept() {
	for range acceptsATurn {
		if l.socket == nothing || l.retryAt > 0 || l.forked != nothing || !l.admission.Accepts() {
			l.disarm()
			return
		}
		fd, errno := rawsock.Accept(l.socket, &l.peer)
		switch errno {
		case 0:
			l.enter(fd)
		case unix.EAGAIN:
			l.arm()
			return
		case unix.EINTR:
		case unix.EBADF, unix.ENOTSOCK, unix.EINVAL:
			l.hold()
			l.engine.plan.Failed(fmt.Errorf("%w (%w)", net.ErrClosed, os.NewSyscallError("accept4", errno)))
			return
		default: // no descriptor is free, or the client has left
			l.engine.plan.Log.AcceptFailed()
			l.disarm()
			l.retryAt = l.now() + engine.AcceptPause
			return
		}
	}
	l.arm() // there may be more: the others first
}

// arm makes epoll report connections; of loops that share a socket it wakes one. That one takes itself out
// as soon as the rules admit no connection, or it would be woken in another's place.
func (l *loop) arm() {
	if l.armed {
		return
	}
	events := uint32(unix.EPOLLIN)
	if l.shared {
		events |= unix.EPOLLEXCLUSIVE
	}
	if errno := l.watch(l.socket, events, toAccept, 0); errno != 0 {
		l.engine.plan.Failed(os.NewSyscallError("epoll_ctl", errno))
		l.socket = nothing
		return
	}
	l.armed = true
}

func (l *loop) disarm() {
	if l.armed {
		_ = rawsock.Watch(l.epfd, unix.EPOLL_CTL_DEL, l.socket, &unix.EpollEvent{}) // one that is closed is out already
		l.armed = false
	}
}

// enter does with a connection what the rules decide.
func (l *loop) enter(fd int32) {
	log := l.engine.plan.Log
	peer := l.peer.AddrPort()
	logged := log.Accepted(
		engine.Arrival{Peer: netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port()), Socket: l.socketNumber,
			Queued: l.timeQueued(fd)},
	)
	l.spend()
	switch l.admission.Enter(l.now()) {
	case engine.Serve:
		i := l.table.take(fd, logged)
		if cost := l.engine.plan.Rules.ForkTime; cost > 0 {
			l.fork(i, cost)
			return
		}
		l.begin(i)
	case engine.Keep:
		i := l.table.take(fd, logged)
		l.table.slot(i).session.Begin(l.engine.plan.Script) // it must not keep the last client's state
		l.kept.Push(i)
	case engine.Refuse:
		rawsock.Close(fd)
		log.Ended(logged, engine.Rejected, 0)
	case engine.Shut:
		rawsock.Close(fd)
		log.Ended(logged, engine.Rejected, 0)
		l.hold()
		l.engine.plan.Shut()
	}
}

// timeQueued is how long a connection that has sent nothing yet was in the accept queue: its last sending
// is that of its making (lsndtime, tcp_create_openreq_child in the kernel's net/ipv4/tcp_minisocks.c). The
// next call writes over it.
func (l *loop) timeQueued(fd int32) *time.Duration {
	if _, errno := rawsock.TCPInfo(fd, &l.info); errno != 0 {
		return nil
	}
	l.queued = time.Duration(l.info.Last_data_sent) * time.Millisecond
	return &l.queued
}

// fork keeps the thread from accepting for as long as it takes to make a process for a session.
func (l *loop) fork(i int32, cost time.Duration) {
	s := l.table.slot(i)
	s.active = true
	s.session.Begin(l.engine.plan.Script) // as for one that is kept
	l.forked, l.forkEnds = i, l.now()+cost
}

// finishFork begins the session, and accepts the next.
func (l *loop) finishFork() {
	i := l.forked
	l.forked = nothing
	l.begin(i)
	if l.socket != nothing {
		l.accept()
	}
}

// begin serves a connection. Events come once for each change (EPOLLET): what a client sends while its
// handler is busy stays unread and wakes no thread.
func (l *loop) begin(i int32) {
	s := l.table.slot(i)
	s.active = true
	s.number = l.engine.calls.Add(1) - 1
	s.session.Begin(l.engine.plan.Script)
	l.startTimer(envTimer, i)
	if errno := l.watch(s.fd, unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLET, i, s.generation); errno != 0 {
		s.session.End(engine.Stopped) // the kernel has no memory for it
		l.finish(i)
	}
}

// finish closes a session that is over, and lets the next in.
func (l *loop) finish(i int32) {
	s := l.table.slot(i)
	rawsock.Close(s.fd)
	l.engine.plan.Log.Ended(s.logged, s.session.Fate(), s.session.Refused())
	if s.active {
		l.admission.Leave(s.environmentRead)
	} else {
		l.admission.Drop()
	}
	l.table.free(i)
	l.admit()
}

// admit serves the connections that can be served now: first those that were kept, then those in the
// kernel's queue.
func (l *loop) admit() {
	for l.kept.Len() > 0 && l.admission.Promote() {
		l.begin(l.kept.Pop())
	}
	if !l.armed && l.socket != nothing {
		l.accept()
	}
}

// endAll ends every session.
func (l *loop) endAll() {
	l.hold()
	l.kept.Clear()
	l.forked = nothing
	for i := range l.table.used() {
		l.table.slot(i).session.End(engine.Stopped)
		l.finish(i)
	}
}
