package epoll

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/engine"
	"agistorm/target/fifo"
	"agistorm/target/rawsock"
)

// loop is one accepting thread. All fields up to idle belong to it alone.
type loop struct {
	engine    *Engine
	admission engine.Admission

	epfd, bell int
	events     []unix.EpollEvent
	in         []byte
	peer       rawsock.Address
	info       unix.TCPInfo
	queued     time.Duration // of the last that was accepted

	socket       int32 // that is accepted from; none where negative
	shared       bool  // other loops accept from it too
	socketNumber int   // of the sockets, counted from 0
	armed        bool  // epoll reports connections to accept
	retryAt      time.Duration
	forked       int32 // the session that a process is being made for; none where negative
	forkEnds     time.Duration
	table        table
	kept         fifo.Queue[int32] // sessions that wait for a handler
	talkative    []int32
	deadlines    [timers]deadlines
	working      schedule
	blocked      time.Duration // by work and by the cost of events

	idle func() // called once when there is nothing more to do
	over bool

	mu     sync.Mutex
	orders []func()
}

// Places of an epoll event that belong to no session.
const (
	ordersPosted = -1
	toAccept     = -2
)

// Bounds of what is done at once, before others have their turn.
const (
	maxEvents     = 32 // few: a connection in the queue must not wait for long
	acceptsATurn  = 256
	readsATurn    = 4
	readBuffer    = 16 << 10
	longestWait   = time.Hour
	nothing       = -1
	closingEvents = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
)

func newLoop(e *Engine) (*loop, error) {
	l := &loop{
		engine: e, admission: engine.NewAdmission(&e.plan.Rules), socket: nothing, forked: nothing,
		events: make([]unix.EpollEvent, maxEvents), in: make([]byte, readBuffer),
	}
	l.deadlines[envTimer].timeout = e.plan.Script.EnvTime
	l.deadlines[scriptTimer].timeout = e.plan.Script.ScriptTime
	var err error
	if l.epfd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if l.bell, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, errors.Join(os.NewSyscallError("eventfd", err), unix.Close(l.epfd))
	}
	if errno := l.watch(int32(l.bell), unix.EPOLLIN, ordersPosted, 0); errno != 0 {
		return nil, errors.Join(os.NewSyscallError("epoll_ctl", errno), l.close())
	}
	return l, nil
}

func (l *loop) close() error { return errors.Join(unix.Close(l.bell), unix.Close(l.epfd)) }

// watch adds a descriptor; place and generation come back with its events.
func (l *loop) watch(fd int32, events uint32, place, generation int32) unix.Errno {
	return rawsock.Watch(l.epfd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: place, Pad: generation})
}

// post gives the loop an order, from any goroutine.
func (l *loop) post(order func()) {
	l.mu.Lock()
	l.orders = append(l.orders, order)
	l.mu.Unlock()
	_, _ = rawsock.Write(int32(l.bell), []byte{1, 0, 0, 0, 0, 0, 0, 0}) // it can only fail because it rings already
}

func (l *loop) runPosted() {
	var count [8]byte
	_, _ = rawsock.Read(int32(l.bell), count[:]) // what it counts does not matter
	l.mu.Lock()
	orders := l.orders
	l.orders = nil
	l.mu.Unlock()
	for _, order := range orders {
		order()
	}
}

func (l *loop) now() time.Duration { return time.Since(l.engine.began) }

// clientTime advances while the loop is free for its clients: neither work that blocks it nor the cost of
// events counts against their time limits.
func (l *loop) clientTime() time.Duration { return l.now() - l.blocked }

// run is the thread.
func (l *loop) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer rawsock.ExactTimers()()
	for !l.over {
		n := rawsock.Wait(l.epfd, l.events, l.waitTime(l.now()))
		for i := range l.events[:n] {
			l.handle(&l.events[i])
		}
		l.keepTime()
		l.resume()
		if l.idle != nil && l.socket == nothing && l.admission.Empty() {
			l.idle()
			l.idle = nil
		}
	}
}

func (l *loop) handle(event *unix.EpollEvent) {
	switch event.Fd {
	case ordersPosted:
		l.runPosted()
		return
	case toAccept:
		l.accept()
		return
	}
	s := l.table.slot(event.Fd)
	if s.generation != event.Pad || s.fd == nothing {
		return // it was closed after the event had been fetched
	}
	s.readable = true
	s.closing = s.closing || event.Events&closingEvents != 0
	l.pump(event.Fd)
}

// waitTime returns how long the thread can wait for events.
func (l *loop) waitTime(now time.Duration) time.Duration {
	if len(l.talkative) > 0 {
		return 0
	}
	wait := longestWait
	if l.retryAt > 0 {
		wait = min(wait, l.retryAt-now)
	}
	if l.forked != nothing {
		wait = min(wait, l.forkEnds-now)
	}
	for t := range timers {
		if d, ok := l.nextDeadline(t); ok {
			wait = min(wait, d.at+l.blocked-now)
		}
	}
	if at, ok := l.working.first(); ok {
		wait = min(wait, at-now)
	}
	return max(wait, 0)
}

// keepTime does what is due.
func (l *loop) keepTime() {
	now := l.now()
	if l.retryAt > 0 && l.retryAt <= now {
		l.retryAt = 0
		l.accept()
	}
	if l.forked != nothing && l.forkEnds <= now {
		l.finishFork()
	}
	for i, ok := l.working.pop(now, &l.table); ok; i, ok = l.working.pop(now, &l.table) {
		l.spend()
		l.worked(i)
		l.pump(i)
	}
	for t := range timers {
		now := l.clientTime()
		for d, ok := l.nextDeadline(t); ok && d.at <= now; d, ok = l.nextDeadline(t) {
			l.readLast(t, d)
		}
	}
}

// readLast ends a session whose time is over, unless what it waits for is there: the loop may have been busy
// with others until now.
func (l *loop) readLast(t timer, d due) {
	s := l.table.slot(d.place)
	s.readable = true
	l.pump(d.place)
	if l.runs(t, d) {
		s.session.Expire()
		l.finish(d.place)
	}
}

// resume reads on where a client had sent more than one turn allows.
func (l *loop) resume() {
	turn := len(l.talkative)
	for _, i := range l.talkative[:turn] {
		s := l.table.slot(i)
		if s.talkative {
			s.talkative = false
			l.pump(i)
		}
	}
	l.talkative = l.talkative[:copy(l.talkative, l.talkative[turn:])]
}
