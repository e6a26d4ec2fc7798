package analysis

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis/finding"
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
			"syn-dropped@accept-queue again 1, "},
		"then lo": {seen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1040*ms, 9, 0, 7)},
			"syn-dropped@accept-queue again 1@loopback, "},
		"then the SYN queue, or lo": {seen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1040*ms, 9, 5, 7)},
			"syn-dropped@accept-queue again 1@syn-queue@loopback, "},
		"nobody looked in time, and what came later is another's": {seen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1500*ms, 9, 0, 7)},
			"syn-dropped@accept-queue again 1, "},
		"full between two looks at the queue": {unseen, []record.CounterSample{look(20*ms, 9, 0, 0), look(1040*ms, 18, 0, 0)},
			"syn-dropped@accept-queue again 1, "},
		"the SYN queue": {unseen, []record.CounterSample{look(20*ms, 0, 9, 0), look(1040*ms, 0, 18, 0)},
			"syn-dropped@syn-queue again 1, "},
		"no counters": {seen, nil, "syn-dropped@accept-queue again 1, "},
	} {
		a := call(0, 12*ms)
		a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2012*ms
		raw := joined([]record.Attempt{a})
		raw.Queue, raw.Counters = c.queue, c.counters
		kind, seen := stepsOf(t, raw)
		if !strings.HasPrefix(kind, c.want) {
			t.Errorf("%s: %q, want %q", name, kind, c.want)
		}
		if strings.Contains(seen, " 20/129") && strings.Contains(kind, "@accept-queue") {
			t.Errorf("%s: %q", name, seen)
		}
	}
}

// TestAgainByMedium: where the listener dropped as many SYNs as calls had their first one dropped, lo dropped the
// others, though the queue overflowed meanwhile with last ACKs. Where it dropped fewer, lo dropped something else too.
func TestAgainByMedium(t *testing.T) {
	for lo, want := range map[uint64]string{3: "@loopback", 2: "@accept-queue@loopback", 4: "@accept-queue@loopback"} {
		var attempts []record.Attempt
		for i := range 5 { // 3 of them are lost, 2 SYNs each
			a := call(i, 12*ms)
			if a.SYNRetransmits = p(uint32(1)); i < 3 {
				a.Outcome, a.Limit, a.Done = record.ConnectTimeout, "connect", 2012*ms
			} else {
				a.Connected, a.FirstCommand, a.SYNACK, a.RTOTime = p(1040*ms), p(1050*ms), p(1030*ms), p(ms)
			}
			attempts = append(attempts, a)
		}
		raw := joined(attempts, peer(3, 1045*ms, 1060*ms, record.PeerServed), peer(4, 1045*ms, 1060*ms, record.PeerServed))
		raw.Kernel.Before = record.Counters{"TcpActiveOpens": 1, loDropped: 2, listenOverflows: 0}
		raw.Kernel.After = record.Counters{"TcpActiveOpens": 6, loDropped: 2 + lo, listenOverflows: 9}
		raw.Counters = []record.CounterSample{{At: 20 * ms, Gained: record.Counters{listenOverflows: 5}}, {At: 1040 * ms, Gained: record.Counters{listenOverflows: 9, loDropped: lo}}}
		run := &record.Run{Scenario: limits, Isolation: record.Isolation{Mode: record.IsolationUser}, Cells: []record.Cell{{ID: "a", Backlog: "max"}}, Repeats: 1}
		s := Summarise(run, Storms{"a": {raw}})
		if kind, _ := written(s.Cells[0].Chains[0].Steps); kind != "syn-dropped@accept-queue again 1"+want+", gave-up 2s" {
			t.Errorf("lo dropped %d: %q", lo, kind)
		}
		if got := factsLike[finding.LoopbackDrops](s.Answer); len(got) != 1 || (got[0].Settled == 1) != (lo == 3) {
			t.Errorf("lo dropped %d: %+v", lo, got)
		}
	}
}

// TestAgainByMediumNeeds: each condition alone, when it is not met, leaves unknown who dropped the retransmitted SYNs.
func TestAgainByMediumNeeds(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*record.Run, *record.Repeat, *Storm)
		want   bool
	}{
		"all is met":      {func(*record.Run, *record.Repeat, *Storm) {}, true},
		"not all counted": {func(_ *record.Run, _ *record.Repeat, r *Storm) { r.Medium.watched = false }, false},
		"nothing dropped": {func(_ *record.Run, raw *record.Repeat, r *Storm) {
			r.Medium.dropped = 0
			raw.Kernel.After["TcpActiveOpens"] -= 3 // by which it would come out even
		}, false},
		"a namespace of others": {func(run *record.Run, _ *record.Repeat, _ *Storm) {
			run.Isolation.Mode = record.IsolationHost
		}, false},
		"a round trip": {func(_ *record.Run, raw *record.Repeat, _ *Storm) {
			raw.Kernel.Link = &record.Link{RTT: 20 * ms}
		}, false},
		"no counters over time": {func(_ *record.Run, raw *record.Repeat, _ *Storm) { raw.Counters = nil }, false},
		"dropped before the last call came": {func(_ *record.Run, raw *record.Repeat, _ *Storm) {
			raw.Counters[0].Gained[loDropped] = 1
		}, false},
		"another number of first SYNs": {func(_ *record.Run, _ *record.Repeat, r *Storm) { r.Medium.dropped = 2 }, false},
	} {
		var attempts []record.Attempt
		for i := range 3 {
			a := call(i, 12*ms)
			a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2012*ms
			attempts = append(attempts, a)
		}
		raw := joined(attempts)
		raw.Kernel.Before = record.Counters{"TcpActiveOpens": 1, loDropped: 0}
		raw.Kernel.After = record.Counters{"TcpActiveOpens": 4, loDropped: 3}
		raw.Counters = []record.CounterSample{
			{At: 20 * ms, Gained: record.Counters{listenOverflows: 3}},
			{At: 1040 * ms, Gained: record.Counters{listenOverflows: 3, loDropped: 3}},
		}
		run := &record.Run{Isolation: record.Isolation{Mode: record.IsolationUser}}
		r := &Storm{Raw: raw, Trails: trails(raw), Medium: mediumOf(raw.Kernel)}
		tt.change(run, raw, r)
		if got := againByMedium(run, r); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestGainedWithin: only what samples show within the time counts.
func TestGainedWithin(t *testing.T) {
	samples := []record.CounterSample{
		{At: 10 * ms, Gained: record.Counters{"x": 2}}, {At: 30 * ms, Gained: record.Counters{"x": 2, "y": 1}},
	}
	for _, tt := range []struct {
		name     string
		from, to time.Duration
		want     bool
	}{
		{"x", 0, 10 * ms, true}, {"x", 0, 9 * ms, false}, {"x", 10 * ms, 30 * ms, false}, {"y", 10 * ms, 30 * ms, true},
		{"y", 30 * ms, 99 * ms, false}, {"x", -ms, 99 * ms, true}, {"z", -ms, 99 * ms, false},
	} {
		if got := gainedWithin(samples, tt.name, tt.from, tt.to-lookLag); got != tt.want {
			t.Errorf("%s from %v to %v: %v", tt.name, tt.from, tt.to, got)
		}
	}
}
