package calls

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"agistorm/analysis/counters"
	"agistorm/analysis/record"
)

// TestPortsAreUsedAgain: of two connections from one address each goes to its own attempt.
func TestPortsAreUsedAgain(t *testing.T) {
	first, second := call(0, 0), call(0, time.Second)
	first.Connected, second.Connected = p(ms), p(1001*ms)
	all := trails(
		joined(
			[]record.Attempt{first, second},
			peer(0, 5*ms, 9*ms, record.PeerServed),
			peer(0, 1005*ms, 1009*ms, record.PeerServed),
		),
	)
	if all[0].Peer == nil || all[1].Peer == nil || all[0].Peer.At != 5*ms || all[1].Peer.At != 1005*ms {
		t.Errorf("peers %+v and %+v", all[0].Peer, all[1].Peer)
	}
	all = trails(joined([]record.Attempt{first, second}, peer(0, 1005*ms, 1009*ms, record.PeerServed)))
	if all[0].Peer != nil || all[1].Peer == nil {
		t.Errorf("the first was never accepted, and has %+v; the second has %+v", all[0].Peer, all[1].Peer)
	}
}

// TestWastedWork: it is counted, with its time.
func TestWastedWork(t *testing.T) {
	a := call(0, 0)
	a.Outcome, a.Limit, a.Done = record.ConnectTimeout, "connect", 2*time.Second
	all := trails(joined([]record.Attempt{a}, peer(0, 2500*ms, 2530*ms, "gone")))
	if f := FatesOf(all, nil); *f != (PhantomFates{Gone: 1, Wasted: 30 * ms}) {
		t.Errorf("fates %+v", f)
	}
	raw := joined([]record.Attempt{a})
	raw.Target = nil
	if f := FatesOf(trails(raw), nil); f != nil {
		t.Errorf("without a log: %+v", f)
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
	if f := FatesOf(all, nil); f.Revived != 0 {
		t.Errorf("%d revived", f.Revived)
	}
	if d, ok := all[5].Queued(); !ok || d != 5*ms {
		t.Errorf("queued for %v", d)
	}
}

// TestAgainByMediumNeeds: each condition alone, when it is not met, leaves unknown what dropped the
// retransmitted SYNs.
func TestAgainByMediumNeeds(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*record.Run, *record.Repeat, *Storm)
		want   bool
	}{
		"all is met":      {func(*record.Run, *record.Repeat, *Storm) {}, true},
		"not all counted": {func(_ *record.Run, _ *record.Repeat, r *Storm) { r.Medium.Watched = false }, false},
		"nothing dropped": {func(_ *record.Run, raw *record.Repeat, r *Storm) {
			r.Medium.Dropped = 0
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
			raw.Counters[0].Gained["lo.rx_dropped"] = 1
		}, false},
		"another number of first " +
			"SYNs": {func(_ *record.Run, _ *record.Repeat, r *Storm) { r.Medium.Dropped = 2 }, false},
	} {
		var attempts []record.Attempt
		for i := range 3 {
			a := call(i, 12*ms)
			a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2012*ms
			attempts = append(attempts, a)
		}
		raw := joined(attempts)
		raw.Kernel.Before = record.Counters{"TcpActiveOpens": 1, "lo.rx_dropped": 0}
		raw.Kernel.After = record.Counters{"TcpActiveOpens": 4, "lo.rx_dropped": 3}
		raw.Counters = []record.CounterSample{
			{At: 20 * ms, Gained: record.Counters{"ListenOverflows": 3}},
			{At: 1040 * ms, Gained: record.Counters{"ListenOverflows": 3, "lo.rx_dropped": 3}},
		}
		run := &record.Run{Isolation: record.Isolation{Mode: record.IsolationUser}}
		r := &Storm{Raw: raw, Trails: trails(raw), Medium: counters.MediumOf(raw.Kernel)}
		tt.change(run, raw, r)
		if got := againByMedium(run, r); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestCountCalls(t *testing.T) {
	var attempts []record.Attempt
	for _, o := range record.Outcomes { // one of each
		attempts = append(attempts, record.Attempt{Outcome: o, SYNRetransmits: p(uint32(2))})
	}
	offered, lost, late := CountCalls(attempts)
	if offered != 10 || lost != 8 || late != 2 {
		t.Errorf("offered %d, lost %d, late %d; want 10, 8, 2: answered and connected are not "+
			"lost", offered, lost, late)
	}
	if got := SYNRetransmissions(attempts); got == nil || *got != 24 {
		t.Errorf("SYN retransmits: got %v, want 24", got)
	}
	attempts[2].SYNRetransmits = nil // a connect-timeout without an account
	if got := SYNRetransmissions(attempts); got == nil || *got != 22 {
		t.Errorf("SYN retransmits without one: got %v, want 22", got)
	}
	attempts[3].EarlierSYNRetransmits = 3 // at another address, before
	if got := SYNRetransmissions(attempts); got == nil || *got != 25 {
		t.Errorf("SYN retransmits with those to an earlier address: got %v, want 25", got)
	}
	attempts[0].SYNRetransmits = nil // which calls were late is not known
	if got := SYNRetransmissions(attempts); got != nil {
		t.Errorf("SYN retransmits: got %d, want nil", *got)
	}
	attempts[0].SYNRetransmits, attempts[1].SYNRetransmits = p(uint32(0)), nil
	if got := SYNRetransmissions(attempts); got != nil {
		t.Errorf("SYN retransmits without an account of one that connected: got %d, want nil", *got)
	}
}

// Whatever the outcomes, they sum to the attempts, and lost and answered to the offered.
func TestOutcomesSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		attempts := make([]record.Attempt, rng.IntN(50))
		for i := range attempts {
			attempts[i].Outcome = record.Outcomes[rng.IntN(len(record.Outcomes))]
		}
		counts := CountOutcomes(attempts)
		sum := 0
		for _, n := range counts {
			sum += n
		}
		offered, lost, _ := CountCalls(attempts)
		if sum != len(attempts) || len(counts) != len(record.Outcomes) ||
			lost+counts[record.Answered]+counts[record.Connected] != offered {
			t.Fatalf("%d attempts: %v, offered %d, lost %d", len(attempts), counts, offered, lost)
		}
	}
}

