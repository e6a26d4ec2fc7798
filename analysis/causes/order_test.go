package causes

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// instants are the times of a chain's example, in the order in which they are told.
func instants(steps []finding.Step) (all []time.Duration) {
	for _, s := range steps {
		all = append(append(all, s.Example.At), s.Example.Retransmitted...)
		if s.Example.Entered > 0 {
			all = append(all, s.Example.Entered)
		}
		if s.Example.Accepted != nil {
			all = append(all, *s.Example.Accepted)
		}
	}
	return all
}

// TestChainsNeverRunBackwards: whatever a record holds, with the grain of each clock.
func TestChainsNeverRunBackwards(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 8))
	within := func(from, to time.Duration) time.Duration { return from + time.Duration(rng.Int64N(int64(to-from)+1)) }
	chains := 0
	for range 20000 {
		a := call(0, within(0, 50*ms))
		a.SYNRetransmits = p(uint32(rng.IntN(4)))
		a.Done = within(*a.Started, 5*time.Second)
		a.Outcome = record.Outcomes[rng.IntN(len(record.Outcomes))]
		a.Limit = map[record.Outcome]string{record.ConnectTimeout: record.LimitConnect,
			record.Silent: record.LimitFirstCommand, record.ProtocolError: record.LimitSession}[a.Outcome]
		if rng.IntN(4) == 0 {
			a.Limit = "" // its kernel gave up, or the protocol was broken
		}
		if rng.IntN(2) == 0 || a.Outcome.Served() || a.Outcome == record.Phantom {
			a.Connected = p(within(*a.Started, a.Done))
			a.SYNACK = p(*a.Connected - within(0, 20*ms)) // the grain of a tick
			a.Phantom = []*bool{nil, p(a.Outcome == record.Phantom)}[rng.IntN(2)]
		}
		if a.Connected != nil && a.Outcome != record.Connected && rng.IntN(2) == 0 {
			a.FirstCommand = p(within(*a.Connected, a.Done))
		}
		if rng.IntN(3) == 0 {
			a.Tried = p(within(*a.Started, *a.Started+(a.Done-*a.Started)/2))
			if a.Connected != nil {
				a.Connected = p(max(*a.Connected, *a.Tried))
				a.FirstCommand = nil
			}
		}
		var peers []record.Peer
		if a.Connected != nil && rng.IntN(2) == 0 {
			peer := peer(0, within(max(*a.Started, *a.Connected-15*ms), a.Done+100*ms), a.Done+200*ms, record.PeerServed)
			peer.Queued = p(within(0, peer.At-*a.Started))
			peers = append(peers, peer)
		}
		run := &record.Run{Scenario: limits}
		if a.Outcome == record.Connected || a.Outcome == record.Phantom {
			run.Scenario.Client = "connect-only"
		}
		raw := joined([]record.Attempt{a}, peers...)
		steps := newExplainer(run, raw, nil).explain(nil, &calls.Follow(run, 1, raw).Trails[0])
		if all := instants(steps); !slices.IsSorted(all) {
			t.Fatalf("%+v\n%+v\nruns backwards: %v", a, steps, all)
		}
		if len(steps) > 0 {
			chains++
		}
	}
	if chains < 5000 {
		t.Errorf("%d chains only", chains)
	}
}

// TestSYNAfterTheLimit: what the kernel sent since the generator was late to give up was not dropped for all that is
// known.
func TestSYNAfterTheLimit(t *testing.T) {
	for _, tt := range []struct {
		linear  string
		retrans uint32
		again   int
	}{
		{"0", 1, 1}, {"0", 2, 1}, {"4", 1, 1}, {"4", 3, 1}, {"4", 0, 0},
	} {
		a := call(0, 12*ms)
		a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(tt.retrans), record.ConnectTimeout, "connect", 3500*ms
		raw, run := joined([]record.Attempt{a}), &record.Run{Scenario: limits}
		raw.Kernel.Sysctls["net.ipv4.tcp_syn_linear_timeouts"] = tt.linear
		steps := newExplainer(run, raw, nil).explain(nil, &calls.Follow(run, 1, raw).Trails[0])
		if steps[0].Again != tt.again || len(steps[0].Example.Retransmitted) != tt.again {
			t.Errorf("%+v: dropped again %d times, %v", tt, steps[0].Again, steps[0].Example.Retransmitted)
		}
	}
}

// TestOnlyConnects: how the connections of a client end that sends nothing.
func TestOnlyConnects(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome record.Outcome
		phantom *bool
		want    []finding.StepCode
	}{
		"a phantom":  {record.Phantom, p(true), []finding.StepCode{finding.Phantom, finding.FINUnanswered}},
		"revived":    {record.Phantom, p(false), []finding.StepCode{finding.Revived, finding.FINRevives}},
		"by the log": {record.Phantom, nil, []finding.StepCode{finding.Phantom}},
		"closed":     {record.Closed, nil, []finding.StepCode{finding.ClosedAtOnce}},
		"reset":      {record.Reset, nil, []finding.StepCode{finding.ResetAtOnce}},
		"a success":  {record.Connected, p(false), nil},
		"a late one": {record.Connected, p(false), []finding.StepCode{
			finding.SYNDropped, finding.SYNAnswered, finding.Connected,
		}},
	} {
		a := call(0, 12*ms)
		a.Connected, a.Outcome, a.Phantom, a.Done = p(13*ms), tt.outcome, tt.phantom, 2013*ms
		if name == "a late one" {
			a.SYNRetransmits, a.SYNACK, a.Connected = p(uint32(1)), p(1032*ms), p(1033*ms)
		}
		run := &record.Run{Scenario: limits}
		run.Scenario.Client = "connect-only"
		raw := joined([]record.Attempt{a})
		raw.Target = nil
		var got []finding.StepCode
		for _, s := range newExplainer(run, raw, nil).explain(nil, &calls.Follow(run, 1, raw).Trails[0]) {
			got = append(got, s.Code)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
