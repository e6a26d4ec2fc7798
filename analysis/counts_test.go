package analysis

import (
	"slices"
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// TestPhantomsAreCountedOnce: what was left in the queue or discarded with it is no phantom in any count, and never less than none.
func TestPhantomsAreCountedOnce(t *testing.T) {
	attempts := make([]record.Attempt, 5)
	for i := range attempts {
		attempts[i] = reset(i)
	}
	for _, c := range []struct{ queued, discarded, want int }{{0, 0, 5}, {1, 0, 4}, {0, 2, 3}, {1, 2, 2}, {4, 2, 0}} {
		raw := joined(attempts)
		raw.Target.Queued, raw.Target.Discarded = &c.queued, c.discarded
		run := &record.Run{Scenario: limits, Cells: []record.Cell{{ID: "a", Backlog: "max"}}, Repeats: 1}
		r := Summarise(run, Storms{"a": {raw}}).Cells[0].Repeats[0]
		if r.Phantoms == nil || *r.Phantoms != c.want || r.PhantomFates.Never != c.want {
			t.Errorf("%d queued, %d discarded: phantoms %v, fates %+v, want %d", c.queued, c.discarded, r.Phantoms, r.PhantomFates, c.want)
		}
	}
}

// reset is a connection that the server reset.
func reset(seq int) record.Attempt {
	a := call(seq, 12*ms)
	a.Connected, a.Outcome, a.Errno, a.Done = p(13*ms), record.Reset, "ECONNRESET", 220*ms
	return a
}

// TestPhasesAreOfServedCalls: a call that was lost after its accept has no part in them; a SYN that was sent again has one of its own.
func TestPhasesAreOfServedCalls(t *testing.T) {
	late, lost := call(0, 0), reset(1)
	late.SYNRetransmits, late.SYNACK, late.RTOTime = p(uint32(1)), p(1020*ms), p(ms)
	late.Connected, late.FirstCommand = p(1021*ms), p(1100*ms)
	raw := joined([]record.Attempt{late, lost}, peer(0, 1070*ms, 1200*ms, record.PeerServed), peer(1, 90*ms, 200*ms, "reset"))
	got := phases([]*Storm{{Raw: raw, Trails: trails(raw)}})
	if got == nil || got.Retransmission.Count != 1 || got.Retransmission.Max != 1020*ms || got.Queued.Count != 1 || got.Queued.Max != 50*ms || got.Server.Max != 30*ms {
		t.Errorf("%+v", got)
	}
}

// TestSawFullNeedsLooks: that a queue was never full is not known where nobody looked at it for long.
func TestSawFullNeedsLooks(t *testing.T) {
	for pause, want := range map[time.Duration]bool{100 * ms: true, 101 * ms: false} {
		for where, at := range map[string][]time.Duration{"at the start": {pause, pause + ms}, "between": {0, ms, ms + pause}, "at the end": {-ms, 0}} {
			var samples []record.QueueSample
			for _, at := range at {
				samples = append(samples, record.QueueSample{At: at, Depth: 20, Limit: 128})
			}
			r := Repeat{Storm: metric.Storm{Queue: watchQueue(samples, 0, max(at[len(at)-1], pause))}}
			if full, known := sawFull(&r); full || known != want || r.Queue.LongestPause != pause {
				t.Errorf("a pause of %v %s: full %v, known %v, longest pause %v", pause, where, full, known, r.Queue.LongestPause)
			}
		}
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

// What the listener dropped between two looks is laid to its accept queue only where that overflowed then, not at another time.
func TestOverflowOfThatTime(t *testing.T) {
	drops := func(n uint32) *uint32 { return &n }
	looks := []record.QueueSample{{At: 0, Depth: 3, Limit: 128, Drops: drops(0)}, {At: 20 * ms, Depth: 3, Limit: 128, Drops: drops(50)}}
	early := record.CounterSample{At: 20 * ms, Gained: record.Counters{"TCPReqQFullDrop": 50}}
	late := record.CounterSample{At: time.Second, Gained: record.Counters{"TCPReqQFullDrop": 50, listenOverflows: 7}}
	for want, counters := range map[finding.Place][]record.CounterSample{
		finding.Listener:    {early, late},
		finding.AcceptQueue: {{At: 20 * ms, Gained: record.Counters{listenOverflows: 50}}, late},
	} {
		e := &explainer{queue: looks, full: true, counters: counters}
		if places, _ := e.atQueue(10*ms, 0); places[0] != want {
			t.Errorf("%q, want %q", places, want)
		}
	}
	if places, _ := (&explainer{queue: looks, full: true}).atQueue(10*ms, 0); places[0] != finding.AcceptQueue {
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
	run := &record.Run{Scenario: limits, Cells: []record.Cell{{ID: "a", Backlog: "max"}}, Repeats: 1}
	chains := Summarise(run, Storms{"a": {joined([]record.Attempt{reset(0), refused(1), refused(2)})}}).Cells[0].Chains
	if len(chains) != 2 || chains[0].Count != 2 || chains[0].Outcome != record.Refused {
		t.Errorf("%+v", chains)
	}
}

// TestAnsweredSYNs: a SYN that was refused has its answer, and so has that of a client which gave up before it saw it.
func TestAnsweredSYNs(t *testing.T) {
	refused, given := call(0, 12*ms), call(1, 12*ms)
	refused.Outcome, refused.Errno = record.Refused, "ECONNREFUSED"
	given.Outcome, given.Limit = record.ConnectTimeout, "connect"
	raw := joined([]record.Attempt{refused, given}, peer(1, 90*ms, 200*ms, "gone"))
	raw.Kernel.Before = record.Counters{"TcpActiveOpens": 5, "ListenDrops": 0, loDropped: 0}
	raw.Kernel.After = record.Counters{"TcpActiveOpens": 7, "ListenDrops": 0, loDropped: 0}
	c := &checks{}
	c.unanswered(&Storm{Raw: raw, Trails: trails(raw)}, mediumOf(raw.Kernel))
	if len(c.all) != 1 || c.all[0].Residual != 0 {
		t.Errorf("%+v", c.all)
	}
}
