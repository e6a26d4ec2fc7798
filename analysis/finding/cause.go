package finding

import (
	"strconv"
	"time"
)

// StepCode names one thing that happened to a call. A code keeps its meaning for good.
type StepCode string

// The steps on a call's way to the server's accept queue.
const (
	// SYNDropped: its SYN was not answered, and perhaps the retransmitted ones.
	SYNDropped StepCode = "syn-dropped"
	// SYNAnswered: a retransmitted SYN was answered.
	SYNAnswered StepCode = "syn-answered"
	// Refused: nothing listened.
	Refused StepCode = "refused"
	// ConnectFailed: the connect failed with Errno.
	ConnectFailed StepCode = "connect-failed"
	// KernelGaveUp: the client's kernel ended the connect with Errno.
	KernelGaveUp StepCode = "kernel-gave-up"
	// GaveUp: the connect timeout passed.
	GaveUp StepCode = "gave-up"
	// ResetEarly: a reset ended it before its client could speak.
	ResetEarly StepCode = "reset-early"
	// LastACKReset: its last ACK met the full accept queue and was answered with a reset
	// (tcp_abort_on_overflow).
	LastACKReset StepCode = "last-ack-reset"
	// AddressFailed: an address of the server failed at once.
	AddressFailed StepCode = "address-failed"
	// AddressGivenUp: an address of the server did not answer within the connect timeout.
	AddressGivenUp StepCode = "address-given-up"
	// MovedOn: the client went on to another address.
	MovedOn StepCode = "moved-on"
	// SYNDroppedThere: its SYN was dropped at that address too.
	SYNDroppedThere StepCode = "syn-dropped-there"
	// AnsweredThere: that address answered.
	AnsweredThere StepCode = "answered-there"
)

// The steps of a call that was connected for its client.
const (
	// Phantom: its last ACK was dropped, and the server never accepted it.
	Phantom StepCode = "phantom"
	// LeftInQueue: it was in the accept queue until the storm was over.
	LeftInQueue StepCode = "left-in-queue"
	// Discarded: it was in the accept queue when the server closed it.
	Discarded StepCode = "discarded"
	// NeverAccepted: it was a phantom or was left in the queue; the kernel does not report which.
	NeverAccepted StepCode = "never-accepted"
	// Revived: its last ACK was dropped, and a later packet let it into the accept queue.
	Revived StepCode = "revived"
	// Accepted by the server.
	Accepted StepCode = "accepted"
	// AcceptedInVain: the server accepted it when its client had gone.
	AcceptedInVain StepCode = "accepted-in-vain"
	// ServerFull: the server closed it at once.
	ServerFull StepCode = "server-full"
	// FINUnanswered: the server's kernel did not acknowledge that the client closed its side.
	FINUnanswered StepCode = "fin-unanswered"
	// FINRevives: the server's kernel had nothing to acknowledge until the client's FIN was retransmitted.
	FINRevives StepCode = "fin-revives"
	// ClosedAtOnce and ResetAtOnce: the server ended a connection on which its client sent nothing.
	ClosedAtOnce StepCode = "closed-at-once"
	ResetAtOnce  StepCode = "reset-at-once"
	// Closed before a command.
	Closed StepCode = "closed"
	// NoCommand: the first-command timeout passed.
	NoCommand StepCode = "no-command"
	// NoEnd: the session timeout passed.
	NoEnd StepCode = "no-end"
	// ProtocolBroken: what the server sent is not FastAGI.
	ProtocolBroken StepCode = "protocol-broken"
	// Reset of a connection that was discarded.
	Reset StepCode = "reset"
	// ResetOnWrite: the client's first packet was answered with a reset.
	ResetOnWrite StepCode = "reset-on-write"
	// ResetInSession: a reset ended it after its first command.
	ResetInSession StepCode = "reset-in-session"
	// ResetOnOverflow: its last ACK was answered with a reset (tcp_abort_on_overflow).
	ResetOnOverflow StepCode = "reset-on-overflow"
	// Connected is the success of a client that only connects.
	Connected StepCode = "connected"
	// Answered with a first command.
	Answered StepCode = "answered"
	// AnsweredSlowly: 1 s or more after it was connected; where it waited is not known.
	AnsweredSlowly StepCode = "answered-slowly"
	// AnsweredSlowlyQueued: the same, after a wait that was mostly in the accept queue.
	AnsweredSlowlyQueued StepCode = "answered-slowly-queued"
	// AnsweredSlowlyServed: the same, after a wait that was mostly after the accept.
	AnsweredSlowlyServed StepCode = "answered-slowly-served"
)

