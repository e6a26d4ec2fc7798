package epoll

import (
	"bytes"
	"time"

	"agistorm/loadgen/engine"
)

// deadlines is the timer structure of one limit. All its attempts have the same
// patience and come in the order of their beginning, so a queue is enough: adding
// and taking cost the same whatever the number.
type deadlines struct {
	limit    engine.Limit
	patience time.Duration
	queue    []deadline
	head     int
}

type deadline struct {
	at time.Duration
	i  int32
}

// newDeadlines has room for each of n attempts once.
func newDeadlines(limit engine.Limit, patience time.Duration, n int) deadlines {
	return deadlines{limit: limit, patience: patience, queue: make([]deadline, 0, n)}
}

func (d *deadlines) add(i int, began time.Duration) {
	d.queue = append(d.queue, deadline{began + d.patience, int32(i)})
}

// first is the next deadline, perhaps of an attempt that has long ended.
func (d *deadlines) first() (time.Duration, bool) {
	if d.head == len(d.queue) {
		return 0, false
	}
	return d.queue[d.head].at, true
}

// pop takes the next attempt whose deadline has passed.
func (d *deadlines) pop(now time.Duration) (int, bool) {
	if at, ok := d.first(); !ok || at > now {
		return 0, false
	}
	d.head++
	return int(d.queue[d.head-1].i), true
}

// turn is how much of p one write takes: its first line, or all of it.
func turn(p []byte, lineByLine bool) int {
	if end := bytes.IndexByte(p, '\n'); lineByLine && end >= 0 {
		return end + 1
	}
	return len(p)
}
