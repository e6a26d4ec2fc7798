package causes

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/queue"
	"agistorm/analysis/record"
)

// stepsOf explains the only attempt: by what all calls of its chain have in common, and by what was seen of
// it.
func stepsOf(t *testing.T, raw *record.Repeat) (kind, seen string) {
	t.Helper()
	return stepsIn(record.IsolationUser, raw)
}

func stepsIn(isolation string, raw *record.Repeat) (kind, seen string) {
	run := &record.Run{Scenario: limits, Isolation: record.Isolation{Mode: isolation}}
	all := calls.Follow(run, 1, raw).Trails
	return written(newExplainer(run, raw, queue.Measure(raw, all, run.Isolation.Own())).explain(nil, &all[0]))
}

// written puts steps shortly: "syn-dropped@accept-queue again 1, gave-up 2s" and "12ms 129/129 again 1.032s,
// 2.012s".
func written(steps []finding.Step) (kind, seen string) {
	var kinds, all []string
	for _, s := range steps {
		text := string(s.Code) + at(s.Places)
		if s.Again > 0 {
			text += fmt.Sprint(" again ", s.Again, at(s.AgainPlaces))
		}
		if s.Limit > 0 {
			text += " " + s.Limit.String()
		}
		if s.Errno != "" {
			text += " " + s.Errno
		}
		kinds, all = append(kinds, text), append(all, sight(&s.Example))
	}
	return strings.Join(kinds, ", "), strings.Join(all, ", ")
}

func at(places []finding.Place) (text string) {
	for _, p := range places {
		text += "@" + string(p)
	}
	return text
}

func sight(s *finding.Sight) string {
	text := s.At.String()
	if q := s.Queue; q != nil {
		text += fmt.Sprintf(" %d/%d", q.Depth, q.Holds)
		if q.Drops > 0 {
			text += fmt.Sprintf(" %d drops", q.Drops)
		}
	}
	for _, d := range s.Retransmitted {
		text += " again " + d.String()
	}
	if s.Waited > 0 {
		text += " waited " + s.Waited.String()
	}
	if s.Entered > 0 {
		text += " entered " + s.Entered.String()
	}
	if s.Accepted != nil {
		text += " accepted " + s.Accepted.String()
	}
	if s.Address != "" {
		text += " to " + s.Address
	}
	return text + s.Error
}

