package causes

import (
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestDroppedByOthers: in the host's own namespace lo's drops are anybody's, and prove nothing of this call.
func TestDroppedByOthers(t *testing.T) {
	a := call(0, 150*ms)
	a.SYNRetransmits, a.Outcome, a.Limit = p(uint32(1)), record.ConnectTimeout, "connect"
	raw := joined([]record.Attempt{a})
	raw.Queue = raw.Queue[2:3] // 20 at 100 ms, and none for 100 ms after it
	raw.Kernel.Before, raw.Kernel.After = record.Counters{"lo.rx_dropped": 0}, record.Counters{"lo.rx_dropped": 4}
	if kind, _ := stepsIn(record.IsolationHost, raw); kind != "syn-dropped@not-full again 1, gave-up 2s" {
		t.Errorf("%q", kind)
	}
}

// TestPhasesAreOfServedCalls: a call that was lost after its accept has no part in them; a SYN that was sent
// again has one of its own.
func TestPhasesAreOfServedCalls(t *testing.T) {
	late, lost := call(0, 0), reset(1)
	late.SYNRetransmits, late.SYNACK, late.RTOTime = p(uint32(1)), p(1020*ms), p(ms)
	late.Connected, late.FirstCommand = p(1021*ms), p(1100*ms)
	raw := joined(
		[]record.Attempt{late, lost},
		peer(0, 1070*ms, 1200*ms, record.PeerServed),
		peer(1, 90*ms, 200*ms, "reset"),
	)
	got := PhasesOf([]*calls.Storm{calls.Follow(&record.Run{}, 1, raw)})
	if got == nil || got.Retransmission.Count != 1 || got.Retransmission.Max != 1020*ms || got.Queued.Count != 1 ||
		got.Queued.Max != 50*ms ||
		got.Server.Max != 30*ms {
		t.Errorf("%+v", got)
	}
}

// TestFullIsOneMoreThanTheBacklog: a queue that holds its backlog has room for one more.
func TestFullIsOneMoreThanTheBacklog(t *testing.T) {
	for depth, want := range map[uint32]finding.Place{128: finding.NotFull, 129: finding.AcceptQueue} {
		e := &explainer{queue: []record.QueueSample{{At: 0, Depth: depth, Limit: 128}}}
		if places, _ := e.atQueue(0, 0); !slices.Equal(places, []finding.Place{want}) {
			t.Errorf("%d of 129: %q", depth, places)
		}
	}
}

// What the listener dropped between two samples is laid to its accept queue only where that overflowed then,
// not at another time.
func TestOverflowOfThatTime(t *testing.T) {
	drops := func(n uint32) *uint32 { return &n }
	samples := []record.QueueSample{
		{At: 0, Depth: 3, Limit: 128, Drops: drops(0)},
		{At: 20 * ms, Depth: 3, Limit: 128, Drops: drops(50)},
	}
	early := record.CounterSample{At: 20 * ms, Gained: record.Counters{"TCPReqQFullDrop": 50}}
	late := record.CounterSample{At: time.Second, Gained: record.Counters{"TCPReqQFullDrop": 50, "ListenOverflows": 7}}
	for want, counters := range map[finding.Place][]record.CounterSample{
		finding.Listener:    {early, late},
		finding.AcceptQueue: {{At: 20 * ms, Gained: record.Counters{"ListenOverflows": 50}}, late},
	} {
		e := &explainer{queue: samples, full: true, counters: counters}
		if places, _ := e.atQueue(10*ms, 0); places[0] != want {
			t.Errorf("%q, want %q", places, want)
		}
	}
	if places, _ := (&explainer{queue: samples, full: true}).atQueue(10*ms, 0); places[0] != finding.AcceptQueue {
		t.Errorf("without counters: %q", places)
	}
}

// TestMostFrequentFirst: whatever their words.
func TestMostFrequentFirst(t *testing.T) {
	refused := func(seq int) record.Attempt {
		a := call(seq, 12*ms)
		a.Outcome, a.Errno, a.Done = record.Refused, "ECONNREFUSED", 13*ms
		return a
	}
	run := &record.Run{Scenario: limits}
	got := Chains(run, []*calls.Storm{calls.Follow(run, 1, joined([]record.Attempt{reset(0), refused(1), refused(2)}))})
	if len(got) != 2 || got[0].Count != 2 || got[0].Outcome != record.Refused {
		t.Errorf("%+v", got)
	}
}

// TestDroppedByTheLink: a chain says that the link dropped a SYN where only its counter grew.
func TestDroppedByTheLink(t *testing.T) {
	a := call(0, 12*ms)
	a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2012*ms
	raw := onVeth(joined([]record.Attempt{a}), 7)
	raw.Counters = []record.CounterSample{
		{At: 20 * ms, Gained: record.Counters{"ListenOverflows": 9}},
		{At: 1040 * ms, Gained: record.Counters{"ListenOverflows": 9, "agi0.tx_dropped": 7}},
	}
	const again = "syn-dropped@accept-queue again 1@link, "
	if kind, _ := stepsOf(t, raw); !strings.HasPrefix(kind, again) {
		t.Errorf("%q", kind)
	}
	raw.Queue = raw.Queue[:3] // it was not full when the SYN came
	raw.Attempts[0].Started, raw.Counters = p(150*ms), nil
	const probably = "syn-dropped@probably-link again 1, "
	if kind, _ := stepsOf(t, raw); !strings.HasPrefix(kind, probably) {
		t.Errorf("%q", kind)
	}
}

// TestWhereDropped: the kernel's counters over time show which queue a SYN was dropped at, and that another
// one was it when it came again.
func TestWhereDropped(t *testing.T) {
	sampled := func(at time.Duration, overflows, full, lo uint64) record.CounterSample {
		return record.CounterSample{
			At:     at,
			Gained: record.Counters{"ListenOverflows": overflows, "TCPReqQFullDrop": full, "lo.rx_dropped": lo},
		}
	}
	seen := joined(nil).Queue
	unseen := []record.QueueSample{
		{At: -ms, Limit: 128},
		{At: 40 * ms, Depth: 20, Limit: 128},
		{At: 3000 * ms, Limit: 128},
	}
	for name, c := range map[string]struct {
		queue    []record.QueueSample
		counters []record.CounterSample
		want     string
	}{
		"the accept queue, both times": {seen, []record.CounterSample{sampled(20*ms, 9, 0, 0), sampled(1040*ms, 18, 0, 0)},
			"syn-dropped@accept-queue again 1, "},
		"then lo": {seen, []record.CounterSample{sampled(20*ms, 9, 0, 0), sampled(1040*ms, 9, 0, 7)},
			"syn-dropped@accept-queue again 1@loopback, "},
		"then the SYN queue, or lo": {seen, []record.CounterSample{sampled(20*ms, 9, 0, 0), sampled(1040*ms, 9, 5, 7)},
			"syn-dropped@accept-queue again 1@syn-queue@loopback, "},
		"no sample in time, and what came later is another's": {seen,
			[]record.CounterSample{sampled(20*ms, 9, 0, 0), sampled(1500*ms, 9, 0, 7)},
			"syn-dropped@accept-queue again 1, "},
		"full between two samples of the queue": {unseen,
			[]record.CounterSample{sampled(20*ms, 9, 0, 0), sampled(1040*ms, 18, 0, 0)},
			"syn-dropped@accept-queue again 1, "},
		"the SYN queue": {unseen, []record.CounterSample{sampled(20*ms, 0, 9, 0), sampled(1040*ms, 0, 18, 0)},
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
