package analysis

import (
	"slices"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// trail is one attempt with all that is known of its way, whoever saw it. Instants are offsets from the storm's start.
type trail struct {
	*record.Attempt
	// peer is the server's view, joined by the client's address and port; nil where the server never accepted it,
	// and where nobody knows.
	peer *record.Peer
	// joined reports that the server's log is there and the client's address known: nil above means never accepted.
	joined bool
	// address of the client in the server's log, which is that of the whole storm; none where it is not in it.
	address int32
	log     *serverLog
	// established is when the handshake was over for the client; nil if it never was.
	established *time.Duration
	// way is what a packet takes from the client to the server: half of the link's round trip, 0 on loopback.
	way time.Duration
	// unaccepted is what became of it where the server never accepted it: Phantom, LeftInQueue, Discarded or NeverAccepted.
	unaccepted finding.StepCode
	// drops of last ACKs in the storm.
	drops *ackDrops
}

// trails follows every attempt of a storm.
func trails(raw *record.Repeat) []trail {
	all := make([]trail, len(raw.Attempts))
	log := newServerLog(nil)
	if raw.Target != nil {
		log = newServerLog(raw.Target.Peers)
	}
	way, drops := oneWay(raw.Kernel), dropsOfACKs(raw)
	for i := len(raw.Attempts) - 1; i >= 0; i-- { // the last first, for what take does
		a := &raw.Attempts[i]
		t := trail{Attempt: a, established: established(a), way: way, drops: drops, log: log, address: none}
		if t.joined = raw.Target != nil && a.Local != ""; t.joined {
			t.address = log.from(a.Local)
			t.peer = log.take(a, t.address)
		}
		all[i] = t
	}
	markUnaccepted(all, raw.Target)
	return all
}

// established is when the client's kernel had the SYN-ACK.
func established(a *record.Attempt) *time.Duration {
	if a.Connected == nil {
		return nil
	}
	began := a.Tried
	if began == nil {
		began = a.Started
	}
	took, known := a.Handshake()
	if began == nil || !known {
		return a.Connected // the client saw it then at the latest
	}
	at := min(*began+took, *a.Connected)
	return &at
}

// tick is the grain of the kernel's time of a SYN-ACK: at 250 Hz 4 ms, at 100 Hz 10 ms.
const tick = 10 * time.Millisecond

// revivedAfter is how much later than its last ACK a connection must have come into the accept queue for that ACK to have been dropped: a
// client's kernel sends the next packet after 200 ms (TCP_RTO_MIN in the kernel's include/net/tcp.h), and the clocks are far closer.
const revivedAfter = 150 * time.Millisecond

// entered is when it came into the accept queue: with its last ACK, unless the server's kernel says later by more than its tick. False where
// it never did, or nobody knows.
func (t *trail) entered() (at time.Duration, ok bool) {
	if t.peer == nil || t.established == nil {
		return 0, false
	}
	at = min(t.arrived(), t.peer.At)
	if q := t.peer.Queued; q != nil && t.peer.At-*q > at+tick {
		at = t.peer.At - *q
	}
	return at, true
}

// revived reports whether its last ACK was dropped, and a later packet brought it into the accept queue after all.
// Where nothing was dropped meanwhile, the ACK was only long on its way: on a link it waits behind the packets of the
// others.
func (t *trail) revived() bool {
	at, ok := t.entered()
	return ok && at-t.arrived() > revivedAfter && t.drops.between(t.arrived()-tick, at)
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
	m := mediumOf(raw.Kernel)
	overflows, known := gain(raw.Kernel, listenOverflows)
	return &ackDrops{
		none:     known && m.known && overflows+m.dropped == 0,
		counters: raw.Counters, names: []string{listenOverflows, m.counter},
		unseen: m.known && !m.watched && m.dropped > 0,
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
		return gainedWithin(d.counters, name, from, to)
	})
}

// arrived is when its last ACK came to the server.
func (t *trail) arrived() time.Duration { return *t.established + t.way }

// never tells of a connection that the client had and the server did not.
func (t *trail) never() bool { return t.joined && t.peer == nil && t.established != nil }

// servedNobody tells of a connection that the server accepted only when its client had gone already.
func (t *trail) servedNobody() bool {
	return t.peer != nil && t.Outcome.Lost() && t.Limit != "" && t.peer.At > t.Done
}

// queued is the time in the accept queue; false where it is not known.
func (t *trail) queued() (time.Duration, bool) {
	at, ok := t.entered()
	if !ok {
		return 0, false
	}
	return t.peer.At - at, true
}

// worked is the time from the accept to the first command at the client.
func (t *trail) worked() (time.Duration, bool) {
	if t.peer == nil || t.FirstCommand == nil {
		return 0, false
	}
	return max(*t.FirstCommand-t.peer.At, 0), true
}

// retransmitting is the time until a SYN was answered, where the first was not.
func (t *trail) retransmitting() (time.Duration, bool) {
	if t.established == nil || t.Started == nil || t.synsLost() == 0 {
		return 0, false
	}
	return *t.established - *t.Started, true
}

// synsLost counts the SYNs that were sent again, to all addresses.
func (t *trail) synsLost() int64 {
	n, _ := retransmits(t.Attempt)
	return n
}

// PhantomFates is what became of the connections that the client had before the server, or without it.
type PhantomFates struct {
	// Never accepted by the server.
	Never int `json:"never_accepted"`
	// Revived: accepted in the end, after a packet of the client's had brought it into the queue.
	Revived int `json:"revived"`
	// Gone: accepted only when the client had given up, or once more when its connection was over (by a cookie that was used twice), so that
	// the server worked for nobody, for the time Wasted in all.
	Gone   int           `json:"accepted_after_the_client_had_gone"`
	Wasted time.Duration `json:"wasted_ns"`
}

// fatesOf is nil where the server's log cannot be joined.
func fatesOf(all []trail, again []*record.Peer) *PhantomFates {
	f := &PhantomFates{}
	for _, p := range again {
		f.add(p)
	}
	known := false
	for i := range all {
		t := &all[i]
		known = known || t.joined
		switch {
		case t.never():
			f.Never++
		case t.revived():
			f.Revived++
		}
		if t.servedNobody() {
			f.add(t.peer)
		}
	}
	if !known {
		return nil
	}
	return f
}

// add counts one that nobody wanted any more.
func (f *PhantomFates) add(p *record.Peer) {
	f.Gone++
	f.Wasted += max(p.Done-p.At, 0)
}
