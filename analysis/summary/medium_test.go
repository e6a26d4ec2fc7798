package summary

import (
	"slices"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// lossyRun has storms of 10 calls in which lo dropped packets.
func lossyRun(mode string) (*record.Run, Storms) {
	run := &record.Run{
		Cells: []record.Cell{tuned(128), tuned(512), tuned(1024)}, Repeats: 2, Isolation: record.Isolation{Mode: mode},
		Host: record.Host{
			Sysctls: map[string]string{"net.core.netdev_max_backlog": "1000"},
		}, Scenario: record.Scenario{Calls: 10},
	}
	all := Storms{}
	for i, dropped := range [][]uint64{{3, 5}, {0, 2}, {0, 0}} {
		for _, n := range dropped {
			cell := run.Cells[i]
			all[cell.ID] = append(all[cell.ID], made{calls: 10, timeout: 5, dropped: n}.storm(cell))
		}
	}
	return run, all
}

// TestLoopbackDrops: what lo dropped is a finding with its remedy, and no doubt, though it may explain every
// lost call.
func TestLoopbackDrops(t *testing.T) {
	for mode, shared := range map[string]bool{record.IsolationUser: false, record.IsolationHost: true} {
		s := New(lossyRun(mode))
		want := finding.LoopbackDrops{
			Storms: 3,
			Most:   5,
			Shared: shared,
			Raise:  "net.core.netdev_max_backlog",
			From:   ptr(1000),
			To:     1024,
		}
		if !hasFact(s.Answer, want, "somaxconn-128", "somaxconn-512") || !s.Conclusive || len(s.Doubts) > 0 {
			t.Errorf("%s: conclusive %t, %s, doubts %s", mode, s.Conclusive, asText(s.Answer), asText(s.Doubts))
		}
	}
	run, _ := lossyRun(record.IsolationUser)
	if s := New(run, Storms{}); len(factsLike[finding.LoopbackDrops](s.Answer)) > 0 {
		t.Errorf("without a storm: %s", asText(s.Answer))
	}
}

// TestLoopbackOfAServerElsewhere: what lo dropped has nothing to do with a server on another host.
func TestLoopbackOfAServerElsewhere(t *testing.T) {
	for address, c := range map[string]struct{ watched, found bool }{
		"127.0.0.1:4573": {false, true}, "192.0.2.7:4573": {false, false}, "192.0.2.7:4574": {true, true},
	} {
		raw := made{calls: 10, timeout: 5, dropped: 3}.storm(tuned(128))
		raw.Storm.Address = address
		if c.watched {
			raw.Queue = []record.QueueSample{{Limit: 128}}
		}
		run := &record.Run{Cells: []record.Cell{{ID: "storm"}}, Repeats: 1}
		run.Isolation.Mode = record.IsolationHost
		s := New(run, Storms{"storm": {raw}})
		drops := s.Cells[0].Repeats[0].Health.LoopbackDrops
		if found := factsLike[finding.LoopbackDrops](s.Answer); (len(found) > 0) != c.found ||
			(drops != nil) != c.found {
			t.Errorf("%s: found %+v, drops %v", address, found, drops)
		}
	}
}

// TestLinkDrops: what a link dropped is said with its count, and a run in which that may explain every lost
// call proves nothing.
func TestLinkDrops(t *testing.T) {
	for dropped, doubt := range map[uint64]bool{0: false, 4: false, 5: true} {
		run := &record.Run{Cells: []record.Cell{tuned(128)}, Repeats: 1}
		run.Isolation.Mode = record.IsolationUser
		s := New(run, Storms{run.Cells[0].ID: {onVeth(made{calls: 10, timeout: 5}.storm(tuned(128)), dropped)}})
		if hasFact(s.Doubts, finding.LinkLimit{Dropped: 5, Lost: 5}, "somaxconn-128") != doubt ||
			s.Conclusive == doubt {
			t.Errorf("%d dropped: conclusive %t, doubts %s", dropped, s.Conclusive, asText(s.Doubts))
		}
		if grade := s.Cells[0].Repeats[0].Health.Grade; (grade == analysis.HealthLimit) != doubt {
			t.Errorf("%d dropped: the generator is %s", dropped, grade)
		}
		var want []finding.LinkDrops
		if dropped > 0 {
			want = []finding.LinkDrops{{Storms: 1, Most: int(dropped)}}
		}
		if got := factsLike[finding.LinkDrops](s.Answer); !slices.Equal(got, want) {
			t.Errorf("%d dropped: %+v, want %+v", dropped, got, want)
		}
	}
}
