package analysis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

// lossyRun has storms of 10 calls in which lo dropped packets.
func lossyRun(mode string) (*record.Run, Storms) {
	run := &record.Run{
		Cells: []record.Cell{tuned(128), tuned(512), tuned(1024)}, Repeats: 2, Isolation: record.Isolation{Mode: mode},
		Host: record.Host{Sysctls: map[string]string{maxBacklog: "1000"}}, Scenario: record.Scenario{Calls: 10},
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

// TestLoopbackDrops: what lo dropped is a finding with its remedy, and no doubt, though it may explain every lost call.
func TestLoopbackDrops(t *testing.T) {
	for mode, others := range map[string]string{
		record.IsolationUser: "", record.IsolationHost: " (those of others on this host included)",
	} {
		run, storms := lossyRun(mode)
		s := Summarise(run, storms)
		from := 1000
		want := &PacketLoss{
			Code: LoopbackDrops, Settings: []string{"somaxconn-128", "somaxconn-512"}, Storms: 3, Most: 5,
			Raise: &Raise{Sysctl: maxBacklog, From: &from, To: 1024},
			Words: "The loopback device itself dropped packets in 3 storms: somaxconn 128 (up to 5) and " +
				"somaxconn 512 (up to 2)" + others + ". " +
				"Up to that many lost calls of a storm may be lost there, not at the accept queue. " +
				"SYNs that are retransmitted all at once overflow the host's queue of arriving packets. " +
				"Raise net.core.netdev_max_backlog from 1,000 to at least 1,024 on this host " +
				"(sysctl -w net.core.netdev_max_backlog=1024, and the same in /etc/sysctl.d/): it takes effect at once.",
		}
		if diff := cmp.Diff(want, s.PacketLoss); diff != "" {
			t.Errorf("%s (-want +got):\n%s", mode, diff)
		}
		warned := strings.Contains(strings.Join(s.Warnings, "\n"), "lo ")
		if !s.Conclusive || !strings.HasSuffix(s.Verdict, want.Words) || warned {
			t.Errorf("%s: conclusive %t, verdict %q, warnings %q", mode, s.Conclusive, s.Verdict, s.Warnings)
		}
	}
	run, _ := lossyRun(record.IsolationUser)
	if s := Summarise(run, Storms{}); s.PacketLoss != nil {
		t.Errorf("without a storm: %+v", s.PacketLoss)
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
		s := Summarise(run, Storms{"storm": {raw}})
		drops := s.Cells[0].Repeats[0].Health.LoopbackDrops
		if (s.PacketLoss != nil) != c.found || (drops != nil) != c.found {
			t.Errorf("%s: found %+v, drops %v", address, s.PacketLoss, drops)
		}
	}
}

// TestRaiseMaxBacklog: the queue must hold a packet of every call, and what it held and dropped together.
func TestRaiseMaxBacklog(t *testing.T) {
	for _, c := range []struct {
		calls int
		from  string
		most  uint64
		want  int
	}{
		{2000, "1000", 854, 2048},
		{2000, "1000", 1100, 4096},
		{2000, "", 854, 2048},
		{500, "300", 40, 512},
		{6000, "1000", 9000, 8192}, // the same SYNs, dropped again and again
		{1, "1", 1, 2},
		{65536, "1000", 3, 65536},
	} {
		run := &record.Run{Scenario: record.Scenario{Calls: c.calls}}
		run.Host.Sysctls = map[string]string{maxBacklog: c.from}
		r := raiseMaxBacklog(run, c.most)
		if r.To != c.want || (r.From != nil) != (c.from != "") || r.From != nil && fmt.Sprint(*r.From) != c.from {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}

// onVeth puts a storm on a link that dropped so many packets.
func onVeth(raw *record.Repeat, dropped uint64) *record.Repeat {
	if raw.Kernel == nil {
		raw.Kernel = &record.Kernel{}
	}
	raw.Kernel.Link = &record.Link{Kind: "veth", Forwarded: 100, Dropped: dropped}
	return raw
}

// TestLinkDrops: what a link dropped is said with its count, and a run in which that may explain every lost call proves
// nothing.
func TestLinkDrops(t *testing.T) {
	for dropped, doubt := range map[uint64]bool{0: false, 4: false, 5: true} {
		run := &record.Run{Cells: []record.Cell{tuned(128)}, Repeats: 1}
		run.Isolation.Mode = record.IsolationUser
		s := Summarise(run, Storms{run.Cells[0].ID: {onVeth(made{calls: 10, timeout: 5}.storm(tuned(128)), dropped)}})
		const limit = "Inconclusive: with somaxconn 128 the link was the limit: it dropped 5 packets in a storm that lost 5 calls"
		if strings.Contains(s.Verdict, limit) != doubt || s.Conclusive == doubt {
			t.Errorf("%d dropped: verdict %q", dropped, s.Verdict)
		}
		if grade := s.Cells[0].Repeats[0].Health.Grade; (grade == HealthLimit) != doubt {
			t.Errorf("%d dropped: the generator is %s", dropped, grade)
		}
		if dropped == 0 {
			if s.PacketLoss != nil {
				t.Errorf("nothing dropped: %+v", s.PacketLoss)
			}
			continue
		}
		want := &PacketLoss{Code: LinkDrops, Settings: []string{"somaxconn-128"}, Storms: 1, Most: dropped,
			Words: fmt.Sprintf("The link between clients and server itself dropped %d packets. "+
				"Up to that many lost calls of a storm may be lost there, not at the accept queue. "+
				"Before Linux 6.16 a burst can overflow the ring of a veth: use a newer kernel, or fewer calls.", dropped)}
		if diff := cmp.Diff(want, s.PacketLoss); diff != "" {
			t.Errorf("%d dropped (-want +got):\n%s", dropped, diff)
		}
	}
}

// TestDroppedByTheLink: a chain says that the link dropped a SYN where only its counter grew.
func TestDroppedByTheLink(t *testing.T) {
	a := call(0, 12*ms)
	a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(uint32(1)), record.ConnectTimeout, "connect", 2012*ms
	raw := onVeth(joined([]record.Attempt{a}), 7)
	raw.Counters = []record.CounterSample{
		{At: 20 * ms, Gained: record.Counters{listenOverflows: 9}},
		{At: 1040 * ms, Gained: record.Counters{listenOverflows: 9, linkDropped: 7}},
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
