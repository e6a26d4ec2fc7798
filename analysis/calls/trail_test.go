package calls

import (
	"testing"
	"time"

	"agistorm/analysis/record"
)

// reached is a call that was connected, and began to be served.
func reached(seq int, began, connected, command time.Duration) record.Attempt {
	a := call(seq, began)
	a.RTT, a.Connected, a.FirstCommand = p(connected-began), p(connected), p(command)
	return a
}

// TestOlderPeer: what was accepted from a port before the attempt began belongs to another attempt.
func TestOlderPeer(t *testing.T) {
	all := trails(
		joined([]record.Attempt{reached(0, 1000*ms, 1001*ms, 1020*ms)}, peer(0, 999*ms, 1010*ms, record.PeerServed)),
	)
	if all[0].Peer != nil || !all[0].Never() {
		t.Errorf("joined with %+v", all[0].Peer)
	}
}

// TestEntered: the server's kernel reports how long a connection was in the accept queue. What it was there for
// less than since its last ACK is a tick's grain, or a later packet let it in: a client sends again after 200
// ms at the earliest.
func TestEntered(t *testing.T) {
	for name, c := range map[string]struct {
		queued  *time.Duration
		waited  time.Duration
		revived bool
	}{
		"no account":                  {nil, 400 * ms, false},
		"all the time":                {p(400 * ms), 400 * ms, false},
		"within a tick":               {p(392 * ms), 400 * ms, false},
		"a tick more":                 {p(404 * ms), 400 * ms, false},
		"later than its last ACK":     {p(300 * ms), 300 * ms, false},
		"as late as a packet's timer": {p(196 * ms), 196 * ms, true},
		"at the end":                  {p(time.Duration(0)), 0, true},
	} {
		server := peer(0, 500*ms, 510*ms, record.PeerServed)
		server.Queued = c.queued
		raw := joined([]record.Attempt{reached(0, 99*ms, 100*ms, 505*ms)}, server)
		all := trails(raw)
		if d, ok := all[0].Queued(); !ok || d != c.waited || all[0].Revived() != c.revived {
			t.Errorf("%s: queued for %v, revived %v; want %v, %v", name, d, all[0].Revived(), c.waited, c.revived)
		}
		want := PhantomFates{}
		if c.revived {
			want.Revived = 1
		}
		if f := FatesOf(all, nil); *f != want {
			t.Errorf("%s: fates %+v", name, f)
		}
	}
}

// TestLongOnItsWay: a last ACK that came late was dropped, and the connection revived, only where the kernel
// counted a drop meanwhile; else it was long on its way.
func TestLongOnItsWay(t *testing.T) {
	sample := func(at time.Duration, name string, n uint64) []record.CounterSample {
		return []record.CounterSample{{At: at, Gained: record.Counters{name: n}}}
	}
	for name, c := range map[string]struct {
		overflows, link uint64
		samples         []record.CounterSample
		revived         bool
		queued          uint64 // of those of the link, in its queue: no counter over time has them
	}{
		"nothing was dropped in the storm":     {0, 0, nil, false, 0},
		"not sampled over time":                {4, 0, nil, true, 0},
		"the queue overflowed meanwhile":       {4, 0, sample(110*ms, "ListenOverflows", 4), true, 0},
		"the queue had overflowed before":      {4, 0, sample(20*ms, "ListenOverflows", 4), false, 0},
		"the queue overflowed later":           {4, 0, sample(700*ms, "ListenOverflows", 4), false, 0},
		"the link dropped packets meanwhile":   {0, 4, sample(110*ms, "agi0.tx_dropped", 4), true, 0},
		"the link dropped packets, and before": {0, 4, sample(20*ms, "agi0.tx_dropped", 4), false, 0},
		"its queue dropped packets, unseen":    {0, 4, sample(20*ms, "agi0.tx_dropped", 1), true, 3},
	} {
		server := peer(0, 500*ms, 510*ms, record.PeerServed)
		server.Queued = p(100 * ms)
		raw := onVeth(joined([]record.Attempt{reached(0, 99*ms, 100*ms, 505*ms)}, server), c.link)
		raw.Kernel.Before = record.Counters{"ListenOverflows": 1, "agi0.tx_dropped": 0}
		raw.Kernel.After = record.Counters{"ListenOverflows": 1 + c.overflows, "agi0.tx_dropped": c.link - c.queued}
		raw.Counters = c.samples
		all := trails(raw)
		if got := all[0].Revived(); got != c.revived {
			t.Errorf("%s: revived %t, want %t", name, got, c.revived)
		}
		if d, ok := all[0].Queued(); !ok || d != 100*ms {
			t.Errorf("%s: queued for %v", name, d)
		}
	}
}

// TestWhoHadGone: only a client that gave up had gone; one that was reset, or never joined, had not.
func TestWhoHadGone(t *testing.T) {
	reset, unknown := reached(0, 0, ms, 20*ms), reached(1, 0, ms, 20*ms)
	for _, a := range []*record.Attempt{&reset, &unknown} {
		a.Outcome, a.FirstCommand, a.Done = record.Reset, nil, 50*ms
	}
	unknown.Local = ""
	all := trails(joined([]record.Attempt{reset, unknown}, peer(0, 60*ms, 70*ms, "reset")))
	if all[0].AcceptedInVain() || all[1].AcceptedInVain() || all[1].Never() {
		t.Errorf(
			"wasted: %v and %v; never accepted: %v",
			all[0].AcceptedInVain(),
			all[1].AcceptedInVain(),
			all[1].Never(),
		)
	}
}

// TestPhasesOfOne: SYN, accept queue and server follow one another, from the actual start, and at another
// address from its own SYN.
func TestPhasesOfOne(t *testing.T) {
	late := reached(0, 10*ms, 1040*ms, 1100*ms)
	late.Intended, late.SYNRetransmits, late.SYNACK, late.RTOTime = 0, p(uint32(1)), p(1030*ms), p(ms)
	moved := reached(1, 0, 2010*ms, 2100*ms)
	moved.Tried, moved.RTT = p(2000*ms), p(20*ms) // a tick more than it can be
	all := trails(
		joined(
			[]record.Attempt{late, moved},
			peer(0, 1070*ms, 1200*ms, record.PeerServed),
			peer(1, 2050*ms, 2200*ms, record.PeerServed),
		),
	)
	for name, c := range map[string]struct {
		phase func() (time.Duration, bool)
		want  time.Duration
	}{
		"SYN retransmission": {all[0].Retransmitting, 1020 * ms},
		"queued":             {all[0].Queued, 40 * ms}, "served": {all[0].Worked, 30 * ms},
		"queued at the other address": {all[1].Queued, 40 * ms}, "served there": {all[1].Worked, 50 * ms},
	} {
		if d, ok := c.phase(); !ok || d != c.want {
			t.Errorf("%s: %v, want %v", name, d, c.want)
		}
	}
}
