package engine

import (
	"time"

	"agistorm/target/spec"
)

// Rules are those of the behaviour that the engine serves as.
type Rules = spec.Rules

// Decision is what becomes of a connection that was accepted.
type Decision uint8

// Decisions.
const (
	// Serve it at once.
	Serve Decision = iota
	// Keep it until a handler is free.
	Keep
	// Refuse it: close it unread.
	Refuse
	// Shut the server: close it unread, and the sockets.
	Shut
)

// Admission applies the rules to the connections of one thread. It is not safe for concurrent use.
type Admission struct {
	rules                 *Rules
	open, active, reading int
	windowEnd             time.Duration
	inWindow              int
}

// NewAdmission returns an Admission without a connection.
func NewAdmission(r *Rules) Admission { return Admission{rules: r} }

// Accepts reports whether a connection may be taken out of the kernel's queue.
func (a *Admission) Accepts() bool {
	if a.rules.EnvBlocksAccept && a.reading > 0 {
		return false
	}
	return a.open < a.rules.Open || a.rules.Reject
}

// Enter decides about a connection that was accepted at that instant of any monotonic clock. Those that are
// refused are not counted as open.
func (a *Admission) Enter(now time.Duration) Decision {
	switch {
	case !a.withinRate(now):
		return Shut
	case a.active < a.rules.Active:
		a.open++
		a.serve()
		return Serve
	case a.rules.Reject:
		return Refuse
	}
	a.open++
	return Keep
}

// withinRate counts a connection in a window that begins with the first one after the last window ended.
func (a *Admission) withinRate(now time.Duration) bool {
	if a.rules.Rate == 0 {
		return true
	}
	if now >= a.windowEnd {
		a.windowEnd, a.inWindow = now+a.rules.RateWindow, 0
	}
	a.inWindow++
	if a.inWindow > a.rules.Rate {
		a.windowEnd = 0 // the next connection begins a new window
		return false
	}
	return true
}

// Promote serves one that was kept, if a handler is free.
func (a *Admission) Promote() bool {
	if a.active == a.open || a.active == a.rules.Active {
		return false
	}
	a.serve()
	return true
}

func (a *Admission) serve() {
	a.active++
	a.reading++
}

// EnvironmentRead counts a session whose environment has been read.
func (a *Admission) EnvironmentRead() { a.reading-- }

// Leave counts a served session that is over; environmentRead reports whether its environment had been read.
func (a *Admission) Leave(environmentRead bool) {
	a.open--
	a.active--
	if !environmentRead {
		a.reading--
	}
}

// Kept returns the number of open connections that are not served yet.
func (a *Admission) Kept() int { return a.open - a.active }

// Drop counts a kept connection that is closed before it was served.
func (a *Admission) Drop() { a.open-- }

// Empty reports whether no connection is open.
func (a *Admission) Empty() bool { return a.open == 0 }
