package calls

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis/counters"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// Trail is one attempt with all that is known of its way, from all accounts. Instants are offsets from the
// storm's start.
type Trail struct {
	*record.Attempt
	// Peer is the server's view, joined by the client's address and port; nil where the server never accepted
	// it, and where that is not known.
	Peer *record.Peer
	// joined reports that the server's log is there and the client's address known: nil above means never
	// accepted.
	joined bool
	// address of the client in the server's log, which is that of the whole storm; none where it is not in
	// it.
	address int32
	log     *serverLog
	// Established is when the handshake was over for the client; nil if it never was.
	Established *time.Duration
	// Way is what a packet takes from the client to the server: half of the link's round trip, 0 on loopback.
	Way time.Duration
	// Unaccepted is what became of it where the server never accepted it: Phantom, LeftInQueue, Discarded or
	// NeverAccepted.
	Unaccepted finding.StepCode
	// drops of last ACKs in the storm.
	drops *ackDrops
}

// trails follows every attempt of a storm.
func trails(raw *record.Repeat) []Trail {
	all := make([]Trail, len(raw.Attempts))
	log := newServerLog(nil)
	if raw.Target != nil {
		log = newServerLog(raw.Target.Peers)
	}
	way, drops := counters.OneWay(raw.Kernel), dropsOfACKs(raw)
	for i := len(raw.Attempts) - 1; i >= 0; i-- { // the last first, for what take does
		a := &raw.Attempts[i]
		t := Trail{Attempt: a, Established: established(a), Way: way, drops: drops, log: log, address: none}
		if t.joined = raw.Target != nil && a.Local != ""; t.joined {
			t.address = log.from(a.Local)
			t.Peer = log.take(a, t.address)
		}
		all[i] = t.inOrder()
	}
	markUnaccepted(all, raw.Target)
	return all
}

// established is when the client's kernel had the SYN-ACK.
func established(a *record.Attempt) *time.Duration {
	if a.Connected == nil {
		return nil
	}
	began := cmp.Or(a.Tried, a.Started)
	took, known := a.Handshake()
	if began == nil || !known {
		return a.Connected // the client saw it then at the latest
	}
	at := min(*began+took, *a.Connected)
	return &at
}

// inOrder corrects the time of the handshake's end, which has the grain of a tick, by those that are exact: it is no
// earlier than the SYN, and no later than the accept.
func (t Trail) inOrder() Trail {
	if t.Established == nil {
		return t
	}
	at := *t.Established
	if t.Peer != nil {
		at = min(at, t.Peer.At)
	}
	if began := cmp.Or(t.Tried, t.Started); began != nil {
		at = max(at, *began)
	}
	if at != *t.Established {
		t.Established = &at
	}
	return t
}

// Tick is the grain of the kernel's time of a SYN-ACK: at 250 Hz 4 ms, at 100 Hz 10 ms.
const Tick = 10 * time.Millisecond

// RevivedAfter is how much later than its last ACK a connection must have come into the accept queue for that
// ACK to have been dropped: a client's kernel sends the next packet after 200 ms (TCP_RTO_MIN in the kernel's
// include/net/tcp.h), and the clocks are far closer.
const RevivedAfter = 150 * time.Millisecond

// Entered is when it came into the accept queue: with its last ACK, unless the server's kernel says later by
// more than its tick. False where it never did, or that is not known.
func (t *Trail) Entered() (at time.Duration, ok bool) {
	if t.Peer == nil || t.Established == nil {
		return 0, false
	}
	at = min(t.Arrived(), t.Peer.At)
	if q := t.Peer.Queued; q != nil && t.Peer.At-*q > at+Tick {
		at = t.Peer.At - *q
	}
	return at, true
}

// Revived reports whether its last ACK was dropped, and a later packet brought it into the accept queue after
// all. Where nothing was dropped meanwhile, the ACK was only long on its way: on a link it waits behind the
// packets of the others.
func (t *Trail) Revived() bool {
	at, ok := t.Entered()
	return ok && at-t.Arrived() > RevivedAfter && t.drops.between(t.Arrived()-Tick, at)
}

