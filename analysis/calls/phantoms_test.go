package calls

import (
	"testing"

	"agistorm/analysis/record"
)

// connected is a connection of a client that only connects; the phantom is as its kernel knows, if it does.
func connected(seq int, phantom *bool) record.Attempt {
	a := call(seq, 0)
	a.Outcome, a.Connected, a.Done, a.Phantom = record.Connected, p(ms), 110*ms, phantom
	return a
}

var onlyConnects = &record.Run{Scenario: record.Scenario{Client: "connect-only"}}

// TestSettled: a phantom is no success of a client that only connects, whichever side shows it; of a FastAGI client its
// outcome is what it came to.
func TestSettled(t *testing.T) {
	unknown := []record.Attempt{connected(0, nil), connected(1, nil)}
	none := []record.Attempt{connected(0, p(false))}
	log := &record.Target{Peers: []record.Peer{peer(1, 2*ms, 110*ms, "gone")}, Queued: p(0)}
	for name, tt := range map[string]struct {
		run      *record.Run
		attempts []record.Attempt
		target   *record.Target
		want     record.Outcome // of the first
	}{
		"by its client":    {onlyConnects, []record.Attempt{connected(0, p(true))}, nil, record.Phantom},
		"none":             {onlyConnects, []record.Attempt{connected(0, p(false))}, nil, record.Connected},
		"not known":        {onlyConnects, []record.Attempt{connected(0, nil)}, nil, record.Connected},
		"by the log":       {onlyConnects, unknown, log, record.Phantom},
		"left in a queue":  {onlyConnects, unknown, &record.Target{Queued: p(2)}, record.Connected},
		"the client knows": {onlyConnects, none, &record.Target{Queued: p(0)}, record.Connected},
		"speaks":           {&record.Run{}, []record.Attempt{connected(0, p(true))}, nil, record.Connected},
	} {
		raw := &record.Repeat{Attempts: tt.attempts, Target: tt.target}
		if got := Settled(tt.run, raw).Attempts[0].Outcome; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		if raw.Attempts[0].Outcome != record.Connected {
			t.Errorf("%s: the record itself was changed", name)
		}
	}
}

// TestSettledByTheFIN: a connection that the server's kernel had only by a FIN that was retransmitted was a phantom when
// its client left, unless no queue overflowed; a reset that answers the first FIN is of a server that had it.
func TestSettledByTheFIN(t *testing.T) {
	leaving := func(outcome record.Outcome, again uint32) record.Attempt {
		a := connected(0, p(false))
		a.Outcome, a.Left, a.FINRetransmits = outcome, p(101*ms), p(again)
		return a
	}
	refused := connected(1, nil)
	refused.Outcome, refused.Connected = record.Refused, nil
	ended := &record.Served{Ended: &record.Exit{Code: 1}}
	overflows := func(n uint64) *record.Kernel {
		return &record.Kernel{Before: record.Counters{"ListenOverflows": 3}, After: record.Counters{"ListenOverflows": 3 + n}}
	}
	for name, tt := range map[string]struct {
		raw  record.Repeat
		want record.Outcome // of the first
	}{
		"acknowledged at " +
			"once": {record.Repeat{Attempts: []record.Attempt{leaving(record.Connected, 0)}}, record.Connected},
		"retransmitted": {record.Repeat{Attempts: []record.Attempt{leaving(record.Connected, 1)}}, record.Phantom},
		"retransmitted, overflows": {record.Repeat{Attempts: []record.Attempt{leaving(record.Connected, 1)},
			Served: &record.Served{}, Kernel: overflows(7)}, record.Phantom},
		"retransmitted, no overflow": {record.Repeat{Attempts: []record.Attempt{leaving(record.Connected, 1)},
			Served: &record.Served{}, Kernel: overflows(0)}, record.Connected},
		"reset by the " +
			"server": {record.Repeat{Attempts: []record.Attempt{leaving(record.Reset, 0)}}, record.Connected},
		"reset, FIN retransmitted": {record.Repeat{Attempts: []record.Attempt{leaving(record.Reset, 2)}}, record.Reset},
		"reset, others " +
			"refused": {record.Repeat{Attempts: []record.Attempt{leaving(record.Reset, 0), refused}}, record.Reset},
		"reset by its end": {record.Repeat{Attempts: []record.Attempt{leaving(record.Reset, 0)}, Served: ended},
			record.Reset},
	} {
		if got := Settled(onlyConnects, &tt.raw).Attempts[0].Outcome; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// TestPhantomsByCounters: what the counters of the server's namespace show of phantoms is a bound, or that there were
// none; of a namespace that is not the server's they show nothing.
func TestPhantomsByCounters(t *testing.T) {
	own, unwatched := &record.Served{}, []record.QueueSample(nil)
	watched := []record.QueueSample{{Limit: 5}}
	for name, tt := range map[string]struct {
		passive, overflows uint64
		served             *record.Served
		queue              []record.QueueSample
		n, atLeast         int // -1: nil
	}{
		"some":                     {18, 900, own, unwatched, -1, 2},
		"fewer overflows":          {3, 1, nil, watched, -1, 1},
		"connections of others":    {25, 900, own, unwatched, -1, 0},
		"none":                     {20, 0, nil, watched, 0, -1},
		"none came here":           {0, 0, nil, watched, -1, 0},
		"another host's namespace": {0, 900, nil, unwatched, -1, -1},
	} {
		var attempts []record.Attempt
		for i := range 20 {
			attempts = append(attempts, connected(i, nil))
		}
		raw := &record.Repeat{Attempts: attempts, Served: tt.served, Queue: tt.queue, Kernel: &record.Kernel{
			Before: record.Counters{"TcpPassiveOpens": 7, "ListenOverflows": 7},
			After:  record.Counters{"TcpPassiveOpens": 7 + tt.passive, "ListenOverflows": 7 + tt.overflows},
		}}
		n, atLeast := Phantoms(&record.Run{}, raw, trails(raw))
		for what, got := range map[string][2]any{"phantoms": {n, tt.n}, "at least": {atLeast, tt.atLeast}} {
			if p, want := got[0].(*int), got[1].(int); (p == nil) != (want < 0) || p != nil && *p != want {
				t.Errorf("%s: %s %v, want %d", name, what, p, want)
			}
		}
	}
}

func TestUnaccepted(t *testing.T) {
	queue := []record.QueueSample{{Depth: 6}, {Depth: 4}}
	for name, tt := range map[string]struct {
		raw  record.Repeat
		want *int
	}{
		"by the server":     {record.Repeat{Target: &record.Target{Queued: p(3)}, Queue: queue}, p(3)},
		"by the last depth": {record.Repeat{Queue: queue}, p(4)},
		"not known":         {record.Repeat{}, nil},
	} {
		if got := Unaccepted(&tt.raw); (got == nil) != (tt.want == nil) || got != nil && *got != *tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
