package model_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/model"
	"agistorm/analysis/record"
	"agistorm/scenarios/arrival"
	"agistorm/target/spec"
)

// anyStorm draws one of all kinds of storm.
func anyStorm(seed uint64) *model.Storm {
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(n int) int { return random.IntN(n) }
	behaviours := []string{"thread", "pool:3", "pool:3,reject", "pool:3,hoard", "prefork:3", "fork:5,3ms", "loop",
		"async", "async:200us", "env-in-accept", "reuseport:3", "xinetd:20,200ms"}
	s := storm(behaviours[pick(len(behaviours))], 0, []int{0, 1, 5, 40, 4096}[pick(5)])
	calls := 1 + pick(150)
	s.Starts = []arrival.Schedule{arrival.Burst{Calls: calls}, mustParse("constant 700/s", calls),
		mustParse("burst 30 every 200ms", calls)}[pick(3)]
	s.Client.Writes = model.Writes(pick(3))
	s.Client.ConnectLimit = []time.Duration{ms, 300 * ms, 2 * time.Second, 3 * time.Minute}[pick(4)]
	s.Client.FirstCommandLimit = []time.Duration{ms, 50 * ms, 3 * time.Second}[pick(3)]
	s.Client.SessionLimit = []time.Duration{2 * ms, 200 * ms, 10 * time.Second}[pick(3)]
	s.Client.Think = []time.Duration{0, 0, 30 * ms}[pick(3)]
	s.Link.RTT = []time.Duration{0, 0, 20 * ms, 1500 * ms}[pick(4)]
	s.Link.Loss = []float64{0, 0, 0, 0.2}[pick(4)]
	s.Listener.Syncookies, s.Listener.AbortOnOverflow = pick(2), pick(2) == 0
	s.Listener.LinearSYNs, s.Listener.MaxSYNBacklog = 4*pick(2), []int{0, 16, 2048}[pick(3)]
	s.Machine = []model.Machine{{}, {CPUs: 1, Accept: ms}, {CPUs: 4, Connect: ms}, model.ReferenceMachine(),
		model.ReferenceMachine().ServerOnly()}[pick(5)]
	s.Server.Commands = 1 + pick(3)
	if pick(4) == 0 {
		s.Server.Work = nil
	}
	if pick(4) == 0 {
		s.Server.Stalls = []spec.Disturbance{{For: 300 * ms, At: 10 * ms}, {For: 100 * ms, At: 200 * ms}}
	}
	if pick(4) == 0 {
		s.Server.Restarts = []spec.Disturbance{{For: 100 * ms, At: 20 * ms}}
	}
	s.Seed = seed
	return s
}

// TestAnyStorm: every attempt ends once, no queue holds more than it can, and the record says the same as the result.
func TestAnyStorm(t *testing.T) {
	for seed := range uint64(100) {
		s := anyStorm(seed)
		repeat, r := summarize(s)
		sum := 0
		for _, n := range r.Outcomes {
			sum += n
		}
		if sum != s.Starts.Len() || r.Offered != sum || int(r.Queue.Peak) > s.Listener.Backlog+1 {
			t.Fatalf("seed %d: %d attempts, %+v", seed, s.Starts.Len(), r)
		}
		for _, name := range []string{"lost", "late", "phantom", "p99(first-command)", "max(queue)"} {
			m := metric.Named(name)
			if got, want := m.Measure(&repeat.Storm), m.Measure(&r.Storm); got != want && s.Link.Loss == 0 {
				t.Errorf("seed %d: %s: %+v in the summary, %+v in the result", seed, name, got, want)
			}
		}
		// On a kernel, too, these do not balance: a SYN-ACK that comes late, or to nobody, and a session that its limit
		// ends.
		balances := s.Link.Loss == 0 && s.Link.RTT < time.Second && s.Client.SessionLimit > time.Second
		for _, c := range repeat.Checks {
			if balances && c.Residual != 0 {
				t.Errorf("seed %d: check %v: residual %d", seed, c.Rule, c.Residual)
			}
		}
		for i := range repeat.Raw.Attempts {
			if a := &repeat.Raw.Attempts[i]; a.Seq != uint64(i) || !a.Outcome.Valid() || a.Done < a.Intended {
				t.Fatalf("seed %d: %+v", seed, a)
			}
		}
		if answered := r.Outcomes[record.Answered]; answered > len(repeat.Raw.Target.Peers) {
			t.Errorf("seed %d: %d answered of %d accepted", seed, answered, len(repeat.Raw.Target.Peers))
		}
	}
}
