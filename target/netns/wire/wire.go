// Package wire joins a network namespace to the one beside it, so that clients and a server are a round trip apart as on a
// real network: by a veth pair, or, where a delay is asked for, by two TUN devices with a delay line between them.
package wire

import (
	"net/netip"
	"time"
)

// Addresses of the link's ends, in 10.197.0.0/30. The server lives in the namespace of this process.
var (
	Server = netip.AddrFrom4([4]byte{10, 197, 0, 1})
	Client = netip.AddrFrom4([4]byte{10, 197, 0, 2})
)

// Kinds of a link.
const (
	// Veth is a pair of the kernel's virtual Ethernet devices: hardly any delay.
	Veth = "veth"
	// Tun is a pair of TUN devices with a delay line of this package.
	Tun = "tun"
)

// Statistics of a link at its end. Those of the packets are of a delay line, both ways together.
type Statistics struct {
	Kind string
	// Forwarded packets, and those that were Dropped: the line was full, or the device did not take them.
	Forwarded, Dropped uint64
	// LateP50, LateP99 and LateMax are how much later a packet left than half the round trip after it was read.
	LateP50, LateP99, LateMax time.Duration
}
