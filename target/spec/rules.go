package spec

import "time"

// Rules define when a connection is accepted and when it is served: what makes one kind of server different from
// another, seen from the kernel's queue.
type Rules struct {
	// Loops is the number of accepting threads: 1 except for servers of several processes.
	Loops int
	// OwnSockets gives each thread a socket with a queue of its own (SO_REUSEPORT). Else all share one.
	OwnSockets bool
	// Open is how many connections one thread may have open at once. At the limit it does not accept, and
	// connections wait in the kernel.
	Open int
	// Active is how many of them are served at once; the others wait in the process, in order. At most Open.
	Active int
	// Reject closes what comes when Active are being served, instead of keeping it. Open does not matter
	// then.
	Reject bool
	// EnvBlocksAccept accepts nothing until the environment of the last client has been read whole.
	EnvBlocksAccept bool
	// OneThread accepts, reads, writes and does everything else but wait, one thing at a time.
	OneThread bool
	// WorkBlocks lets that thread do each call's work, and nothing else meanwhile. Only with OneThread.
	WorkBlocks bool
	// EventCost is the CPU time that this thread spends on each event: a connection accepted, bytes or an
	// end read, the end of a call's wait. The thread spins: if it slept, others would have its CPU, and it
	// would wake late. 0 is none. Only with OneThread.
	EventCost time.Duration
	// ForkTime is how long each connection that is served keeps the thread from accepting; the session
	// begins at the end of it. 0 is none.
	ForkTime time.Duration
	// Rate is how many connections RateWindow admits: one more is closed, and the sockets are for a while.
	// 0 is any number.
	Rate       int
	RateWindow time.Duration
}
