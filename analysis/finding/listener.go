package finding

import "time"

// listenerKinds are the facts about a listening socket of any server, and what to change: those of `inspect`.
var listenerKinds = []Kind{
	{"listener-stuck", ListenerStuck{}},
	{"worker-stuck", WorkerStuck{}},
	{"listener-drops", ListenerDrops{}},
	{"listener-full", ListenerFull{}},
	{"backlog-tiny", BacklogTiny{}},
	{"backlog-clamped", BacklogClamped{}},
	{"backlog-clamped-or-asked", BacklogClampedOrAsked{}},
	{"backlog-asked", BacklogAsked{}},
	{"backlog-asked-or-raised", BacklogAskedOrRaised{}},
	{"backlog-follows", BacklogFollows{}},
	{"somaxconn-raised", SomaxconnRaised{}},
	{"somaxconn-lowered", SomaxconnLowered{}},
	{"go-fallback", GoFallback{}},
	{"drops-unknown", DropsUnknown{}},
	{"accept-again", AcceptAgain{}},
	{"longer-queue", LongerQueue{}},
}

// ListenerStuck is a listener whose accept queue was full at both of two samples, and nothing was accepted between
// them.
type ListenerStuck struct {
	Depth int           `json:"depth"`
	For   time.Duration `json:"for_ns"`
}

// WorkerStuck is one of several sockets of a port (SO_REUSEPORT) whose queue is full, while that of another is empty.
type WorkerStuck struct {
	Depth int `json:"depth"`
	// Stuck ones of so many Sockets.
	Stuck   int `json:"stuck"`
	Sockets int `json:"sockets"`
	// For is how long it accepted nothing between two samples; 0 where there was only one, or it did.
	For time.Duration `json:"for_ns,omitempty"`
}

// ListenerDrops are packets of clients that a listener dropped: SYNs, and last ACKs of handshakes.
type ListenerDrops struct {
	Drops int `json:"drops"`
	// Within a time, of a Total since it listens; both are 0 where Drops are since it listens.
	Within time.Duration `json:"within_ns,omitempty"`
	Total  int           `json:"total,omitempty"`
}

// ListenerFull is a listener whose accept queue is full.
type ListenerFull struct {
	Depth int `json:"depth"`
	// Before: it was full at an earlier sample, too.
	Before bool `json:"before,omitempty"`
}

// BacklogTiny is a backlog of 0 or 1: one or two connections can wait.
type BacklogTiny struct {
	Backlog int `json:"backlog"`
}

// BacklogClamped is a backlog that net.core.somaxconn cut.
type BacklogClamped struct {
	Backlog int `json:"backlog"`
	// Asked is what the server passes to listen(2) by itself; 0 where that is not known.
	Asked    int      `json:"asked,omitempty"`
	Evidence Evidence `json:"evidence"`
	// Programs that are cut alike, for that evidence.
	Programs int      `json:"programs,omitempty"`
	Servers  []string `json:"server_kinds,omitempty"`
}

// BacklogClampedOrAsked is a backlog that equals net.core.somaxconn: the server asked for more, or for exactly that.
type BacklogClampedOrAsked struct {
	Backlog int `json:"backlog"`
	// Usual are the kinds of server that ask for exactly that by themselves.
	Usual []string `json:"usual_of,omitempty"`
}

// BacklogAsked is a short backlog that the server asked for.
type BacklogAsked struct {
	Backlog int `json:"backlog"`
	// Somaxconn would allow so many.
	Somaxconn int `json:"somaxconn"`
	// Servers are the kinds that ask for it, by themselves or by a common example.
	Servers []string `json:"server_kinds"`
}

// BacklogAskedOrRaised is a backlog below net.core.somaxconn: the server asked for less, or somaxconn was raised after
// it began to listen.
type BacklogAskedOrRaised struct {
	Backlog int `json:"backlog"`
	// Somaxconn as it is now; nil where it cannot be read.
	Somaxconn *int `json:"somaxconn,omitempty"`
	// Usual are the kinds of server that ask for that by themselves.
	Usual []string `json:"usual_of,omitempty"`
}

// BacklogFollows is a short backlog of a server that asks for all that net.core.somaxconn allows.
type BacklogFollows struct {
	Backlog int      `json:"backlog"`
	Servers []string `json:"server_kinds,omitempty"`
}

// SomaxconnRaised means that the server began to listen before net.core.somaxconn was raised: its socket has the limit
// of that time.
type SomaxconnRaised struct {
	Backlog   int `json:"backlog"`
	Somaxconn int `json:"somaxconn"`
	// Asked is what the server passes to listen(2) by itself; 0 where that is not known.
	Asked    int      `json:"asked,omitempty"`
	Evidence Evidence `json:"evidence"`
	// Programs that are cut alike, for that evidence.
	Programs int      `json:"programs,omitempty"`
	Servers  []string `json:"server_kinds,omitempty"`
}

// SomaxconnLowered means that the server began to listen before net.core.somaxconn was lowered: its next socket gets
// less.
type SomaxconnLowered struct {
	Backlog   int `json:"backlog"`
	Somaxconn int `json:"somaxconn"`
}

// GoFallback is a Go server that listens with 128 since net.core.somaxconn is too large for it.
type GoFallback struct {
	Somaxconn int `json:"somaxconn"`
}

// DropsUnknown means that the kernel does not report what a listener dropped.
type DropsUnknown struct{}

// AcceptAgain is advice for a server that accepts nothing.
type AcceptAgain struct {
	// Worker: one of several that share a port.
	Worker bool `json:"worker,omitempty"`
}

// LongerQueue is advice for a queue that is too short.
type LongerQueue struct {
	Action Action `json:"action"`
	// From is the effective backlog now.
	From int `json:"from"`
	// Want is the least that it should be; 0 where a restart gives what the server asks for, which is not known.
	Want int `json:"want"`
	// Somaxconn of the listener's network namespace; nil where it cannot be read. Apart: that namespace is not the
	// one of the host.
	Somaxconn *int `json:"somaxconn,omitempty"`
	Apart     bool `json:"apart,omitempty"`
	// Servers are the kinds of well-known server that it may be; empty for another.
	Servers []string `json:"server_kinds,omitempty"`
}

// Evidence is what decides between two explanations of a backlog.
type Evidence string

// The kinds of evidence.
const (
	// EvidenceDefault is what the server passes to listen(2) by itself.
	EvidenceDefault Evidence = "server-default"
	// EvidenceGo is a program that Go built: it passes net.core.somaxconn.
	EvidenceGo Evidence = "go-binary"
	// EvidenceAlike are several programs with the same backlog, which none is known to ask for.
	EvidenceAlike Evidence = "cut-alike"
)
