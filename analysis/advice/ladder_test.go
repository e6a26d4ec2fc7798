package advice

import (
	"fmt"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/queue"
	"agistorm/analysis/record"
)

const ms = time.Millisecond

func ptr[T any](v T) *T { return &v }

// TestSawFullNeedsLooks: that a queue was never full is not known where it was not sampled for long.
func TestSawFullNeedsLooks(t *testing.T) {
	for pause, want := range map[time.Duration]bool{100 * ms: true, 101 * ms: false} {
		for where, at := range map[string][]time.Duration{"at the start": {pause, pause + ms},
			"between": {0, ms, ms + pause}, "at the end": {-ms, 0}} {
			var samples []record.QueueSample
			for _, at := range at {
				samples = append(samples, record.QueueSample{At: at, Depth: 20, Limit: 128})
			}
			r := analysis.Repeat{
				Storm: metric.Storm{
					Queue: queue.Measure(
						&record.Repeat{Queue: samples, Storm: record.Storm{Wall: max(at[len(at)-1], pause)}},
						nil,
						false,
					),
				},
			}
			if full, known := sawFull(&r); full || known != want || r.Queue.LongestPause != pause {
				t.Errorf(
					"a pause of %v %s: full %v, known %v, longest pause %v",
					pause,
					where,
					full,
					known,
					r.Queue.LongestPause,
				)
			}
		}
	}
}

// TestOverloaded: only calls that still come faster than the server takes them, a second and more after the
// first, are no burst. Asterisk fires its first 1,000 of 2,000 calls within a third of the time.
func TestOverloaded(t *testing.T) {
	full := func(from, until time.Duration) []record.QueueSample {
		return []record.QueueSample{{Limit: 8}, {At: from, Depth: 9, Limit: 8}, {At: until, Depth: 8, Limit: 8},
			{At: 3000 * ms, Limit: 8}}
	}
	for name, c := range map[string]struct {
		came    time.Duration
		samples []record.QueueSample
		want    bool
	}{
		"full until the end":                       {2000 * ms, full(100*ms, 2100*ms), true},
		"full until shortly before the end":        {2000 * ms, full(100*ms, 1750*ms), true},
		"full for most of the time, then no more":  {2000 * ms, full(100*ms, 1400*ms), false},
		"full at the end, for less than half":      {2000 * ms, full(1100*ms, 2000*ms), false},
		"full after the last call came":            {1000 * ms, full(1000*ms, 2900*ms), false},
		"a burst":                                  {300 * ms, full(10*ms, 2000*ms), false},
		"full for exactly what is asked, and over": {1600 * ms, full(200*ms, 1400*ms), true},
	} {
		raw := &record.Repeat{
			Queue:    c.samples,
			Storm:    record.Storm{Wall: 3000 * ms},
			Attempts: []record.Attempt{{}, {Intended: c.came}},
		}
		cell := &analysis.Cell{
			Repeats: []analysis.Repeat{{Raw: raw, Storm: metric.Storm{Queue: queue.Measure(raw, nil, false)}}},
		}
		if got := overloaded(cell); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if overloaded(
		&analysis.Cell{
			Repeats: []analysis.Repeat{{Raw: &record.Repeat{Attempts: []record.Attempt{{Intended: time.Minute}}}}},
		},
	) {
		t.Error("a queue that was not watched is called full")
	}
}

func TestTimeoutOfCallsThatComeSlowly(t *testing.T) {
	p := pace{rate: 100, timeout: 3 * time.Second}
	for span, want := range map[time.Duration]time.Duration{0: 4 * time.Second, time.Second: 3 * time.Second,
		9 * time.Second: 0} {
		if got := p.wait(400, span); got != want {
			t.Errorf("400 calls within %v: the last waits %v, want %v", span, got, want)
		}
	}
	if got := p.useful(); got != 300 {
		t.Errorf("a backlog of %d is of use, want 300", got)
	}
}

func TestRoomy(t *testing.T) {
	tests := []struct {
		peak            uint32
		calls, tooSmall int
		want            int
	}{
		{1984, 2000, 1024, 4096}, // 2,480 with room
		{1000, 2000, 1024, 2048}, // 1,250 with room
		{819, 2000, 128, 1024},   // 1,023.75
		{820, 2000, 128, 2048},   // 1,025
		{100, 2000, 512, 1024},   // larger than what was not enough
		{0, 2000, 128, 2048},     // not watched: every call has room
		{0, 0, 0, 1},
		{4294967295, 2000, 128, record.MaxBacklog},
	}
	for _, tt := range tests {
		if got := roomy(tt.peak, tt.calls, tt.tooSmall); got != tt.want {
			t.Errorf("roomy(%d, %d, %d) = %d, want %d", tt.peak, tt.calls, tt.tooSmall, got, tt.want)
		}
	}
}

// A refused SYN was answered, however often it was sent: nothing dropped it.
func TestSuspicionLeavesOutTheRefused(t *testing.T) {
	attempt := func(o record.Outcome) record.Attempt {
		return record.Attempt{Outcome: o, SYNRetransmits: ptr(uint32(1))}
	}
	c := &analysis.Cell{
		Repeats: []analysis.Repeat{{Raw: &record.Repeat{Attempts: []record.Attempt{attempt(record.Refused)}}}},
	}
	if got := (&ladder{}).suspicion(&analysis.Summary{Run: &record.Run{}}, c); got != nil {
		t.Errorf("%v of one that was refused", got)
	}
	c.Repeats[0].Raw.Attempts = append(c.Repeats[0].Raw.Attempts, attempt(record.ConnectTimeout))
	if got := (&ladder{}).suspicion(&analysis.Summary{Run: &record.Run{}}, c); len(got) != 1 ||
		got[0].Fact != finding.Fact(finding.QueueHidden{DroppedSYNs: 1}) {
		t.Errorf("%v, want one call that had a SYN dropped", got)
	}
}

// TestRaiseMaxBacklog: the queue must hold a packet of every call, and what it held and dropped together.
func TestRaiseMaxBacklog(t *testing.T) {
	for _, c := range []struct {
		calls int
		from  string
		most  int
		want  int
	}{
		{2000, "1000", 854, 2048},
		{2000, "1000", 1100, 4096},
		{2000, "", 854, 2048},
		{500, "300", 40, 512},
		{6000, "1000", 9000, 8192}, // the same SYNs, dropped again and again
		{1, "1", 1, 2},
		{65536, "1000", 3, 65536},
	} {
		run := &record.Run{Scenario: record.Scenario{Calls: c.calls}}
		run.Host.Sysctls = map[string]string{maxBacklog: c.from}
		from, to := maxBacklogFor(run, c.most)
		if to != c.want || (from != nil) != (c.from != "") || from != nil && fmt.Sprint(*from) != c.from {
			t.Errorf("%+v: from %v to %d", c, from, to)
		}
	}
}
