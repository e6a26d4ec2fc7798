// Package counters reads what the kernel's counters gained during a storm, and what the medium between
// clients and server dropped.
package counters

import (
	"net/netip"
	"sort"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// loDropped are the packets that lo dropped since the queue behind it, host-wide
// net.core.netdev_max_backlog, was full.
const loDropped = "lo.rx_dropped"

// linkDropped are the packets that the interfaces at both ends of a link dropped when they were to send them.
// What else a link drops has no counter of a time.
const linkDropped = "agi0.tx_dropped"

// Gain is what a counter gained during the storm; false where the kernel lacks it or it went down.
func Gain(k *record.Kernel, name string) (int64, bool) {
	d, ok := k.Delta(name)
	return int64(d), ok && int64(d) >= 0
}

// Gained holds the counters that gained something, nil without the kernel's account. What
// went down is a gauge (TcpCurrEstab), not a counter.
func Gained(k *record.Kernel) record.Counters {
	if k == nil {
		return nil
	}
	counters := record.Counters{}
	for name := range k.After {
		if d, ok := Gain(k, name); ok && d > 0 {
			counters[name] = uint64(d)
		}
	}
	return counters
}

// Gains returns what counters gained; false where the kernel lacks one.
func Gains(k *record.Kernel, names ...string) ([]int64, bool) {
	all := make([]int64, len(names))
	for i, name := range names {
		n, ok := Gain(k, name)
		if !ok {
			return nil, false
		}
		all[i] = n
	}
	return all, true
}

// GainedWithin reports whether a counter gained between the last sample before from and the last one until
// to. Samples without a change are not recorded: of a time without a sample nothing is known to have been
// gained.
func GainedWithin(samples []record.CounterSample, name string, from, to time.Duration) bool {
	after := func(t time.Duration) int {
		return sort.Search(len(samples), func(i int) bool { return samples[i].At > t })
	}
	first, last := after(from), after(to+sampleLag)
	if first == last {
		return false
	}
	before := uint64(0)
	if first > 0 {
		before = samples[first-1].Gained[name]
	}
	return samples[last-1].Gained[name] > before
}

// sampleLag is how much later than a drop the sample is that counts it: samples are 10 ms apart, and on a
// busy machine come later.
const sampleLag = 25 * time.Millisecond

// Overflows are the times at which ListenOverflows was seen to have grown, from the storm's start; 10 ms
// grain.
type Overflows struct {
	Count uint64        `json:"count"`
	First time.Duration `json:"first_ns"`
	Last  time.Duration `json:"last_ns"`
}

// OverflowsOf is nil without one.
func OverflowsOf(samples []record.CounterSample) *Overflows {
	var o *Overflows
	for _, s := range samples {
		n := s.Gained[record.ListenOverflows]
		switch {
		case n == 0:
		case o == nil:
			o = &Overflows{Count: n, First: s.At, Last: s.At}
		case n > o.Count:
			o.Count, o.Last = n, s.At
		}
	}
	return o
}

// OneWay is half of the round trip of the link between clients and server, 0 without one.
func OneWay(k *record.Kernel) time.Duration {
	if k == nil || k.Link == nil {
		return 0
	}
	return k.Link.RTT / 2
}

// Medium is what lies between clients and server, as far as it drops packets itself: lo, or a link between
// two namespaces.
type Medium struct {
	// place is what a packet was dropped by, and probably the same where that is not sure.
	Place, Probably finding.Place
	// Counter of what it dropped by a time.
	Counter string
	// Dropped in the whole storm; known is false where the kernel has no account.
	Dropped int64
	Known   bool
	// watched: the counter has all of them. A link drops packets in its queue too, of which there is no
	// counter over time.
	Watched bool
}

// MediumOf has no counts of a storm without the kernel's account.
func MediumOf(k *record.Kernel) Medium {
	if k == nil || k.Link == nil {
		m := Medium{Place: finding.Loopback, Probably: finding.ProbablyLoopback, Counter: loDropped}
		if n, ok := Gain(k, loDropped); ok {
			m.Dropped, m.Known, m.Watched = n, true, true
		}
		return m
	}
	counted, ok := Gain(k, linkDropped)
	dropped := int64(k.Link.Dropped)
	return Medium{
		Place: finding.Link, Probably: finding.ProbablyLink, Counter: linkDropped,
		Dropped: dropped, Known: true, Watched: ok && counted == dropped,
	}
}

// MediumOfStorm has no counts of a storm at a server elsewhere: what this host's lo drops is none of its
// packets.
func MediumOfStorm(run *record.Run, raw *record.Repeat) Medium {
	m := MediumOf(raw.Kernel)
	if !m.Link() && !run.Isolation.Own() && isElsewhere(raw) {
		m.Dropped, m.Known = 0, false
	}
	return m
}

// isElsewhere reports whether the server is not known to run on this host: its address is not of loopback,
// and its accept queue was not seen.
func isElsewhere(raw *record.Repeat) bool {
	server, err := netip.ParseAddrPort(raw.Storm.Address)
	return err == nil && !server.Addr().IsLoopback() && len(raw.Queue) == 0
}

// Link reports whether it is one.
func (m Medium) Link() bool { return m.Place == finding.Link }

// Arrived counts the segments that came in, with the rule for what counts them. TcpInSegs counts buffers: one
// of several segments where GRO merged them, on a link, or where TSO left them whole, on lo
// (net/ipv4/tcp_ipv4.c, tcp_v4_rcv). IP counts the segments in them. Nothing but TCP is in a storm's
// namespaces. A kernel that does not count IP packets merges none on a veth either.
func Arrived(k *record.Kernel) (rule finding.Rule, n int64, known bool) {
	packets, ok := Gains(k, packetsIn...)
	if !ok {
		n, known = Gain(k, "TcpInSegs")
		return finding.RuleSegments, n, known
	}
	for _, of := range packets {
		n += of
	}
	return finding.RuleSegmentsIP, n, true
}

// packetsIn are the kernel's counters of IP packets by their ECN field, which are all packets
// (net/ipv4/ip_input.c, ip_rcv_core).
var packetsIn = []string{"InNoECTPkts", "InECT0Pkts", "InECT1Pkts", "InCEPkts"}

// SYNACKRetransmits counts the SYN-ACKs that were retransmitted: the client has answered the first, and
// answers with a challenge ACK.
const SYNACKRetransmits = "TCPSYNChallenge"