// Place is where a packet was dropped, as far as the kernel's account goes.
type Place string

// The places.
const (
	// AcceptQueue was full.
	AcceptQueue Place = "accept-queue"
	// SYNQueue was full.
	SYNQueue Place = "syn-queue"
	// Listener dropped it, while its accept queue had room.
	Listener Place = "listener"
	// Loopback is the device lo.
	Loopback Place = "loopback"
	// Link between two namespaces.
	Link Place = "link"
	// ProbablyLoopback and ProbablyLink dropped packets, and the accept queue had room.
	ProbablyLoopback Place = "probably-loopback"
	ProbablyLink     Place = "probably-link"
	// NotFull: somewhere, while the accept queue was not seen full.
	NotFull Place = "not-full"
)

// Step is one thing that happened to a number of calls alike.
type Step struct {
	Code StepCode `json:"code"`
	// Places where the SYN was dropped: it was one of them. Empty where it is not known.
	Places []Place `json:"places,omitempty"`
	// Again is how many of its retransmissions were dropped too, and AgainPlaces where, if that is known to
	// be elsewhere.
	Again       int     `json:"again,omitempty"`
	AgainPlaces []Place `json:"again_places,omitempty"`
	// Limit is the timeout that passed.
	Limit time.Duration `json:"limit_ns,omitempty"`
	Errno string        `json:"errno,omitempty"`
	// Example is what was seen of one of these calls.
	Example Sight `json:"example"`
}

// Sight is what was seen of a step of one call. Instants are from the storm's start.
type Sight struct {
	// At is when it happened; for a connection that was not accepted, when it was established for its client.
	At time.Duration `json:"at_ns"`
	// Retransmitted is when, by the kernel's schedule, the SYN was retransmitted and dropped again; of many
	// the first ones.
	Retransmitted []time.Duration `json:"retransmitted_ns,omitempty"`
	// Queue at the time of a drop; nil where it was not sampled.
	Queue *Depth `json:"queue,omitempty"`
	// Waited in the accept queue until the accept.
	Waited time.Duration `json:"waited_ns,omitempty"`
	// Entered is when a revived one came into the accept queue, 0 for after its client had left, and Accepted
	// when it left it; nil for one
	// that was accepted in vain.
	Entered  time.Duration  `json:"entered_ns,omitempty"`
	Accepted *time.Duration `json:"accepted_ns,omitempty"`
	// Address that the client went on to.
	Address string `json:"address,omitempty"`
	// Error is what was wrong with the protocol.
	Error string `json:"error,omitempty"`
}

// Depth is an accept queue at a time.
type Depth struct {
	Depth int `json:"depth"`
	// Holds is how many connections it takes.
	Holds int `json:"holds"`
	// Drops that the listener counted between the samples around that time.
	Drops int `json:"drops,omitempty"`
}

// AppendKey appends what all calls that took this step have in common.
func (s *Step) AppendKey(key []byte) []byte {
	key = append(key, s.Code...)
	for _, places := range [][]Place{s.Places, s.AgainPlaces} {
		key = append(key, '|')
		for _, p := range places {
			key = append(key, p...)
		}
	}
	key = strconv.AppendInt(append(key, '|'), int64(s.Again), 10)
	return append(append(append(key, '|'), s.Errno...), '\n')
}
