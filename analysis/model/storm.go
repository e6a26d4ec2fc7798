// Package model simulates a connect storm at a Linux listen queue: a pure function of what it is given. It has no
// clock and does no I/O, and gives the same record as a storm.
package model

import (
	"time"

	"agistorm/target/spec"
)

// Storm is what is simulated.
type Storm struct {
	// Starts are when the attempts begin. For a validation they are the actual starts of a recorded storm.
	Starts   Starts
	Client   Client
	Link     Link
	Listener Listener
	Server   Server
	// Machine is what the CPU work of both sides takes. The zero value takes no time at all: a server with a
	// machine for each handler, and a host for each client.
	Machine Machine
	// Seed of all that is random. The same Storm gives the same result.
	Seed uint64
}

// Starts are the instants at which attempts begin; every arrival.Schedule is one.
type Starts interface {
	// Len returns the number of attempts.
	Len() int
	// At returns the start of attempt i, 0 ≤ i < Len, from the storm's first instant. It never decreases with i.
	At(i int) time.Duration
}

// Client is what each attempt does.
type Client struct {
	// Writes is how the environment is written.
	Writes Writes
	// Think is the pause before each reply.
	Think time.Duration
	// Stay is how long a client that says nothing keeps its connection (caller.Client.Stay).
	Stay time.Duration
	// The limits of an attempt, as record.Scenario has them; all are above 0.
	ConnectLimit, FirstCommandLimit, SessionLimit time.Duration
}

// Writes is how a client writes its environment.
type Writes uint8

// Ways of writing.
const (
	// LineByLine with Nagle's algorithm, as Asterisk does.
	LineByLine Writes = iota
	// OneWrite with TCP_NODELAY.
	OneWrite
	// Nothing is written: the client only connects.
	Nothing
)

// Link is between clients and server.
type Link struct {
	RTT time.Duration
	// Loss is the probability that a packet is lost, 0 to 1, each by itself.
	Loss float64
}

// Listener is the kernel's side of the server.
type Listener struct {
	// Backlog is the effective one: the accept queue holds one more. Each socket has its own.
	Backlog int
	// Syncookies as net.ipv4.tcp_syncookies, 0 or 1, and AbortOnOverflow as net.ipv4.tcp_abort_on_overflow.
	Syncookies      int
	AbortOnOverflow bool
	// MaxSYNBacklog is net.ipv4.tcp_max_syn_backlog; it matters without cookies only. 0 is the backlog.
	MaxSYNBacklog int
	// LinearSYNs is net.ipv4.tcp_syn_linear_timeouts of the clients, 0 on kernels before 6.5.
	LinearSYNs int
}

// Server is the application that accepts.
type Server struct {
	// Rules of admission, as the built-in target's, and Pause, for which a server with a Rate closes its port.
	Rules spec.Rules
	Pause time.Duration
	// Sockets that it listens with on one port, each with a queue of its own; 0 is one.
	Sockets int
	// Work is how long a handler is busy with the call of that number, from 0 in the order in which they are served;
	// nil is no work.
	Work func(call uint64) time.Duration
	// Commands of a session, at least one.
	Commands int
	// Stalls and Restarts, from the storm's first instant.
	Stalls, Restarts []spec.Disturbance
}
