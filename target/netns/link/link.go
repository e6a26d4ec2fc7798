// Package link joins two network namespaces by a point-to-point link with a round trip, so that what
// happens on the way between a client and a server (SYNs that queue up, cookies, last ACKs that are
// dropped) is as on a real network.
package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Device is the name of the interface on either side.
const Device = "agi0"

// Server and Client are the two ends of a link: IPv4 addresses of a /30 in 10.0.0.0/8 (RFC 1918), in
// namespaces that nothing else is in. There is no IPv6, and no route to anywhere else but to
// Options.Sources.
var (
	Server = netip.AddrFrom4([4]byte{10, 197, 0, 1})
	Client = netip.AddrFrom4([4]byte{10, 197, 0, 2})
)

// FirstSource is the first of the addresses that are for clients that need many: all up to the end of
// 10.199.0.0/16 are free.
var FirstSource = netip.AddrFrom4([4]byte{10, 198, 0, 1})

const (
	// MTU is the longest IP packet that the link takes, in bytes, as on Ethernet.
	MTU = 1500
	// MaxRTT is the longest round trip that Join takes.
	MaxRTT = 10 * time.Second
	// MaxSources is the largest number of addresses that a client gets.
	MaxSources = 1 << 16
)

// ErrNoVeth is a kernel that has no veth(4).
var ErrNoVeth = errors.New("this kernel has no veth devices")

// Options of a link.
type Options struct {
	// RTT is the round trip, 0 to MaxRTT.
	RTT time.Duration
	// Sources are the client's addresses beside Client, up to MaxSources of IPv4; none is Server.
	Sources []netip.Addr
	// VethOnly refuses a TUN, with ErrNoVeth.
	VethOnly bool
}

func (o *Options) check() error {
	if o.RTT < 0 || o.RTT > MaxRTT {
		return fmt.Errorf("a round trip of %v, want 0 to %v", o.RTT, MaxRTT)
	}
	if len(o.Sources) > MaxSources {
		return fmt.Errorf("%d sources, want at most %d", len(o.Sources), MaxSources)
	}
	for _, a := range o.Sources {
		if !a.Is4() || a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() || a == Server {
			return fmt.Errorf("source %v: want a unicast IPv4 address that is neither loopback nor %v", a, Server)
		}
	}
	return nil
}

// cover is the least list of prefixes that have these IPv4 addresses and no others, in ascending order.
func cover(addresses []netip.Addr) (blocks []netip.Prefix) {
	sorted := slices.Clone(addresses)
	slices.SortFunc(sorted, netip.Addr.Compare)
	sorted = slices.Compact(sorted)
	number := func(i int) uint32 { a := sorted[i].As4(); return binary.BigEndian.Uint32(a[:]) }
	for first := 0; first < len(sorted); {
		run := 1 // addresses in a row from the first
		for first+run < len(sorted) && number(first+run)-number(first) == uint32(run) {
			run++
		}
		size := min(bits.TrailingZeros32(number(first)), bits.Len(uint(run))-1)
		blocks = append(blocks, netip.PrefixFrom(sorted[first], 32-size))
		first += 1 << size
	}
	return blocks
}

// Kind names what a link is made of.
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

// Direction is one way of a link. Of a veth the kernel hands over bursts of TCP as one packet, longer than
// the MTU.
type Direction struct {
	// Packets is how many were handed to the far end; veth counts those of ARP and the like too.
	Packets uint64
	// QueueFull is how many were dropped because the delay line held as many as it can: 65,536, or 32 MiB.
	QueueFull uint64
	// WriteFailed is how many the far end's device did not take, and WriteError why, the first time.
	WriteFailed uint64
	WriteError  error
	// DeviceDrops is how many the near end's device dropped (tx_dropped of rtnetlink(7)): a TUN device
	// whose queue of 10,000 was full, for the delay line did not get the CPU; a veth whose far end's was
	// (its ring, or netdev_max_backlog). QueueDrops is what its queueing discipline dropped, and
	// ReceiveDrops what the far end's device did (rx_dropped). Each is nil if it could not be read.
	DeviceDrops, QueueDrops, ReceiveDrops *uint64
	// UnderWay is how many the delay line still held when it was closed.
	UnderWay uint64
	// Lateness is of the delay line only; nil where there is none, or where nothing passed.
	Lateness *Lateness
}

// Dropped is how many packets were lost this way. A packet that netdev_max_backlog drops at the far end is
// counted by both ends' devices, so the larger of their counts is taken.
func (d *Direction) Dropped() uint64 {
	return d.QueueFull + d.WriteFailed + number(d.QueueDrops) + max(number(d.DeviceDrops), number(d.ReceiveDrops))
}

// number returns 0 for an unknown number.
func number(n *uint64) uint64 {
	if n == nil {
		return 0
	}
	return *n
}

// Lateness holds how much later than due the packets were handed over, from when the delay line first read
// them. The time before that, until its thread had the CPU, is not in it: of an idle machine 10 to 100 µs.
type Lateness struct {
	// P50 and P99 are exact to 1 %; Max is exact.
	P50, P99, Max time.Duration
}

// Close removes the link in both namespaces and returns its statistics; so do further calls.
func (l *Link) Close() (Stats, error) {
	l.once.Do(func() { l.stats, l.err = l.end() })
	return l.stats, l.err
}
