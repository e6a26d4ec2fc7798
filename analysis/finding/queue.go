package finding

import "time"

// queueKinds are the facts about the accept queue, the server and the way to it, and what to change.
var queueKinds = []Fact{
	QueueFull{}, QueueNeverFull{}, QueueUnknown{}, QueueOverflowed{}, LongerNotTried{}, SweepLarger{},
	ServerOverloaded{}, ShortBacklog{}, QueueHidden{}, ServerTooSlow{}, RaiseBacklog{}, ApplicationBacklog{},
	SysctlNotEnough{}, LoopbackDrops{}, LinkDrops{},
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

// Code is "queue-full".
func (QueueFull) Code() Code { return "queue-full" }

// QueueNeverFull means that the accept queue was never full where calls were lost or late: its length is not
// the cause.
type QueueNeverFull struct {
	// Silent: most of the lost calls had no command in time.
	Silent bool `json:"silent,omitempty"`
	// LostAs counts the lost calls by their outcomes.
	LostAs []Count `json:"lost_as,omitempty"`
}

// Code is "queue-never-full".
func (QueueNeverFull) Code() Code { return "queue-never-full" }

// QueueUnknown means that it is not known whether the longest queue tried was full.
type QueueUnknown struct{}

// Code is "queue-unknown".
func (QueueUnknown) Code() Code { return "queue-unknown" }

// QueueOverflowed is an accept queue that overflowed, though no call was lost or late for it.
type QueueOverflowed struct {
	// Revived calls at most in a storm: a packet sent later let them in.
	Revived int `json:"revived"`
	// Free is a setting in which it did not; empty without one.
	Free string `json:"free,omitempty"`
}

// Code is "queue-overflowed".
func (QueueOverflowed) Code() Code { return "queue-overflowed" }

// LongerNotTried means that longer queues need a network namespace of their own, which the run did not have.
type LongerNotTried struct{}

// Code is "longer-not-tried".
func (LongerNotTried) Code() Code { return "longer-not-tried" }

// SweepLarger means that a sweep of longer queues would show from where on no call is lost.
type SweepLarger struct{}

// Code is "sweep-larger".
func (SweepLarger) Code() Code { return "sweep-larger" }

// ServerOverloaded means that calls came faster than the server took them, for most of a storm.
type ServerOverloaded struct {
	// Generator: it was slow to reply, which is a finding of its own.
	Generator bool `json:"generator,omitempty"`
}

// Code is "server-overloaded".
func (ServerOverloaded) Code() Code { return "server-overloaded" }

// ShortBacklog is the effective backlog of an external server, which was full.
type ShortBacklog struct {
	Backlog int `json:"backlog"`
	// Somaxconn where the storm was watched; nil where it is not known.
	Somaxconn *int `json:"somaxconn,omitempty"`
}

// Code is "short-backlog".
func (ShortBacklog) Code() Code { return "short-backlog" }

// QueueHidden is the accept queue of an external server that cannot be seen from here.
type QueueHidden struct {
	// Why it cannot.
	Why Note `json:"why,omitzero"`
	// DroppedSYNs are calls with a SYN that was dropped, and Reset ones were reset before a command: a full
	// queue does both.
	DroppedSYNs int `json:"dropped_syns,omitempty"`
	Reset       int `json:"reset,omitempty"`
}

// Code is "queue-hidden".
func (QueueHidden) Code() Code { return "queue-hidden" }

// ServerTooSlow means that no backlog helps, since the last calls time out before they are served.
type ServerTooSlow struct {
	// Rate at which the server serves at best, in calls/s; 0 for one that served no call in time.
	Rate    int           `json:"rate"`
	Needed  int           `json:"needed"`
	Calls   int           `json:"calls"`
	Wait    time.Duration `json:"wait_ns"`
	Timeout time.Duration `json:"first_command_timeout_ns"`
}

// Code is "server-too-slow".
func (ServerTooSlow) Code() Code { return "server-too-slow" }

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

// Code is "raise-backlog".
func (RaiseBacklog) Code() Code { return "raise-backlog" }

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

// Code is "application-backlog".
func (ApplicationBacklog) Code() Code { return "application-backlog" }

// SysctlNotEnough means that raising net.core.somaxconn alone does not end the losses of applications that
// pass a smaller backlog.
type SysctlNotEnough struct {
	// Helped: it made them fewer, perhaps.
	Helped bool `json:"helped,omitempty"`
}

// Code is "sysctl-not-enough".
func (SysctlNotEnough) Code() Code { return "sysctl-not-enough" }

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

// Code is "loopback-drops".
func (LoopbackDrops) Code() Code { return "loopback-drops" }

// LinkDrops are packets that the link between clients and server dropped, which is to lose nothing.
type LinkDrops struct {
	// As in LoopbackDrops.
	Storms  int `json:"storms"`
	Settled int `json:"settled"`
	Most    int `json:"most_packets"`
}

// Code is "link-drops".
func (LinkDrops) Code() Code { return "link-drops" }

// Action is what an administrator does for a longer queue.
type Action string

// The actions.
const (
	RaiseSysctl      Action = "raise-somaxconn"
	KeepSysctl       Action = "keep-somaxconn"
	RaiseApplication Action = "raise-application"
)
