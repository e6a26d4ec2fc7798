// Package series computes what is drawn over a storm's time, for pictures and for pages alike: pure
// numbers in, pure numbers out, each bounded in size however large the storm was.
package series

import (
	"time"

	"agistorm/analysis/record"
)

// Step of the flow's bins.
const Step = 10 * time.Millisecond

// Flow counts what happened from the storm's start on, in bins of one width; all slices have one
// length.
type Flow struct {
	// Arrivals are attempts by their intended start; Accepts what the server's log shows; nil without
	// one.
	Arrivals, Accepts []float64
	// Drops are what ListenDrops gained; nil if they were not counted.
	Drops []float64
}

// Dot is one attempt: its intended start against the time until the client could act, or, without a
// connection, until it was given up.
type Dot struct {
	At, Took time.Duration
	Outcome  record.Outcome
	// Late says that it was answered after a SYN retransmission.
	Late bool
}

// Depth is the accept queue over time, as steps: from At[i] on it was Depth[i].
type Depth struct {
	At    []time.Duration
	Depth []uint32
	// Limit is the effective backlog: the queue holds one more. Overflows are the moments at which
	// ListenOverflows had grown.
	Limit     uint32
	Overflows []time.Duration
}
