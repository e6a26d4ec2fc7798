// Package engine is the contract between the storm and the engines that play it: what an engine is given,
// and what it reports of every attempt. It handles TCP and the turns of a conversation, not AGI, and judges
// nothing.
package engine

import (
	"context"
	"net/netip"
	"syscall"
	"time"

	"agistorm/analysis/record"
)

// Schedule holds when each attempt starts; see the package scenarios/arrival.
type Schedule interface {
	Len() int
	At(i int) time.Duration
}

// Talk is the client's side of every conversation. It holds no descriptor and
// never blocks. An engine may call it for different attempts at once, never for
// the same one.
type Talk interface {
	// Greeting is the first line of every Open, the same for all attempts. A client that writes line by line
	// sends it as soon as it is connected, before the others' environments.
	Greeting() []byte
	// Open appends what attempt i sends once it is connected, the greeting included.
	Open(dst []byte, i int) []byte
	// Receive takes what attempt i has read and appends the answers; commands is the number
	// of whole commands in it. An error is a broken protocol and ends the attempt.
	Receive(dst []byte, i int, in []byte) (answer []byte, commands int, err error)
	// HangUp hangs up the caller of attempt i; it appends what the client sends then.
	HangUp(dst []byte, i int) []byte
	// Close ends attempt i after the server's close; it appends the last bytes to send. An error is a
	// broken protocol.
	Close(dst []byte, i int) (farewell []byte, err error)
}

// Observer watches a storm as it is played. An engine calls it in the middle of the storm, perhaps from
// several threads: it must be quick and not block.
type Observer interface {
	// Started: connect(2) is called for an attempt.
	Started()
	// Connected: an attempt is connected, so long after its intended start.
	Connected(latency time.Duration)
	// Ended: an attempt has ended, whether it ever started or not.
	Ended(f *Flow)
}

// Unobserved is an Observer that does nothing.
type Unobserved struct{}

// Started implements Observer.
func (Unobserved) Started() {}

// Connected implements Observer.
func (Unobserved) Connected(time.Duration) {}

// Ended implements Observer.
func (Unobserved) Ended(*Flow) {}

// Plan is one storm.
type Plan struct {
	// Addresses of the server, at least one. An attempt tries the next when a connect
	// has failed or passed its limit, as Asterisk does, and never the same one twice.
	Addresses []netip.AddrPort
	Sources   Sources
	Schedule  Schedule
	// Host numbers the host of each attempt from 0, so that the calls of one host have one source; nil where the
	// schedule has no hosts, and sources are taken in turn.
	Host func(i int) int
	// Talk of the clients. Without one they send nothing, and close their side after HangUpAfter. The server's
	// kernel acknowledges that at once, unless it holds no connection: they wait for it, ConnectLimit at most.
	Talk Talk
	// LineByLine writes each line by a write(2) of its own, as Asterisk does.
	LineByLine bool
	// NoDelay sets TCP_NODELAY, which Asterisk does not.
	NoDelay bool
	// ConnectLimit counts from connect(2), for each address anew; FirstCommandLimit from the end of what
	// Open sends, which the client may come to later than to the connection; SessionLimit from the
	// connection.
	ConnectLimit, FirstCommandLimit, SessionLimit time.Duration
	// NotOfferedAfter is the start lag from which an attempt is not started any more.
	NotOfferedAfter time.Duration
	// Think is the pause before each answer; 0 is none.
	Think time.Duration
	// HangUpAfter is when the caller hangs up, from the connection. 0 is never, but without a Talk at once.
	// What a server does to a connection that it does not want is only seen by one that stays.
	HangUpAfter time.Duration
	// Observer of the storm; may be nil.
	Observer Observer
}

// Lag is the reply lag of a reply that was due at due and for which the server waited until then: a close
// ends that wait, and so does the caller's hang-up after the time when it was due. connected is the
// attempt's Connected.
func (p *Plan) Lag(connected, due, until time.Duration) time.Duration {
	if left := connected + p.HangUpAfter; p.HangUpAfter > 0 && due < left {
		until = min(until, left)
	}
	return max(until-due, 0)
}