// ackDrops are what can have dropped a last ACK: the listener, whose accept queue was full, and the medium.
type ackDrops struct {
	// none were in the whole storm, by the kernel's account.
	none bool
	// counters over time of these names; empty where they were not watched.
	counters []record.CounterSample
	names    []string
	// unseen ones have no counter over time.
	unseen bool
}

func dropsOfACKs(raw *record.Repeat) *ackDrops {
	m := counters.MediumOf(raw.Kernel)
	overflows, known := counters.Gain(raw.Kernel, record.ListenOverflows)
	return &ackDrops{
		none:     known && m.Known && overflows+m.Dropped == 0,
		counters: raw.Counters, names: []string{record.ListenOverflows, m.Counter},
		unseen: m.Known && !m.Watched && m.Dropped > 0,
	}
}

// between reports whether any can have been dropped in that time.
func (d *ackDrops) between(from, to time.Duration) bool {
	switch {
	case d.none:
		return false
	case d.unseen || len(d.counters) == 0:
		return true
	}
	return slices.ContainsFunc(d.names, func(name string) bool {
		return counters.GainedWithin(d.counters, name, from, to)
	})
}

// Arrived is when its last ACK came to the server.
func (t *Trail) Arrived() time.Duration { return *t.Established + t.Way }

// Never reports whether the client had a connection that the server did not have.
func (t *Trail) Never() bool {
	return t.Peer == nil && t.Established != nil && (t.joined || t.Outcome == record.Phantom)
}

// AcceptedInVain reports whether the server accepted the connection only when its client had gone already.
func (t *Trail) AcceptedInVain() bool {
	gaveUp := t.Limit != "" || t.Outcome == record.Phantom
	return t.Peer != nil && t.Outcome.Lost() && gaveUp && t.Peer.At > t.Done
}

// Queued is the time in the accept queue; false where it is not known.
func (t *Trail) Queued() (time.Duration, bool) {
	at, ok := t.Entered()
	if !ok {
		return 0, false
	}
	return t.Peer.At - at, true
}

// Worked is the time from the accept to the first command at the client.
func (t *Trail) Worked() (time.Duration, bool) {
	if t.Peer == nil || t.FirstCommand == nil {
		return 0, false
	}
	return max(*t.FirstCommand-t.Peer.At, 0), true
}

// Retransmitting is the time until a SYN was answered, where the first was not.
func (t *Trail) Retransmitting() (time.Duration, bool) {
	if t.Established == nil || t.Started == nil || t.SYNsLost() == 0 {
		return 0, false
	}
	return *t.Established - *t.Started, true
}

// SYNsLost counts the SYNs that were retransmitted, to all addresses.
func (t *Trail) SYNsLost() int64 {
	n, _ := Retransmits(t.Attempt)
	return n
}

// PhantomFates is what became of the connections that the client had before the server, or without it.
type PhantomFates struct {
	// Never accepted by the server.
	Never int `json:"never_accepted"`
	// Revived: accepted in the end, after a packet of the client's had brought it into the queue.
	Revived int `json:"revived"`
	// Gone: accepted only when the client had given up, or once more when its connection was over (by a
	// cookie that was used twice), so that the server worked in vain, for the time Wasted in all.
	Gone   int           `json:"accepted_after_the_client_had_gone"`
	Wasted time.Duration `json:"wasted_ns"`
}

// FatesOf is nil where the server's log cannot be joined.
func FatesOf(all []Trail, again []*record.Peer) *PhantomFates {
	f := &PhantomFates{}
	for _, p := range again {
		f.add(p)
	}
	known := false
	for i := range all {
		t := &all[i]
		known = known || t.joined
		switch {
		case t.Never():
			f.Never++
		case t.Revived():
			f.Revived++
		}
		if t.AcceptedInVain() {
			f.add(t.Peer)
		}
	}
	if !known {
		return nil
	}
	return f
}

// add counts a connection after its client had left.
func (f *PhantomFates) add(p *record.Peer) {
	f.Gone++
	f.Wasted += max(p.Done-p.At, 0)
}
