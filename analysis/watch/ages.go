package watch

import "time"

// maxTracked bounds the connections of one queue that are followed at once.
const maxTracked = 4096

// Queued is a connection in an accept queue.
type Queued struct {
	// Cookie is the kernel's number for its socket.
	Cookie uint64
	// Age is the time since it was connected.
	Age time.Duration
}

// ages are those of the connections that were seen in a queue, each counted once.
type ages struct {
	now     map[uint64]time.Duration
	last    time.Duration
	count   int
	sum     time.Duration
	longest time.Duration
	// looks into the queue, and whether one may have come or left between two of them.
	looks int
	moved bool
}

// see takes down who is queued. Who has left since the last look waited for half of the time between longer.
func (a *ages) see(at time.Duration, queued []Queued) {
	if len(queued)+len(a.now) == 0 {
		return
	}
	next := make(map[uint64]time.Duration, min(len(queued), maxTracked))
	for _, q := range queued {
		if _, followed := a.now[q.Cookie]; followed {
			next[q.Cookie] = q.Age
		}
	}
	for _, q := range queued {
		if _, followed := next[q.Cookie]; !followed {
			a.moved = a.moved || a.looks > 0
		}
		if len(next) < maxTracked {
			next[q.Cookie] = q.Age
		}
	}
	a.looks++
	for cookie, age := range a.now {
		if _, stays := next[cookie]; !stays {
			a.left(age + (at-a.last)/2)
			a.moved = true
		}
	}
	a.now, a.last = next, at
}

func (a *ages) left(age time.Duration) {
	a.count++
	a.sum += age
	a.longest = max(a.longest, age)
}

// forget ends what is followed: connections that were queued at a socket that has closed were reset, after they had
// waited as long as was seen.
func (a *ages) forget() {
	for _, age := range a.now {
		a.left(age)
	}
	a.now = nil
}

// waiting is of all that were seen; nil for none. Those that wait still have waited as long as was seen.
func (a *ages) waiting() *Waiting {
	all := *a
	for _, age := range a.now {
		all.left(age)
	}
	if all.count == 0 {
		return nil
	}
	return &Waiting{
		Source: SourceAges, Mean: all.sum / time.Duration(all.count), Connections: all.count, Total: all.sum,
		Longest: &all.longest,
	}
}
