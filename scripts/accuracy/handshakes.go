package main

import (
	"net/netip"
	"slices"
	"time"

	"agistorm/scenarios/arrival/packets"
)

// handshake is what the packets show of one connection.
type handshake struct {
	first    time.Time // its first SYN
	syns     int       // how many SYNs, the retransmitted ones too
	answer   time.Time // the SYN-ACK that completed it; zero where none came
	sequence uint32    // of its SYNs
	complete bool      // the client has acknowledged the answer
	shared   bool      // another connection has had the same client's address: which is which is unknown
}

// took is from the first SYN to the SYN-ACK that completed the handshake.
func (h *handshake) took() time.Duration { return h.answer.Sub(h.first) }

// handshakes with one server, by the client's address: the server's is the rest of the 4-tuple.
type handshakes map[netip.AddrPort]*handshake

// newHandshakes finds the handshakes among the packets.
func newHandshakes(list []packets.Packet, server netip.AddrPort) handshakes {
	found := handshakes{}
	// What two CPUs saw may stand in the file in either order.
	slices.SortStableFunc(list, func(a, b packets.Packet) int { return a.At.Compare(b.At) })
	for _, p := range list {
		switch flags := p.Flags & (packets.SYN | packets.ACK); {
		case p.Dst == server && flags == packets.SYN:
			found.syn(p)
		case p.Src == server && flags == packets.SYN|packets.ACK:
			found.synAck(p)
		case p.Dst == server && flags == packets.ACK:
			found.ack(p)
		}
	}
	return found
}

func (all handshakes) syn(p packets.Packet) {
	h := all[p.Src]
	if h == nil {
		h = &handshake{first: p.At, sequence: p.Seq}
		all[p.Src] = h
	}
	h.shared = h.shared || h.sequence != p.Seq
	h.syns++
}

// synAck notes the last SYN-ACK before the client's first ACK. One that comes later is the server's
// retransmission, because a full accept queue made it drop that ACK; the client had long connected.
func (all handshakes) synAck(p packets.Packet) {
	if h := all[p.Dst]; h != nil && !h.complete && p.Ack == h.sequence+1 {
		h.answer = p.At
	}
}

func (all handshakes) ack(p packets.Packet) {
	if h := all[p.Src]; h != nil && !h.answer.IsZero() {
		h.complete = true
	}
}
