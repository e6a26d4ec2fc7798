package analysis

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

// TestOlderPeer: what was accepted from a port before the attempt began is somebody else's.
func TestOlderPeer(t *testing.T) {
	all := trails(joined([]record.Attempt{reached(0, 1000*ms, 1001*ms, 1020*ms)}, peer(0, 999*ms, 1010*ms, record.PeerServed)))
	if all[0].peer != nil || !all[0].never() {
		t.Errorf("joined with %+v", all[0].peer)
	}
}

// TestRevivedAfter: a client sends again after 200 ms at the earliest, so 100 ms beside a neighbour are no revival, and 200 ms are one. One
// that was revived is no measure for those behind it.
func TestRevivedAfter(t *testing.T) {
	for _, c := range []struct {
		before time.Duration
		want   bool
	}{{100 * ms, false}, {200 * ms, true}} {
		attempts := []record.Attempt{reached(0, 299*ms, 300*ms, 500*ms), reached(1, 299*ms-c.before, 300*ms-c.before, 500*ms)}
		all := trails(joined(attempts, peer(0, 400*ms, 410*ms, record.PeerServed), peer(1, 401*ms, 410*ms, record.PeerServed)))
		if all[0].revived || all[1].revived != c.want {
			t.Errorf("%v before its neighbour: revived %v and %v", c.before, all[0].revived, all[1].revived)
		}
	}
}

// TestOvertakenWithinATick: the handshake's time has a grain, and who was accepted within it has overtaken nobody.
func TestOvertakenWithinATick(t *testing.T) {
	var attempts []record.Attempt
	var peers []record.Peer
	for i := range 6 {
		attempts = append(attempts, reached(i, 0, ms, 200*ms))
		peers = append(peers, peer(i, time.Duration(5+i)*ms, 300*ms, record.PeerServed)) // the first five at 5 to 9 ms
	}
	raw := joined(attempts, peers...)
	raw.Target.Effective = p(1)
	if f := phantomFates(trails(raw)); f.Revived != 0 {
		t.Errorf("%d revived", f.Revived)
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
	if all[0].servedNobody() || all[1].servedNobody() || all[1].never() {
		t.Errorf("served nobody: %v and %v; never accepted: %v", all[0].servedNobody(), all[1].servedNobody(), all[1].never())
	}
}

// TestPhasesOfOne: SYN, accept queue and server follow one another, from the actual start, and at another address from its own SYN.
func TestPhasesOfOne(t *testing.T) {
	late := reached(0, 10*ms, 1040*ms, 1100*ms)
	late.Intended, late.SYNRetransmits, late.SYNACK, late.RTOTime = 0, p(uint32(1)), p(1030*ms), p(ms)
	moved := reached(1, 0, 2010*ms, 2100*ms)
	moved.Tried, moved.RTT = p(2000*ms), p(20*ms) // a tick more than it can be
	all := trails(joined([]record.Attempt{late, moved}, peer(0, 1070*ms, 1200*ms, record.PeerServed), peer(1, 2050*ms, 2200*ms, record.PeerServed)))
	for name, c := range map[string]struct {
		phase func() (time.Duration, bool)
		want  time.Duration
	}{
		"SYN sent again": {all[0].retransmitting, 1020 * ms}, "queued": {all[0].queued, 40 * ms}, "served": {all[0].worked, 30 * ms},
		"queued at the other address": {all[1].queued, 40 * ms}, "served there": {all[1].worked, 50 * ms},
	} {
		if d, ok := c.phase(); !ok || d != c.want {
			t.Errorf("%s: %v, want %v", name, d, c.want)
		}
	}
}

// TestDroppedByOthers: in the host's own namespace lo's drops are anybody's, and prove nothing of this call.
func TestDroppedByOthers(t *testing.T) {
	a := call(0, 150*ms)
	a.SYNRetransmits, a.Outcome, a.Limit = p(uint32(1)), record.ConnectTimeout, "connect"
	raw := joined([]record.Attempt{a})
	raw.Queue = raw.Queue[2:3] // 20 at 100 ms, and none for 100 ms after it
	raw.Kernel.Before, raw.Kernel.After = record.Counters{loDropped: 0}, record.Counters{loDropped: 4}
	run := &record.Run{Scenario: limits, Isolation: record.Isolation{Mode: record.IsolationHost}}
	all := trails(raw)
	if l := newStoryteller(run, raw).tell(&all[0]); l.kind[0] != "SYN dropped, and the accept queue was not seen full, and when it was sent again" {
		t.Errorf("%q", l.kind)
	}
}
