// Package epoll plays a storm on Linux with one thread, one epoll instance and one
// table of attempts that is made before the first instant: no goroutine and no
// allocation per attempt or event. Each attempt is a small state machine.
package epoll

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
)

// state of one attempt.
type state uint8

const (
	waiting state = iota
	connecting
	open
	ended
)

// slot is what the engine itself needs of an attempt beside its flow.
type slot struct {
	fd    int32
	state state
	// talkative: there is more to read, but the others had to have their turn first.
	talkative bool
	// unsent is what the socket would not take yet; nearly always nil.
	unsent []byte
}

// Engine is a storm, prepared.
type Engine struct {
	plan  engine.Plan
	peer  unix.Sockaddr
	epfd  int
	flows []engine.Flow
	slots []slot
	next  int // first attempt that has not been started
	left  int // attempts that have not ended

	epoch     time.Time
	deadlines [4]deadlines // by engine.Limit
	talkative []int32      // attempts whose reading was broken off
	events    []unix.EpollEvent
	in, out   []byte
	info      unix.TCPInfo
	local     unix.RawSockaddrAny
}

// readsATurn bounds what one attempt may read before the others and the deadlines
// have their turn: a server that never stops talking must not stop the storm.
const readsATurn = 4

// Buffers: one read takes the longest command that Asterisk itself would take
// (AGI_BUF_SIZE in res_agi.c, 8,192) and more.
const (
	readBuffer  = 16 << 10
	eventBuffer = 1024
)

// New makes every socket of the storm, so that the storm itself only connects.
// The error is an *os.SyscallError where a socket could not be made.
func New(plan engine.Plan) (*Engine, error) {
	n := plan.Schedule.Len()
	e := &Engine{
		plan:      plan,
		epfd:      -1,
		flows:     make([]engine.Flow, n),
		slots:     make([]slot, n),
		left:      n,
		events:    make([]unix.EpollEvent, eventBuffer),
		talkative: make([]int32, 0, n),
		in:        make([]byte, readBuffer),
		out:       make([]byte, 0, readBuffer),
	}
	for i := range e.slots {
		e.slots[i].fd = -1
	}
	for limit, d := range map[engine.Limit]time.Duration{
		engine.ConnectLimit:      plan.ConnectLimit,
		engine.FirstCommandLimit: plan.FirstCommandLimit,
		engine.SessionLimit:      plan.SessionLimit,
	} {
		e.deadlines[limit] = newDeadlines(limit, d, n)
	}
	if err := e.prepare(); err != nil {
		_ = e.Close() // the first error is the one that matters
		return nil, err
	}
	return e, nil
}

func (e *Engine) prepare() error {
	family := unix.AF_INET6
	address := e.plan.Address.Addr()
	if address.Is4() || address.Is4In6() {
		family = unix.AF_INET
		e.peer = &unix.SockaddrInet4{Port: int(e.plan.Address.Port()), Addr: address.Unmap().As4()}
	} else {
		e.peer = &unix.SockaddrInet6{Port: int(e.plan.Address.Port()), Addr: address.As16()}
	}
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	e.epfd = epfd
	for i := range e.slots {
		fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
		if err != nil {
			return fmt.Errorf("socket %d of %d: %w", i+1, len(e.slots), os.NewSyscallError("socket", err))
		}
		e.slots[i].fd = int32(fd)
	}
	return nil
}

// Close closes every socket that is still open.
func (e *Engine) Close() error {
	for i := range e.slots {
		e.release(i)
	}
	if e.epfd < 0 {
		return nil
	}
	err := unix.Close(e.epfd)
	e.epfd = -1
	return os.NewSyscallError("close", err)
}

// interruptCheck bounds how long a wait can keep the engine from seeing that its context is done.
const interruptCheck = 50 * time.Millisecond

// Run implements engine.Engine. It keeps its goroutine's thread for itself.
func (e *Engine) Run(ctx context.Context, epoch time.Time) []engine.Flow {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	e.epoch = epoch
	for e.left > 0 && ctx.Err() == nil {
		e.startDue()
		now := e.now()
		for l := range e.deadlines {
			e.expire(&e.deadlines[l], now)
		}
		if e.left > 0 {
			e.poll(e.patience(e.now()))
			e.goOn()
		}
	}
	return e.flows
}

func (e *Engine) now() time.Duration { return time.Since(e.epoch) }

// startDue starts every attempt whose time has come. In a burst that is all of
// them, with nothing between two connects.
func (e *Engine) startDue() {
	for ; e.next < len(e.flows); e.next++ {
		now := e.now()
		intended := e.plan.Schedule.At(e.next)
		if intended > now {
			return
		}
		if now-intended > e.plan.NotOfferedAfter {
			e.end(e.next, engine.Missed, now)
			continue
		}
		e.start(e.next, now)
	}
}

func (e *Engine) start(i int, now time.Duration) {
	flow, slot := &e.flows[i], &e.slots[i]
	flow.Started, flow.HasStarted = now, true
	slot.state = connecting
	err := unix.Connect(int(slot.fd), e.peer)
	if err != nil && err != unix.EINPROGRESS {
		e.fail(i, err)
		return
	}
	e.deadlines[engine.ConnectLimit].add(i, now)
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET&0xffffffff, Fd: int32(i)}
	if err := unix.EpollCtl(e.epfd, unix.EPOLL_CTL_ADD, int(slot.fd), &event); err != nil {
		e.fail(i, err)
	}
}

