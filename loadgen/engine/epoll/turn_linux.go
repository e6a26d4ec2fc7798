package epoll

import (
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/rawsock"
)

// A thread for each call would greet the server as soon as it is connected, answer a command as soon as it
// comes, and write the rest of its environment meanwhile. One thread for all has to choose. Where it writes
// all environments first, the handlers that took the first calls stand idle until the last is written.
// Where it puts off the first lines, other calls win: at a full queue the fate of a connection is decided
// by when its first line is written.

// settlesATurn is how many connects are settled, and their servers greeted, before calls that wait for a
// reply have their turn: some 0.4 ms of work. After a burst, and when the SYNs that a full queue dropped
// are retransmitted, thousands of connects are over at once; neither a reply nor the first environments
// wait for all of them.
const settlesATurn = 32

// environmentsATurn is how many environments are written before the engine fetches events again: 1 line by
// line (about 0.1 ms), more where one is a single write.
const (
	environmentsATurn       = 1
	singleEnvironmentsATurn = 16
)

// turn serves the attempts in the order that is nearest to independent callers: the connects that are over,
// the first line of each, every reply that is waited for, and then one environment. Attempts that are due
// start between any two of these.
func (e *Engine) turn() {
	e.harvest(e.idle(e.now()))
	e.settle()
	e.answer()
	e.writeEnvironments()
}

// idle is how long the engine may wait for events: not at all while it has work, else until the next start
// or deadline.
func (e *Engine) idle(now time.Duration) time.Duration {
	if e.unsettled.Len() > 0 || e.readable.Len() > 0 || e.unspoken.Len() > 0 {
		return 0
	}
	wait := interruptCheck
	if e.next < len(e.flows) {
		wait = min(wait, e.plan.Schedule.At(e.next)-now)
	}
	for t := range e.deadlines {
		if queue := &e.deadlines[t].queue; queue.Len() > 0 {
			wait = min(wait, queue.First().at-now)
		}
	}
	return max(wait, 0)
}

// harvest waits for events and sorts all that there are by what they ask for. It handles none of them.
func (e *Engine) harvest(wait time.Duration) {
	n := rawsock.Wait(e.epfd, e.events, wait)
	e.clocks.sample()
	for {
		for k := range e.events[:n] {
			if event := &e.events[k]; e.current(event) {
				e.sort(int(event.Fd), event.Events)
			}
		}
		if n < len(e.events) {
			return
		}
		n = rawsock.Wait(e.epfd, e.events, 0)
	}
}

// current reports whether an event is of the socket that its attempt has now: since it was queued, the
// attempt may have gone on to the server's next address.
func (e *Engine) current(event *unix.EpollEvent) bool {
	return e.slots[event.Fd].try == uint8(event.Pad)
}

// closing are the events after which there may be more to read than bytes: an end or an error.
const closing = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR

func (e *Engine) sort(i int, events uint32) {
	slot := &e.slots[i]
	if slot.state != connecting && slot.state != open {
		return
	}
	if events&closing != 0 && !slot.closing {
		slot.closing, slot.closed = true, e.clocks.sampled
	}
	// Bytes that a server sends before it is greeted have no other event, nor has an end.
	slot.toTheEnd = slot.toTheEnd || events&closing != 0 || slot.state == connecting && events&unix.EPOLLIN != 0
	switch {
	case slot.state == connecting:
		slot.over = true
		if !slot.listed {
			slot.listed = true
			e.unsettled.Push(int32(i))
		}
	case slot.unsent != nil || events&(unix.EPOLLIN|closing) != 0:
		e.list(i)
	}
}

// list lets an attempt wait for its turn to be read. One that waits to be settled is read after that.
func (e *Engine) list(i int) {
	slot := &e.slots[i]
	if slot.listed {
		slot.toTheEnd = true
		return
	}
	slot.listed = true
	e.readable.Push(int32(i))
}

// settle settles connects that are over, and then greets their servers: the connect latency of a call does
// not contain what the others of its turn have sent meanwhile.
func (e *Engine) settle() {
	batch := e.batch[:0]
	for len(batch) < cap(batch) && e.unsettled.Len() > 0 {
		i := int(e.unsettled.Pop())
		batch = append(batch, int32(i))
		slot := &e.slots[i]
		slot.listed = false
		if slot.state == connecting && slot.over {
			e.connected(i)
			e.keepTime()
		}
	}
	for _, i := range batch {
		e.greet(int(i))
		if slot := &e.slots[i]; slot.state == open && slot.toTheEnd {
			e.list(int(i))
		}
		e.keepTime()
	}
}

// answer gives each attempt that is listed one turn; one whose reading is broken off waits for the next.
func (e *Engine) answer() {
	for range e.readable.Len() {
		i := int(e.readable.Pop())
		slot := &e.slots[i]
		toTheEnd := slot.toTheEnd
		slot.listed, slot.toTheEnd = false, false
		if slot.state == open && slot.unsent != nil && !slot.thinking {
			toTheEnd = true // its events may have come while it could not be read
			e.flush(i)
		}
		e.read(i, toTheEnd)
		e.keepTime()
	}
}

// writeEnvironments writes the next environments.
func (e *Engine) writeEnvironments() {
	most := environmentsATurn
	if !e.plan.LineByLine {
		most = singleEnvironmentsATurn
	}
	for most > 0 && e.unspoken.Len() > 0 {
		i := int(e.unspoken.Pop())
		if slot := &e.slots[i]; slot.state == open && slot.speech != said {
			e.sendReplies(i)
			e.keepTime()
			most--
		}
	}
}
