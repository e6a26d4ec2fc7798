package model

import (
	"time"

	"agistorm/target/fifo"
)

// Bounds of what the generator's thread does before it looks for others (loadgen/engine/epoll, turn).
const (
	settlesATurn            = 32
	environmentsATurn       = 1
	singleEnvironmentsATurn = 16
)

// step is what the thread is at.
type step uint8

const (
	settling step = iota
	greeting
	answering
	speaking
)

// thread plays all clients, in the order of the generator's: the connects that are over, the first line of each,
// every reply that is waited for, then one environment. Attempts that are due start between any two of these.
type thread struct {
	running   bool
	woken     bool // and has done nothing since
	idleSince time.Duration
	step      step
	left      int // of this step
	batch     []ref

	unsettled, readable, unspoken fifo.Queue[ref]
	// writing is the environment that is being written.
	writing   ref
	isWriting bool
}

// unsettled lists a call whose connect is over.
func (s *sim) unsettled(c *call) {
	if !c.listed {
		c.listed = true
		s.thread.unsettled.Push(c.ref)
	}
	s.wakeThread(s.machine.wake(s.now, s.thread.idleSince))
}

// listed lists a call that something has come for.
func (s *sim) listed(c *call) {
	if c.state == connecting {
		s.unsettled(c)
		return
	}
	if !c.listed {
		c.listed = true
		s.thread.readable.Push(c.ref)
	}
	s.wakeThread(s.machine.wake(s.now, s.thread.idleSince))
}

// wakeThread lets the thread run if it sleeps.
func (s *sim) wakeThread(after time.Duration) {
	if !s.thread.running {
		s.thread.running, s.thread.woken = true, true
		s.agenda.push(threadTurn, s.now+after, ref{}, 0)
	}
}

// threadTurn does one thing. While packets keep the thread's CPU busy, it takes turns with the server on another one.
func (s *sim) threadTurn() {
	cpu := &s.own
	if s.network > s.now || s.machine.CPUs < 2 {
		cpu = s.freeCPU()
	}
	if *cpu > s.now {
		s.agenda.push(threadTurn, *cpu, ref{}, 0)
		return
	}
	t := &s.thread
	if t.isWriting {
		t.isWriting = false
		if c := s.table.find(t.writing); c != nil {
			s.speak(c)
		}
	}
	cost, ok := s.threadStep()
	if t.woken {
		t.woken = false
		cost += s.machine.Switch
	}
	if !ok {
		t.running, t.idleSince = false, s.now
		s.agenda.heads[startDue] = s.due
		return
	}
	*cpu = s.now + cost
	s.agenda.push(threadTurn, s.now+cost, ref{}, 0)
}

// threadStep does the next thing and returns what it costs; false if there is none.
func (s *sim) threadStep() (time.Duration, bool) {
	t := &s.thread
	if s.due <= s.now {
		if c := s.startNext(); c.tcp == established {
			return s.machine.Connect + s.machine.Handshake, true
		}
		return s.machine.Connect, true
	}
	for steps := 0; steps <= int(speaking)+1; steps++ {
		if cost, ok := s.stepOf(t); ok {
			return cost, true
		}
		s.nextStep(t)
	}
	return 0, false
}

// nextStep goes on to the next step of the turn.
func (s *sim) nextStep(t *thread) {
	switch t.step {
	case settling:
		t.step, t.left = greeting, 0
	case greeting:
		t.step, t.left = answering, t.readable.Len()
	case answering:
		t.step, t.left = speaking, environmentsATurn
		if s.storm.Client.Writes == OneWrite {
			t.left = singleEnvironmentsATurn
		}
	case speaking:
		t.step, t.batch = settling, t.batch[:0]
	}
}

// stepOf does one thing of the step that the thread is at; false if there is none.
func (s *sim) stepOf(t *thread) (time.Duration, bool) {
	switch t.step {
	case settling:
		if len(t.batch) == settlesATurn || t.unsettled.Len() == 0 {
			return 0, false
		}
		return s.settleNext(t.unsettled.Pop()), true
	case greeting:
		if t.left == len(t.batch) {
			return 0, false
		}
		t.left++
		return s.greetNext(t.batch[t.left-1]), true
	case answering:
		if t.left == 0 {
			return 0, false
		}
		t.left--
		return s.answerNext(t.readable.Pop()), true
	case speaking:
		if t.left == 0 || t.unspoken.Len() == 0 {
			return 0, false
		}
		t.left--
		return s.speakNext(t.unspoken.Pop()), true
	}
	return 0, false
}

func (s *sim) settleNext(r ref) time.Duration {
	s.thread.batch = append(s.thread.batch, r)
	if c := s.table.find(r); c != nil {
		c.listed = false
		s.settle(c)
		return s.machine.Settle
	}
	return 0
}

func (s *sim) greetNext(r ref) time.Duration {
	c := s.table.find(r)
	if c == nil || c.state != open || s.storm.Client.Writes == Nothing {
		return 0
	}
	s.thread.unspoken.Push(r)
	s.greet(c)
	if c.asked || c.left || c.reset {
		s.readable(c)
	}
	if s.storm.Client.Writes == OneWrite {
		return 0
	}
	if c.firstAcked {
		return s.machine.FirstLine + s.machine.Made
	}
	return s.machine.FirstLine
}

func (s *sim) answerNext(r ref) time.Duration {
	c := s.table.find(r)
	if c == nil {
		return 0
	}
	c.listed = false
	cost := s.machine.Leave
	if c.asked {
		cost = s.machine.Reply
	}
	s.readAll(c)
	return cost
}

// speakNext writes an environment. It is over only at the end of its cost.
func (s *sim) speakNext(r ref) time.Duration {
	c := s.table.find(r)
	if c == nil || c.state != open {
		return 0
	}
	s.thread.writing, s.thread.isWriting = r, true
	switch {
	case s.storm.Client.Writes == OneWrite:
		return s.machine.OneWrite
	case !c.firstAcked:
		return s.machine.Held
	}
	return s.machine.Environment
}
