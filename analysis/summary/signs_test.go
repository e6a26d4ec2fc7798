package summary

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// counted gives a storm what counters of the kernel gained.
func counted(raw *record.Repeat, gained record.Counters) {
	raw.Kernel = &record.Kernel{Before: record.Counters{}, After: gained, Sysctls: map[string]string{}}
	for name := range gained {
		raw.Kernel.Before[name] = 0
	}
}

// TestProxyOfSeveralSettings: a longer queue is not said to be of no help, and the listener behind is named.
func TestProxyOfSeveralSettings(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), thrice(made{silent: 90, peak: 40})},
		cellOf{tuned(4096), thrice(made{silent: 90, peak: 40})})
	for _, of := range all {
		for _, raw := range of {
			counted(raw, record.Counters{"ListenOverflows": 70, "ListenDrops": 70})
			raw.Served = &record.Served{}
			raw.Kernel.Listeners = []record.Listener{
				{Address: "127.0.0.1:9000", Effective: 5, Drops: 60}, {Address: "127.0.0.1:9001", Effective: 5, Drops: 10},
			}
		}
	}
	got := New(run, all).Answer
	want := finding.OtherListener{Overflows: 70, Address: "127.0.0.1:9000", Backlog: 5, Drops: 60}
	if !hasFact(got, want, "somaxconn-128", "somaxconn-4096") || len(factsLike[finding.QueueNeverFull](got)) > 0 {
		t.Error(asText(got))
	}
}

// TestStallOfSlowCalls: calls that waited for a server that had stopped do not make it slow.
func TestStallOfSlowCalls(t *testing.T) {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 40, peak: 20, limit: 128})})
	raw := all["storm"][0]
	for i := range raw.Queue { // nothing is accepted until the last sample, at 3 s
		raw.Queue[i].Depth = 20
	}
	raw.Queue[len(raw.Queue)-1].Depth = 0
	for i := range raw.Attempts[:20] {
		raw.Attempts[i].FirstCommand, raw.Attempts[i].Done = ptr(2990*ms), 3*time.Second
	}
	got := New(run, all).Answer
	want := finding.StoppedAccepting{To: 3 * time.Second, Storms: 1, Needed: 20, Holds: 129}
	slow := factsLike[finding.SlowCalls](got)
	if !hasFact(got, want, "storm") || len(slow) != 1 || slow[0].Blame != finding.BlameFinding {
		t.Error(asText(got))
	}
}

// TestSYNQueue: what the kernel logs as possible SYN flooding; with tcp_syncookies 2 it logs nothing.
func TestSYNQueue(t *testing.T) {
	for cookies, want := range map[string]int{"1": 1, "2": 0} {
		run, all := madeRun(cellOf{tuned(128), storms(made{peak: 20})})
		raw := all["somaxconn-128"][0]
		counted(raw, record.Counters{"TCPReqQFullDoCookies": 9, "TCPReqQFullDrop": 0})
		raw.Kernel.Sysctls["net.ipv4.tcp_syncookies"] = cookies
		raw.Counters = []record.CounterSample{{At: 5 * ms, Gained: record.Counters{"TcpInSegs": 9}},
			{At: 30 * ms, Gained: record.Counters{"TCPReqQFullDoCookies": 4}}}
		got := factsLike[finding.SYNQueueFull](New(run, all).Answer)
		one := []finding.SYNQueueFull{{Cookies: 9, First: ptr(30 * ms), Backlog: 128, Harmless: true}}
		if diff := cmp.Diff(one[:want], got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("tcp_syncookies %s (-want +got):\n%s", cookies, diff)
		}
	}
}

// TestLongerSYNQueue: a longer backlog is recommended that ended drops at a full SYN queue, though the accept queue
// was never full.
func TestLongerSYNQueue(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), thrice(made{timeout: 90, peak: 20})},
		cellOf{tuned(4096), thrice(made{peak: 40})})
	for _, raw := range all["somaxconn-128"] {
		counted(raw, record.Counters{"TCPReqQFullDoCookies": 0, "TCPReqQFullDrop": 180, "ListenDrops": 180})
	}
	s := New(run, all)
	want := finding.SYNQueueFull{Dropped: 180, Backlog: 128, NoRemedy: true} // the recommendation is one
	if s.Recommendation == nil || s.Recommendation.Backlog != 4096 || !hasFact(s.Answer, want, "somaxconn-128") ||
		len(factsLike[finding.QueueNeverFull](s.Answer)) > 0 {
		t.Errorf("%+v: %s", s.Recommendation, asText(s.Answer))
	}
}

// TestLostBeforeTheListener: SYNs that neither the listener nor lo dropped.
func TestLostBeforeTheListener(t *testing.T) {
	for name, c := range map[string]struct {
		drops, medium uint64
		want          int
	}{"a firewall": {0, 0, 80}, "the listener": {80, 0, 0}, "lo": {0, 80, 0}, "some of them": {30, 20, 30}} {
		run, all := madeRun(cellOf{tuned(128), storms(made{late: 40, timeout: 40, peak: 20})})
		counted(all["somaxconn-128"][0], record.Counters{"ListenDrops": c.drops, "lo.rx_dropped": c.medium})
		got := factsLike[finding.LostBeforeListener](New(run, all).Answer)
		if len(got) != min(c.want, 1) || c.want > 0 && got[0].SYNs != c.want {
			t.Errorf("%s: %+v, want %d", name, got, c.want)
		}
	}
}

// TestStuckSocketOfAPort: one of the sockets of an address is not emptied. Sockets of other addresses are none of
// its kind.
func TestStuckSocketOfAPort(t *testing.T) {
	const port = "0.0.0.0:4573"
	stuck, served := record.Listener{Address: port, Depth: 129, Drops: 70}, record.Listener{Address: port, Drops: 3}
	for name, c := range map[string]struct {
		listeners []record.Listener
		want      int
	}{
		"stuck": {[]record.Listener{stuck, served, served}, 1}, "all are": {[]record.Listener{stuck, stuck}, 0},
		"another address": {[]record.Listener{stuck, {Address: "[::]:4573"}}, 0}, "alone": {[]record.Listener{stuck}, 0},
	} {
		run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{timeout: 40, peak: 129, limit: 128})})
		raw := all["storm"][0]
		raw.Storm.Address = "10.0.0.1:4573"
		counted(raw, record.Counters{"ListenOverflows": 70, "TCPReqQFullDoCookies": 9, "TCPReqQFullDrop": 0})
		raw.Kernel.Listeners = c.listeners
		s := New(run, all)
		short := len(factsLike[finding.ShortBacklog](s.Answer))
		if syns := factsLike[finding.SYNQueueFull](s.Answer); len(syns) != 1 || !syns[0].NoRemedy || short != 1-c.want {
			t.Errorf("%s: want one remedy, not the SYN queue's: %+v; %s", name, syns, asText(s.Answer))
		}
		got := factsLike[finding.SocketStuck](s.Answer)
		want := finding.SocketStuck{Sockets: 3, Stuck: 1, Queued: 129, Drops: 70}
		if len(got) != c.want || c.want > 0 && got[0] != want {
			t.Errorf("%s: %+v, want %d", name, got, c.want)
		}
	}
}
