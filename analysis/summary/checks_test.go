package summary

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/caveats"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// overflow is a storm of 10 calls worked out by hand: 6 answered (1 of them late by one SYN
// drop), 3 that timed out with 2 SYNs each, and 1 phantom that was reset. Dropped by the listener:
// 1 + 3·2 SYNs and the phantom's last ACK.
func overflow() *record.Repeat {
	r := made{calls: 10, timeout: 3, reset: 1, late: 1}.storm(tuned(4))
	r.Target = &record.Target{Queued: ptr(0)}
	for i := range r.Attempts {
		if r.Attempts[i].Outcome == record.ConnectTimeout {
			r.Attempts[i].SYNRetransmits = ptr(uint32(1))
		}
		if r.Attempts[i].Outcome == record.Answered {
			r.Target.Peers = append(r.Target.Peers, record.Peer{Address: r.Attempts[i].Local, Fate: record.PeerServed})
		}
	}
	r.Kernel = &record.Kernel{
		Sysctls: map[string]string{"net.ipv4.tcp_syncookies": "1"},
		Before: record.Counters{
			"TcpActiveOpens": 100, "ListenDrops": 50, "ListenOverflows": 50, "TCPReqQFullDrop": 0,
			"TCPSynRetrans": 7, "lo.rx_dropped": 1, "TcpCurrEstab": 4, "TcpOutRsts": 3,
		},
		After: record.Counters{
			"TcpActiveOpens": 110, "ListenDrops": 58, "ListenOverflows": 58, "TCPReqQFullDrop": 0,
			"TCPSynRetrans": 12, "lo.rx_dropped": 1, "TcpCurrEstab": 2, "TcpOutRsts": 3, "New": 9,
		},
	}
	return r
}

func summariseOne(r *record.Repeat, edit func(*record.Run)) analysis.Repeat {
	run := &record.Run{Isolation: record.Isolation{Mode: record.IsolationNet}, Scenario: record.Scenario{Calls: 10}}
	if edit != nil {
		edit(run)
	}
	made, _ := newRepeat(run, 1, r)
	return made
}

// check is one of a storm on loopback.
func check(rule finding.Rule, residual int64) finding.Check {
	c := finding.Check{Rule: rule, Residual: residual}
	if slices.Contains([]finding.Rule{finding.RuleSegments, finding.RuleSegmentsIP, finding.RuleUnanswered}, rule) {
		c.Medium = finding.Loopback
	}
	return c
}

// residuals are what those rules came to, of the ones that were checked.
func residuals(checks []finding.Check, rules ...finding.Rule) map[finding.Rule]int64 {
	got := map[finding.Rule]int64{}
	for _, c := range checks {
		if slices.Contains(rules, c.Rule) {
			got[c.Rule] = c.Residual
		}
	}
	return got
}

// facts of findings, without what they concern.
func facts(findings []finding.Finding) (all []finding.Fact) {
	for _, f := range findings {
		all = append(all, f.Fact)
	}
	return all
}

func TestChecksBalance(t *testing.T) {
	got := summariseOne(overflow(), nil)
	want := []finding.Check{
		check(
			finding.RuleOutcomes,
			0,
		), check(finding.RulePlanned, 0), check(finding.RulePhantoms, 0), check(finding.RuleServed, 0),
		check(finding.RuleAnswered, 0), check(finding.RuleDrops, 0),
		check(finding.RuleOpens, 0), check(finding.RuleSYNsAtLeast, 0), check(finding.RuleUnanswered, 0),
	}
	if diff := cmp.Diff(want, got.Checks); diff != "" {
		t.Errorf("checks (-want +got):\n%s", diff)
	}
	if len(got.Warnings) > 0 {
		t.Errorf("warnings %q", got.Warnings)
	}
	if got.Phantoms == nil || *got.Phantoms != 1 {
		t.Errorf("phantoms %v, want 1", got.Phantoms)
	}
	counters := record.Counters{"TcpActiveOpens": 10, "ListenDrops": 8, "ListenOverflows": 8, "TCPSynRetrans": 5}
	if diff := cmp.Diff(counters, got.Counters); diff != "" {
		t.Errorf("counters (-want +got):\n%s", diff)
	}
}

