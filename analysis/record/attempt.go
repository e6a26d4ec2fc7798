package record

import (
	"cmp"
	"time"
)

// Attempt is one client's try, from its intended start to its outcome. Instants are
// offsets from the storm's start; nil is "did not happen" or "not known", never 0.
type Attempt struct {
	// Seq counts the attempts of a storm from 0, in the order of their intended start.
	Seq uint64 `json:"seq"`
	// Intended is when the schedule wanted the attempt to start.
	Intended time.Duration `json:"intended_ns"`
	// Started is when connect(2) was called.
	Started *time.Duration `json:"started_ns,omitempty"`
	// Tried is when connect(2) was called for the address that settled the attempt, where it was not the
	// first.
	Tried *time.Duration `json:"tried_ns,omitempty"`
	// SYNACK is when the kernel had the answer to a retransmitted SYN (tcpi_last_ack_recv, read before
	// anything was said); grain of a tick.
	SYNACK *time.Duration `json:"syn_ack_ns,omitempty"`
	// Connected is when the client could act on its connection.
	Connected *time.Duration `json:"connected_ns,omitempty"`
	// FirstCommand is when the server's first whole command had been read.
	FirstCommand *time.Duration `json:"first_command_ns,omitempty"`
	// Done is when the outcome was settled.
	Done time.Duration `json:"done_ns"`

	Outcome Outcome `json:"outcome"`
	// Errno names the errno that ended the attempt ("ECONNRESET"), empty if none did.
	Errno string `json:"errno,omitempty"`
	// Limit names the limit that ended the attempt: LimitConnect, LimitFirstCommand or LimitSession; empty
	// for none.
	Limit string `json:"limit,omitempty"`
	// Reason is in words what broke the protocol, empty if nothing did.
	Reason string `json:"reason,omitempty"`

	// Address of the server that settled the attempt, where it has several.
	Address string `json:"address,omitempty"`
	// Local is the client's own address, host:port. With the target's log it shows phantoms.
	Local string `json:"local,omitempty"`
	// Phantom: the server's kernel never acknowledged the FIN of a client that had connected and sent nothing, so
	// it holds no connection. nil for other clients, and where the client's kernel does not report it. Of one that
	// was acknowledged only when it was retransmitted, the kernel had nothing until then.
	Phantom *bool `json:"phantom,omitempty"`
	// Left is when a client that only connects closed its sending side: the server had not closed the connection.
	Left *time.Duration `json:"left_ns,omitempty"`
	// FINRetransmits counts how often the FIN by which it left was retransmitted, until it was acknowledged or given
	// up. nil where the client's kernel does not report it.
	FINRetransmits *uint32 `json:"fin_retransmits,omitempty"`
	// SYNRetransmits counts lost SYNs (tcpi_total_retrans at the connect, or when it was given up).
	SYNRetransmits *uint32 `json:"syn_retransmits,omitempty"`
	// EarlierSYNRetransmits counts the lost SYNs to the server's addresses that had been tried before.
	EarlierSYNRetransmits uint32 `json:"earlier_syn_retransmits,omitempty"`
	// RTT is the kernel's tcpi_rtt at the connect; 1 µs grain.
	RTT *time.Duration `json:"tcpi_rtt_ns,omitempty"`
	// RTOTime is tcpi_total_rto_time at the connect; 1 ms grain. Absent on kernels before 6.7.
	RTOTime *time.Duration `json:"tcpi_total_rto_time_ns,omitempty"`

	// Commands counts the server's whole commands.
	Commands uint32 `json:"commands"`
	// ReplyLag is the longest time that a command waited for the client's reply: from its arrival at the
	// client's socket, plus the think time, to the reply's write. It is the generator's own delay. nil where
	// nothing was replied.
	ReplyLag *time.Duration `json:"reply_lag_ns,omitempty"`
	// ReplyLagSum adds up those of all replies of the attempt.
	ReplyLagSum time.Duration `json:"reply_lag_sum_ns,omitempty"`
	// BytesIn and BytesOut count payload, as read and written.
	BytesIn  uint64 `json:"bytes_in"`
	BytesOut uint64 `json:"bytes_out"`
}

