package analysis

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

func summariseOne(r *record.Repeat, edit func(*record.Run)) Repeat {
	run := &record.Run{Isolation: record.Isolation{Mode: record.IsolationNet}, Scenario: record.Scenario{Calls: 10}}
	if edit != nil {
		edit(run)
	}
	return newRepeat(run, 1, r)
}

const (
	rulePhantoms = "phantoms = connected + accepted too late or twice − accepted − still queued"
	ruleDrops    = "ListenDrops = ListenOverflows + TCPReqQFullDrop"
	ruleOpens    = "TcpActiveOpens = offered attempts"
	ruleRetrans  = "clients' SYN retransmissions ≤ TCPSynRetrans"
	ruleSYNs     = "SYNs without an answer ≤ ListenDrops + lo.rx_dropped"
	ruleOutcomes = "outcomes = attempts"
)

func TestBooksBalance(t *testing.T) {
	got := summariseOne(overflow(), nil)
	want := []Balance{
		{ruleOutcomes, 0}, {rulePlanned, 0}, {rulePhantoms, 0}, {ruleServed, 0}, {ruleAnswered, 0}, {ruleDrops, 0},
		{ruleOpens, 0}, {ruleRetrans, 0}, {ruleSYNs, 0},
	}
	if diff := cmp.Diff(want, got.Books); diff != "" {
		t.Errorf("books (-want +got):\n%s", diff)
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

// Each edit breaks the books at one place, by a number worked out by hand.
func TestBooksResiduals(t *testing.T) {
	tests := []struct {
		name     string
		edit     func(*record.Repeat)
		rule     string
		residual int64
	}{
		{"unknown outcome", func(r *record.Repeat) { r.Attempts[9].Outcome = "puzzled" }, ruleOutcomes, -1},
		{"attempts missing", func(r *record.Repeat) { r.Attempts = r.Attempts[:7] }, rulePlanned, -3},
		{"a stranger was accepted", func(r *record.Repeat) {
			r.Target.Peers = append(r.Target.Peers, record.Peer{Address: "127.0.0.1:9"})
		}, rulePhantoms, 1},
		{"drops without a counter", func(r *record.Repeat) { r.Kernel.After["ListenDrops"] += 2 }, ruleDrops, 2},
		{"another client", func(r *record.Repeat) { r.Kernel.After["TcpActiveOpens"]++ }, ruleOpens, 1},
		{"retransmissions that the kernel missed", func(r *record.Repeat) { r.Kernel.After["TCPSynRetrans"] = 10 }, ruleRetrans, 1},
		{"SYNs lost elsewhere", func(r *record.Repeat) {
			r.Kernel.After["ListenDrops"], r.Kernel.After["ListenOverflows"] = 55, 55 // 5, of 7 SYNs
		}, ruleSYNs, 2},
		{"more answers than SYNs", func(r *record.Repeat) { r.Kernel.After["TcpActiveOpens"] = 101 }, ruleSYNs, -2}, // 1 + 4 − 7
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := overflow()
			tt.edit(raw)
			got := summariseOne(raw, nil)
			if !slices.Contains(got.Books, Balance{tt.rule, tt.residual}) {
				t.Errorf("want %s off by %d, got %+v", tt.rule, tt.residual, got.Books)
			}
			if !slices.ContainsFunc(got.Warnings, func(w string) bool { return strings.Contains(w, tt.rule) }) {
				t.Errorf("no warning names %q: %q", tt.rule, got.Warnings)
			}
		})
	}
}

