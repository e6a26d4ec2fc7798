package causes

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// TestFarPackets: what a client sends reaches the queue half a round trip later, so there and then is where
// it was dropped.
func TestFarPackets(t *testing.T) {
	depths := []uint32{0, 0, 0, 0, 0, 129, 129, 0, 0, 0, 0, 0, 0, 0, 0, 129, 129, 0}
	var queue []record.QueueSample // one sample every 10 ms
	for i, depth := range depths {
		queue = append(queue, record.QueueSample{At: time.Duration(i) * 10 * ms, Depth: depth, Limit: 128})
	}
	given := call(0, 10*ms) // arrives at 60 ms
	given.SYNRetransmits, given.Outcome, given.Limit, given.Done = p(
		uint32(1),
	), record.ConnectTimeout, "connect", 2010*ms
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
