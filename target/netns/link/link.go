// Package link joins two network namespaces by a point-to-point link with a round trip, so that what happens on the
// way between a client and a server (SYNs that queue up, cookies, last ACKs that are dropped) is as on a real network.
package link

import (
	"net/netip"
	"sync"
	"time"
)

// Server and Client are the two ends of a link: IPv4 addresses of a /30 in 10.0.0.0/8 (RFC 1918), in namespaces that
// nothing else is in. There is no route to anywhere else, and no IPv6.
var (
	Server = netip.AddrFrom4([4]byte{10, 197, 0, 1})
	Client = netip.AddrFrom4([4]byte{10, 197, 0, 2})
)

const (
	// MTU is the longest IP packet that the link takes, in bytes, as on Ethernet.
	MTU = 1500
	// MaxRTT is the longest round trip that Join takes.
	MaxRTT = 10 * time.Second
)

// Kind says what a link is made of.
type Kind string

// Kinds.
const (
	// Veth is a veth(4) pair: no delay but the few microseconds that the kernel takes.
	Veth Kind = "veth"
	// Netem is a veth pair with half of the round trip on each side, by tc-netem(8).
	Netem Kind = "veth+netem"
	// TUN is a TUN device in each namespace, and our own delay line between them, in this process.
	TUN Kind = "tun"
)

// Link is two namespaces that are joined. It lasts until Close.
type Link struct {
	// Kind is what it is made of.
	Kind Kind

	end   func() (Stats, error)
	once  sync.Once
	stats Stats
	err   error
}

// Stats is what a link did in its life.
type Stats struct {
	ToServer, ToClient Direction
}

// Direction is one way of a link. Of a veth the kernel hands over bursts of TCP as one packet, longer than the MTU.
type Direction struct {
	// Packets is how many were handed to the far end; veth counts those of ARP and the like too.
	Packets uint64
	// QueueFull is how many were dropped because the delay line held as many as it can: 65,536, or 32 MiB.
	QueueFull uint64
	// WriteFailed is how many the far end's device did not take, and WriteError why, the first time.
	WriteFailed uint64
	WriteError  error
	// DeviceDrops is how many the near end's device dropped (tx_dropped of rtnetlink(7)): a TUN device whose
	// queue of 10,000 was full, for the delay line did not get the CPU; a veth whose far end's was (netdev_max_backlog).
	// Netem's own drops, of more than 65,536 packets under way, are not in it. nil if it could not be read.
	DeviceDrops *uint64
	// UnderWay is how many the delay line still held when it was closed.
	UnderWay uint64
	// Lateness is of the delay line only; nil where there is none, or where nothing passed.
	Lateness *Lateness
}

// Lateness is by how much the packets were handed over later than was asked, from when the delay line first saw them. The
// time before that, until its thread had the CPU, is not in it: of an idle machine 10 to 100 µs.
type Lateness struct {
	// P50 and P99 are exact to a 32nd; Max is exact.
	P50, P99, Max time.Duration
}

// Close takes the link away, in both namespaces, and says what it did. Calling it again gives the same.
func (l *Link) Close() (Stats, error) {
	l.once.Do(func() { l.stats, l.err = l.end() })
	return l.stats, l.err
}
