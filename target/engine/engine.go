// Package engine is the contract between the target and the engines that serve its sockets, and what both of
// them share: the rules of admission, and one session's side of the conversation. Nothing here does I/O.
package engine

import (
	"net"
	"net/netip"
	"time"
)

// Plan is what an engine serves.
type Plan struct {
	// Rules of admission. Each of Rules.Loops threads applies them to its own connections.
	Rules  Rules
	Script *Script
	// Work is how long a handler is busy with the call of that number, counted from 0 as they are served;
	// after the environment and before the first command. Several threads call it.
	Work func(call uint64) time.Duration
	Log  Log
	// Failed is called once when accepting has ended for good, with the cause.
	Failed func(error)
	// Shut is called when Rules.Rate was exceeded: the server is to close its sockets for a while.
	Shut func()
}

// Log records every connection; several threads call it.
type Log interface {
	// Accepted gives the connection's place in the log.
	Accepted(Arrival) (place int)
	// Ended is a session that is over; refused is the number of its commands that the client did not take
	// (510, 520).
	Ended(place int, fate Fate, refused int)
	// AcceptFailed is an accept that failed and is tried again.
	AcceptFailed()
}

// Arrival is a connection that was accepted.
type Arrival struct {
	Peer netip.AddrPort
	// Socket of those given to Engine.Accept, counted from 0, out of whose queue it came.
	Socket int
	// Queued is how long it was in the queue, to a tick of the kernel's; nil where that is unknown. The log
	// must copy it.
	Queued *time.Duration
}

// Socket is a listening socket, as each engine wants it.
type Socket interface {
	// Descriptor of the socket, which stays the caller's.
	Descriptor() int
	// Listener is one of package net on the same accept queue, and how it is given back.
	Listener() (l *net.TCPListener, release func() error, err error)
}

// Engine serves sockets. Its methods are for one goroutine.
type Engine interface {
	// Accept begins to accept from the sockets: the one of them, or one for each thread.
	Accept(sockets []Socket)
	// Hold stops accepting; what is open goes on. The channel is closed when the sockets are not touched
	// any more.
	Hold() <-chan struct{}
	// Idle is closed once nothing is accepted and no session is open.
	Idle() <-chan struct{}
	// Cut ends every session as Stopped.
	Cut()
	// Close ends the engine's threads. Only once it is idle.
	Close() error
}

// ClosedAfter returns a channel that is closed when f has returned.
func ClosedAfter(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		f()
		close(done)
	}()
	return done
}

// AcceptPause is how long an accept that failed is not tried again: descriptors become free in the meantime.
const AcceptPause = 5 * time.Millisecond
