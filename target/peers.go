package target

import (
	"net/netip"
	"sync"
	"time"

	"agistorm/target/probe"
)

// Fate is how a session ended.
type Fate uint8

// Fates.
const (
	// Open: it has not ended.
	Open Fate = iota
	// Served: the whole script was answered.
	Served
	// Gone: the client closed or reset before that.
	Gone
	// OverLimit: the client took too many bytes, lines or too much time.
	OverLimit
	// BrokenProtocol: what the client sent is not AGI.
	BrokenProtocol
	// Stopped: the server was told to stop, and the session outlasted the drain.
	Stopped
)

// String is the fate's name in records.
func (f Fate) String() string {
	return [...]string{"open", "served", "gone", "limit", "protocol", "stopped"}[f]
}

// Peer is one connection that was accepted. The instants are on the clock of
// probe.Monotonic, which other processes of the host share.
type Peer struct {
	// At is when accept had returned.
	At time.Duration
	// Address is the client's.
	Address netip.AddrPort
	// Done is when the session ended; it means nothing while the fate is Open.
	Done time.Duration
	Fate Fate
}

// Counts are what a server has seen. Accepted = Open + Served + Failed.
type Counts struct {
	// Accepted connections, logged or not.
	Accepted uint64
	// Open sessions.
	Open uint64
	// Served sessions, from their environment to the last reply.
	Served uint64
	// Failed sessions: every other fate.
	Failed uint64
	// AcceptErrors are accepts that failed, for want of descriptors or because the client had
	// left; the server goes on after each.
	AcceptErrors uint64
	// Queued is the number of connections that the server left in the kernel's accept queue
	// when it stopped; nil until then, and where the kernel does not tell.
	Queued *int
}

// peerLog is filled by all handlers.
type peerLog struct {
	mu     sync.Mutex
	peers  []Peer
	counts Counts
}

func newPeerLog(room int) *peerLog { return &peerLog{peers: make([]Peer, 0, room)} }

// unlogged is the place of a peer that found no room.
const unlogged = -1

// accepted logs a peer and gives its place.
func (l *peerLog) accepted(address netip.AddrPort) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := Peer{At: probe.Monotonic(), Address: address} // under the lock: the log is in order of time
	l.counts.Accepted++
	l.counts.Open++
	if len(l.peers) == cap(l.peers) {
		return unlogged
	}
	l.peers = append(l.peers, p)
	return len(l.peers) - 1
}

func (l *peerLog) ended(place int, fate Fate) {
	now := probe.Monotonic()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Open--
	if fate == Served {
		l.counts.Served++
	} else {
		l.counts.Failed++
	}
	if place != unlogged {
		l.peers[place].Done, l.peers[place].Fate = now, fate
	}
}

func (l *peerLog) acceptFailed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.AcceptErrors++
}

func (l *peerLog) queued(n *int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Queued = n
}

func (l *peerLog) all() []Peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Peer(nil), l.peers...)
}

func (l *peerLog) count() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}