// SourceOf returns the place in Sources.Addrs of an attempt's address; 0 where there are none.
func (p *Plan) SourceOf(i int) int {
	n := max(1, len(p.Sources.Addrs))
	if p.Host != nil {
		i = p.Host(i)
	}
	return i % n
}

// Sources are the client's own addresses and ports. The zero value leaves both to the kernel.
type Sources struct {
	// Addrs are taken in turn, one an attempt, or host k has the k-th; see Plan.SourceOf. None leaves the address to
	// the kernel.
	Addrs []netip.Addr
	// Low to High are the ports that are planned for each address before the storm;
	// 0 leaves the port to the kernel. A port that another socket has is passed over.
	Low, High uint16
}

// Engine plays one storm, once.
type Engine interface {
	// Run plays the storm that starts at epoch, and returns when every attempt has ended or,
	// early, when ctx is done. The flows are in the order of the schedule; those that
	// had not ended by then have Cause Running.
	Run(ctx context.Context, epoch time.Time) []Flow
	// ReplyLags of the whole storm, and whether they count from the arrival of a command at the socket;
	// else they count from its read.
	ReplyLags() (lags *Lags, fromArrival bool)
	// Thread is what the thread that played the storm has cost; nil where it is not one thread, or unknown.
	Thread() *Thread
	// Close gives back what was prepared.
	Close() error
}

// Thread is the time that a thread has spent on a CPU, and Waited the time that it was ready to
// run and had none.
type Thread struct{ CPU, Waited time.Duration }

// Cause is what ended an attempt.
type Cause uint8

// Causes. Running is an attempt that has not ended.
const (
	Running Cause = iota
	// Finished: the server closed, or a client without a Talk has closed its side.
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
	return [...]string{"", record.LimitConnect, record.LimitFirstCommand, record.LimitSession}[l]
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

	// Address is the place in Plan.Addresses of the one that settled the attempt.
	Address uint8
	// EarlierRetransmits is the number of SYNs retransmitted to the addresses before it.
	EarlierRetransmits uint32

	// Tried is when connect(2) was called for that address; Started for the first.
	Tried time.Duration

	// HasInfo: the kernel reported Retransmits, RTT and, for a connection, SYNACK: when it last got an ACK
	// before anything was sent (tcpi_last_ack_recv, in ticks of the kernel's). HasRTO: it reported RTOTime
	// as well.
	HasInfo, HasRTO      bool
	Retransmits          uint32
	RTT, RTOTime, SYNACK time.Duration

	// Left: a client without a Talk has closed its side, at LeftAt, before the server did. HasFIN: whether the
	// server's kernel acknowledged that is known; Phantom: it did not. FINRetransmits counts how often it was sent
	// again until then because no kernel had it, or the network lost it.
	Left, HasFIN, Phantom bool
	LeftAt                time.Duration
	FINRetransmits        uint32

	// Local address of the client, once it had one.
	Local netip.AddrPort

	Commands          uint32
	BytesIn, BytesOut uint64

	// ReplyLag is the longest time that a command waited for its reply, ReplyLagSum that of all of them;
	// see Lags. HasReply: there was one.
	HasReply              bool
	ReplyLag, ReplyLagSum time.Duration
}

// CountCommands counts the whole commands that were read by now.
func (f *Flow) CountCommands(n int, now time.Duration) {
	if n > 0 && !f.HasCommand {
		f.FirstCommand, f.HasCommand = now, true
	}
	f.Commands += uint32(n)
}

// Replied counts a reply with its lag, whatever became of its write: the server waited for it.
func (f *Flow) Replied(lag time.Duration) {
	f.HasReply = true
	f.ReplyLag = max(f.ReplyLag, lag)
	f.ReplyLagSum += lag
}
