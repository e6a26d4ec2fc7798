package summary

import (
	"slices"
	"testing"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestAgainByMedium: where the listener dropped as many SYNs as calls had their first one dropped, lo dropped
// the others, though the queue overflowed meanwhile with last ACKs. Where it dropped fewer, lo dropped
// something else too.
func TestAgainByMedium(t *testing.T) {
	for lo, want := range map[uint64][]finding.Place{
		3: {finding.Loopback}, 2: {finding.AcceptQueue, finding.Loopback}, 4: {finding.AcceptQueue, finding.Loopback},
	} {
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
		raw := joined(
			attempts,
			peer(3, 1045*ms, 1060*ms, record.PeerServed),
			peer(4, 1045*ms, 1060*ms, record.PeerServed),
		)
		raw.Kernel.Before = record.Counters{"TcpActiveOpens": 1, "lo.rx_dropped": 2, "ListenOverflows": 0}
		raw.Kernel.After = record.Counters{"TcpActiveOpens": 6, "lo.rx_dropped": 2 + lo, "ListenOverflows": 9}
		raw.Counters = []record.CounterSample{
			{At: 20 * ms, Gained: record.Counters{"ListenOverflows": 5}},
			{At: 1040 * ms, Gained: record.Counters{"ListenOverflows": 9, "lo.rx_dropped": lo}},
		}
		run := &record.Run{
			Scenario:  limits,
			Isolation: record.Isolation{Mode: record.IsolationUser},
			Cells:     []record.Cell{{ID: "a", Backlog: "max"}},
			Repeats:   1,
		}
		s := New(run, Storms{"a": {raw}})
		if got := s.Cells[0].Chains[0].Steps[0].AgainPlaces; !slices.Equal(got, want) {
			t.Errorf("lo dropped %d: %q", lo, got)
		}
		if got := factsLike[finding.LoopbackDrops](s.Answer); len(got) != 1 || (got[0].Settled == 1) != (lo == 3) {
			t.Errorf("lo dropped %d: %+v", lo, got)
		}
	}
}
