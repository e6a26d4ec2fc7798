// Package epoll plays a storm on Linux with one thread, one epoll instance and one table of attempts that
// is made before the first instant: no goroutine and no allocation per attempt or event. Each attempt is a
// small state machine.
//
// One thread stands for many callers that are independent of each other. The order in which it serves them
// decides how long a server's handlers wait for it, so the order of service is part of the measurement: see
// turn.
package epoll

import (
	"cmp"
	"context"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
	"agistorm/target/fifo"
	"agistorm/target/rawsock"
)

// state of one attempt.
type state uint8

const (
	waiting state = iota
	connecting
	open
	ended
)

// speech is how far an open attempt is with what Open sends.
type speech uint8

const (
	silent   speech = iota // nothing was sent
	speaking               // the greeting was sent, line by line; the rest waits for its turn
	said                   // all was sent, or left to the socket
)

// slot is what the engine itself needs of an attempt beside its flow.
type slot struct {
	fd    int32
	state state
	// try is the place of the server's address that is tried.
	try    uint8
	speech speech
	// over: the connect of this try is over, one way or the other.
	over bool
	// listed: the attempt waits to be settled or to be read.
	listed bool
	// toTheEnd: there is more to see than bytes, an end or an error, or a reading was broken off.
	toTheEnd bool
	// closing: the kernel reported the end of the connection, at closed.
	closing bool
	// thinking: unsent waits for the client's thought, not for the socket.
	thinking bool
	// unsent is what the socket would not take yet; nearly always nil.
	unsent []byte
	// free is when the client was free to answer: the instant of its last reply; while it thinks, when that
	// reply is due.
	free time.Duration
	// closed means something only where closing is set.
	closed time.Duration
}

// Engine is a storm, prepared.
type Engine struct {
	plan  engine.Plan
	peers []*rawsock.Address
	ports ports
	epfd  int
	flows []engine.Flow
	slots []slot
	next  int // first attempt that has not been started
	left  int // attempts that have not ended

	epoch         time.Time
	clocks        clocks
	deadlines     [timers]deadlines
	unsettled     fifo.Queue[int32] // attempts whose connect is over
	readable      fifo.Queue[int32] // attempts that wait to be read
	unspoken      fifo.Queue[int32] // attempts that have not sent all that Open sends
	batch         []int32
	events        []unix.EpollEvent
	in, out       []byte
	message       rawsock.Message
	lines         rawsock.Lines
	info          unix.TCPInfo
	local         rawsock.Address
	thread        *engine.Thread
	lags          engine.Lags
	unstamped     bool   // the kernel did not stamp all that was received
	releaseStamps func() // allows the kernel to stop stamping
}

// readsATurn bounds what one attempt may read before the others and the deadlines
// have their turn: a server that never stops talking must not stop the storm. Two buffers full of
// the shortest commands take some milliseconds to answer.
const readsATurn = 2

// Buffers. A command that is longer than one read is put together by the talk. More events than the buffer
// holds are fetched by further calls.
const (
	readBuffer  = 4 << 10
	writeBuffer = 16 << 10
	eventBuffer = 1 << 10
)