// A call is late, too, that lost its SYNs at an address which it had tried before.
func TestLateByAnEarlierAddress(t *testing.T) {
	a := record.Attempt{Outcome: record.Connected, SYNRetransmits: p(uint32(0)), EarlierSYNRetransmits: 1}
	if !a.Late() {
		t.Error("it lost a SYN and is not late")
	}
	a.Outcome = record.Reset
	if a.Late() {
		t.Error("a lost call is late")
	}
}

// TestLostSYNsAfterTheLimit: a SYN that a kernel sends since the generator was late to give up is not counted: the
// kernel of these sends them at 1 s and 3 s, with linear timeouts also at 2 s.
func TestLostSYNsAfterTheLimit(t *testing.T) {
	given := record.Attempt{
		Outcome: record.ConnectTimeout, Limit: record.LimitConnect, Started: p(ms), SYNRetransmits: p(uint32(3)),
	}
	moved := given
	moved.Tried, moved.EarlierSYNRetransmits = p(5001*ms), 4
	for name, tt := range map[string]struct {
		call   record.Attempt
		limit  time.Duration
		linear string
		want   uint64
	}{
		"late":                 {given, 2 * time.Second, "", 2},
		"linear":               {given, 2500 * ms, "4", 3},
		"in time":              {given, 10 * time.Second, "", 4},
		"without a limit":      {given, 0, "", 4},
		"of several addresses": {moved, 2 * time.Second, "", 2 + 2 + 2},
	} {
		kernel := &record.Kernel{Sysctls: map[string]string{"net.ipv4.tcp_syn_linear_timeouts": tt.linear}}
		raw := &record.Repeat{Attempts: []record.Attempt{tt.call}, Kernel: kernel}
		if got := LostSYNs(raw, tt.limit); got == nil || *got != tt.want {
			t.Errorf("%s: %v SYNs lost, want %d", name, got, tt.want)
		}
	}
}

func TestLostSYNs(t *testing.T) {
	attempts := []record.Attempt{
		{Outcome: record.Answered, SYNRetransmits: p(uint32(2)), EarlierSYNRetransmits: 1},
		{Outcome: record.ConnectTimeout, SYNRetransmits: p(uint32(1))}, // its first SYN and its second
		{Outcome: record.Refused, SYNRetransmits: p(uint32(0))},
	}
	if got := LostSYNs(&record.Repeat{Attempts: attempts}, 2*time.Second); got == nil || *got != 5 {
		t.Errorf("%v SYNs lost, want 5", got)
	}
	given := []record.Attempt{
		// The first address was given up after two SYNs, the second after two, and the third answered.
		{
			Outcome:               record.Answered,
			Started:               p(ms),
			Tried:                 p(4010 * ms),
			SYNRetransmits:        p(uint32(0)),
			EarlierSYNRetransmits: 2,
		},
		// The first address refused, the second was given up after two SYNs.
		{Outcome: record.ConnectTimeout, Started: p(ms), Tried: p(2 * ms), SYNRetransmits: p(uint32(1))},
	}
	if got := LostSYNs(&record.Repeat{Attempts: given}, 2*time.Second); got == nil || *got != 4+2 {
		t.Errorf("%v SYNs lost, want 6", got)
	}
	if got := LostSYNs(&record.Repeat{Attempts: []record.Attempt{{Outcome: record.Answered}}}, 2*time.Second); got != nil {
		t.Errorf("%d SYNs lost, want an unknown number", *got)
	}
}

func TestServedRate(t *testing.T) {
	attempts := []record.Attempt{
		{Intended: 500 * ms, Done: 700 * ms, Outcome: record.Answered},
		{Intended: 900 * ms, Done: 2500 * ms, Outcome: record.Answered}, // the last to end, not to begin
		{Intended: 950 * ms, Done: 1000 * ms, Outcome: record.Answered},
		{Intended: 900 * ms, Done: 9 * time.Second, Outcome: record.Silent},
	}
	if got := ServedRate(attempts); got == nil || math.Abs(*got-1.5) > 1e-9 {
		t.Errorf("%v calls/s served, want 3 in 2 s", got)
	}
	if got := ServedRate(attempts[3:]); got != nil {
		t.Errorf("%v calls/s served, want none", *got)
	}
}

// TestLateWithoutTheKernel: where SYNs are not counted, a connect that took as long as their first timer is
// late.
func TestLateWithoutTheKernel(t *testing.T) {
	quick, slow := call(0, 0), call(1, 0)
	for a, took := range map[*record.Attempt]time.Duration{&quick: 300 * ms, &slow: 1030 * ms} {
		a.SYNRetransmits, a.RTT, a.Connected = nil, nil, p(took)
	}
	if quick.Late() || !slow.Late() {
		t.Errorf("late: %v and %v", quick.Late(), slow.Late())
	}
}
