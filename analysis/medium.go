package analysis

import (
	"math/bits"
	"net/netip"
	"strconv"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// medium is what lies between clients and server, as far as it drops packets itself: lo, or a link between two
// namespaces.
type medium struct {
	// place is what a packet was dropped by, and probably the same where that is not sure.
	place, probably finding.Place
	// counter of what it dropped by a time.
	counter string
	// dropped in the whole storm; known is false where the kernel does not tell.
	dropped int64
	known   bool
	// watched: the counter has all of them. A link drops packets in its queue too, of which there is no counter over time.
	watched bool
}

// mediumOf knows nothing of a storm without the kernel's account.
func mediumOf(k *record.Kernel) medium {
	if k == nil || k.Link == nil {
		m := medium{place: finding.Loopback, probably: finding.ProbablyLoopback, counter: loDropped}
		if n, ok := gain(k, loDropped); ok {
			m.dropped, m.known, m.watched = n, true, true
		}
		return m
	}
	counted, ok := gain(k, linkDropped)
	dropped := int64(k.Link.Dropped)
	return medium{
		place: finding.Link, probably: finding.ProbablyLink, counter: linkDropped,
		dropped: dropped, known: true, watched: ok && counted == dropped,
	}
}

// mediumOfStorm knows nothing of a storm at a server elsewhere: what this host's lo drops is none of its packets.
func mediumOfStorm(run *record.Run, raw *record.Repeat) medium {
	m := mediumOf(raw.Kernel)
	if !m.link() && !run.Isolation.Own() && isElsewhere(raw) {
		m.dropped, m.known = 0, false
	}
	return m
}

// isElsewhere reports whether the server is not known to run on this host: its address is not of loopback, and its
// accept queue was not seen.
func isElsewhere(raw *record.Repeat) bool {
	server, err := netip.ParseAddrPort(raw.Storm.Address)
	return err == nil && !server.Addr().IsLoopback() && len(raw.Queue) == 0
}

// link reports whether it is one.
func (m medium) link() bool { return m.place == finding.Link }

// packetLoss is what the medium between clients and server dropped itself, which neither the listener nor its queue did.
func packetLoss(s *Summary) []finding.Finding {
	most, settled, link := 0, 0, false
	cells, storms := stormsWhere(s, func(_ *Cell, r *Repeat) bool {
		most, link = max(most, int(r.medium.dropped)), link || r.medium.link()
		if r.againByMedium {
			settled++
		}
		return r.medium.dropped > 0
	})
	if link {
		return factOf(finding.LinkDrops{Storms: storms, Settled: settled, Most: most}, cells)
	}
	from, to := maxBacklogFor(s.Run, most)
	return factOf(finding.LoopbackDrops{Storms: storms, Settled: settled, Most: most, Shared: !s.Run.Isolation.Own(),
		Raise: maxBacklog, From: from, To: to}, cells)
}

const maxBacklog = "net.core.netdev_max_backlog"

// maxBacklogFor is the least power of two that holds a packet of every call: then none is dropped, whenever SYNs are
// retransmitted. What the queue held and what it dropped together is never more, but where others use it too.
func maxBacklogFor(run *record.Run, most int) (from *int, to int) {
	calls := max(run.Calls(), 1)
	need := calls
	if n, err := strconv.Atoi(run.Host.Sysctls[maxBacklog]); err == nil {
		from, need = &n, max(need, n+min(most, calls))
	}
	return from, 1 << bits.Len(uint(need-1))
}

// linkWasTheLimit finds storms in which the packets that the link dropped are enough to explain every lost call:
// whether the accept queue was too short is then not known. What lo drops is part of the answer instead: calls on the
// server's own host meet it too.
func linkWasTheLimit(s *Summary) []finding.Finding {
	var fact finding.LinkLimit
	cells, _ := stormsWhere(s, func(_ *Cell, r *Repeat) bool {
		if linkWasLimit(r) && fact.Lost == 0 {
			fact = finding.LinkLimit{Dropped: int(r.medium.dropped), Lost: r.Lost}
		}
		return linkWasLimit(r)
	})
	return factOf(fact, cells)
}

func linkWasLimit(r *Repeat) bool {
	return r.medium.link() && r.Lost > 0 && int64(r.Lost) <= r.medium.dropped
}
