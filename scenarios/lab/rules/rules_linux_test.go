package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"agistorm/target/netns"
	"agistorm/target/probe"
	"agistorm/target/tracefs"
)

// mode is a namespace that this machine gives; it skips only where unshare(1) is refused the same.
func mode(t *testing.T) netns.Mode {
	t.Helper()
	try := exec.Command("true")
	try.SysProcAttr = netns.Attributes(netns.User)
	err := try.Run()
	if err == nil {
		return netns.User
	}
	if exec.Command("unshare", "--user", "--map-root-user", "--net", "true").Run() == nil {
		t.Fatalf("unshare(1) gets a namespace here, we do not: %v", err)
	}
	t.Skipf("this machine refuses namespaces to unshare(1) too: %v", err)
	return netns.Host
}

// TestThisKernel checks every rule on the kernel that runs the test, and that the host is as it was.
func TestThisKernel(t *testing.T) {
	where := mode(t)
	before := hostSysctls(t)
	results, err := Run(t.Context(), All(), Options{Mode: where})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) < 20 {
		t.Errorf("%d rules, want at least 20", len(results))
	}
	for _, r := range results {
		switch {
		case r.Verdict == Lacking:
			t.Logf("left out: %s: %s", r.Name, r.Reason)
		case r.Verdict != Holds:
			t.Errorf("%s: %s: expected %s, measured %s%s", r.Name, r.Verdict, r.Expected, r.Measured, r.Reason)
		case r.Tries > 1:
			t.Logf("%s held at try %d", r.Name, r.Tries)
		}
	}
	if after := hostSysctls(t); after != before {
		t.Errorf("the host's sysctls were %s and are %s", before, after)
	}
}

func hostSysctls(t *testing.T) string {
	t.Helper()
	var values []string
	for _, path := range []string{"net/core/somaxconn", "net/ipv4/tcp_syncookies", "net/ipv4/tcp_max_syn_backlog",
		"net/ipv4/tcp_syn_retries"} {
		text, err := os.ReadFile("/proc/sys/" + path)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, strings.TrimSpace(string(text)))
	}
	return strings.Join(values, ", ")
}

// TestWithoutNamespace: on the host's loopback the rules that need none are checked, and nothing is set.
func TestWithoutNamespace(t *testing.T) {
	list, err := Select([]string{"capacity", "clamp-int-max", "relisten-down", "somaxconn-cuts"})
	if err != nil {
		t.Fatal(err)
	}
	results, err := Run(t.Context(), list, Options{Mode: netns.Host})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		want := Holds
		if r.Name == "somaxconn-cuts" {
			want = Unchecked
		}
		if r.Verdict != want {
			t.Errorf("%s: %s: %s %s", r.Name, r.Verdict, r.Measured, r.Reason)
		}
	}
}

// TestSetOutside: a rule that forgot to say that it needs a namespace cannot change the host.
func TestSetOutside(t *testing.T) {
	r := Rule{measure: func(s *site) Finding { s.set(somaxconn, 77); return Finding{} }}
	if _, err := r.try(&site{}); err == nil || !strings.Contains(err.Error(), "not set outside") {
		t.Errorf("got %v", err)
	}
}

// TestMissing: a sysctl or a counter that this kernel has not got is proven to be missing, and not taken for
// an error.
func TestMissing(t *testing.T) {
	for name, measure := range map[string]func(*site) Finding{
		"sysctl":  func(*site) Finding { sysctl("net.ipv4.tcp_no_such_thing"); return Finding{} },
		"counter": func(*site) Finding { return listen(1).counted([]event{{"NoSuchCounter", 1}}, func() {}) },
	} {
		r := Rule{measure: measure}
		if said := outcomeOf(r.try(&site{})); !said.Lacking || said.Error == "" {
			t.Errorf("%s: %+v", name, said)
		}
	}
}

