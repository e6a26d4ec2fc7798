package finding

import (
	"time"

	"agistorm/analysis/record"
)

// queueKinds are the facts about the accept queue, the server and the way to it, and what to change.
var queueKinds = []Kind{
	{"queue-full", QueueFull{}},
	{"queue-never-full", QueueNeverFull{}},
	{"queue-unknown", QueueUnknown{}},
	{"queue-overflowed", QueueOverflowed{}},
	{"longer-not-tried", LongerNotTried{}},
	{"sweep-larger", SweepLarger{}},
	{"server-overloaded", ServerOverloaded{}},
	{"short-backlog", ShortBacklog{}},
	{"own-backlog", OwnBacklog{}},
	{"queue-hidden", QueueHidden{}},
	{"server-too-slow", ServerTooSlow{}},
	{"raise-backlog", RaiseBacklog{}},
	{"application-backlog", ApplicationBacklog{}},
	{"sysctl-not-enough", SysctlNotEnough{}},
	{"other-listener", OtherListener{}},
	{"stopped-accepting", StoppedAccepting{}},
	{"socket-stuck", SocketStuck{}},
	{"syn-queue-full", SYNQueueFull{}},
	{"lost-before-listener", LostBeforeListener{}},
	{"loopback-drops", LoopbackDrops{}},
	{"link-drops", LinkDrops{}},
}

// QueueFull is an accept queue that was full while calls were lost.
type QueueFull struct {
	// Longest time of a storm; 0 where it is not known.
	Longest time.Duration `json:"longest_ns"`
	// Largest: it is the longest queue tried.
	Largest bool `json:"largest,omitempty"`
	// Generator: it was slow to reply, which is a finding of its own.
	Generator bool `json:"generator,omitempty"`
}

// QueueNeverFull means that the accept queue was never full where calls were lost or late: its length is not
// the cause.
type QueueNeverFull struct {
	// Silent: most of the lost calls had no command in time.
	Silent bool `json:"silent,omitempty"`
	// LostAs counts the lost calls by their outcomes.
	LostAs []Count `json:"lost_as,omitempty"`
}

// QueueUnknown means that it is not known whether the longest queue tried was full.
type QueueUnknown struct{}

// QueueOverflowed is an accept queue that overflowed, though no call was lost or late for it.
type QueueOverflowed struct {
	// Revived calls at most in a storm: a packet sent later let them in.
	Revived int `json:"revived"`
	// Free is a setting in which it did not; empty without one.
	Free string `json:"free,omitempty"`
}

// LongerNotTried means that longer queues need a network namespace of their own, which the run did not have.
type LongerNotTried struct{}

// SweepLarger means that a sweep of longer queues would show from where on no call is lost.
type SweepLarger struct{}

// ServerOverloaded means that calls came faster than the server took them, for most of a storm.
type ServerOverloaded struct {
	// Generator: it was slow to reply, which is a finding of its own.
	Generator bool `json:"generator,omitempty"`
}

// ShortBacklog is the effective backlog of a server of the user's own whose queue was full, or nearly, and what to
// set instead.
type ShortBacklog struct {
	Backlog int `json:"backlog"`
	// Somaxconn where the storm was watched; nil where it is not known.
	Somaxconn *int `json:"somaxconn,omitempty"`
	// Want is the least that has room, and Action what to do for it; 0 and empty where that is not known.
	Want   int    `json:"want,omitempty"`
	Action Action `json:"action,omitempty"`
	// Waiting of the Calls of a storm wait at once at most: that is what Want has room for where the queue was
	// full; else it is Peak, the deepest queue.
	Waiting int `json:"waiting,omitempty"`
	Calls   int `json:"calls,omitempty"`
	Peak    int `json:"peak,omitempty"`
	// Provisional: the run is not conclusive.
	Provisional bool `json:"provisional,omitempty"`
	// Servers are the kinds of well-known server that it may be; empty for another.
	Servers []string `json:"server_kinds,omitempty"`
}

// OwnBacklog means that the server's own backlog limits these settings of somaxconn alike.
type OwnBacklog struct {
	Backlog int `json:"backlog"`
}

// QueueHidden is the accept queue of an external server that cannot be seen from here.
type QueueHidden struct {
	// Why it cannot.
	Why record.Note `json:"why,omitzero"`
	// DroppedSYNs are calls with a SYN that was dropped, and Reset ones were reset before a command: a full
	// queue does both.
	DroppedSYNs int `json:"dropped_syns,omitempty"`
	Reset       int `json:"reset,omitempty"`
}

// ServerTooSlow means that no backlog helps, since the last calls time out before they are served.
type ServerTooSlow struct {
	// Rate at which the server serves at best, in calls/s; 0 for one that served no call in time.
	Rate    int           `json:"rate"`
	Needed  int           `json:"needed"`
	Calls   int           `json:"calls"`
	Wait    time.Duration `json:"wait_ns"`
	Timeout time.Duration `json:"first_command_timeout_ns"`
}