// patience is how long the engine may wait: until the next start or deadline.
func (e *Engine) patience(now time.Duration) time.Duration {
	if len(e.talkative) > 0 {
		return 0
	}
	wait := interruptCheck
	if e.next < len(e.flows) {
		wait = min(wait, e.plan.Schedule.At(e.next)-now)
	}
	for l := range e.deadlines {
		if at, ok := e.deadlines[l].first(); ok {
			wait = min(wait, at-now)
		}
	}
	return max(wait, 0)
}

// poll waits for events and hands them to their attempts.
func (e *Engine) poll(wait time.Duration) {
	n, err := epollWait(e.epfd, e.events, wait)
	if err != nil && err != unix.EINTR {
		// Only a bug in this package can make the call itself fail (EBADF, EFAULT, EINVAL).
		panic(os.NewSyscallError("epoll_pwait2", err))
	}
	for _, event := range e.events[:max(n, 0)] {
		e.handle(int(event.Fd), event.Events)
	}
}

func (e *Engine) handle(i int, events uint32) {
	switch e.slots[i].state {
	case connecting:
		e.connected(i)
	case open:
		e.flush(i)
	}
	if e.slots[i].state == open && events&(unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		e.read(i)
	}
}

// connected settles a connect: by SO_ERROR it is a connection or a failure.
func (e *Engine) connected(i int) {
	fd := int(e.slots[i].fd)
	errno, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		err = unix.Errno(errno)
	}
	if err != nil {
		e.fail(i, err)
		return
	}
	flow := &e.flows[i]
	flow.Connected, flow.HasConnected = e.now(), true
	e.account(i)
	e.slots[i].state = open
	e.deadlines[engine.FirstCommandLimit].add(i, flow.Connected)
	e.deadlines[engine.SessionLimit].add(i, flow.Connected)
	e.send(i, e.plan.Talk.Open(e.out[:0], i))
}

// goOn gives each attempt whose reading was broken off another turn.
func (e *Engine) goOn() {
	turns := e.talkative
	e.talkative = e.talkative[:0]
	for _, i := range turns {
		e.slots[i].talkative = false
		e.read(int(i)) // puts at most this very attempt back, behind where we are
	}
}

// read takes what has come (the events are edge-triggered), as long as the
// socket takes the answers and others are not kept waiting.
func (e *Engine) read(i int) {
	flow, slot := &e.flows[i], &e.slots[i]
	for turns := 0; slot.state == open && slot.unsent == nil; turns++ {
		if turns == readsATurn {
			e.breakOffReading(i)
			return
		}
		n, err := unix.Read(int(slot.fd), e.in)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return
		case err != nil:
			e.fail(i, err)
			return
		case n == 0:
			e.closed(i)
			return
		}
		flow.BytesIn += uint64(n)
		e.receive(i, e.in[:n])
	}
}

func (e *Engine) breakOffReading(i int) {
	if !e.slots[i].talkative {
		e.slots[i].talkative = true
		e.talkative = append(e.talkative, int32(i))
	}
}

func (e *Engine) receive(i int, in []byte) {
	flow := &e.flows[i]
	answer, commands, err := e.plan.Talk.Receive(e.out[:0], i, in)
	if commands > 0 && !flow.HasCommand {
		flow.FirstCommand, flow.HasCommand = e.now(), true
	}
	flow.Commands += uint32(commands)
	if err != nil {
		e.breakOff(i, err)
		return
	}
	e.send(i, answer)
}

// closed answers the server's FIN with the last words and ends the attempt.
func (e *Engine) closed(i int) {
	farewell, err := e.plan.Talk.Close(e.out[:0], i)
	if err != nil {
		e.breakOff(i, err)
		return
	}
	// The server may be gone for good: what becomes of the last words changes nothing.
	if n, err := unix.Write(int(e.slots[i].fd), farewell); err == nil {
		e.flows[i].BytesOut += uint64(n)
	}
	e.end(i, engine.Finished, e.now())
}

// send writes p, or keeps what the socket does not take.
func (e *Engine) send(i int, p []byte) {
	rest, err := e.write(i, p)
	if err != nil {
		e.fail(i, err)
		return
	}
	if len(rest) > 0 {
		e.slots[i].unsent = append([]byte(nil), rest...)
	}
}

// flush goes on with what the socket did not take, and then with what it had to say meanwhile.
func (e *Engine) flush(i int) {
	slot := &e.slots[i]
	if slot.unsent == nil {
		return
	}
	p := slot.unsent
	slot.unsent = nil
	e.send(i, p)
	if slot.unsent == nil {
		e.read(i)
	}
}

// write returns what the socket did not take.
func (e *Engine) write(i int, p []byte) ([]byte, error) {
	for len(p) > 0 {
		n, err := unix.Write(int(e.slots[i].fd), p[:turn(p, e.plan.LineByLine)])
		switch err {
		case nil:
			e.flows[i].BytesOut += uint64(n)
			p = p[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			return p, nil
		default:
			return p, err
		}
	}
	return nil, nil
}
