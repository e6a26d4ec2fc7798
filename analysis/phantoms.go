package analysis

import (
	"net/netip"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// census compares the connections that the clients saw with those that the server accepted.
type census struct {
	connected int
	accepted  int
	// unaccepted are connected clients whose address the server never accepted.
	unaccepted int
}

// takeCensus is false without the target's log, and where a connected client does not
// know its own address. A port that was used twice counts twice.
func takeCensus(raw *record.Repeat) (census, bool) {
	if raw.Target == nil {
		return census{}, false
	}
	c := census{accepted: len(raw.Target.Peers)}
	waiting := make(map[string]int, len(raw.Target.Peers))
	for i := range raw.Target.Peers {
		waiting[canonical(raw.Target.Peers[i].Address)]++
	}
	for i := range raw.Attempts {
		a := &raw.Attempts[i]
		if a.Connected == nil {
			continue
		}
		if a.Local == "" {
			return census{}, false
		}
		c.connected++
		if key := canonical(a.Local); waiting[key] > 0 {
			waiting[key]--
		} else {
			c.unaccepted++
		}
	}
	return c, true
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

// phantoms counts connected clients that the server neither accepted nor still held in
// its queue, nor had discarded with it in a restart. Where the queue's end was not read, those that were left in it count too.
func phantoms(raw *record.Repeat) *int {
	c, ok := takeCensus(raw)
	if !ok {
		return nil
	}
	n := c.unaccepted
	if raw.Target.Queued != nil {
		n = max(n-*raw.Target.Queued-raw.Target.Discarded, 0)
	}
	return &n
}

// duplicateAccepts are connections that the server accepted from the port of an attempt beside the attempt's own: a FIN that is retransmitted carries
// the ACK of its cookie too, and makes a second connection of one that the server had done with. Nobody is at its other end.
func duplicateAccepts(raw *record.Repeat, all []trail) []*record.Peer {
	if raw.Target == nil {
		return nil
	}
	own := make(map[*record.Peer]bool, len(all))
	began := make(map[string]time.Duration, len(all))
	for i := range all {
		t := &all[i]
		own[t.peer] = true
		if first, known := began[canonical(t.Local)]; t.joined && t.Started != nil && (!known || *t.Started < first) {
			began[canonical(t.Local)] = *t.Started
		}
	}
	var found []*record.Peer
	for i := range raw.Target.Peers {
		p := &raw.Target.Peers[i]
		if first, known := began[canonical(p.Address)]; known && !own[p] && p.At >= first {
			found = append(found, p)
		}
	}
	return found
}