// TestUntraceable: where drop reasons cannot be traced, or are too old, that is proven, and not taken for an error.
func TestUntraceable(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want Verdict
	}{
		"another user": {fmt.Errorf("tracefs: %w", fs.ErrPermission), Lacking},
		"no mount":     {fmt.Errorf("%w: no", tracefs.ErrNoTracefs), Lacking},
		"broken":       {errors.New("odd"), Unchecked},
		"none":         {nil, Holds},
	} {
		r := Rule{measure: func(*site) Finding {
			proveUntraceable(c.err)
			check(c.err)
			return compareText("1", "1")
		}}
		if got := outcomeOf(r.try(&site{})); got.verdict() != c.want {
			t.Errorf("%s: %s %+v", name, got.verdict(), got)
		}
	}
	if trace, err := tracefs.Start(); err == nil {
		check(trace.Close())
		r := Rule{measure: ending{backlog: 1, needs: "NO_SUCH_REASON", since: "Linux 99.0"}.measure}
		if said := outcomeOf(r.try(&site{})); !said.Lacking || !strings.Contains(said.Error, "Linux 99.0") {
			t.Errorf("an older kernel: %+v", said)
		}
	} else {
		t.Logf("this user cannot trace: %v", err)
	}
}

// TestWrongIsFound: a rule that expects what this kernel does not do does not hold. No namespace is needed.
func TestWrongIsFound(t *testing.T) {
	for name, measure := range map[string]func(*site) Finding{
		"a SYN counted twice": func(*site) Finding {
			l := listen(1)
			l.fill()
			return l.counted([]event{{socketDrops, 2}}, func() { l.connect() })
		},
		"no retransmission for 1.5 s": func(*site) Finding {
			l := listen(0)
			l.fill()
			due := []time.Duration{1500 * time.Millisecond}
			return onSchedule(due, l.connect().watched(time.Now(), due))
		},
	} {
		r := Rule{measure: measure}
		if f, err := r.try(&site{}); err != nil || f.Holds {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
}

// TestJudgements: each rule that judges what it measured holds for the right numbers and for no others.
func TestJudgements(t *testing.T) {
	const second = time.Second
	late := []time.Duration{second, 3400 * time.Millisecond}
	five, none := []int{1, 2, 3, 4, 5}, []error{fs.ErrNotExist, fs.ErrPermission}
	expected := []event{{"ListenDrops", 1}, {"TcpOutRsts", 0}}
	mem := []string{"netdev_max_backlog", "tcp_mem"}
	for name, c := range map[string]struct{ right, wrong []Finding }{
		"capacity": {[]Finding{judgeCapacity(five[:2], []int{1, 4}, []int{2, 5})},
			[]Finding{judgeCapacity(five[:2], []int{1, 4}, []int{2, 4}),
				judgeCapacity(five[:2], []int{1, 4}, []int{2})}},
		"relisten-up": {[]Finding{judgeRaised(17, append(five, 9), five)},
			[]Finding{judgeRaised(16, five, five), judgeRaised(17, five[1:], five),
				judgeRaised(17, []int{2, 1, 3, 4, 5}, five), judgeRaised(17, five, nil)}},
		"relisten-down": {[]Finding{judgeLowered(4, 10, five, five)},
			[]Finding{judgeLowered(9, 10, five, five), judgeLowered(4, 5, five, five),
				judgeLowered(4, 10, five[1:], five)}},
		"shared-port": {[]Finding{queueEach(5, 5, 1, 1)},
			[]Finding{queueEach(5, 4, 1, 1), queueEach(5, 5, 1, 0), queueEach(10, 0, 54, 0)}},
		"queued-no-descriptor": {[]Finding{noneOfTheServer(65)}, []Finding{noneOfTheServer(130), noneOfTheServer(0)}},
		"counters": {[]Finding{sameEvents(expected, expected)},
			[]Finding{sameEvents(expected, nil), sameEvents(expected, []event{{"ListenDrops", 2}, {"TcpOutRsts", 0}}),
				sameEvents(expected, []event{{"ListenDrops", 1}, {"TcpOutRsts", 1}})}},
		"phantom": {[]Finding{judgePhantom(5, "ESTABLISHED", 9, five)},
			[]Finding{judgePhantom(5, "ESTABLISHED", 3, five), judgePhantom(5, "ESTABLISHED", 9, five[:4]),
				judgePhantom(5, "ESTABLISHED", 9, nil), judgePhantom(5, "in state 2", 9, five)}},
		"overflow-sum": {[]Finding{sumOf(7, 4, 3)},
			[]Finding{sumOf(8, 4, 3), sumOf(4, 4, 0), sumOf(3, 0, 3), sumOf(0, 0, 0)}},
		"syn-queue-bound": {[]Finding{boundOf16(17, false), boundOf16(17, true), boundOf16(16, true)},
			[]Finding{boundOf16(16, false), boundOf16(18, true), boundOf16(20, false), boundOf16(0, true)}},
		"syn-retransmission": {[]Finding{onSchedule(late, late)},
			[]Finding{onSchedule(late, late[:1]), onSchedule(late, nil),
				onSchedule(late, []time.Duration{second, 2 * second})}},
		"syn-gives-up": {[]Finding{gaveUp(2, 4*second, "timed out", 2, 4*second)},
			[]Finding{gaveUp(2, 4*second, "refused", 2, 4*second), gaveUp(2, 4*second, "timed out", 1, 4*second),
				gaveUp(2, 4*second, "timed out", 2, 3*second)}},
		"late-connect-counts-syns": {[]Finding{oneLost(1, second)},
			[]Finding{oneLost(0, second), oneLost(2, second), oneLost(1, 0)}},
		"synack-retransmission": {[]Finding{forgotten(1, second, 3*second, "ESTABLISHED")}, []Finding{
			forgotten(2, second, 3*second, "ESTABLISHED"), forgotten(1, 0, 3*second, "ESTABLISHED"),
			forgotten(1, second, 7*second, "ESTABLISHED"), forgotten(1, second, 3*second, "in state 7"),
		}},
		"rto-max-synack": {
			[]Finding{judgeCapped(true, []time.Duration{second, 3 * second}),
				judgeCapped(false, []time.Duration{second, 2 * second})},
			[]Finding{judgeCapped(true, []time.Duration{second, 2 * second}), judgeCapped(true, nil),
				judgeCapped(false, []time.Duration{second, 3 * second}), judgeCapped(false, []time.Duration{second})},
		},
		"time-wait-skips-syn-queue": {[]Finding{judgeTimeWait("SYN-SENT", "ESTABLISHED", 0)},
			[]Finding{judgeTimeWait("ESTABLISHED", "ESTABLISHED", 0), judgeTimeWait("SYN-SENT", "SYN-SENT", 1),
				judgeTimeWait("SYN-SENT", "ESTABLISHED", 1)}},
		"migrate-req": {
			[]Finding{judgeMigrated(restart{12, 12, 0}, restart{9, 0, 9})},
			[]Finding{judgeMigrated(restart{}, restart{}), judgeMigrated(restart{12, 0, 12}, restart{9, 0, 9}),
				judgeMigrated(restart{12, 12, 0}, restart{9, 9, 0}), judgeMigrated(restart{12, 11, 0}, restart{9, 0, 9}),
				judgeMigrated(restart{12, 12, 0}, restart{9, 1, 8})},
		},
		"reasons": {
			[]Finding{judgeReasons(nil, nil, nil), judgeReasons(map[string]uint64{"A": 7}, nil, map[string]uint64{"A": 7}),
				judgeReasons(map[string]uint64{"A": 7}, map[string]uint64{"A": 1, "B": 2},
					map[string]uint64{"A": 8, "B": 2})},
			[]Finding{judgeReasons(nil, nil, map[string]uint64{"A": 1}),
				judgeReasons(map[string]uint64{"A": 7}, nil, map[string]uint64{"A": 6}),
				judgeReasons(map[string]uint64{"A": 7}, nil, map[string]uint64{"A": 7, "B": 1}),
				judgeReasons(map[string]uint64{"A": 7}, map[string]uint64{"A": 7}, map[string]uint64{"A": 7}),
				judgeReasons(map[string]uint64{"A": 7}, nil, nil)},
		},
		"somaxconn-when-born": {[]Finding{bornWith("4096", false), bornWith("128", true)},
			[]Finding{bornWith("128", false), bornWith("1234", true), bornWith("", false)}},
		"host-wide-hidden": {[]Finding{hidden(mem, none)},
			[]Finding{hidden(mem, []error{nil, none[1]}), hidden(mem, []error{none[0], nil}),
				hidden(mem, []error{errors.New("odd"), none[0]})}},
		"memory-is-a-socket": {[]Finding{socketsFor(129, 129, 2304)},
			[]Finding{socketsFor(129, 0, 2304), socketsFor(129, 129, 320), socketsFor(129, 129, 9000)}},
		"memory-when-queued": {[]Finding{memoryOf(4000, 4000, 2688, nil)},
			[]Finding{memoryOf(4000, 3999, 2688, nil), memoryOf(4000, 4000, 341, nil),
				memoryOf(4000, 4000, 9000, nil)}},
	} {
		for i, f := range c.right {
			if !f.Holds {
				t.Errorf("%s, right %d: expected %s, measured %s: does not hold", name, i, f.Expected, f.Measured)
			}
		}
		for i, f := range c.wrong {
			if f.Holds {
				t.Errorf("%s, wrong %d: expected %s, measured %s: holds", name, i, f.Expected, f.Measured)
			}
		}
	}
}

// TestShortArguments: where a call cannot be given 2^32 the outcome states that, and nothing is measured.
func TestShortArguments(t *testing.T) {
	r := Rule{measure: func(*site) Finding { hasBits(32); return compareText("1", "1") }}
	if said := outcomeOf(r.try(&site{})); !said.Lacking || !strings.Contains(said.Error, "32 bits") {
		t.Errorf("got %+v", said)
	}
	r.measure = func(*site) Finding { hasBits(64); return compareText("1", "1") }
	if said := outcomeOf(r.try(&site{})); said.Error != "" {
		t.Errorf("got %+v", said)
	}
}

func TestStateAt(t *testing.T) {
	const line = "   1: 0100007F:11DD 0100007F:A0C2 03 00000000:00000000 01:00000061 00000000     0        0 0 1 " +
		"0000000000000000"
	for port, want := range map[int]int{0x11DD: synReceived, 0x11DE: 0} {
		if got := stateAt(line, port); got != want {
			t.Errorf("port %d: %v", port, got)
		}
	}
	if got := stateAt(strings.Replace(line, " 03 ", " 06 ", 1), 0x11DD); got != timeWait {
		t.Errorf("TIME_WAIT is read as %d", got)
	}
	for _, other := range []string{"", "  sl  local_address rem_address   st tx_queue", "1: x 0100007F:A0C2 03"} {
		if got := stateAt(other, 0x11DD); got != 0 {
			t.Errorf("%q is in state %d", other, got)
		}
	}
}

func TestPerObject(t *testing.T) {
	before := map[string]probe.Slab{"TCP": {Active: 26, Size: 2520}, "request_sock_TCP": {Active: 10, Size: 341}}
	after := map[string]probe.Slab{"TCP": {Active: 1030, Size: 2520}, "request_sock_TCP": {Active: 510, Size: 341},
		"dentry": {Active: 5000, Size: 192}}
	if bytes, names := perObject(before, after, 1000); bytes != 2520 || len(names) != 1 {
		t.Errorf("got %d of %v, want TCP alone: the other grew by half", bytes, names)
	}
}

func TestWords(t *testing.T) {
	if got := tally([]event{{"ListenDrops", 2}, {"TcpOutRsts", 0}}); got != "ListenDrops +2, TcpOutRsts +0" {
		t.Errorf("got %s", got)
	}
	if checkPort(42, []int{142, 420, 42}) != "among" || checkPort(42, []int{142, 420}) != "not among" ||
		checkPort(42, nil) != "not among" {
		t.Error("among")
	}
	if got := shortName("net.ipv4.tcp_mem"); got != "tcp_mem" {
		t.Errorf("got %s", got)
	}
	for _, c := range []struct {
		a, b int64
		want string
	}{{1, 2, "both"}, {0, 2, "one"}, {0, 0, "none"}} {
		if got := countDropped(c.a, c.b); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
}

func TestParseAvailable(t *testing.T) {
	const text = "MemTotal:        8135532 kB\nMemAvailable:    7500000 kB\nBuffers: 1 kB\n"
	if got, err := parseAvailable(text); err != nil || got != 7500000*1024 {
		t.Errorf("%v, %v", got, err)
	}
	for _, wrong := range []string{"", "MemAvailable: many kB\n", "MemFree: 1 kB\n"} {
		if got, err := parseAvailable(wrong); err == nil {
			t.Errorf("%q gives %v", wrong, got)
		}
	}
}

// TestMeasurements: each has a name of its own, by which its process finds it, and is no rule to check.
func TestMeasurements(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Measurements() {
		if _, err := Select([]string{m.Name}); err == nil || seen[m.Name] {
			t.Errorf("%s is a rule, too, or twice there", m.Name)
		}
		if found, err := find(m.Name); err != nil || found.Name != m.Name || m.measure == nil {
			t.Errorf("%s: %+v, %v", m.Name, found, err)
		}
		seen[m.Name] = true
	}
	if _, err := find("no-such-thing"); err == nil {
		t.Error("a measurement that there is not was found")
	}
}