// Each edit breaks the checks at one place, by a number worked out by hand.
func TestChecksResiduals(t *testing.T) {
	tests := []struct {
		name     string
		edit     func(*record.Repeat)
		rule     finding.Rule
		residual int64
	}{
		{"unknown outcome", func(r *record.Repeat) { r.Attempts[9].Outcome = "puzzled" }, finding.RuleOutcomes, -1},
		{"attempts missing", func(r *record.Repeat) { r.Attempts = r.Attempts[:7] }, finding.RulePlanned, -3},
		{"a stranger was accepted", func(r *record.Repeat) {
			r.Target.Peers = append(r.Target.Peers, record.Peer{Address: "127.0.0.1:9"})
		}, finding.RulePhantoms, 1},
		{
			"drops without a counter",
			func(r *record.Repeat) { r.Kernel.After["ListenDrops"] += 2 },
			finding.RuleDrops,
			2,
		},
		{"another client", func(r *record.Repeat) { r.Kernel.After["TcpActiveOpens"]++ }, finding.RuleOpens, 1},
		{
			"retransmissions that the kernel missed",
			func(r *record.Repeat) { r.Kernel.After["TCPSynRetrans"] = 10 },
			finding.RuleSYNsAtLeast,
			1,
		},
		{"SYNs lost elsewhere", func(r *record.Repeat) {
			r.Kernel.After["ListenDrops"], r.Kernel.After["ListenOverflows"] = 55, 55 // 5, of 7 SYNs
		}, finding.RuleUnanswered, 2},
		{
			"more answers than SYNs",
			func(r *record.Repeat) { r.Kernel.After["TcpActiveOpens"] = 101 },
			finding.RuleUnanswered,
			-2,
		}, // 1 + 4 − 7
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := overflow()
			tt.edit(raw)
			got := summariseOne(raw, nil)
			if !slices.Contains(got.Checks, check(tt.rule, tt.residual)) {
				t.Errorf("want %s off by %d, got %+v", tt.rule, tt.residual, got.Checks)
			}
			if !slices.ContainsFunc(got.Warnings, func(f finding.Finding) bool {
				u, is := f.Fact.(finding.Unbalanced)
				return is && u.Check == check(tt.rule, tt.residual)
			}) {
				t.Errorf("no warning of %q: %+v", tt.rule, got.Warnings)
			}
		})
	}
}

