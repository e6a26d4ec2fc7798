package lab

import (
	"time"

	"agistorm/loadgen"
	"agistorm/target/probe"
)

// Live is the state of a storm while it is played.
type Live struct {
	// Calls of the whole storm.
	Calls int
	// Elapsed since the storm's first instant; negative before it.
	Elapsed time.Duration
	loadgen.Progress
	// Queue is the server's accept queue; nil where it cannot be seen.
	Queue *probe.QueueState
}
