package finding

import "time"

// generatorKinds are the facts about the generator, the client and the target.
var generatorKinds = []Fact{
	NotOffered{}, StartLag{}, HeldUp{}, ReplyLag{}, Steal{}, NoTCPInfo{}, ConnectionsOnly{}, OwnClocks{},
	VersionsDiffer{},
	AcceptErrors{}, LinkLimit{}, AnsweredNotServed{},
}

// NotOffered are attempts that never reached the network: the generator was the limit.
type NotOffered struct {
	Calls     int `json:"calls"`
	Exhausted int `json:"local_exhaustion"`
	Late      int `json:"not_offered"`
}

// Code is "not-offered".
func (NotOffered) Code() Code { return "not-offered" }

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

// Code is "start-lag".
func (StartLag) Code() Code { return "start-lag" }

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

// Code is "generator-held-up".
func (HeldUp) Code() Code { return "generator-held-up" }

// ReplyLag means that the generator kept the server waiting for its replies.
type ReplyLag struct {
	Max time.Duration `json:"max_ns"`
	// Share of the handlers' time that it cost; nil where it is not known.
	Share *float64 `json:"share_of_handler_time,omitempty"`
	// FromRead: counted from the read of a command, not from its arrival.
	FromRead bool      `json:"from_read,omitempty"`
	Storms   int       `json:"storms"`
	Effect   LagEffect `json:"effect"`
}

// Code is "reply-lag".
func (ReplyLag) Code() Code { return "reply-lag" }

// Steal means that a hypervisor took CPU time from the machine.
type Steal struct {
	Storms int `json:"storms"`
	Of     int `json:"of"`
	// Most is the greatest share of a storm.
	Most float64 `json:"most"`
	// Server: it ran on that machine too.
	Server bool `json:"server"`
}

// Code is "steal".
func (Steal) Code() Code { return "steal" }

// NoTCPInfo means that the engine cannot ask the kernel for SYN retransmissions: late calls and the latency
// of the handshake are not known.
type NoTCPInfo struct {
	Engine string `json:"engine"`
}

// Code is "no-tcp-info".
func (NoTCPInfo) Code() Code { return "no-tcp-info" }

// ConnectionsOnly means that the client only connected, which proves no script.
type ConnectionsOnly struct{}

// Code is "connections-only".
func (ConnectionsOnly) Code() Code { return "connections-only" }

// OwnClocks means that the starts of several machines are those of their own clocks.
type OwnClocks struct{}

// Code is "own-clocks".
func (OwnClocks) Code() Code { return "own-clocks" }

// VersionsDiffer means that the shares of a storm were played by different versions of the program.
type VersionsDiffer struct {
	Versions []string `json:"versions"`
}

// Code is "versions-differ".
func (VersionsDiffer) Code() Code { return "versions-differ" }

// AcceptErrors means that the built-in target had no file descriptors left.
type AcceptErrors struct {
	Accepts int `json:"accepts"`
}

// Code is "accept-errors".
func (AcceptErrors) Code() Code { return "accept-errors" }

// LinkLimit means that the link dropped enough packets to explain every lost call of a storm.
type LinkLimit struct {
	Dropped int `json:"dropped"`
	Lost    int `json:"lost"`
}

// Code is "link-limit".
func (LinkLimit) Code() Code { return "link-limit" }

// AnsweredNotServed are calls that are answered for their clients, and were not served by the server's own
// account.
type AnsweredNotServed struct {
	Calls  int `json:"calls"`
	Storms int `json:"storms"`
	// Fates of their sessions at the server, and how many calls have each.
	Fates map[string]int `json:"fates"`
}

// Code is "answered-not-served".
func (AnsweredNotServed) Code() Code { return "answered-not-served" }

// HeldUpBy is what held a generator up.
type HeldUpBy string

// What can hold it up.
const (
	// HeldUpCPU: it waited for a CPU.
	HeldUpCPU HeldUpBy = "cpu"
	// HeldUpGC: Go's garbage collector stopped it.
	HeldUpGC HeldUpBy = "gc-pause"
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