// TestExplained: what happened to one call, and its chain, worked out by hand.
func TestExplained(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*record.Attempt)
		peer       []record.Peer
		kind, seen string
	}{
		"answered in time": {change: func(a *record.Attempt) {
			a.Connected, a.FirstCommand = p(12*ms), p(40*ms)
		}, peer: []record.Peer{peer(0, 30*ms, 50*ms, record.PeerServed)}},
		"answered late": {
			change: func(a *record.Attempt) {
				a.SYNRetransmits, a.SYNACK, a.RTOTime = p(uint32(1)), p(1020*ms), p(ms)
				a.Connected, a.FirstCommand = p(1021*ms), p(1100*ms)
			},
			peer: []record.Peer{peer(0, 1070*ms, 1200*ms, record.PeerServed)},
			kind: "syn-dropped@accept-queue, syn-answered, accepted, answered",
			seen: "12ms 129/129, 1.02s, 1.07s waited 50ms, 1.1s",
		},
		"given up": {
			change: func(a *record.Attempt) {
				a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2012*ms
			},
			kind: "syn-dropped@accept-queue again 1, gave-up 2s",
			seen: "12ms 129/129 again 1.032s, 2.012s",
		},
		"given up, and served then": {
			change: func(a *record.Attempt) {
				a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2012*ms
			},
			peer: []record.Peer{peer(0, 2500*ms, 2510*ms, "gone")},
			kind: "syn-dropped@accept-queue again 1, gave-up 2s, accepted-in-vain",
			seen: "12ms 129/129 again 1.032s, 2.012s, 2.5s",
		},
		"a phantom": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 220*ms
			},
			kind: "phantom, reset-on-write",
			seen: "12.02ms 129/129, 220ms",
		},
		"reset at once": {
			change: func(a *record.Attempt) {
				a.SYNRetransmits, a.Outcome, a.Errno, a.Done = p(uint32(1)), record.Reset, "ECONNRESET", 1040*ms
			},
			kind: "syn-dropped@accept-queue, reset-early",
			seen: "12ms 129/129, 1.04s",
		},
		"nothing listened": {
			change: func(a *record.Attempt) { a.Outcome, a.Errno, a.Done = record.Refused, "ECONNREFUSED", 13*ms },
			kind:   "refused", seen: "13ms",
		},
		"the server was full": {
			change: func(a *record.Attempt) { a.Connected, a.Outcome, a.Done = p(13*ms), record.Closed, 15*ms },
			peer:   []record.Peer{peer(0, 14*ms, 14*ms, record.PeerRejected)},
			kind:   "accepted, server-full",
			seen:   "14ms waited 1.98ms, 15ms",
		},
		"silence": {
			change: func(a *record.Attempt) {
				a.Connected, a.Outcome, a.Limit, a.Done = p(13*ms), record.Silent, "first-command", 3013*ms
			},
			peer: []record.Peer{peer(0, 14*ms, 3020*ms, "gone")},
			kind: "accepted, no-command 3s",
			seen: "14ms waited 1.98ms, 3.013s",
		},
		"no end": {
			change: func(a *record.Attempt) {
				a.Connected, a.FirstCommand, a.Outcome, a.Limit, a.Done = p(13*ms), p(20*ms), record.ProtocolError, "session",
					10013*ms
			},
			peer: []record.Peer{peer(0, 14*ms, 10020*ms, "gone")},
			kind: "accepted, no-end 10s",
			seen: "14ms waited 1.98ms, 10.013s",
		},
		"never started": {change: func(a *record.Attempt) { a.Started, a.Outcome = nil, record.NotOffered }},
	} {
		a := call(0, 12*ms)
		c.change(&a)
		kind, seen := stepsOf(t, joined([]record.Attempt{a}, c.peer...))
		if kind != c.kind || seen != c.seen {
			t.Errorf("%s:\n got %q\n     %q\nwant %q\n     %q", name, kind, seen, c.kind, c.seen)
		}
	}
}

// TestQueueAtATime: where a SYN was dropped is stated only as far as the samples show.
func TestQueueAtATime(t *testing.T) {
	for name, c := range map[string]struct {
		began   time.Duration
		queue   []record.QueueSample
		dropped uint64
		want    string
	}{
		"full":                          {50 * ms, joined(nil).Queue, 0, "syn-dropped@accept-queue"},
		"filled up between two samples": {500 * time.Microsecond, joined(nil).Queue, 0, "syn-dropped@accept-queue"},
		"not full":                      {300 * ms, joined(nil).Queue[:3], 0, "syn-dropped@not-full"},
		"not full, and lo dropped":      {150 * ms, joined(nil).Queue[:3], 4, "syn-dropped@probably-loopback"},
		"not watched":                   {50 * ms, nil, 0, "syn-dropped"},
		"not watched then":              {4 * time.Second, joined(nil).Queue, 0, "syn-dropped"},
	} {
		a := call(0, c.began)
		a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2*time.Second
		raw := joined([]record.Attempt{a})
		raw.Queue = c.queue
		if name == "not full" {
			raw.Queue = append(
				raw.Queue[:len(raw.Queue):len(raw.Queue)],
				record.QueueSample{At: 350 * ms, Depth: 20, Limit: 128},
			)
		}
		raw.Kernel.Before, raw.Kernel.After = record.Counters{
			"lo.rx_dropped": 0,
		}, record.Counters{
			"lo.rx_dropped": c.dropped,
		}
		if kind, _ := stepsOf(t, raw); !strings.HasPrefix(kind, c.want+" again 1,") {
			t.Errorf("%s: %q, want %q", name, kind, c.want)
		}
	}
}

