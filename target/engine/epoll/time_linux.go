package epoll

import "time"

// timer names what a session must be through with in time.
type timer uint8

const (
	envTimer timer = iota
	scriptTimer
	timers
)

// listing is a session's place in one of the deadlines.
type listing struct {
	at         time.Duration
	prev, next int32
	timer      timer
	listed     bool
}

// deadlines are the sessions that a timer runs for. They have the same timeout and come in the order of their
// begin, so a list through the table is enough: adding and taking out cost the same whatever the number.
type deadlines struct {
	timer      timer
	table      *table
	timeout    time.Duration
	head, tail int32
}

func newDeadlines(which timer, t *table, timeout time.Duration) deadlines {
	return deadlines{timer: which, table: t, timeout: timeout, head: nothing, tail: nothing}
}

func (d *deadlines) add(i int32, now time.Duration) {
	d.table.slot(i).deadline = listing{at: now + d.timeout, prev: d.tail, next: nothing, timer: d.timer, listed: true}
	if d.tail == nothing {
		d.head = i
	} else {
		d.table.slot(d.tail).deadline.next = i
	}
	d.tail = i
}

func (d *deadlines) remove(i int32) {
	entry := d.table.slot(i).deadline
	if entry.prev == nothing {
		d.head = entry.next
	} else {
		d.table.slot(entry.prev).deadline.next = entry.next
	}
	if entry.next == nothing {
		d.tail = entry.prev
	} else {
		d.table.slot(entry.next).deadline.prev = entry.prev
	}
	d.table.slot(i).deadline = listing{}
}

// first is the next deadline.
func (d *deadlines) first() (time.Duration, bool) {
	if d.head == nothing {
		return 0, false
	}
	return d.table.slot(d.head).deadline.at, true
}

// cancelDeadline takes a session out of the deadlines that it is in, if any.
func (l *loop) cancelDeadline(i int32) {
	if entry := l.table.slot(i).deadline; entry.listed {
		l.deadlines[entry.timer].remove(i)
	}
}

// due is the end of a session's work.
type due struct {
	at         time.Duration
	place      int32
	generation int32
}

// schedule is a heap of them: the first is the next.
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

// pop takes the next that is due, and is still at work.
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

// take removes the first.
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
