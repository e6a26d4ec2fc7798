package analysis

import (
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// TestSlowCalls: the setting in which most calls waited is named.
func TestSlowCalls(t *testing.T) {
	for _, n := range []int{1, 2} {
		run, all := madeRun(cellOf{tuned(128), thrice(made{timeout: 5})}, cellOf{tuned(512), thrice(made{})})
		for _, raw := range all["somaxconn-512"] {
			for i := range n {
				raw.Attempts[i].FirstCommand = ptr(1500 * time.Millisecond)
			}
		}
		want := finding.SlowCalls{Calls: n, PerStorm: true, Longest: 1499 * time.Millisecond, Blame: finding.BlameServer}
		if got := Summarise(run, all).Answer; !hasFact(got, want, "somaxconn-512") {
			t.Errorf("%s, want %+v in it", says(got), want)
		}
	}
}

// TestOverloaded: only calls that still come faster than the server takes them, a second and more after the first, are
// no burst. Asterisk fires its first 1,000 of 2,000 calls within a third of the time.
func TestOverloaded(t *testing.T) {
	const ms = time.Millisecond
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
		raw := &record.Repeat{Queue: c.samples, Attempts: []record.Attempt{{}, {Intended: c.came}}}
		cell := &Cell{Repeats: []Repeat{{Raw: raw, Storm: metric.Storm{Queue: watchQueue(c.samples, c.came, 3000*ms)}}}}
		if got := overloaded(cell); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if overloaded(&Cell{Repeats: []Repeat{{Raw: &record.Repeat{Attempts: []record.Attempt{{Intended: time.Minute}}}}}}) {
		t.Error("a queue that was not watched is called full")
	}
}
