package summary

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// onlyConnecting is a storm of so many clients that only connect, at an external server whose queue was watched.
func onlyConnecting(calls int, change func(n int, a *record.Attempt)) (*record.Run, *record.Repeat) {
	raw := &record.Repeat{Queue: []record.QueueSample{{At: 0, Depth: 6, Limit: 5}, {At: time.Second, Limit: 5}}}
	for n := range calls {
		a := made{}.attempt(n)
		a.Outcome, a.FirstCommand, a.Phantom = record.Connected, nil, ptr(false)
		change(n, &a)
		raw.Attempts = append(raw.Attempts, a)
	}
	run := &record.Run{Cells: []record.Cell{{ID: "storm"}}, Repeats: 1,
		Scenario: record.Scenario{Client: "connect-only", ConnectLimit: 2 * time.Second}}
	return run, raw
}

func values(s *analysis.Summary, names ...string) map[string]metric.Value {
	found := map[string]metric.Value{}
	for _, name := range names {
		found[name] = metric.Named(name).Measure(&s.Cells[0].Repeats[0].Storm)
	}
	return found
}

// TestPhantomsAreLost: also for a client that only connects, and at any server.
func TestPhantomsAreLost(t *testing.T) {
	run, raw := onlyConnecting(50, func(n int, a *record.Attempt) { *a.Phantom = n >= 20 })
	raw.Queue[1].Depth = 4 // of which two were accepted no more
	s := New(run, Storms{"storm": {raw}})
	want := map[string]metric.Value{
		"lost": {Number: 30}, "phantom": {Number: 30}, "connected": {Number: 16}, "unaccepted": {Number: 4},
	}
	if diff := cmp.Diff(want, values(s, "lost", "phantom", "connected", "unaccepted")); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	lost := finding.Range{Median: 30, Min: 30, Max: 30, Storms: 1}
	outcome := finding.Outcome{Calls: 50, Storms: 1, AllLost: 30, Lost: lost,
		LostAs: []finding.Count{{Outcome: "phantom", Calls: 30}}, Served: 16, Late: ptr(0), Connected: true, Unaccepted: 4}
	if !hasFact(s.Answer, outcome) || !hasFact(s.Answer, finding.Phantoms{Calls: 30}, "storm") {
		t.Errorf("answer %s", asText(s.Answer))
	}
	if len(s.Cells[0].Chains) != 1 || s.Cells[0].Chains[0].Count != 30 || s.Cells[0].Chains[0].Impairment != "lost" {
		t.Errorf("chains %+v", s.Cells[0].Chains)
	}
	if !hasFact(s.Warnings, finding.ConnectionsOnly{Phantoms: finding.Known}) {
		t.Errorf("warnings %s", asText(s.Warnings))
	}
}

// TestPhantomsUnseen: a client that cannot see them has a lower bound by the kernel's counters, or says that it is
// not known. A bound is no number.
func TestPhantomsUnseen(t *testing.T) {
	for _, tt := range []struct {
		passive   uint64
		kernel    bool
		knowledge finding.Knowledge
		lost      metric.Value
		known     int
	}{
		{12, true, finding.AtLeast, metric.Value{Number: 38, Unknown: metric.NoServerLog, Least: true}, 12},
		{0, false, finding.Unknown, metric.Value{}, 50},
	} {
		run, raw := onlyConnecting(50, func(_ int, a *record.Attempt) { a.Phantom = nil })
		if tt.kernel {
			raw.Kernel = &record.Kernel{
				Before: record.Counters{"TcpPassiveOpens": 0, "ListenOverflows": 0},
				After:  record.Counters{"TcpPassiveOpens": tt.passive, "ListenOverflows": 900},
			}
		}
		s := New(run, Storms{"storm": {raw}})
		if got := values(s, "lost")["lost"]; got != tt.lost {
			t.Errorf("%s: lost %+v, want %+v", tt.knowledge, got, tt.lost)
		}
		if got := s.Cells[0].Served(); got != tt.known {
			t.Errorf("%s: %d served, want %d", tt.knowledge, got, tt.known)
		}
		fact := factsLike[finding.Outcome](s.Answer)
		if len(fact) != 1 || !fact[0].Unseen || !hasFact(s.Warnings, finding.ConnectionsOnly{Phantoms: tt.knowledge}) {
			t.Errorf("%s: answer %s, warnings %s", tt.knowledge, asText(s.Answer), asText(s.Warnings))
		}
	}
}

