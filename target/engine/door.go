package engine

import "time"

// Rules say who comes in when, and who is served: what makes one kind of server different from another,
// seen from the kernel's queue.
type Rules struct {
	// Loops are the doors, each with a thread of its own: 1 but for servers of several processes.
	Loops int
	// OwnSockets: each door has a socket with a queue of its own (SO_REUSEPORT). Else all share one.
	OwnSockets bool
	// Open is how many connections may be inside one door at once. At the limit it does not accept, and
	// connections wait in the kernel.
	Open int
	// Active is how many of them are served at once; the others wait inside, in order. At most Open.
	Active int
	// Reject closes what comes when Active are being served, instead of keeping it. Open does not matter then.
	Reject bool
	// EnvAtDoor accepts nothing while a client has not said its whole environment.
	EnvAtDoor bool
	// OneThread accepts, reads, writes and does everything else but wait, one thing at a time.
	OneThread bool
	// WorkBlocks: a call's work is done by that thread, which does nothing else meanwhile. Only with OneThread.
	WorkBlocks bool
	// EventCost is the CPU time that this thread spends on each event: a connection accepted, bytes or an end read, the
	// end of a call's wait. The thread spins: if it slept, others would have its CPU, and it would wake late. 0 is
	// none. Only with OneThread.
	EventCost time.Duration
	// ForkTime is how long the door is busy with each connection that it serves: it accepts nothing meanwhile, and the
	// session begins at the end of it. 0 is not at all.
	ForkTime time.Duration
	// Rate is how many may come within RateWindow: one more is closed, and the sockets for a while. 0: any number.
	Rate       int
	RateWindow time.Duration
}

// Ruling is what becomes of a connection at the door.
type Ruling uint8

// Rulings.
const (
	// Serve it at once.
	Serve Ruling = iota
	// Keep it until a handler is free.
	Keep
	// Refuse it: close it unread.
	Refuse
	// Shut the server: close it unread, and the sockets.
	Shut
)

// Door counts who is inside. It is not for use by several at once.
type Door struct {
	rules                 *Rules
	open, active, reading int
	windowEnd             time.Duration
	inWindow              int
}

// NewDoor is a door with nobody inside.
func NewDoor(r *Rules) Door { return Door{rules: r} }

// Accepts tells whether a connection may be taken out of the kernel's queue.
func (d *Door) Accepts() bool {
	if d.rules.EnvAtDoor && d.reading > 0 {
		return false
	}
	return d.open < d.rules.Open || d.rules.Reject
}

// Enter rules on a connection that was accepted at that instant of any clock that goes forward. Those that are
// refused are not inside.
func (d *Door) Enter(now time.Duration) Ruling {
	switch {
	case !d.withinRate(now):
		return Shut
	case d.active < d.rules.Active:
		d.open++
		d.serve()
		return Serve
	case d.rules.Reject:
		return Refuse
	}
	d.open++
	return Keep
}

// withinRate counts a connection in a window that begins with the first one after the last window's end.
func (d *Door) withinRate(now time.Duration) bool {
	if d.rules.Rate == 0 {
		return true
	}
	if now >= d.windowEnd {
		d.windowEnd, d.inWindow = now+d.rules.RateWindow, 0
	}
	d.inWindow++
	if d.inWindow > d.rules.Rate {
		d.windowEnd = 0 // what comes after the closing is counted anew
		return false
	}
	return true
}

// Promote serves one that was kept, if a handler is free.
func (d *Door) Promote() bool {
	if d.active == d.open || d.active == d.rules.Active {
		return false
	}
	d.serve()
	return true
}

func (d *Door) serve() {
	d.active++
	d.reading++
}

// Heard is a session that has said its environment.
func (d *Door) Heard() { d.reading-- }

// Leave is a session that was served and is over; heard tells whether it has said its environment.
func (d *Door) Leave(heard bool) {
	d.open--
	d.active--
	if !heard {
		d.reading--
	}
}

// Kept is the number of connections that wait inside.
func (d *Door) Kept() int { return d.open - d.active }

// Drop is a connection that was kept and is closed before it was served.
func (d *Door) Drop() { d.open-- }

// Empty tells whether nobody is inside.
func (d *Door) Empty() bool { return d.open == 0 }
