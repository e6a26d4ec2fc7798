package finding

import "time"

// generatorKinds are the facts about the generator, the client and the target.
var generatorKinds = []Kind{
	{"not-offered", NotOffered{}},
	{"start-lag", StartLag{}},
	{"generator-held-up", HeldUp{}},
	{"reply-lag", ReplyLag{}},
	{"steal", Steal{}},
	{"no-tcp-info", NoTCPInfo{}},
	{"connections-only", ConnectionsOnly{}},
	{"own-clocks", OwnClocks{}},
	{"versions-differ", VersionsDiffer{}},
	{"accept-errors", AcceptErrors{}},
	{"link-limit", LinkLimit{}},
	{"answered-not-served", AnsweredNotServed{}},
}

// OfGenerator reports whether a doubt is that the generator was late or slow.
func (f *Finding) OfGenerator() bool {
	switch f.Fact.(type) {
	case NotOffered, StartLag, HeldUp, ReplyLag:
		return true
	}
	return false
}

// NotOffered are attempts that never reached the network: the generator was the limit.
type NotOffered struct {
	Calls     int `json:"calls"`
	Exhausted int `json:"local_exhaustion"`
	Late      int `json:"not_offered"`
}

// StartLag means that the generator started calls too late.
type StartLag struct {
	Max    time.Duration `json:"max_ns"`
	Storms int           `json:"storms"`
	// Worst is the setting of the latest start, and Storm its number.
	Worst string `json:"worst"`
	Storm int    `json:"storm"`
	// Limit of a start lag: a quarter of the connect timeout.
	Limit time.Duration `json:"limit_ns"`
}

// HeldUp means that the generator could not work for a while.
type HeldUp struct {
	By HeldUpBy `json:"by"`
	// Held for so long, Of that time.
	Held   time.Duration `json:"held_ns"`
	Of     time.Duration `json:"of_ns,omitempty"`
	Storms int           `json:"storms"`
	// Worst is the setting where it was worst, Storm its number, and Worker which one of Workers.
	Worst   string `json:"worst"`
	Storm   int    `json:"storm"`
	Worker  string `json:"worker,omitempty"`
	Workers int    `json:"workers"`
	CPUs    int    `json:"cpus,omitempty"`
	// Others used that share of the CPU time meanwhile; 0 where they did not matter.
	Others float64 `json:"others_share,omitempty"`
	// Hurt: calls were lost or late there. Else only latencies are in doubt.
	Hurt bool `json:"hurt,omitempty"`
}

// ReplyLag means that the generator kept the server waiting for its replies.
type ReplyLag struct {
	Max time.Duration `json:"max_ns"`
	// HandlerShare is the part of the handlers' time that it cost; nil where it is not known.
	HandlerShare *float64 `json:"share_of_handler_time,omitempty"`
	// FromRead: counted from the read of a command, not from its arrival.
	FromRead bool      `json:"from_read,omitempty"`
	Storms   int       `json:"storms"`
	Effect   LagEffect `json:"effect"`
}

// Steal means that a hypervisor took CPU time from the machine.
type Steal struct {
	Storms int `json:"storms"`
	Of     int `json:"of"`
	// Most is the greatest share of a storm.
	Most float64 `json:"most"`
	// Server: it ran on that machine too.
	Server bool `json:"server"`
}

// NoTCPInfo means that the engine cannot ask the kernel for SYN retransmissions: late calls and the latency
// of the handshake are not known.
type NoTCPInfo struct {
	Engine string `json:"engine"`
}

// ConnectionsOnly means that the client only connected, which proves no script. What is not known of its phantoms
// counts as connected.
type ConnectionsOnly struct {
	Phantoms Knowledge `json:"phantoms"`
}

// Knowledge is how far a number is known.
type Knowledge string

// How far it can be.
const (
	Known   Knowledge = "known"
	AtLeast Knowledge = "at-least"
	Unknown Knowledge = "unknown"
)

// OwnClocks means that the starts of several machines are those of their own clocks.
type OwnClocks struct{}

// VersionsDiffer means that the shares of a storm were played by different versions of the program.
type VersionsDiffer struct {
	Versions []string `json:"versions"`
}

// AcceptErrors means that the built-in target had no file descriptors left.
type AcceptErrors struct {
	Accepts int `json:"accepts"`
}

// LinkLimit means that the link dropped enough packets to explain every lost call of a storm.
type LinkLimit struct {
	Dropped int `json:"dropped"`
	Lost    int `json:"lost"`
}

// AnsweredNotServed are calls that are answered for their clients, and were not served by the server's own
// account.
type AnsweredNotServed struct {
	Calls  int `json:"calls"`
	Storms int `json:"storms"`
	// Fates of their sessions at the server, and how many calls have each.
	Fates map[string]int `json:"fates"`
}

// HeldUpBy is what held a generator up.
type HeldUpBy string

// What can hold it up.
const (
	// HeldUpCPU: it waited for a CPU.
	HeldUpCPU HeldUpBy = "cpu"
	// HeldUpGC: Go's garbage collector stopped it.
	HeldUpGC HeldUpBy = "gc-pause"
	// HeldUpStop: a signal stopped it.
	HeldUpStop HeldUpBy = "stop"
	// HeldUpLoad: it was saturated.
	HeldUpLoad HeldUpBy = "load"
)

// LagEffect is what a reply lag puts in doubt.
type LagEffect string

// In the order of how much that is.
const (
	LagOnLatency LagEffect = "latencies"
	LagOnPace    LagEffect = "pace"
	LagOnCalls   LagEffect = "calls"
)
