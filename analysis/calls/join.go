package calls

import (
	"net/netip"
	"strings"

	"agistorm/analysis/record"
)

// serverLog has the connections that the server accepted, in the order in which it did, by their clients'
// addresses. An address is the index of the first connection from it: of millions, one map access each is
// enough.
type serverLog struct {
	peers     []record.Peer
	addresses map[string]int32
	// address of each connection, and the next connection from the same address.
	address, next []int32
	// taken connections are those of an attempt.
	taken []bool
}

// none is no connection, and the address from which the server accepted none.
const none = -1

func newServerLog(peers []record.Peer) *serverLog {
	n := len(peers)
	l := &serverLog{peers, make(map[string]int32, n), make([]int32, n), make([]int32, n), make([]bool, n)}
	last := make([]int32, n)
	for i := range peers {
		this, key := int32(i), canonical(peers[i].Address)
		first, known := l.addresses[key]
		if known {
			l.next[last[first]] = this
		} else {
			first, l.addresses[key] = this, this
		}
		l.address[i], l.next[i], last[first] = first, none, this
	}
	return l
}

// from returns the address in the log.
func (l *serverLog) from(address string) int32 {
	if n, known := l.addresses[canonical(address)]; known {
		return n
	}
	return none
}

// take takes the attempt's connection out of those from an address: the first that is not older than the
// attempt. A port is used again only when its last connection has ended, so what was accepted after a later
// attempt had begun is of no earlier one: the later takes first.
func (l *serverLog) take(a *record.Attempt, address int32) *record.Peer {
	if a.Started == nil {
		return nil
	}
	for i := address; i != none; i = l.next[i] {
		if p := &l.peers[i]; !l.taken[i] && p.At >= *a.Started {
			l.taken[i] = true
			return p
		}
	}
	return nil
}

// canonical writes an IPv4 address the same way whichever kind of socket saw it.
func canonical(address string) string {
	if !strings.HasPrefix(address, "[") {
		return address // every IPv4 address
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return address
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()).String()
}
