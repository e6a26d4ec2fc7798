package model

import (
	"math"
	"time"

	"agistorm/target/fifo"
)

// kind of an event. Of two at the same time the one with the lower kind is first.
type kind uint8

const (
	toServer   kind = iota // a packet arrives at the server's kernel
	toClient               // a packet arrives at a client's kernel
	slotDue                // timers of one slot fire
	workDone               // the work of a call is over
	message                // data arrives on a connection that both sides have
	loopTurn               // a thread of the server goes on
	startDue               // the next attempt starts
	threadTurn             // the thread that plays all clients goes on
	limitDue               // a limit of an attempt that has connected
	connectDue             // the limit of its connect
	lined                  // kinds with a queue, and slotDue and startDue

	timerDue    kind = iota // the timer of a client with a clock of its own fires
	forkDone                // a process has been made
	thought                 // the pause before a reply is over
	leaveDue                // a client that says nothing closes its side
	finCheck                // such a client looks whether that was acknowledged
	disturbance             // a stall or restart begins or ends
	recordEnds              // the watch of the server ends
)

// forever is later than anything.
const forever = time.Duration(math.MaxInt64)

// ref names a call's place in the table while it is that call's: a place is used again by later calls.
type ref struct {
	place int32
	age   uint32
}

// event is something that will happen to a call, or to the thread of that place.
type event struct {
	at time.Duration
	ref
	kind kind
	arg  uint8
}

// agenda holds what will happen. Most delays are constant, so events of one kind come nearly always in the order of
// their times: the frequent kinds have a queue, and what is rare or out of order goes to a heap.
type agenda struct {
	// heads are the times of the first of each queue; forever where it is empty.
	heads  [lined]time.Duration
	queues [lined]fifo.Queue[event]
	last   [lined]time.Duration
	// gates keep the events of a kind waiting until then.
	gates [lined]time.Duration
	heap  eventHeap
}

func (a *agenda) init() {
	for k := range a.heads {
		a.heads[k] = forever
	}
}

// push adds an event.
func (a *agenda) push(k kind, at time.Duration, r ref, arg uint8) {
	if k >= lined {
		a.heap.push(event{at, r, k, arg})
		return
	}
	q := &a.queues[k]
	switch {
	case q.Len() == 0:
		a.heads[k] = max(at, a.gates[k])
	case at < a.last[k]:
		a.heap.push(event{at, r, k, arg})
		return
	}
	a.last[k] = at
	q.Push(event{at, r, k, arg})
}

// idle reports whether no event of a kind is waiting.
func (a *agenda) idle(k kind) bool { return a.queues[k].Len() == 0 }

// gate keeps the events of a kind waiting until a time.
func (a *agenda) gate(k kind, until time.Duration) {
	a.gates[k] = until
	if q := &a.queues[k]; q.Len() > 0 {
		a.heads[k] = max(q.First().at, until)
	}
}

// next removes the first event; false where there is none. Its time is when it happens. Those of slotDue and startDue
// have no queue: who sets their time in heads changes it.
func (a *agenda) next() (event, bool) {
	first, at := kind(0), a.heads[0]
	for k, head := range a.heads {
		if head < at {
			first, at = kind(k), head
		}
	}
	if len(a.heap) > 0 && a.heap[0].at < at {
		return a.heap.pop(), true
	}
	if at == forever {
		return event{}, false
	}
	if first == slotDue || first == startDue {
		return event{at: at, kind: first}, true
	}
	q := &a.queues[first]
	e := q.Pop()
	e.at = at
	if q.Len() == 0 {
		a.heads[first] = forever
	} else {
		a.heads[first] = max(q.First().at, a.gates[first])
	}
	return e, true
}

// skim removes the first events of a kind as long as they mean nothing any more.
func (a *agenda) skim(k kind, void func(ref) bool) {
	q := &a.queues[k]
	for q.Len() > 0 && void(q.First().ref) {
		q.Pop()
	}
	if q.Len() == 0 {
		a.heads[k] = forever
		return
	}
	a.heads[k] = max(q.First().at, a.gates[k])
}

// eventHeap is a heap of events: the first is the next. Its order among events of one time depends on nothing but
// the order in which they were added.
type eventHeap []event

func (h *eventHeap) push(e event) {
	*h = append(*h, e)
	q := *h
	i := len(q) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if q[parent].at <= e.at {
			break
		}
		q[i] = q[parent]
		i = parent
	}
	q[i] = e
}

func (h *eventHeap) pop() event {
	q := *h
	first, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	*h = q
	i := 0
	for {
		least := 4*i + 1
		if least >= len(q) {
			break
		}
		for child := least + 1; child < min(4*i+5, len(q)); child++ {
			if q[child].at < q[least].at {
				least = child
			}
		}
		if q[least].at >= last.at {
			break
		}
		q[i] = q[least]
		i = least
	}
	if len(q) > 0 {
		q[i] = last
	}
	return first
}
