// Package engine is the contract between the storm and the engines that play it:
// what an engine is given, and what it reports of every attempt. It knows TCP and
// turns of speech, not AGI; it judges nothing.
package engine

import (
	"context"
	"net/netip"
	"syscall"
	"time"
)

// Schedule says when each attempt starts; see the package scenarios/arrival.
type Schedule interface {
	Len() int
	At(i int) time.Duration
}

// Talk is the client's side of every conversation. It holds no descriptor and
// never blocks. An engine may call it for different attempts at once, never for
// the same one.
type Talk interface {
	// Open appends what attempt i sends once it is connected.
	Open(dst []byte, i int) []byte
	// Receive takes what attempt i has read and appends the answers; commands is the number
	// of whole commands in it. An error is a broken protocol and ends the attempt.
	Receive(dst []byte, i int, in []byte) (answer []byte, commands int, err error)
	// Close is told that the server has closed; it appends the last words.
	// An error is a broken protocol.
	Close(dst []byte, i int) (farewell []byte, err error)
}

// Plan is one storm.
type Plan struct {
	Address  netip.AddrPort
	Schedule Schedule
	Talk     Talk
	// LineByLine writes each line by a write(2) of its own, as Asterisk does.
	LineByLine bool
	// ConnectLimit counts from connect(2); FirstCommandLimit and SessionLimit from the connection.
	ConnectLimit, FirstCommandLimit, SessionLimit time.Duration
	// NotOfferedAfter is the start lag from which an attempt is not started any more.
	NotOfferedAfter time.Duration
}

// Engine plays one storm, once.
type Engine interface {
	// Run plays the storm that starts at epoch, and returns when every attempt has ended or,
	// early, when ctx is done. The flows are in the order of the schedule; those that
	// had not ended by then have Cause Running.
	Run(ctx context.Context, epoch time.Time) []Flow
	// Close gives back what was prepared.
	Close() error
}

// Cause is what ended an attempt.
type Cause uint8

// Causes. Running is an attempt that has not ended.
const (
	Running Cause = iota
	// Finished: the server closed.
	Finished
	// Failed: a system call returned Flow.Errno.
	Failed
	// OverLimit: Flow.Limit had passed.
	OverLimit
	// Broken: the talk reported Flow.Err.
	Broken
	// Missed: the start lag had passed NotOfferedAfter.
	Missed
)

// Limit names one of the plan's limits.
type Limit uint8

// Limits.
const (
	NoLimit Limit = iota
	ConnectLimit
	FirstCommandLimit
	SessionLimit
)

// String is the limit's name in records, "" for NoLimit.
func (l Limit) String() string {
	return [...]string{"", "connect", "first-command", "session"}[l]
}

// Flow is what an engine reports of one attempt: raw facts. The instants are
// offsets from the epoch and mean something only where the flag beside them is set.
type Flow struct {
	Started, Connected, FirstCommand, Done time.Duration
	HasStarted, HasConnected, HasCommand   bool

	Cause Cause
	Limit Limit
	Errno syscall.Errno
	Err   error

	// HasInfo: the kernel told Retransmits and RTT; HasRTO: it told RTOTime as well.
	HasInfo, HasRTO bool
	Retransmits     uint32
	RTT, RTOTime    time.Duration

	// Local address of the client, once it had one.
	Local netip.AddrPort

	Commands          uint32
	BytesIn, BytesOut uint64
}
