package analysis

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// far puts the clients of a storm a round trip of 100 ms away.
func far(raw *record.Repeat) *record.Repeat {
	raw.Kernel.Link = &record.Link{Kind: "tun", RTT: 100 * ms}
	return raw
}

// TestFarPackets: what a client sends reaches the queue half a round trip later, so there and then is where it was dropped.
func TestFarPackets(t *testing.T) {
	depths := []uint32{0, 0, 0, 0, 0, 129, 129, 0, 0, 0, 0, 0, 0, 0, 0, 129, 129, 0}
	var queue []record.QueueSample // one look every 10 ms
	for i, depth := range depths {
		queue = append(queue, record.QueueSample{At: time.Duration(i) * 10 * ms, Depth: depth, Limit: 128})
	}
	given := call(0, 10*ms) // arrives at 60 ms
	given.SYNRetransmits, given.Outcome, given.Limit, given.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2010*ms
	phantom := call(0, 10*ms) // its last ACK leaves at 110 ms, and arrives at 160 ms
	phantom.RTT, phantom.Connected, phantom.Outcome, phantom.Done = p(100*ms), p(111*ms), record.Reset, 500*ms
	for name, a := range map[string]record.Attempt{"a SYN": given, "an ACK": phantom} {
		raw := far(joined([]record.Attempt{a}))
		raw.Queue = queue
		if _, seen := stepsOf(t, raw); !strings.Contains(seen, " 129/129") {
			t.Errorf("%s: %q", name, seen)
		}
	}
}

// TestFarQueue: the way of the last ACK is no time in the accept queue.
func TestFarQueue(t *testing.T) {
	var attempts []record.Attempt
	var peers []record.Peer
	for i := range 6 {
		a := call(i, 0)
		a.RTT, a.Connected, a.FirstCommand = p(100*ms), p(100*ms), p(300*ms)
		attempts = append(attempts, a)
		peers = append(peers, peer(i, (150+time.Duration(i))*ms, 300*ms, record.PeerServed))
	}
	raw := far(joined(attempts, peers...))
	all := trails(raw)
	if f := phantomFates(all, nil); f.Revived != 0 {
		t.Errorf("%d revived", f.Revived)
	}
	if d, ok := all[5].queued(); !ok || d != 5*ms {
		t.Errorf("queued for %v", d)
	}
}
