package model

import (
	"math/rand/v2"
	"slices"
	"time"
)

// sim is a storm that is being simulated.
type sim struct {
	storm    *Storm
	observer Observer
	machine  Machine
	// shared: one thread plays all clients. atOnce: nothing takes any time and nothing is lost, so that the first
	// line is acknowledged in the instant in which the others are written.
	shared, atOnce bool
	// way is what a packet takes; lossy: it may be lost.
	way    time.Duration
	lossy  bool
	now    time.Duration
	random *rand.Rand
	agenda agenda
	slots  slots
	table  table
	// batch: timers of one slot fire, whose packets are taken only after the last has fired.
	batch bool
	// network is when the packets are all taken, own when the CPU of the clients' thread is free, and cpus when those
	// of the server are.
	network, own time.Duration
	cpus         []time.Duration
	// displaced is until when the packets of a slot leave the server no CPU.
	displaced time.Duration

	sockets []socket
	loops   []loop
	served  uint64 // sessions that were begun
	open    int    // connections that the server's application has
	files   int    // the size of its table of descriptors, which is there from
	grown   time.Duration
	proven  bool // the server's kernel has measured the round trip to its clients
	outage  outage

	started, total, left int
	due                  time.Duration // when the next attempt is to start
	thread               thread
	counts               [counterNames]uint64
	tally                tally
}

// Play simulates the storm. The observer gets what happens; the result has the numbers.
func (s *Storm) Play(o Observer) *Result {
	m := newSim(s, o)
	m.run()
	return m.result()
}

// phases are the longest slots that a storm meets, those of 64 jiffies.
const phases = 64 * 8 * jiffy

func newSim(storm *Storm, o Observer) *sim {
	s := &sim{
		storm: storm, observer: o, machine: storm.Machine, shared: storm.Machine.oneClient(),
		way: storm.Link.RTT / 2, lossy: storm.Link.Loss > 0, random: rand.New(rand.NewPCG(storm.Seed, 0)),
		total: storm.Starts.Len(), left: storm.Starts.Len(),
	}
	s.atOnce = !s.shared && s.way == 0 && !s.lossy
	s.slots = newSlots(time.Duration(s.random.Int64N(int64(phases))))
	s.agenda.init()
	s.sockets = make([]socket, max(storm.Server.Sockets, 1))
	s.tally.init(s)
	s.cpus = make([]time.Duration, max(s.machine.CPUs-1, 1))
	s.files = s.machine.Files
	s.startServer()
	s.planOutages()
	s.planStart()
	return s
}

// planStart sets the time of the next attempt.
func (s *sim) planStart() {
	s.due = forever
	if s.started < s.total {
		s.due = s.storm.Starts.At(s.started)
	}
	s.agenda.heads[startDue] = s.due
}

// run plays the storm until its record ends.
func (s *sim) run() {
	for s.left > 0 || !s.over() {
		e, ok := s.agenda.next()
		if !ok {
			return
		}
		s.now = max(s.now, e.at)
		s.happen(e)
	}
}

// happen does what an event is for.
func (s *sim) happen(e event) {
	switch e.kind {
	case slotDue:
		s.fireSlot()
	case startDue:
		s.startDue()
	case threadTurn:
		s.threadTurn()
	case loopTurn:
		s.loopTurn(&s.loops[e.place])
	case forkDone:
		s.forkDone(&s.loops[e.place])
	case disturbance:
		s.disturb()
	case recordEnds:
		s.endRecord()
	case limitDue:
		if c := s.table.find(e.ref); c != nil {
			s.overLimit(c)
		}
		s.agenda.skim(limitDue, s.hasEnded) // most
	default:
		if c := s.table.find(e.ref); c != nil {
			s.happenTo(c, e)
		}
	}
}

// happenTo does what an event is for that belongs to a call.
func (s *sim) happenTo(c *call, e event) {
	switch e.kind {
	case toServer:
		s.arrive(c, packet(e.arg))
	case toClient:
		s.clientReceives(c, packet(e.arg))
	case message:
		s.takeMessage(c, packet(e.arg))
	case timerDue:
		s.clientTimerFired(c)
	case workDone:
		s.workDone(c)
	case thought:
		s.reply(c)
	case leaveDue:
		s.leave(c)
	case finCheck:
		s.checkFIN(c)
	case connectDue:
		s.overConnectLimit(c)
	}
}

// hasEnded reports whether an attempt has ended.
func (s *sim) hasEnded(r ref) bool {
	c := s.table.find(r)
	return c == nil || c.state == ended
}

// fireSlot fires the timers of a slot.
func (s *sim) fireSlot() {
	s.batch = true
	fired := time.Duration(0)
	for n := s.slots.take(); n != 0; {
		var t timerNode
		t, n = s.slots.release(n)
		c := s.table.find(t.ref)
		if c != nil && s.shared {
			s.occupy(s.machine.Timer)
			fired++
		}
		switch {
		case c == nil:
		case t.timer == clientTimer:
			s.clientTimerFired(c)
		default:
			s.requestTimerFired(c)
		}
	}
	s.batch = false
	s.displace(fired)
	s.agenda.heads[slotDue] = s.slots.next()
}

// displace takes the CPU from the server where there are two: the packets of a slot have one, and the clients'
// thread, which they wake first, has the other. When the scheduler gives the server its turn is up to chance, while
// the ACKs come and the first lines behind them.
func (s *sim) displace(fired time.Duration) {
	if s.shared && s.machine.CPUs == 2 {
		lines := float64(2*fired*s.machine.Other) * s.random.Float64()
		s.displaced = s.now + fired*(s.machine.Timer+s.machine.SYN) + time.Duration(lines)
	}
}

// setSlot sets a timer of the kernel's.
func (s *sim) setSlot(jiffies int64, t timer, c *call) {
	s.slots.set(s.now, jiffies, t, c.ref)
	if !s.batch {
		s.agenda.heads[slotDue] = s.slots.next()
	}
}

// phaseOf is the age of a client's own kernel at the storm's first instant.
func (s *sim) phaseOf(c *call) time.Duration {
	return time.Duration(scramble(s.storm.Seed, uint64(c.seq)) % uint64(phases))
}

// scramble is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func scramble(seed, n uint64) uint64 {
	z := seed*0xd1342543de82ef95 + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Watch of the server after the last attempt was settled, as a storm's record has it (record.Kernel.After).
const (
	longestWatch = 150 * time.Millisecond
	drain        = 10 * time.Second
)

// settled is called when an attempt has ended.
func (s *sim) settled() {
	if s.left--; s.left == 0 {
		s.tally.wall = s.now
		s.agenda.push(recordEnds, s.now+longestWatch+2*s.storm.Link.RTT, ref{}, 0)
	}
}

// endRecord takes what is queued as left, and lets the sessions end.
func (s *sim) endRecord() {
	if s.tally.ended {
		s.open = 0
		return
	}
	s.tally.ended = true
	for i := range s.loops {
		s.hold(&s.loops[i])
	}
	for i := range s.sockets {
		s.tally.unaccepted += s.sockets[i].queue.Len()
	}
	s.agenda.push(recordEnds, s.now+drain, ref{}, 0)
}

// over reports whether nothing is left to be seen of a storm whose attempts have ended.
func (s *sim) over() bool {
	if s.open > 0 {
		return false
	}
	return s.tally.ended || !slices.ContainsFunc(s.sockets, func(l socket) bool { return l.queue.Len() > 0 })
}