// RaiseBacklog is what to set, where storms showed that it helps. The summary has the recommendation itself.
type RaiseBacklog struct {
	Action    Action `json:"action"`
	Somaxconn int    `json:"somaxconn"`
	Backlog   int    `json:"backlog"`
	// Useful is the longest Backlog of any use; 0 where none is known.
	Useful int `json:"useful,omitempty"`
	// Untried: it was not stormed itself, but has room for the deepest queue of a greater setting.
	Untried bool `json:"untried,omitempty"`
	// Peak is the deepest accept queue with it; 0 where it was not watched. Tight: little of it was free.
	Peak  int  `json:"peak,omitempty"`
	Tight bool `json:"tight,omitempty"`
	// Roomier is the next longer one of the settings; empty without one.
	Roomier string `json:"roomier,omitempty"`
	// Own: the server passes as many to listen() by itself.
	Own bool `json:"own,omitempty"`
	// TryLonger: it was full, so that calls were late, and it was the longest tried.
	TryLonger bool `json:"try_longer,omitempty"`
	// Provisional: the run is not conclusive.
	Provisional bool `json:"provisional,omitempty"`
	// Servers are the kinds of well-known server that it may be; empty for another.
	Servers []string `json:"server_kinds,omitempty"`
}

// ApplicationBacklog is what an application loses that passes a smaller backlog to listen().
type ApplicationBacklog struct {
	Backlog int `json:"backlog"`
	// Least to Most calls per storm, the medians of its settings; late ones where none are lost.
	Least int  `json:"least"`
	Most  int  `json:"most"`
	Late  bool `json:"late,omitempty"`
	// SomaxconnFrom and SomaxconnTo are those that it was tried under.
	SomaxconnFrom int `json:"somaxconn_from"`
	SomaxconnTo   int `json:"somaxconn_to"`
}

// SysctlNotEnough means that raising net.core.somaxconn alone does not end the losses of applications that
// pass a smaller backlog.
type SysctlNotEnough struct {
	// Helped: it made them fewer, perhaps.
	Helped bool `json:"helped,omitempty"`
}

// OtherListener is another listening socket of the server's namespace that overflowed, while the one that was
// stormed dropped nothing: a server behind a proxy, mostly.
type OtherListener struct {
	// Overflows by the kernel's count, in the worst storm.
	Overflows int `json:"overflows"`
	// Address, effective Backlog and Drops of the one that dropped most; empty where it could not be seen.
	Address string `json:"address,omitempty"`
	Backlog int    `json:"backlog,omitempty"`
	Drops   int    `json:"drops,omitempty"`
}

// StoppedAccepting is a server that accepted nothing for a while, and then at once what was queued: it is not
// slow.
type StoppedAccepting struct {
	// From and To of the longest stall, from the storm's start, in Storms of the setting.
	From   time.Duration `json:"from_ns"`
	To     time.Duration `json:"to_ns"`
	Storms int           `json:"storms"`
	// Needed is how many connections a queue must hold for that time, and Holds how many the shortest did.
	Needed int `json:"needed"`
	Holds  int `json:"holds"`
	// Open: it had not accepted again when the watch ended.
	Open bool `json:"open,omitempty"`
}

// SocketStuck means that of several sockets on one port (SO_REUSEPORT) some were not emptied, while others were:
// the kernel spreads connections over them and knows nothing of their processes.
type SocketStuck struct {
	Sockets int `json:"sockets"`
	Stuck   int `json:"stuck"`
	// Queued connections in the stuck ones after the storm, and their Drops during it.
	Queued int `json:"queued"`
	Drops  int `json:"drops"`
}

// SYNQueueFull is a SYN queue that was full: the kernel answered with SYN cookies, or dropped SYNs.
type SYNQueueFull struct {
	// NoRemedy: the answer has a cause that no longer backlog helps, or recommends one already.
	NoRemedy bool `json:"no_remedy,omitempty"`
	// Cookies and Dropped SYNs in the worst storm.
	Cookies int `json:"cookies,omitempty"`
	Dropped int `json:"dropped,omitempty"`
	// First of them, from the storm's start; nil where that is not known. The kernel logs a listener's first.
	First *time.Duration `json:"first_ns,omitempty"`
	// Backlog that bounds the SYN queue; 0 where it is not known.
	Backlog int `json:"backlog,omitempty"`
	// Harmless: no call of these storms was lost or late.
	Harmless bool `json:"harmless,omitempty"`
}

// LostBeforeListener are SYNs that were lost though neither the listener nor the medium dropped one: a firewall's
// limit, or the network.
type LostBeforeListener struct {
	SYNs int `json:"syns"`
}

// LoopbackDrops are packets that lo dropped, whose packets wait in the input queue of a CPU.
type LoopbackDrops struct {
	// Storms in which it dropped any, at Most so many; in Settled ones, by the kernel's account, every SYN
	// that was retransmitted and not answered, and the listener none of those.
	Storms  int `json:"storms"`
	Settled int `json:"settled"`
	Most    int `json:"most_packets"`
	// Shared: those of other programs on this host are included.
	Shared bool `json:"shared,omitempty"`
	// Raise this sysctl of the host From a value, nil where it is not known, To the least that is enough.
	Raise string `json:"raise"`
	From  *int   `json:"from,omitempty"`
	To    int    `json:"to"`
}

// LinkDrops are packets that the link between clients and server dropped, which is to lose nothing.
type LinkDrops struct {
	// As in LoopbackDrops.
	Storms  int `json:"storms"`
	Settled int `json:"settled"`
	Most    int `json:"most_packets"`
}

// Action is what an administrator does for a longer queue.
type Action string

// The actions.
const (
	RaiseSysctl      Action = "raise-somaxconn"
	KeepSysctl       Action = "keep-somaxconn"
	RaiseApplication Action = "raise-application"
	RaiseBoth        Action = "raise-both"
	// RestartServer: somaxconn is large enough, but was smaller when the server began to listen.
	RestartServer Action = "restart-server"
)
