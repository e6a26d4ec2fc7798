// Package seen tells retransmitted SYNs from new ones and numbers hosts, in bounded memory: what was not seen for
// longest is forgotten.
package seen

import (
	"hash/maphash"
	"time"
)

// LastRetransmission bounds the time between two SYNs of a connect: net.ipv4.tcp_syn_retries 6 gives 127 s.
const LastRetransmission = 127 * time.Second

// generations hold values in two maps. What is in neither was not seen for at least the size of one.
type generations[V any] struct {
	young, old map[uint64]V
	// most keys of one map, 0 for no limit.
	most int
}

// get returns the value of a key.
func (g *generations[V]) get(key uint64) (v V, known bool) {
	if v, known = g.young[key]; !known {
		v, known = g.old[key]
	}
	return v, known
}

// put keeps a value, as the youngest.
func (g *generations[V]) put(key uint64, v V) {
	if _, known := g.young[key]; g.young == nil || !known && g.most > 0 && len(g.young) >= g.most {
		g.age()
	}
	g.young[key] = v
}

// age makes all that is known old, and forgets what was.
func (g *generations[V]) age() { g.young, g.old = map[uint64]V{}, g.young }

// Connections tell retransmitted SYNs by what a connection's SYNs have in common. Keys are kept as hashes of 64 bits.
type Connections[K comparable] struct {
	seed  maphash.Seed
	table generations[sighting]
	since time.Duration
}

// sighting is when a connection had its last SYN, and how many before.
type sighting struct {
	at     time.Duration
	before int
}

// NewConnections remembers at least so many connections, and at most twice as many; 0 is all of the last two minutes
// and more.
func NewConnections[K comparable](most int) *Connections[K] {
	return &Connections[K]{seed: maphash.MakeSeed(), table: generations[sighting]{most: most}}
}

// Before takes a SYN, and returns how many SYNs the connection had before it, each shortly after the other.
func (c *Connections[K]) Before(key K, at time.Duration) int {
	if at-c.since > LastRetransmission {
		c.table.age()
		c.since = at
	}
	hash := maphash.Comparable(c.seed, key)
	last, known := c.table.get(hash)
	now := sighting{at: at}
	if known && at-last.at <= LastRetransmission {
		now.before = last.before + 1
	}
	c.table.put(hash, now)
	return now.before
}

// Hosts are numbered from 1, in the order in which they are seen. One that was forgotten gets a new number.
type Hosts[K comparable] struct {
	seed  maphash.Seed
	table generations[uint32]
	last  uint32
}

// NewHosts remembers at least so many hosts, and at most twice as many; 0 is all.
func NewHosts[K comparable](most int) *Hosts[K] {
	return &Hosts[K]{seed: maphash.MakeSeed(), table: generations[uint32]{most: most}}
}

// Number returns the number of a host.
func (h *Hosts[K]) Number(host K) uint32 {
	hash := maphash.Comparable(h.seed, host)
	n, known := h.table.get(hash)
	if !known {
		h.last++
		n = h.last
	}
	h.table.put(hash, n)
	return n
}

// Count returns the last number that was given.
func (h *Hosts[K]) Count() int { return int(h.last) }
