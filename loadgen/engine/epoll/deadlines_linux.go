package epoll

import (
	"time"

	"agistorm/target/fifo"
)

// timer names what happens to an attempt when its time has come.
type timer uint8

const (
	connectTimer timer = iota
	commandTimer
	sessionTimer
	hangUpTimer
	thinkTimer
	finTimer
	timers
)

// deadlines holds the deadlines of one timer. All its attempts have the same timeout and come in the order
// of their begin, so a queue is enough. Those of attempts that have ended stay until their time.
type deadlines struct {
	timeout, last time.Duration
	queue         fifo.Queue[deadline]
}

// deadline is that of an attempt's try of one address.
type deadline struct {
	at  time.Duration
	i   int32
	try uint8
}

// newDeadlines returns deadlines with room for each of n attempts once.
func newDeadlines(timeout time.Duration, n int) deadlines {
	return deadlines{timeout: timeout, queue: fifo.Make[deadline](n)}
}

// add keeps the order: an attempt that began before the one that was added last is due with that one.
func (d *deadlines) add(i int, try uint8, began time.Duration) {
	d.last = max(d.last, began+d.timeout)
	d.queue.Push(deadline{d.last, int32(i), try})
}

// pop removes the next deadline that has passed and returns it.
func (d *deadlines) pop(now time.Duration) (deadline, bool) {
	if d.queue.Len() == 0 || d.queue.First().at > now {
		return deadline{}, false
	}
	return d.queue.Pop(), true
}
