package analysis

import (
	"fmt"
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

// PacketLoss is what the medium between clients and server dropped itself: a finding, for neither the listener nor its
// queue did it.
type PacketLoss struct {
	Code PacketLossCode `json:"code"`
	// Settings whose storms it concerns, by the IDs of their cells, and how many Storms of theirs.
	Settings []string `json:"settings"`
	Storms   int      `json:"storms"`
	// Settled storms are those in which it dropped, by the kernel's account, every SYN that was retransmitted and not
	// answered, and the listener none of those.
	Settled int `json:"settled"`
	// Most packets of one storm.
	Most uint64 `json:"most_packets"`
	// Raise is what to do about it on this host; nil where there is no remedy.
	Raise *Raise `json:"raise,omitempty"`
	// Words for it.
	Words string `json:"words"`
}

// PacketLossCode says what dropped packets.
type PacketLossCode string

// The media.
const (
	// LoopbackDrops: lo, whose packets wait in the host's input queue of a CPU.
	LoopbackDrops PacketLossCode = "loopback-drops"
	// LinkDrops: the link that the lab made, which is to lose nothing.
	LinkDrops PacketLossCode = "link-drops"
)

// Raise is a sysctl of the host that is too small.
type Raise struct {
	Sysctl string `json:"sysctl"`
	// From is its value in the run; nil where it is not known. To is the least that is enough.
	From *int `json:"from,omitempty"`
	To   int  `json:"to"`
}

// packetLoss is nil where nothing was dropped on the way, and where nobody knows.
func packetLoss(s *Summary) *PacketLoss {
	p := &PacketLoss{Code: LoopbackDrops}
	var labels []string
	for i := range s.Cells {
		c := &s.Cells[i]
		most := c.droppedOnTheWay()
		if most == 0 {
			continue
		}
		p.Settings, p.Most = append(p.Settings, c.ID), max(p.Most, most)
		labels = append(labels, fmt.Sprintf("%s (up to %s)", c.Label, Count(int(most))))
		for j := range c.Repeats {
			p.add(&c.Repeats[j])
		}
	}
	if p.Storms == 0 {
		return nil
	}
	where := fmt.Sprintf("packets in %s: %s", amount(p.Storms, "storm", "storms"), list(labels))
	if len(s.Cells) == 1 && len(s.Cells[0].Repeats) == 1 {
		where = amount(int(p.Most), "packet", "packets")
	}
	if p.Code == LoopbackDrops {
		p.Raise = raiseMaxBacklog(s.Run, p.Most)
	}
	p.Words = p.words(s.Run, where)
	return p
}

// add counts a storm.
func (p *PacketLoss) add(r *Repeat) {
	if r.medium.dropped > 0 {
		p.Storms++
	}
	if r.againByMedium {
		p.Settled++
	}
	if r.medium.link() {
		p.Code = LinkDrops
	}
}

// words say what was dropped where, what became of the calls, and the remedy.
func (p *PacketLoss) words(run *record.Run, where string) string {
	if p.Code == LinkDrops {
		return fmt.Sprintf("The link between clients and server itself dropped %s. %s "+
			"Before Linux 6.16 a burst can overflow the ring of a veth: use a newer kernel, or fewer calls.",
			where, p.lost())
	}
	others := ""
	if !run.Isolation.Own() {
		others = " (those of others on this host included)"
	}
	return fmt.Sprintf("The loopback device itself dropped %s%s. %s "+
		"SYNs that are retransmitted all at once overflow the host's queue of arriving packets. %s",
		where, others, p.lost(), p.Raise.words())
}

// lost says what of the calls is known by the kernel's account of their SYNs.
func (p *PacketLoss) lost() string {
	const every = "By the kernel's account it dropped every SYN that was retransmitted and not answered"
	switch {
	case p.Settled == p.Storms:
		return every + "; the listener dropped none of those."
	case p.Settled > 0:
		return fmt.Sprintf("%s in %d of them; in the others up to that many lost calls may be lost there, "+
			"not at the accept queue.", every, p.Settled)
	}
	return "Up to that many lost calls of a storm may be lost there, not at the accept queue."
}

const maxBacklog = "net.core.netdev_max_backlog"

// raiseMaxBacklog is to the least power of two that holds a packet of every call: then none is dropped, whenever SYNs
// are retransmitted. What the queue held and what it dropped together is never more, but where others use it too.
func raiseMaxBacklog(run *record.Run, most uint64) *Raise {
	r := &Raise{Sysctl: maxBacklog}
	calls := max(run.Calls(), 1)
	need := calls
	if from, err := strconv.Atoi(run.Host.Sysctls[maxBacklog]); err == nil {
		r.From, need = &from, max(need, from+int(min(most, uint64(calls))))
	}
	r.To = 1 << bits.Len(uint(need-1))
	return r
}

func (r *Raise) words() string {
	from := ""
	if r.From != nil {
		from = " from " + Count(*r.From)
	}
	return fmt.Sprintf("Raise %s%s to at least %s on this host (sysctl -w %s=%d, and the same in /etc/sysctl.d/): "+
		"it takes effect at once.", r.Sysctl, from, Count(r.To), r.Sysctl, r.To)
}

// droppedOnTheWay is the most packets that the medium dropped in one storm of the cell.
func (c *Cell) droppedOnTheWay() (most uint64) {
	for i := range c.Repeats {
		most = max(most, uint64(c.Repeats[i].medium.dropped))
	}
	return most
}

// linkWasTheLimit finds storms in which the packets that the link dropped are enough to explain every lost call:
// whether the accept queue was too short is then not known. What lo drops is part of the answer instead: calls on the
// server's own host meet it too.
func linkWasTheLimit(s *Summary) string {
	line := ""
	eachRepeat(s, func(c *Cell, r *Repeat) {
		if line == "" && linkWasLimit(r) {
			line = fmt.Sprintf("with %s the link was the limit: it dropped %s in a storm that lost %s, "+
				"so whether the accept queue was long enough is not known; use fewer calls, or Linux 6.16 or later",
				c.Label, amount(int(r.medium.dropped), "packet", "packets"), amount(r.Lost, "call", "calls"))
		}
	})
	return line
}

func linkWasLimit(r *Repeat) bool {
	return r.medium.link() && r.Lost > 0 && int64(r.Lost) <= r.medium.dropped
}
