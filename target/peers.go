package target

import (
	"net/netip"
	"sync"
	"time"

	"agistorm/target/engine"
	"agistorm/target/probe"
)

// Peer is one connection that was accepted. The instants are on the clock of
// probe.Monotonic, which other processes of the host share.
type Peer struct {
	// At is when accept had returned.
	At time.Duration
	// Address is the client's.
	Address netip.AddrPort
	// Socket out of whose accept queue it came, counted from 0.
	Socket int
	// Queued is how long it was in the accept queue, to a tick of the kernel's (1 to 10 ms); nil where the
	// engine cannot measure it.
	Queued *time.Duration
	// Done is when the session ended; it means nothing while the fate is Open.
	Done time.Duration
	Fate engine.Fate
}

// Counts are what a server has seen. Accepted is the sum of all fates.
type Counts struct {
	// Accepted connections, logged or not.
	Accepted uint64
	// By fate; those that have not ended are at engine.Open.
	By [engine.Fates]uint64
	// RefusedCommands are those that clients did not take (510, 520).
	RefusedCommands uint64
	// AcceptErrors are accepts that failed, for want of descriptors or because the client had
	// left; the server goes on after each.
	AcceptErrors uint64
	// Queued is the number of connections that the server left in the kernel's accept queue when it
	// stopped; nil until then, and where the kernel does not report it.
	Queued *int
	// SessionTime is the sum of all sessions' durations, each from its accept to its end; those that
	// are open count up to now. Where a handler accepts, it is the handlers' time.
	SessionTime time.Duration
}

// Open sessions.
func (c *Counts) Open() uint64 { return c.By[engine.Open] }

// Served sessions, from their environment to the last reply.
func (c *Counts) Served() uint64 { return c.By[engine.Served] }

// Failed sessions: those that were neither served nor ended by their caller.
func (c *Counts) Failed() uint64 {
	var sum uint64
	for f := range engine.Fates {
		if f.Failed() {
			sum += c.By[f]
		}
	}
	return sum
}

// peerLog is filled by the engine's threads.
type peerLog struct {
	mu     sync.Mutex
	peers  []Peer
	queued []time.Duration // what Peer.Queued points to
	counts Counts
	clock  time.Duration // when counts.SessionTime was last brought up to date
}

var _ engine.Log = (*peerLog)(nil)

func newPeerLog(room int) *peerLog {
	return &peerLog{peers: make([]Peer, 0, room), queued: make([]time.Duration, 0, room)}
}

// unlogged is the place of a peer beyond the log's capacity.
const unlogged = -1

// Accepted implements engine.Log.
func (l *peerLog) Accepted(a engine.Arrival) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	// The clock is read under the lock: the log is in order of time.
	now := l.passTime()
	l.counts.Accepted++
	l.counts.By[engine.Open]++
	if len(l.peers) == cap(l.peers) {
		return unlogged
	}
	p := Peer{At: now, Address: a.Peer, Socket: a.Socket}
	if a.Queued != nil {
		l.queued = append(l.queued, *a.Queued)
		p.Queued = &l.queued[len(l.queued)-1]
	}
	l.peers = append(l.peers, p)
	return len(l.peers) - 1
}

// Ended implements engine.Log.
func (l *peerLog) Ended(place int, fate engine.Fate, refused int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.passTime()
	l.counts.By[engine.Open]--
	l.counts.By[fate]++
	l.counts.RefusedCommands += uint64(refused)
	if place != unlogged {
		l.peers[place].Done, l.peers[place].Fate = now, fate
	}
}

// passTime charges the time since the last event to the sessions that are open, and returns the
// instant. The caller holds the lock.
func (l *peerLog) passTime() time.Duration {
	now := probe.Monotonic()
	l.counts.SessionTime += time.Duration(l.counts.By[engine.Open]) * (now - l.clock)
	l.clock = now
	return now
}

// AcceptFailed implements engine.Log.
func (l *peerLog) AcceptFailed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.AcceptErrors++
}

func (l *peerLog) left(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Queued = &n
}

func (l *peerLog) all() []Peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Peer(nil), l.peers...)
}

func (l *peerLog) count() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.passTime()
	return l.counts
}