// TestDroppedBetweenTwoSamples: the listener's own drops show what no sample of the depth does, in any
// namespace; of what they are for, ListenOverflows.
func TestDroppedBetweenTwoSamples(t *testing.T) {
	sampled := func(at time.Duration, depth, drops uint32) record.QueueSample {
		return record.QueueSample{At: at, Depth: depth, Limit: 20, Drops: &drops}
	}
	for _, c := range []struct {
		began      time.Duration
		overflows  uint64
		kind, seen string
	}{
		{500 * time.Microsecond, 379, "@accept-queue", "500µs 17/21 379 drops again 1.0205s"},
		{3 * ms, 379, "@not-full", "3ms 17/21 again 1.023s"},
		{499 * time.Microsecond, 0, "@listener", "499µs 17/21 379 drops again 1.020499s"},
	} {
		a := call(0, c.began)
		a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2*time.Second
		raw := joined([]record.Attempt{a})
		raw.Queue = []record.QueueSample{
			sampled(-1300*time.Microsecond, 0, 0),
			sampled(2200*time.Microsecond, 17, 379),
			sampled(4*ms, 2, 379),
			sampled(14*ms, 0, 379),
		}
		raw.Kernel.Before, raw.Kernel.After = record.Counters{
			"ListenOverflows": 0,
		}, record.Counters{
			"ListenOverflows": c.overflows,
		}
		kind, seen := stepsIn(record.IsolationHost, raw)
		if kind != "syn-dropped"+c.kind+" again 1, gave-up 2s" || seen != c.seen+", 2s" {
			t.Errorf("%q, %q, want %v", kind, seen, c)
		}
	}
}

// TestRetransmissions: the kernel's schedule with 4 linear timeouts, as it was measured (1.02, 2.04, 3.07,
// 4.09, 5.12, 7.1, 11.3 s), and without them (1, 3, 7, 15 s).
func TestRetransmissions(t *testing.T) {
	for linear, want := range map[int][]time.Duration{
		4: {1020 * ms, 2040 * ms, 3070 * ms, 4090 * ms, 5120 * ms, 7100 * ms, 11300 * ms},
		0: {1000 * ms, 3000 * ms, 7000 * ms, 15000 * ms},
	} {
		s := &explainer{linear: linear}
		for i, at := range want {
			if got := s.retransmission(i + 1); got < at*97/100 || got > at*103/100 {
				t.Errorf("%d linear timeouts: SYN %d is retransmitted after %v, want about %v", linear, i+1, got, at)
			}
		}
	}
}

// TestChainsAreCounted: lost ones first, the most frequent first, over all storms.
func TestChainsAreCounted(t *testing.T) {
	late, given := call(0, 12*ms), call(1, 13*ms)
	late.SYNRetransmits, late.SYNACK, late.RTOTime, late.Connected, late.FirstCommand = p(
		uint32(1),
	), p(
		1020*ms,
	), p(
		ms,
	), p(
		1021*ms,
	), p(
		1100*ms,
	)
	given.SYNRetransmits, given.Outcome, given.Limit, given.Done = p(
		uint32(1),
	), record.ConnectTimeout, "connect", 2013*ms
	run := &record.Run{Scenario: limits}
	storm := func(n int) *calls.Storm {
		return calls.Follow(
			run,
			n,
			joined([]record.Attempt{late, late, given}, peer(0, 1070*ms, 1200*ms, record.PeerServed)),
		)
	}
	chains := Chains(run, []*calls.Storm{storm(1), storm(2)})
	if len(chains) != 3 || chains[0].Count != 2 || chains[0].Impairment != calls.ImpairedLost ||
		chains[0].Outcome != record.ConnectTimeout ||
		chains[1].Impairment != calls.ImpairedLate ||
		chains[2].Impairment != calls.ImpairedLate ||
		chains[1].Count+chains[2].Count != 4 {
		t.Errorf("%+v", chains)
	}
	if _, seen := written(chains[0].Steps); !strings.HasPrefix(seen, "13ms 129/129 ") || chains[0].Storm != 1 ||
		chains[0].Attempt != 1 {
		t.Errorf("example %+v", chains[0])
	}
}
