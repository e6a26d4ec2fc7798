package analysis

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// TestWhereDropped: the kernel's counters over time tell which queue a SYN was dropped at, and that another one was it when it came again.
func TestWhereDropped(t *testing.T) {
	look := func(at time.Duration, overflows, full, lo uint64) record.CounterSample {
		return record.CounterSample{At: at, Gained: record.Counters{"ListenOverflows": overflows, "TCPReqQFullDrop": full, loDropped: lo}}
	}
	seen := joined(nil).Queue
	unseen := []record.QueueSample{{At: -ms, Limit: 128}, {At: 40 * ms, Depth: 20, Limit: 128}, {At: 3000 * ms, Limit: 128}}
	for name, c := range map[string]struct {
		queue    []record.QueueSample
		counters []record.CounterSample
		want     string
	}{
		"the accept queue, both times": {seen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1040*ms, 18, 0, 0)},
			"SYN dropped at the full accept queue, and when it was sent again, "},
		"then lo": {seen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1040*ms, 9, 0, 7)},
			"SYN dropped at the full accept queue, and when it was sent again (by lo), "},
		"then the SYN queue, or lo": {seen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1040*ms, 9, 5, 7)},
			"SYN dropped at the full accept queue, and when it was sent again (at the full SYN queue or by lo), "},
		"the next look is the first that tells": {seen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1500*ms, 9, 0, 7)},
			"SYN dropped at the full accept queue, and when it was sent again (by lo), "},
		"full between two looks at the queue": {unseen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1040*ms, 18, 0, 0)},
			"SYN dropped at the full accept queue, and when it was sent again, "},
		"the SYN queue": {unseen, []record.CounterSample{look(20*ms, 0, 9, 0), look(1040*ms, 0, 18, 0)},
			"SYN dropped at the full SYN queue, and when it was sent again, "},
		"no counters": {seen, nil, "SYN dropped at the full accept queue, and when it was sent again, "},
	} {
		a := call(0, 12*ms)
		a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2012*ms
		raw := joined([]record.Attempt{a})
		raw.Queue, raw.Counters = c.queue, c.counters
		kind, told := storyOf(t, raw)
		if !strings.HasPrefix(kind, c.want) {
			t.Errorf("%s: %q, want %q", name, kind, c.want)
		}
		if strings.Contains(told, "(accept queue 20 of 129)") && strings.Contains(kind, "dropped at the full accept queue") {
			t.Errorf("%s: %q", name, told)
		}
	}
}