// A line that cannot be true for sure is left out, not guessed.
func TestChecksLeftOut(t *testing.T) {
	kernel := []finding.Rule{finding.RuleDrops, finding.RuleOpens, finding.RuleSYNsAtLeast, finding.RuleUnanswered}
	tests := []struct {
		name string
		edit func(*record.Repeat)
		run  func(*record.Run)
		left []finding.Rule
	}{
		{"host", func(*record.Repeat) {}, func(r *record.Run) { r.Isolation.Mode = record.IsolationHost }, kernel},
		{"no kernel", func(r *record.Repeat) { r.Kernel = nil }, nil, kernel},
		{"no target", func(r *record.Repeat) { r.Target = nil }, nil, []finding.Rule{finding.RulePhantoms}},
		{
			"queue's end unknown",
			func(r *record.Repeat) { r.Target.Queued = nil },
			nil,
			[]finding.Rule{finding.RulePhantoms},
		},
		{
			"some are queued, and some clients gave up",
			func(r *record.Repeat) { r.Target.Queued = ptr(1) },
			nil,
			[]finding.Rule{finding.RulePhantoms},
		},
		{
			"no local address",
			func(r *record.Repeat) { r.Attempts[9].Local = "" },
			nil,
			[]finding.Rule{finding.RulePhantoms},
		},
		{
			"three-quarter rule",
			func(r *record.Repeat) { r.Kernel.Sysctls["net.ipv4.tcp_syncookies"] = "0" },
			nil,
			[]finding.Rule{finding.RuleDrops},
		},
		{
			"kernel lacks a counter",
			func(r *record.Repeat) { delete(r.Kernel.Before, "TCPReqQFullDrop") },
			nil,
			[]finding.Rule{finding.RuleDrops},
		},
		{
			"unreachable",
			func(r *record.Repeat) { r.Attempts[0].Outcome = record.Unreachable },
			nil,
			[]finding.Rule{finding.RuleOpens, finding.RuleUnanswered},
		},
		{
			"no TCP_INFO of one",
			func(r *record.Repeat) { r.Attempts[0].SYNRetransmits = nil },
			nil,
			[]finding.Rule{finding.RuleSYNsAtLeast, finding.RuleUnanswered},
		},
		{
			"calls not planned",
			func(*record.Repeat) {},
			func(r *record.Run) { r.Scenario.Calls = 0 },
			[]finding.Rule{finding.RulePlanned},
		},
	}
	all := append([]finding.Rule{finding.RuleOutcomes, finding.RulePlanned, finding.RulePhantoms}, kernel...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := overflow()
			tt.edit(raw)
			var left []finding.Rule
			checks := summariseOne(raw, tt.run).Checks
			for _, rule := range all {
				if !slices.ContainsFunc(checks, func(b finding.Check) bool { return b.Rule == rule }) {
					left = append(left, rule)
				}
			}
			if diff := cmp.Diff(tt.left, left); diff != "" {
				t.Errorf("left out (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPhantoms(t *testing.T) {
	peer := func(a string) record.Peer { return record.Peer{Address: a} }
	connected := func(a string) record.Attempt { return record.Attempt{Local: a, Connected: ptr(ms)} }
	tests := []struct {
		name     string
		attempts []record.Attempt
		peers    []record.Peer
		queued   *int
		want     *int
	}{
		{
			"all accepted",
			[]record.Attempt{connected("127.0.0.1:1")},
			[]record.Peer{peer("127.0.0.1:1")},
			ptr(0),
			ptr(0),
		},
		{"never connected", []record.Attempt{{Local: "127.0.0.1:1"}, {}}, nil, ptr(0), ptr(0)},
		{
			"one phantom",
			[]record.Attempt{connected("127.0.0.1:1"), connected("127.0.0.1:2")},
			[]record.Peer{peer("127.0.0.1:1")},
			ptr(0),
			ptr(1),
		},
		{"still queued", []record.Attempt{connected("127.0.0.1:1"), connected("127.0.0.1:2")}, nil, ptr(1), ptr(1)},
		{"queue not read", []record.Attempt{connected("127.0.0.1:1")}, nil, nil, ptr(1)},
		{
			"a port used twice",
			[]record.Attempt{connected("127.0.0.1:1"), connected("127.0.0.1:1")},
			[]record.Peer{peer("127.0.0.1:1")},
			ptr(0),
			ptr(1),
		},
		{
			"mapped address",
			[]record.Attempt{connected("127.0.0.1:1")},
			[]record.Peer{peer("[::ffff:127.0.0.1]:1")},
			ptr(0),
			ptr(0),
		},
		{"no address", []record.Attempt{connected("")}, nil, ptr(0), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := &record.Repeat{Attempts: tt.attempts, Target: &record.Target{Peers: tt.peers, Queued: tt.queued}}
			if diff := cmp.Diff(tt.want, calls.LoggedPhantoms(raw, calls.Follow(&record.Run{}, 1, raw).Trails)); diff != "" {
				t.Errorf("phantoms (-want +got):\n%s", diff)
			}
		})
	}
	if got := calls.LoggedPhantoms(&record.Repeat{}, nil); got != nil {
		t.Errorf("without a target: %d", *got)
	}
}

// TestNobodyAnswered: a server that serves no call fails, which is no doubt.
func TestNobodyAnswered(t *testing.T) {
	for _, c := range []struct {
		outcome record.Outcome
		errno   string
		want    []finding.NobodyAnswered
	}{
		{record.Refused, "ECONNREFUSED", []finding.NobodyAnswered{{Why: finding.SilenceRefused, Calls: 2,
			Reason: "ECONNREFUSED"}}},
		{record.Unreachable, "ENETUNREACH", []finding.NobodyAnswered{{Why: finding.SilenceUnreachable, Calls: 2,
			Reason: "ENETUNREACH"}}},
		{record.Reset, "ECONNRESET", []finding.NobodyAnswered{{Why: finding.SilenceNoAGI, Calls: 2, Reason: "ECONNRESET"}}},
		{record.Answered, "", nil},
	} {
		run := &record.Run{
			Cells:     []record.Cell{{ID: "storm"}},
			Repeats:   1,
			Isolation: record.Isolation{Mode: record.IsolationHost},
		}
		attempt := record.Attempt{Outcome: c.outcome, Errno: c.errno}
		s := New(run, Storms{"storm": {{Attempts: []record.Attempt{attempt, attempt}}}})
		got := factsLike[finding.NobodyAnswered](s.Answer)
		if !slices.Equal(got, c.want) || len(s.Doubts) > 0 || !s.Conclusive || s.ServedNothing() != (c.want != nil) {
			t.Errorf("%s: %+v, want %+v; doubts %+v", c.outcome, got, c.want, s.Doubts)
		}
		if refused := c.outcome == record.Refused || c.outcome == record.Unreachable; s.AllLost() != refused {
			t.Errorf("%s: all lost beyond doubt: %t", c.outcome, s.AllLost())
		}
	}
}

func TestLackingEngineIsOneWarning(t *testing.T) {
	run := &record.Run{Cells: []record.Cell{tuned(128)}, Repeats: 2}
	storms := Storms{}
	for range 2 {
		raw := made{calls: 3}.storm(tuned(128))
		raw.Storm.Engine, raw.Storm.Lacks = "portable", []string{record.LacksTCPInfo}
		storms[run.Cells[0].ID] = append(storms[run.Cells[0].ID], raw)
	}
	want := []finding.Finding{{Settings: []string{"somaxconn-128"}, Fact: finding.NoTCPInfo{Engine: "portable"}}}
	if diff := cmp.Diff(want, New(run, storms).Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestRepeatWarnings(t *testing.T) {
	raw := made{calls: 10}.storm(tuned(128))
	raw.Queue = []record.QueueSample{{At: 0, Limit: 128}, {At: 250 * ms, Limit: 128}}
	raw.Target = &record.Target{Queued: ptr(1)}
	got := summariseOne(raw, func(r *record.Run) {
		r.Scenario.ConnectLimit = 2000 * ms
	}).Warnings
	want := []finding.Fact{
		finding.QueueUnsampled{Pause: 2750 * ms}, // the watch ended at 0.25 s, the storm at 3 s
		finding.NoKernelRecord{}, finding.StillQueued{Connections: 1},
	}
	if diff := cmp.Diff(want, facts(got)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// timed is the same storm on a kernel that counts timers and SYN-ACKs too: one SYN-ACK was retransmitted, lo
// dropped 3 packets.
func timed() *record.Repeat {
	r := overflow()
	for name, gain := range map[string]uint64{
		"TCPSYNChallenge": 1, "TCPTimeouts": 6, "TcpTimeoutRehash": 5, "TcpOutSegs": 100, "TcpRetransSegs": 5,
		"TcpInSegs": 101,
	} {
		r.Kernel.Before[name], r.Kernel.After[name] = 70, 70+gain
	}
	r.Kernel.After["lo.rx_dropped"] += 3
	return r
}

// TestChecksOfTimers: the lines that such a kernel adds, and what breaks each.
func TestChecksOfTimers(t *testing.T) {
	const (
		retrans, timeouts, segments = finding.RuleSYNs, finding.RuleTimeouts, finding.RuleSegments
	)
	for _, c := range []struct {
		name string
		edit func(*record.Repeat)
		want map[finding.Rule]int64
	}{
		{"balanced", func(*record.Repeat) {}, map[finding.Rule]int64{retrans: 0, timeouts: 0, segments: 0}},
		{"another program's SYN", func(r *record.Repeat) { r.Kernel.After["TCPSynRetrans"] += 2 },
			map[finding.Rule]int64{retrans: 2, timeouts: 0, segments: 0}},
		{"another program's timer", func(r *record.Repeat) { r.Kernel.After["TCPTimeouts"]++ },
			map[finding.Rule]int64{retrans: 0, timeouts: 1, segments: 0}},
		{"given up by the kernel", func(r *record.Repeat) {
			r.Kernel.After["TCPTimeouts"]++
			r.Attempts[0].Errno = "ETIMEDOUT"
		}, map[finding.Rule]int64{retrans: 0, timeouts: 0, segments: 0}},
		{"packets on their way", func(r *record.Repeat) { r.Kernel.After["TcpInSegs"] -= 4 },
			map[finding.Rule]int64{retrans: 0, timeouts: 0, segments: 4}},
	} {
		raw := timed()
		c.edit(raw)
		got := residuals(summariseOne(raw, nil).Checks, slices.Collect(maps.Keys(c.want))...)
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestChecksOfTheTardy: a connection that the server accepted when its client had given up is no stranger's.
func TestChecksOfTheTardy(t *testing.T) {
	raw := overflow()
	for i := range raw.Attempts {
		if a := &raw.Attempts[i]; a.Outcome == record.ConnectTimeout {
			a.Local, a.Limit = "127.0.0.1:777", "connect"
			raw.Target.Peers = append(raw.Target.Peers, record.Peer{Address: a.Local, At: time.Hour, Fate: "gone"})
			break
		}
	}
	if got := summariseOne(raw, nil); !slices.Contains(got.Checks, check(finding.RulePhantoms, 0)) ||
		got.PhantomFates.Gone != 1 {
		t.Errorf("checks %+v, fates %+v", got.Checks, got.PhantomFates)
	}
}

// TestLinkWarnings: a delay line that dropped packets, or was late by more than a tenth of the round trip,
// says so.
func TestLinkWarnings(t *testing.T) {
	for name, c := range map[string]struct {
		link record.Link
		want []finding.Fact
	}{
		"as it should be": {record.Link{Kind: "tun", RTT: 20 * ms, Forwarded: 100, LateP99: 2 * ms}, nil},
		"it dropped packets": {
			record.Link{Kind: "tun", RTT: 20 * ms, Forwarded: 100, Dropped: 3},
			[]finding.Fact{finding.LinkDropped{Dropped: 3, Packets: 103}},
		},
		"it was late": {
			record.Link{Kind: "tun", RTT: 20 * ms, LateP99: 2100 * time.Microsecond},
			[]finding.Fact{finding.LinkLate{P99: 2100 * time.Microsecond, RTT: 20 * ms}},
		},
	} {
		raw := &record.Repeat{Kernel: &record.Kernel{Link: &c.link}}
		if got := facts(caveats.StormWarnings(&record.Run{}, raw, &analysis.Repeat{})); !cmp.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestChecksOfALink: what the link dropped stands where lo's drops stand on loopback, and IP counts the
// segments that GRO merged.
func TestChecksOfALink(t *testing.T) {
	const segments, merged, syns = finding.RuleSegmentsIP, finding.RuleSegments, finding.RuleUnanswered
	for _, c := range []struct {
		name string
		edit func(*record.Repeat)
		want map[finding.Rule]int64
	}{
		{"balanced", func(*record.Repeat) {}, map[finding.Rule]int64{segments: 0, syns: 0}},
		{"GRO merged segments", func(r *record.Repeat) {
			r.Kernel.After["TcpInSegs"] -= 40
		}, map[finding.Rule]int64{segments: 0, syns: 0}},
		{"with a mark of congestion", func(r *record.Repeat) {
			r.Kernel.After["InNoECTPkts"] -= 5
			r.Kernel.After["InCEPkts"] += 5
		}, map[finding.Rule]int64{segments: 0, syns: 0}},
		{"packets on their way", func(r *record.Repeat) {
			r.Kernel.After["InNoECTPkts"] -= 4
		}, map[finding.Rule]int64{segments: 4, syns: 0}},
		{"the link dropped packets", func(r *record.Repeat) {
			r.Kernel.Link.Dropped = 2
			r.Kernel.After["InNoECTPkts"] -= 2
		}, map[finding.Rule]int64{segments: 0, syns: 0}},
		{"more SYNs are gone than anybody dropped", func(r *record.Repeat) {
			r.Kernel.After["ListenDrops"] -= 6
		}, map[finding.Rule]int64{segments: 0, syns: 2}},
		{"of which the link dropped some", func(r *record.Repeat) {
			r.Kernel.After["ListenDrops"] -= 6
			r.Kernel.Link.Dropped = 6
			r.Kernel.After["InNoECTPkts"] -= 6
		}, map[finding.Rule]int64{segments: 0, syns: 0}},
		{"with a round trip", func(r *record.Repeat) { r.Kernel.Link.RTT = 20 * ms }, map[finding.Rule]int64{segments: 0}},
		{"a kernel that does not count IP packets", func(r *record.Repeat) {
			delete(r.Kernel.After, "InCEPkts")
		}, map[finding.Rule]int64{merged: 0, syns: 0}},
	} {
		raw := linked()
		c.edit(raw)
		checks := summariseOne(raw, nil).Checks
		got := residuals(checks, segments, merged, syns)
		if slices.ContainsFunc(checks, func(c finding.Check) bool { return c.Medium == finding.Loopback }) {
			t.Errorf("%s: a check of lo in %+v", c.name, checks)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// linked is the storm of timed on a veth: lo drops nothing there, and IP counts what came in.
func linked() *record.Repeat {
	r := timed()
	lo := r.Kernel.After["lo.rx_dropped"] - r.Kernel.Before["lo.rx_dropped"]
	r.Kernel.Link = &record.Link{Kind: "veth"}
	r.Kernel.After["lo.rx_dropped"] = r.Kernel.Before["lo.rx_dropped"]
	r.Kernel.After["TcpInSegs"] += lo
	r.Kernel.After["ListenDrops"] += lo // the listener dropped those instead
	for _, name := range []string{"InNoECTPkts", "InECT0Pkts", "InECT1Pkts", "InCEPkts"} {
		r.Kernel.Before[name], r.Kernel.After[name] = 0, 0
	}
	r.Kernel.After["InNoECTPkts"] = r.Kernel.After["TcpInSegs"] - r.Kernel.Before["TcpInSegs"]
	return r
}

// TestAcceptedTwice: a second connection from the port of one that was served is no stranger's: the checks
// know it, and that its work was wasted.
func TestAcceptedTwice(t *testing.T) {
	raw := overflow()
	first := raw.Target.Peers[0]
	raw.Target.Peers = append(
		raw.Target.Peers,
		record.Peer{At: 300 * ms, Done: 1460 * ms, Address: first.Address, Fate: "stopped"},
	)
	got := summariseOne(raw, nil)
	if !slices.Contains(got.Checks, check(finding.RulePhantoms, 0)) || got.PhantomFates.Gone != 1 ||
		got.PhantomFates.Wasted != 1160*ms {
		t.Errorf("checks %+v, fates %+v", got.Checks, got.PhantomFates)
	}
	raw.Target.Peers = append(raw.Target.Peers, record.Peer{At: 300 * ms, Address: "192.0.2.7:1", Fate: "gone"})
	if got := summariseOne(raw, nil); !slices.Contains(got.Checks, check(finding.RulePhantoms, 1)) ||
		got.PhantomFates.Gone != 1 {
		t.Errorf("an external server: checks %+v, fates %+v", got.Checks, got.PhantomFates)
	}
}

// TestChecksWithPayload: what is retransmitted beside the SYNs may be any number, but the SYNs are among it; the
// listener's own drops are ListenDrops at least, and without cookies the kernel drops beside the two queues.
func TestChecksWithPayload(t *testing.T) {
	const (
		retrans, rehash = finding.RuleSegmentsAgain, finding.RuleRehashed
		own, without    = finding.RuleSocket, finding.RuleDropsNoCookies
	)
	drops := func(n uint32) []record.QueueSample {
		return []record.QueueSample{{Drops: ptr(uint32(3))}, {At: ms, Drops: ptr(3 + n)}}
	}
	for _, c := range []struct {
		name string
		edit func(*record.Repeat)
		want map[finding.Rule]int64
	}{
		{"balanced", func(*record.Repeat) {}, map[finding.Rule]int64{retrans: 0, rehash: 0, own: 0}},
		{"payload", func(r *record.Repeat) {
			r.Kernel.After["TcpRetransSegs"] += 40
			r.Kernel.After["TcpTimeoutRehash"] += 20
		}, map[finding.Rule]int64{retrans: 0, rehash: 0, own: 0}},
		{"too few", func(r *record.Repeat) {
			r.Kernel.After["TcpRetransSegs"], r.Kernel.After["TcpTimeoutRehash"] = 73,
				72
		}, map[finding.Rule]int64{retrans: 2, rehash: 2, own: 0}},
		{"another listener's", func(r *record.Repeat) { r.Queue = drops(6) },
			map[finding.Rule]int64{retrans: 0, rehash: 0, own: 2}},
		{"not counted", func(r *record.Repeat) { r.Queue[1].Drops = nil }, map[finding.Rule]int64{retrans: 0, rehash: 0}},
		{"three-quarter rule", func(r *record.Repeat) {
			r.Kernel.Sysctls["net.ipv4.tcp_syncookies"] = "0"
			r.Kernel.After["ListenOverflows"] -= 3
		},
			map[finding.Rule]int64{retrans: 0, rehash: 0, own: 0, without: 0}},
		{"more overflows than drops", func(r *record.Repeat) {
			r.Kernel.Sysctls["net.ipv4.tcp_syncookies"] = "0"
			r.Kernel.After["ListenOverflows"] += 3
		},
			map[finding.Rule]int64{retrans: 0, rehash: 0, own: 0, without: 3}},
	} {
		raw := timed()
		raw.Queue = drops(9) // a last ACK twice
		c.edit(raw)
		got := residuals(summariseOne(raw, nil).Checks, retrans, rehash, own, without)
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestProbableCause: the record shows connects of another program, and retransmissions that went on.
func TestProbableCause(t *testing.T) {
	for want, edit := range map[finding.Unbalanced]func(*record.Repeat){
		{Cause: finding.CauseLostElsewhere}: func(*record.Repeat) {},
		{Cause: finding.CauseConnects, Count: 2}: func(r *record.Repeat) {
			r.Kernel.After["TcpActiveOpens"] += 2
		},
		{Cause: finding.CauseInFlight, Count: 3}: func(r *record.Repeat) {
			r.Counters = []record.CounterSample{{Gained: record.Counters{"TcpRetransSegs": 2}}}
		},
	} {
		raw := timed()
		raw.Kernel.After["TcpInSegs"] -= 4
		edit(raw)
		want.Check = check(finding.RuleSegments, 4)
		if got := facts(summariseOne(raw, nil).Warnings); !slices.Contains(got, finding.Fact(want)) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
