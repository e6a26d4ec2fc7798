package finding

import "time"

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
	{"queue-hidden", QueueHidden{}},
	{"server-too-slow", ServerTooSlow{}},
	{"raise-backlog", RaiseBacklog{}},
	{"application-backlog", ApplicationBacklog{}},
	{"sysctl-not-enough", SysctlNotEnough{}},
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

// ShortBacklog is the effective backlog of an external server, which was full.
type ShortBacklog struct {
	Backlog int `json:"backlog"`
	// Somaxconn where the storm was watched; nil where it is not known.
	Somaxconn *int `json:"somaxconn,omitempty"`
}

// QueueHidden is the accept queue of an external server that cannot be seen from here.
type QueueHidden struct {
	// Why it cannot.
	Why Note `json:"why,omitzero"`
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
	// Untried: it was not stormed itself, but has room for the deepest queue of the greatest setting.
	Untried bool `json:"untried,omitempty"`
	// Peak is the deepest accept queue with it; 0 where it was not watched. Tight: little of it was free.
	Peak  int  `json:"peak,omitempty"`
	Tight bool `json:"tight,omitempty"`
	// Roomier is the next longer one of the settings; empty without one.
	Roomier string `json:"roomier,omitempty"`
	// TryLonger: it was full, so that calls were late, and it was the longest tried.
	TryLonger bool `json:"try_longer,omitempty"`
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
)