// A line that cannot be true for sure is left out, not guessed.
func TestBooksLeftOut(t *testing.T) {
	kernel := []string{ruleDrops, ruleOpens, ruleRetrans, ruleSYNs}
	tests := []struct {
		name string
		edit func(*record.Repeat)
		run  func(*record.Run)
		left []string
	}{
		{"host", func(*record.Repeat) {}, func(r *record.Run) { r.Isolation.Mode = record.IsolationHost }, kernel},
		{"no kernel", func(r *record.Repeat) { r.Kernel = nil }, nil, kernel},
		{"no target", func(r *record.Repeat) { r.Target = nil }, nil, []string{rulePhantoms}},
		{"queue's end unknown", func(r *record.Repeat) { r.Target.Queued = nil }, nil, []string{rulePhantoms}},
		{"some are queued, and some clients gave up", func(r *record.Repeat) { r.Target.Queued = ptr(1) }, nil, []string{rulePhantoms}},
		{"no local address", func(r *record.Repeat) { r.Attempts[9].Local = "" }, nil, []string{rulePhantoms}},
		{"three-quarter rule", func(r *record.Repeat) { r.Kernel.Sysctls["net.ipv4.tcp_syncookies"] = "0" }, nil, []string{ruleDrops}},
		{"kernel lacks a counter", func(r *record.Repeat) { delete(r.Kernel.Before, "TCPReqQFullDrop") }, nil, []string{ruleDrops}},
		{"unreachable", func(r *record.Repeat) { r.Attempts[0].Outcome = record.Unreachable }, nil, []string{ruleOpens, ruleSYNs}},
		{"no TCP_INFO of one", func(r *record.Repeat) { r.Attempts[0].SYNRetransmits = nil }, nil, []string{ruleRetrans, ruleSYNs}},
		{"calls not planned", func(*record.Repeat) {}, func(r *record.Run) { r.Scenario.Calls = 0 }, []string{rulePlanned}},
	}
	all := append([]string{ruleOutcomes, rulePlanned, rulePhantoms}, kernel...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := overflow()
			tt.edit(raw)
			var left []string
			books := summariseOne(raw, tt.run).Books
			for _, rule := range all {
				if !slices.ContainsFunc(books, func(b Balance) bool { return b.Rule == rule }) {
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
		{"all accepted", []record.Attempt{connected("127.0.0.1:1")}, []record.Peer{peer("127.0.0.1:1")}, ptr(0), ptr(0)},
		{"never connected", []record.Attempt{{Local: "127.0.0.1:1"}, {}}, nil, ptr(0), ptr(0)},
		{"one phantom", []record.Attempt{connected("127.0.0.1:1"), connected("127.0.0.1:2")}, []record.Peer{peer("127.0.0.1:1")}, ptr(0), ptr(1)},
		{"still queued", []record.Attempt{connected("127.0.0.1:1"), connected("127.0.0.1:2")}, nil, ptr(1), ptr(1)},
		{"queue not read", []record.Attempt{connected("127.0.0.1:1")}, nil, nil, ptr(1)},
		{"a port used twice", []record.Attempt{connected("127.0.0.1:1"), connected("127.0.0.1:1")}, []record.Peer{peer("127.0.0.1:1")}, ptr(0), ptr(1)},
		{"mapped address", []record.Attempt{connected("127.0.0.1:1")}, []record.Peer{peer("[::ffff:127.0.0.1]:1")}, ptr(0), ptr(0)},
		{"no address", []record.Attempt{connected("")}, nil, ptr(0), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := &record.Repeat{Attempts: tt.attempts, Target: &record.Target{Peers: tt.peers, Queued: tt.queued}}
			if diff := cmp.Diff(tt.want, phantoms(raw, trails(raw))); diff != "" {
				t.Errorf("phantoms (-want +got):\n%s", diff)
			}
		})
	}
	if got := phantoms(&record.Repeat{}, nil); got != nil {
		t.Errorf("without a target: %d", *got)
	}
}

// TestNobodyAnswered: a storm without one whole session says nothing of a FastAGI server.
func TestNobodyAnswered(t *testing.T) {
	for _, c := range []struct {
		outcome record.Outcome
		errno   string
		want    string
	}{
		{record.Refused, "ECONNREFUSED", "Inconclusive: no call was answered: every one was refused, so nobody listens there."},
		{record.Unreachable, "ENETUNREACH", "Inconclusive: no call was answered: the address cannot be reached from here (ENETUNREACH)."},
		{record.Reset, "ECONNRESET", "Inconclusive: no call was answered: what listens there does not speak FastAGI, or serves nobody (ECONNRESET)."},
		{record.Answered, "", "Of 2 calls, none is lost."},
	} {
		run := &record.Run{Cells: []record.Cell{{ID: "storm"}}, Repeats: 1, Isolation: record.Isolation{Mode: record.IsolationHost}}
		attempt := record.Attempt{Outcome: c.outcome, Errno: c.errno}
		s := Summarise(run, Storms{"storm": {{Attempts: []record.Attempt{attempt, attempt}}}})
		if !strings.HasPrefix(s.Verdict, c.want) {
			t.Errorf("%s: verdict %q, want %q", c.outcome, s.Verdict, c.want)
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
	want := []string{"the portable engine cannot ask the kernel for SYN retransmissions: " +
		"which calls were late, and the handshake's latency, are not known"}
	if diff := cmp.Diff(want, Summarise(run, storms).Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestRepeatWarnings(t *testing.T) {
	raw := made{calls: 10, lag: 600 * ms}.storm(tuned(128))
	raw.Queue = []record.QueueSample{{At: 0, Limit: 128}, {At: 250 * ms, Limit: 128}}
	raw.Target = &record.Target{Queued: ptr(1)}
	got := summariseOne(raw, func(r *record.Run) {
		r.Scenario.ConnectLimit = 2000 * ms
	}).Warnings
	want := []string{
		"the generator started an attempt 600 ms late",
		// The watch ended at 0.25 s, the storm at 3 s.
		"the accept queue was not looked at for 2.75 s: its peak may have been missed",
		"the record has no kernel.json: what the kernel counted is not known, and the books are not checked against it",
		"1 connection was still in the accept queue when the storm was over",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

// timed is the same storm on a kernel that counts timers and SYN-ACKs too: one SYN-ACK was sent again, lo dropped 3 packets.
func timed() *record.Repeat {
	r := overflow()
	for name, gain := range map[string]uint64{
		"TCPSYNChallenge": 1, "TCPTimeouts": 6, "TcpTimeoutRehash": 5, "TcpOutSegs": 100, "TcpRetransSegs": 5, "TcpInSegs": 101,
	} {
		r.Kernel.Before[name], r.Kernel.After[name] = 70, 70+gain
	}
	r.Kernel.After["lo.rx_dropped"] += 3
	return r
}

// TestBooksOfTimers: the lines that such a kernel adds, and what breaks each.
func TestBooksOfTimers(t *testing.T) {
	const (
		retrans  = "TCPSynRetrans = clients' SYN retransmissions + TCPSYNChallenge"
		timeouts = "TCPTimeouts = TcpTimeoutRehash + TCPSYNChallenge + attempts with ETIMEDOUT"
		segments = "TcpOutSegs + TcpRetransSegs = TcpInSegs + lo.rx_dropped + TCPSYNChallenge"
	)
	for _, c := range []struct {
		name string
		edit func(*record.Repeat)
		want map[string]int64
	}{
		{"balanced", func(*record.Repeat) {}, map[string]int64{retrans: 0, timeouts: 0, segments: 0}},
		{"somebody's SYN", func(r *record.Repeat) { r.Kernel.After["TCPSynRetrans"] += 2 }, map[string]int64{retrans: 2, timeouts: 0, segments: 0}},
		{"somebody's timer", func(r *record.Repeat) { r.Kernel.After["TCPTimeouts"]++ }, map[string]int64{retrans: 0, timeouts: 1, segments: 0}},
		{"given up by the kernel", func(r *record.Repeat) {
			r.Kernel.After["TCPTimeouts"]++
			r.Attempts[0].Errno = "ETIMEDOUT"
		}, map[string]int64{retrans: 0, timeouts: 0, segments: 0}},
		{"packets on their way", func(r *record.Repeat) { r.Kernel.After["TcpInSegs"] -= 4 }, map[string]int64{retrans: 0, timeouts: 0, segments: 4}},
	} {
		raw := timed()
		c.edit(raw)
		got := map[string]int64{}
		for _, b := range summariseOne(raw, nil).Books {
			if _, asked := c.want[b.Rule]; asked {
				got[b.Rule] = b.Residual
			}
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestBooksOfTheTardy: a connection that the server accepted when its client had given up is no stranger's.
func TestBooksOfTheTardy(t *testing.T) {
	raw := overflow()
	for i := range raw.Attempts {
		if a := &raw.Attempts[i]; a.Outcome == record.ConnectTimeout {
			a.Local, a.Limit = "127.0.0.1:777", "connect"
			raw.Target.Peers = append(raw.Target.Peers, record.Peer{Address: a.Local, At: time.Hour, Fate: "gone"})
			break
		}
	}
	if got := summariseOne(raw, nil); !slices.Contains(got.Books, Balance{rulePhantoms, 0}) || got.PhantomFates.Gone != 1 {
		t.Errorf("books %+v, fates %+v", got.Books, got.PhantomFates)
	}
}

// TestLinkWarnings: a delay line owns up to what it lost and was late by.
func TestLinkWarnings(t *testing.T) {
	const ms = time.Millisecond
	for want, l := range map[string]record.Link{
		"": {Kind: "tun", RTT: 20 * ms, Forwarded: 100, LateP99: 2 * ms},
		"the link itself dropped 3 of 103 packets":                                                            {Kind: "tun", RTT: 20 * ms, Forwarded: 100, Dropped: 3},
		"the link was late: 1 % of its packets took 2.10 ms or more beyond half of the round trip of 20.0 ms": {Kind: "tun", RTT: 20 * ms, LateP99: 2100 * time.Microsecond},
	} {
		if got := strings.Join(linkWarnings(&l), "; "); got != want {
			t.Errorf("%+v: %q, want %q", l, got, want)
		}
	}
}

// TestBooksOfALink: what the link dropped stands where lo's drops stand on loopback, and IP counts the segments that
// GRO merged.
func TestBooksOfALink(t *testing.T) {
	const (
		segments = "TcpOutSegs + TcpRetransSegs = IP packets received + packets dropped by the link + TCPSYNChallenge"
		merged   = "TcpOutSegs + TcpRetransSegs = TcpInSegs + packets dropped by the link + TCPSYNChallenge"
		syns     = "SYNs without an answer ≤ ListenDrops + packets dropped by the link"
	)
	for _, c := range []struct {
		name string
		edit func(*record.Repeat)
		want map[string]int64
	}{
		{"balanced", func(*record.Repeat) {}, map[string]int64{segments: 0, syns: 0}},
		{"GRO merged segments", func(r *record.Repeat) {
			r.Kernel.After["TcpInSegs"] -= 40
		}, map[string]int64{segments: 0, syns: 0}},
		{"with a mark of congestion", func(r *record.Repeat) {
			r.Kernel.After["InNoECTPkts"] -= 5
			r.Kernel.After["InCEPkts"] += 5
		}, map[string]int64{segments: 0, syns: 0}},
		{"packets on their way", func(r *record.Repeat) {
			r.Kernel.After["InNoECTPkts"] -= 4
		}, map[string]int64{segments: 4, syns: 0}},
		{"the link dropped packets", func(r *record.Repeat) {
			r.Kernel.Link.Dropped = 2
			r.Kernel.After["InNoECTPkts"] -= 2
		}, map[string]int64{segments: 0, syns: 0}},
		{"more SYNs are gone than anybody dropped", func(r *record.Repeat) {
			r.Kernel.After["ListenDrops"] -= 6
		}, map[string]int64{segments: 0, syns: 2}},
		{"of which the link dropped some", func(r *record.Repeat) {
			r.Kernel.After["ListenDrops"] -= 6
			r.Kernel.Link.Dropped = 6
			r.Kernel.After["InNoECTPkts"] -= 6
		}, map[string]int64{segments: 0, syns: 0}},
		{"with a round trip", func(r *record.Repeat) { r.Kernel.Link.RTT = 20 * ms }, map[string]int64{segments: 0}},
		{"a kernel that does not count IP packets", func(r *record.Repeat) {
			delete(r.Kernel.After, "InCEPkts")
		}, map[string]int64{merged: 0, syns: 0}},
	} {
		raw := linked()
		c.edit(raw)
		got := map[string]int64{}
		for _, b := range summariseOne(raw, nil).Books {
			if b.Rule == segments || b.Rule == merged || b.Rule == syns {
				got[b.Rule] = b.Residual
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// linked is the storm of timed on a veth: lo drops nothing there, and IP counts what came in.
func linked() *record.Repeat {
	r := timed()
	lo := r.Kernel.After[loDropped] - r.Kernel.Before[loDropped]
	r.Kernel.Link = &record.Link{Kind: "veth"}
	r.Kernel.After[loDropped] = r.Kernel.Before[loDropped]
	r.Kernel.After["TcpInSegs"] += lo
	r.Kernel.After["ListenDrops"] += lo // the listener dropped those instead
	for _, name := range packetsIn {
		r.Kernel.Before[name], r.Kernel.After[name] = 0, 0
	}
	r.Kernel.After["InNoECTPkts"] = r.Kernel.After["TcpInSegs"] - r.Kernel.Before["TcpInSegs"]
	return r
}

// TestAcceptedTwice: a second connection from the port of one that was served is no stranger's: the books know it, and that its work was for nobody.
func TestAcceptedTwice(t *testing.T) {
	raw := overflow()
	first := raw.Target.Peers[0]
	raw.Target.Peers = append(raw.Target.Peers, record.Peer{At: 300 * ms, Done: 1460 * ms, Address: first.Address, Fate: "stopped"})
	got := summariseOne(raw, nil)
	if !slices.Contains(got.Books, Balance{rulePhantoms, 0}) || got.PhantomFates.Gone != 1 || got.PhantomFates.Wasted != 1160*ms {
		t.Errorf("books %+v, fates %+v", got.Books, got.PhantomFates)
	}
	raw.Target.Peers = append(raw.Target.Peers, record.Peer{At: 300 * ms, Address: "192.0.2.7:1", Fate: "gone"})
	if got := summariseOne(raw, nil); !slices.Contains(got.Books, Balance{rulePhantoms, 1}) || got.PhantomFates.Gone != 1 {
		t.Errorf("somebody else's: books %+v, fates %+v", got.Books, got.PhantomFates)
	}
}

// TestBooksWithPayload: what is sent again beside the SYNs may be any number, but the SYNs are among it; the listener's own drops are
// ListenDrops at least, and without cookies the kernel drops beside the two queues.
func TestBooksWithPayload(t *testing.T) {
	const (
		retrans = "clients' SYN retransmissions + TCPSYNChallenge ≤ TcpRetransSegs"
		rehash  = "clients' SYN retransmissions ≤ TcpTimeoutRehash"
		own     = "ListenDrops ≤ the listener's own drops"
		without = "ListenOverflows + TCPReqQFullDrop ≤ ListenDrops"
	)
	drops := func(n uint32) []record.QueueSample {
		return []record.QueueSample{{Drops: ptr(uint32(3))}, {At: ms, Drops: ptr(3 + n)}}
	}
	for _, c := range []struct {
		name string
		edit func(*record.Repeat)
		want map[string]int64
	}{
		{"balanced", func(*record.Repeat) {}, map[string]int64{retrans: 0, rehash: 0, own: 0}},
		{"payload", func(r *record.Repeat) {
			r.Kernel.After["TcpRetransSegs"] += 40
			r.Kernel.After["TcpTimeoutRehash"] += 20
		}, map[string]int64{retrans: 0, rehash: 0, own: 0}},
		{"too few", func(r *record.Repeat) { r.Kernel.After["TcpRetransSegs"], r.Kernel.After["TcpTimeoutRehash"] = 73, 72 }, map[string]int64{retrans: 2, rehash: 2, own: 0}},
		{"another listener's", func(r *record.Repeat) { r.Queue = drops(6) }, map[string]int64{retrans: 0, rehash: 0, own: 2}},
		{"not told", func(r *record.Repeat) { r.Queue[1].Drops = nil }, map[string]int64{retrans: 0, rehash: 0}},
		{"three-quarter rule", func(r *record.Repeat) {
			r.Kernel.Sysctls["net.ipv4.tcp_syncookies"] = "0"
			r.Kernel.After["ListenOverflows"] -= 3
		},
			map[string]int64{retrans: 0, rehash: 0, own: 0, without: 0}},
		{"more overflows than drops", func(r *record.Repeat) {
			r.Kernel.Sysctls["net.ipv4.tcp_syncookies"] = "0"
			r.Kernel.After["ListenOverflows"] += 3
		},
			map[string]int64{retrans: 0, rehash: 0, own: 0, without: 3}},
	} {
		raw := timed()
		raw.Queue = drops(9) // a last ACK twice
		c.edit(raw)
		got := map[string]int64{}
		for _, b := range summariseOne(raw, nil).Books {
			if slices.Contains([]string{retrans, rehash, own, without}, b.Rule) {
				got[b.Rule] = b.Residual
			}
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestProbableCause: the record tells of somebody else's connects, and of retries that went on.
func TestProbableCause(t *testing.T) {
	for want, edit := range map[string]func(*record.Repeat){
		"probably packets lost elsewhere than at lo, or still on their way": func(*record.Repeat) {},
		"probably 2 connects of somebody else's in this namespace":          func(r *record.Repeat) { r.Kernel.After["TcpActiveOpens"] += 2 },
		"probably retries that were still in flight: TcpRetransSegs grew by 3 after the storm": func(r *record.Repeat) {
			r.Counters = []record.CounterSample{{Gained: record.Counters{"TcpRetransSegs": 2}}}
		},
	} {
		raw := timed()
		raw.Kernel.After["TcpInSegs"] -= 4
		edit(raw)
		if warnings := summariseOne(raw, nil).Warnings; !slices.ContainsFunc(warnings, func(w string) bool {
			return strings.Contains(w, "TcpOutSegs") && strings.HasSuffix(w, want)
		}) {
			t.Errorf("%q, want %q", warnings, want)
		}
	}
}