// TestClosedEarly: connections that the server ends at once are lost, and a longer queue is no remedy; what the
// kernel reset at a full queue is none of them.
func TestClosedEarly(t *testing.T) {
	ended := func(n int, a *record.Attempt) {
		switch {
		case n < 3:
			a.Outcome, a.Phantom = record.Reset, nil
		case n < 10:
			a.Outcome, a.Phantom = record.Closed, nil
		}
	}
	run, raw := onlyConnecting(50, ended)
	s := New(run, Storms{"storm": {raw}})
	all := finding.ClosedEarly{Calls: 10, Reset: 3, Connected: true}
	if !hasFact(s.Answer, all, "storm") || s.Cells[0].Lost.Max != 10 {
		t.Errorf("lost %v, answer %s", s.Cells[0].Lost, asText(s.Answer))
	}
	run, raw = onlyConnecting(50, ended)
	raw.Kernel = &record.Kernel{Sysctls: map[string]string{"net.ipv4.tcp_abort_on_overflow": "1"},
		Before: record.Counters{"ListenOverflows": 0}, After: record.Counters{"ListenOverflows": 3}}
	if s = New(run, Storms{"storm": {raw}}); !hasFact(s.Answer, finding.ClosedEarly{Calls: 7, Connected: true}, "storm") {
		t.Errorf("with resets of the kernel: %s", asText(s.Answer))
	}
	// Of 40 that are connected 15 were so only when their FIN was retransmitted; of the others that is not known.
	run, raw = onlyConnecting(50, func(n int, a *record.Attempt) {
		if a.FINRetransmits = ptr(uint32(0)); n >= 35 {
			*a.FINRetransmits = 2
		}
		ended(n, a)
	})
	beside := finding.ClosedEarly{Calls: 10, Reset: 3, Connected: true, Perhaps: 25}
	if s = New(run, Storms{"storm": {raw}}); !hasFact(s.Answer, beside, "storm") || s.Cells[0].Lost.Max != 25 {
		t.Errorf("beside phantoms: lost %v, answer %s", s.Cells[0].Lost, asText(s.Answer))
	}
	run, raw = onlyConnecting(5, func(_ int, a *record.Attempt) { a.Outcome, a.Phantom = record.Closed, nil })
	s = New(run, Storms{"storm": {raw}})
	if want := (finding.NobodyAnswered{Why: finding.SilenceClosed, Calls: 5}); !hasFact(s.Answer, want) {
		t.Errorf("every one closed: %s", asText(s.Answer))
	}
}

// TestOwnServer: that it ended is the first that is stated, with its last lines; its sockets each show by themselves.
func TestOwnServer(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), thrice(made{calls: 20, timeout: 3, peak: 40})})
	drops := uint32(7)
	for n, raw := range all["somaxconn-128"] {
		raw.Target = nil
		raw.Served = &record.Served{Sockets: []record.ServedSocket{
			{Effective: 128, Peak: 40}, {Effective: 128, Peak: 2, Drops: &drops},
		}}
		if n > 0 {
			raw.Served.Ended = &record.Exit{Signal: "killed"}
			raw.Output = "1\n2\n\n3\nout of memory\n"
		}
		raw.Kernel = &record.Kernel{Rest: &record.Rest{Waited: time.Second, Quiet: n == 0}}
	}
	s := New(run, all)
	want := finding.ServerEnded{Storms: 2, Storm: 2, Signal: "killed", Output: []string{"2", "3", "out of memory"}}
	if diff := cmp.Diff(finding.Fact(want), s.Answer[0].Fact); diff != "" {
		t.Errorf("first fact (-want +got):\n%s", diff)
	}
	if !hasFact(s.Warnings, finding.BeganBusy{Storms: 2, Of: 3, Waited: time.Second}, "somaxconn-128") {
		t.Errorf("warnings %s", asText(s.Warnings))
	}
	r := &s.Cells[0].Repeats[0]
	if len(r.Sockets) != 2 || *r.Sockets[1].Peak != 2 || *r.Sockets[1].Drops != 7 || r.Server == nil {
		t.Errorf("sockets %+v", r.Sockets)
	}
}

// TestServerFailed: of a server that ended, was stopped, or closed all that it had, no longer queue is asked for,
// although its queue was full, and no cause is searched for a stop that is known.
func TestServerFailed(t *testing.T) {
	for name, c := range map[string]struct {
		made   made
		change func(*record.Repeat)
		failed bool
	}{
		"a short queue": {made{calls: 200, reset: 150, peak: 129}, func(*record.Repeat) {}, false},
		"it ended": {made{calls: 200, reset: 150, peak: 129}, func(raw *record.Repeat) {
			raw.Served = &record.Served{Ended: &record.Exit{Code: 7}}
			raw.Attempts[0].Outcome = record.Closed // its end closed what it had accepted
		}, true},
		"it was stopped": {made{calls: 200, silent: 150, peak: 129}, func(raw *record.Repeat) {
			raw.Served = &record.Served{Ended: &record.Exit{Signal: "stopped (signal)", Stopped: true}}
			for i := range raw.Queue {
				raw.Queue[i].Depth = 129
			}
		}, true},
		"it reset all": {made{calls: 200, reset: 200, peak: 129}, func(*record.Repeat) {}, true},
		"it closed all": {made{calls: 200, reset: 200, peak: 129}, func(raw *record.Repeat) {
			for i := range 50 {
				raw.Attempts[i].Outcome = record.Closed
			}
		}, true},
	} {
		run, all := madeRun(cellOf{ownCell(4096, 128), storms(c.made)})
		run.Scenario.Process = []string{"server"}
		raw := all[run.Cells[0].ID][0]
		raw.Target = nil
		c.change(raw)
		s := New(run, all)
		short, stopped := factsLike[finding.ShortBacklog](s.Answer), factsLike[finding.StoppedAccepting](s.Answer)
		if failed := len(short) == 0 && s.Recommendation == nil; failed != c.failed || len(stopped) > 0 {
			t.Errorf("%s: recommended is %+v, answer %s", name, s.Recommendation, asText(s.Answer))
		}
		closed := factsLike[finding.ClosedEarly](s.Answer)
		if all := c.failed && raw.Served == nil; (len(closed) == 1 && closed[0].Calls == 200) != all || len(closed) > 0 != all {
			t.Errorf("%s: answer %s", name, asText(s.Answer))
		}
	}
}
