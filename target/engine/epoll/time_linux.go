package epoll

import (
	"time"

	"agistorm/target/fifo"
)

// timer is the time limit that a session has now.
type timer uint8

const (
	noTimer timer = iota
	envTimer
	scriptTimer
	timers
)

// due is the end of a session's work or of its time.
type due struct {
	at         time.Duration
	place      int32
	generation int32
}

// deadlines holds the sessions that a timer was started for. They have the same timeout and come in the
// order of their begin, so a queue is enough. Those that have beaten the timer stay in it until they are
// the first.
type deadlines struct {
	timeout time.Duration
	queue   fifo.Queue[due]
}

// startTimer starts a timer for a session; it replaces the one before.
func (l *loop) startTimer(t timer, i int32) {
	s, d := l.table.slot(i), &l.deadlines[t]
	s.timer = t
	d.queue.Push(due{l.clientTime() + d.timeout, i, s.generation})
}

// nextDeadline returns the first deadline of a timer that a session still has.
func (l *loop) nextDeadline(t timer) (due, bool) {
	queue := &l.deadlines[t].queue
	for ; queue.Len() > 0; queue.Pop() {
		if d := *queue.First(); l.runs(t, d) {
			return d, true
		}
	}
	return due{}, false
}

// runs reports whether the session of a deadline has not beaten it yet.
func (l *loop) runs(t timer, d due) bool {
	s := l.table.slot(d.place)
	return s.generation == d.generation && s.timer == t
}

// schedule is a heap of the ends of work: the first is the next.
type schedule []due

func (h schedule) first() (time.Duration, bool) {
	if len(h) == 0 {
		return 0, false
	}
	return h[0].at, true
}

func (h *schedule) push(d due) {
	*h = append(*h, d)
	q := *h
	for i := len(q) - 1; i > 0; {
		parent := (i - 1) / 2
		if q[parent].at <= q[i].at {
			return
		}
		q[i], q[parent] = q[parent], q[i]
		i = parent
	}
}

// pop removes the next that is due and still at work.
func (h *schedule) pop(now time.Duration, t *table) (place int32, ok bool) {
	for len(*h) > 0 && (*h)[0].at <= now {
		d := (*h)[0]
		h.take()
		if s := t.slot(d.place); s.generation == d.generation && s.working {
			return d.place, true
		}
	}
	return 0, false
}

// take removes the first end.
func (h *schedule) take() {
	q := *h
	last := len(q) - 1
	q[0] = q[last]
	q = q[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(q); child++ {
			if q[child].at < q[least].at {
				least = child
			}
		}
		if least == i {
			break
		}
		q[i], q[least] = q[least], q[i]
		i = least
	}
	*h = q
}