func (a *Attempt) check() error {
	if err := checkTimes(-time.Second, instant{"syn_ack_ns", a.SYNACK}); err != nil {
		return err
	}
	if err := cmp.Or(checkAddress("local", a.Local), checkAddress("address", a.Address)); err != nil {
		return err
	}
	return checkTimes(0,
		instant{"intended_ns", &a.Intended}, instant{"started_ns", a.Started}, instant{"tried_ns", a.Tried},
		instant{"connected_ns", a.Connected}, instant{"first_command_ns", a.FirstCommand}, instant{"done_ns", &a.Done},
		instant{"left_ns", a.Left}, instant{"tcpi_rtt_ns", a.RTT}, instant{"tcpi_total_rto_time_ns", a.RTOTime},
		instant{"reply_lag_ns", a.ReplyLag}, instant{"reply_lag_sum_ns", &a.ReplyLagSum})
}

// Names of the limits in Attempt.Limit.
const (
	LimitConnect      = "connect"
	LimitFirstCommand = "first-command"
	LimitSession      = "session"
)

// Handshake returns the kernel's account of SYN to SYN-ACK, retransmissions included: tcpi_rtt where no SYN
// was lost; else from connect(2) to the SYN-ACK, exact to a tick of the kernel's (1 to 10 ms). Where that is
// not known or cannot be, it is the retransmission timers' time, up to 40 ms too short. False where the
// kernel gave no account.
func (a *Attempt) Handshake() (time.Duration, bool) {
	if a.Connected == nil || a.SYNRetransmits == nil {
		return 0, false
	}
	if *a.SYNRetransmits == 0 {
		return deref(a.RTT)
	}
	spent, ok := deref(a.RTOTime)
	timers := InitialRTO + spent
	// Later than the timers allow is an ACK of what the server said unasked. Earlier can be: a SYN that meets
	// the TIME_WAIT of a former connection is answered with an ACK, and retransmitted at once.
	if took, known := a.untilSYNACK(); known && (!ok || took <= timers+TimerSlack) {
		return took, true
	}
	return timers, ok
}

// untilSYNACK runs from the connect(2) that made the connection.
func (a *Attempt) untilSYNACK() (time.Duration, bool) {
	began := cmp.Or(a.Tried, a.Started)
	if began == nil || a.SYNACK == nil {
		return 0, false
	}
	return *a.SYNACK - *began, *a.SYNACK <= *a.Connected
}

// Late reports whether the call was served although a SYN of it had to be retransmitted, be it to an address
// tried before. Where the kernel gave no account, a connect that took as long as the first retransmission's
// timer is taken for one.
func (a *Attempt) Late() bool {
	if !a.Outcome.Served() {
		return false
	}
	if a.SYNRetransmits == nil {
		return a.Started != nil && a.Connected != nil && *a.Connected-*a.Started >= InitialRTO
	}
	return a.EarlierSYNRetransmits > 0 || *a.SYNRetransmits > 0
}

// Slow reports whether an answered call that is not late waited as long as one, but for its first command: it
// was connected, and its script did not begin for a second or more.
func (a *Attempt) Slow() bool {
	return a.Outcome == Answered && !a.Late() && a.Connected != nil && a.FirstCommand != nil &&
		*a.FirstCommand-*a.Connected >= InitialRTO
}

// StartLag is the generator's own delay: actual minus intended start. False if it never started.
func (a *Attempt) StartLag() (time.Duration, bool) { return a.since(a.Started) }

// ConnectLatency runs from the intended start to when the client could act.
func (a *Attempt) ConnectLatency() (time.Duration, bool) { return a.since(a.Connected) }

// FirstCommandLatency runs from the intended start to the first whole command.
func (a *Attempt) FirstCommandLatency() (time.Duration, bool) { return a.since(a.FirstCommand) }

// SessionLatency runs from the intended start to the end of an answered session.
func (a *Attempt) SessionLatency() (time.Duration, bool) {
	return a.Done - a.Intended, a.Outcome == Answered
}

func (a *Attempt) since(at *time.Duration) (time.Duration, bool) {
	v, ok := deref(at)
	return v - a.Intended, ok
}

func deref(d *time.Duration) (time.Duration, bool) {
	if d == nil {
		return 0, false
	}
	return *d, true
}
