package epoll

import "time"

// timer names what happens to an attempt when its time has come.
type timer uint8

const (
	connectTimer timer = iota
	commandTimer
	sessionTimer
	hangUpTimer
	thinkTimer
	timers
)

// deadlines is the timer structure of one timer. All its attempts have the same
// time-out and come in the order of their beginning, so a queue is enough: adding
// and taking cost the same whatever the number.
type deadlines struct {
	timeout time.Duration
	queue   []deadline
	head    int
}

// deadline of an attempt's try of one address.
type deadline struct {
	at  time.Duration
	i   int32
	try uint8
}

// newDeadlines has room for each of n attempts once.
func newDeadlines(timeout time.Duration, n int) deadlines {
	return deadlines{timeout: timeout, queue: make([]deadline, 0, n)}
}

// add keeps the order: an attempt that began before the one that was added last is due with that one.
func (d *deadlines) add(i int, try uint8, began time.Duration) {
	at := began + d.timeout
	if n := len(d.queue); n > d.head {
		at = max(at, d.queue[n-1].at)
	}
	if len(d.queue) == cap(d.queue) && d.head > len(d.queue)/2 {
		// More than one deadline an attempt: what has passed makes room.
		d.queue = d.queue[:copy(d.queue, d.queue[d.head:])]
		d.head = 0
	}
	d.queue = append(d.queue, deadline{at, int32(i), try})
}

// first is the next deadline, perhaps of an attempt that has long ended.
func (d *deadlines) first() (time.Duration, bool) {
	if d.head == len(d.queue) {
		return 0, false
	}
	return d.queue[d.head].at, true
}

// pop takes the next deadline that has passed.
func (d *deadlines) pop(now time.Duration) (deadline, bool) {
	if at, ok := d.first(); !ok || at > now {
		return deadline{}, false
	}
	d.head++
	return d.queue[d.head-1], true
}