// New makes every socket of the storm, so that the storm itself only connects.
// The error wraps an *os.SyscallError where a socket could not be made or bound.
func New(plan engine.Plan) (*Engine, error) {
	n := plan.Schedule.Len()
	plan.Observer = cmp.Or[engine.Observer](plan.Observer, engine.Unobserved{})
	e := &Engine{
		plan:      plan,
		epfd:      -1,
		ports:     newPorts(plan.Sources),
		flows:     make([]engine.Flow, n),
		slots:     make([]slot, n),
		left:      n,
		events:    make([]unix.EpollEvent, max(1, min(n, eventBuffer))),
		unsettled: fifo.Make[int32](2 * n),
		readable:  fifo.Make[int32](2 * n),
		batch:     make([]int32, 0, settlesATurn),
		in:        make([]byte, readBuffer),
		out:       make([]byte, 0, writeBuffer),
	}
	if plan.Talk != nil {
		e.unspoken = fifo.Make[int32](2 * n)
	}
	e.message.Into(e.in)
	for i := range e.slots {
		e.slots[i].fd = -1
	}
	for _, address := range plan.Addresses {
		e.peers = append(e.peers, rawsock.NewAddress(address))
	}
	e.deadlines[connectTimer] = newDeadlines(plan.ConnectLimit, n)
	e.deadlines[commandTimer] = newDeadlines(plan.FirstCommandLimit, n)
	e.deadlines[sessionTimer] = newDeadlines(plan.SessionLimit, n)
	e.deadlines[hangUpTimer] = newDeadlines(plan.HangUpAfter, n*sign(plan.HangUpAfter))
	e.deadlines[thinkTimer] = newDeadlines(plan.Think, n*sign(plan.Think))
	e.deadlines[finTimer] = newDeadlines(finEvery, n*silentClients(plan))
	if err := e.prepare(); err != nil {
		_ = e.Close() // the first error is the one that matters
		return nil, err
	}
	return e, nil
}

// silentClients is 1 for clients that send nothing, else 0.
func silentClients(plan engine.Plan) int {
	if plan.Talk == nil {
		return 1
	}
	return 0
}

func sign(d time.Duration) int {
	if d > 0 {
		return 1
	}
	return 0
}

// Close closes every socket that is still open.
func (e *Engine) Close() error {
	if e.releaseStamps != nil {
		e.releaseStamps()
		e.releaseStamps = nil
	}
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
	defer rawsock.ExactTimers()()
	before := readThread()
	defer func() { e.thread = threadCost(before, readThread()) }()
	e.epoch = epoch
	e.clocks = newClocks(epoch)
	for e.left > 0 && ctx.Err() == nil {
		e.keepTime()
		if e.left > 0 {
			e.turn()
		}
	}
	return e.flows
}

// Thread implements engine.Engine.
func (e *Engine) Thread() *engine.Thread { return e.thread }

// ReplyLags implements engine.Engine.
func (e *Engine) ReplyLags() (*engine.Lags, bool) { return &e.lags, !e.unstamped }

// keepTime does what is due by now. It is called between any two attempts' turns, so that
// nothing waits for the end of a long row of them.
func (e *Engine) keepTime() {
	if e.next < len(e.flows) {
		e.startDue()
	}
	e.expire(e.now())
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
		e.flows[e.next].Started, e.flows[e.next].HasStarted = now, true
		e.plan.Observer.Started()
		e.connect(e.next, now)
	}
}

// connect calls connect(2) for the address whose turn it is.
func (e *Engine) connect(i int, now time.Duration) {
	slot := &e.slots[i]
	slot.state, slot.over, slot.closing, slot.toTheEnd = connecting, false, false, false
	e.flows[i].Tried = now
	if errno := rawsock.Connect(slot.fd, e.peers[slot.try]); errno != 0 && errno != unix.EINPROGRESS {
		e.fail(i, errno)
		return
	}
	e.deadlines[connectTimer].add(i, slot.try, now)
}

// tryNext goes on to the server's next address, as Asterisk does when a connect
// has failed. It is false when there is none.
func (e *Engine) tryNext(i int) bool {
	slot, flow := &e.slots[i], &e.flows[i]
	if int(slot.try)+1 >= len(e.peers) {
		return false
	}
	if flow.HasInfo {
		flow.EarlierRetransmits += flow.Retransmits
		flow.HasInfo, flow.HasRTO = false, false
	}
	port := e.plannedPort(i)
	e.release(i)
	slot.try++
	flow.Address = slot.try
	if err := e.socket(i, e.plan.Addresses[slot.try], port); err != nil {
		flow.Errno = errnoOf(err)
		e.end(i, engine.Failed, e.now())
		return true
	}
	e.connect(i, e.now())
	return true
}

// plannedPort is the local port of attempt i; 0 where the kernel chose it.
func (e *Engine) plannedPort(i int) uint16 {
	if !e.ports.planned() {
		return 0
	}
	return rawsock.LocalAddr(e.slots[i].fd, &e.local).Port() // without a name a new port is taken
}
