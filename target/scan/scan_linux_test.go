package scan

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/target/netns"
)

// TestPlantedFaults runs itself in a namespace of its own, whose somaxconn it can set.
func TestPlantedFaults(t *testing.T) {
	if os.Getenv(inside) == "" {
		again(t, "^TestPlantedFaults$")
		return
	}
	if err := netns.LoopbackUp(); err != nil {
		t.Fatal(err)
	}
	p := newPlanter(t)
	names := map[string]string{listeners.Host: "here"}
	here, apart := syscall.SysProcAttr{}, syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	want := map[string]string{}
	for _, c := range planted {
		attributes := here
		if c.apart != "" {
			attributes = apart
		}
		if c.uid != 0 {
			attributes.Credential = &syscall.Credential{Uid: c.uid, Gid: c.uid}
		}
		if c.uid != 0 && os.Getenv(inside) != "root" {
			continue // a user namespace of one's own has no other user
		}
		steps := c.steps
		if c.apart != "" {
			steps = append([]step{{Loopback: true}}, steps...)
		}
		child := p.plant(c.server, attributes, steps...)
		space := "here"
		if c.apart != "" {
			space = c.apart
			names[namespaceOf(t, child.Process.Pid)] = space
		}
		for port, codes := range c.want {
			want[fmt.Sprint(space, " ", port)] = codes
		}
	}
	once := judged(t, names, func() (*listeners.Report, error) { return Now() })
	compare(t, "one look", once, want)
	twice := judged(t, names, func() (*listeners.Report, error) { return Window(t.Context(), 300*time.Millisecond) })
	for at, codes := range want {
		want[at] = inTwoLooks.Replace(codes)
	}
	compare(t, "two looks", twice, want)
	if n := len(slices.Collect(maps.Keys(once))); n < 30 {
		t.Errorf("%d places were planted, want 30", n)
	}
}

// inTwoLooks is what a second look shows of the same: nothing was accepted. Drops of before the first look are none of
// the window's, but still a finding.
var inTwoLooks = strings.NewReplacer("listener-full", "listener-stuck")

// planted servers, with the findings that each port must have: those of several sockets sorted.
var planted = []struct {
	server string
	// apart is the name of a namespace of its own; empty is the test's.
	apart string
	uid   uint32
	steps []step
	want  map[string]string
}{
	{server: "alpha", steps: []step{{Somaxconn: 200}, {Listen: "127.0.0.1:7401", Backlog: 1000}},
		want: map[string]string{"127.0.0.1:7401": "somaxconn-raised"}},
	{server: "beta", steps: []step{{Listen: "127.0.0.1:7402", Backlog: 500}},
		want: map[string]string{"127.0.0.1:7402": "somaxconn-raised"}},
	{server: "gamma", steps: []step{{Listen: "127.0.0.1:7403", Backlog: 65535}},
		want: map[string]string{"127.0.0.1:7403": "somaxconn-raised"}},
	{server: "nginx", steps: []step{{Somaxconn: 128}, {Listen: "127.0.0.1:7404", Backlog: 511}, {Somaxconn: 4096},
		{Listen: "127.0.0.1:7511", Backlog: 511}, {Listen: "0.0.0.0:7080", Backlog: 4096}},
		want: map[string]string{"127.0.0.1:7404": "somaxconn-raised", "127.0.0.1:7511": "backlog-asked",
			"0.0.0.0:7080": "backlog-clamped-or-asked"}},
	{server: "server", steps: []step{
		{Listen: "127.0.0.1:7000"}, {Listen: "127.0.0.1:7001", Backlog: 1}, {Listen: "127.0.0.1:7005", Backlog: 5},
		{Listen: "127.0.0.1:7050", Backlog: 50}, {Listen: "127.0.0.1:7128", Backlog: 128},
		{Listen: "127.0.0.1:7512", Backlog: 511}, {Listen: "127.0.0.1:7096", Backlog: 4096},
		{Listen: "127.0.0.1:7097", Backlog: 100000}, {Listen: "[::1]:7006", Backlog: 5},
		{Listen: "[::]:7007", Backlog: 4096},
		{Listen: "127.0.0.1:7200", Backlog: 4, Connect: 5}, {Listen: "127.0.0.1:7201", Backlog: 2, Connect: 9},
		{Listen: "127.0.0.1:7202", Backlog: 4096, Connect: 4096}, {Listen: "[::1]:7203", Backlog: 2, Connect: 3},
		{Listen: "127.0.0.1:7204", Backlog: 2, Connect: 6, Drain: true},
		{Listen: "127.0.0.1:7300", Backlog: 32, Sockets: 4, Accepting: 3, Connect: 300,
			Pause: 500 * time.Microsecond},
		{Listen: "127.0.0.1:7301", Backlog: 4096, Sockets: 2, Accepting: 2, Connect: 40},
	}, want: map[string]string{
		"127.0.0.1:7000": "backlog-tiny", "127.0.0.1:7001": "backlog-tiny", "127.0.0.1:7005": "backlog-asked-or-raised",
		"127.0.0.1:7050": "backlog-asked-or-raised", "127.0.0.1:7128": "backlog-asked-or-raised",
		"127.0.0.1:7512": "backlog-asked-or-raised", "127.0.0.1:7096": "backlog-clamped-or-asked",
		"127.0.0.1:7097": "backlog-clamped-or-asked", "[::1]:7006": "backlog-asked-or-raised",
		"[::]:7007":      "backlog-clamped-or-asked",
		"127.0.0.1:7200": "listener-full backlog-asked-or-raised",
		"127.0.0.1:7201": "listener-full listener-drops backlog-asked-or-raised",
		"127.0.0.1:7202": "backlog-clamped-or-asked", "[::1]:7203": "listener-full backlog-asked-or-raised",
		"127.0.0.1:7204": "listener-drops backlog-asked-or-raised",
		"127.0.0.1:7300": "backlog-asked-or-raised, backlog-asked-or-raised, backlog-asked-or-raised, " +
			"worker-stuck listener-drops backlog-asked-or-raised",
		"127.0.0.1:7301": "backlog-clamped-or-asked, backlog-clamped-or-asked",
	}},
	{server: "java", steps: []step{{Listen: "127.0.0.1:7051", Backlog: 50}, {Listen: "127.0.0.1:7052", Backlog: 100}},
		want: map[string]string{"127.0.0.1:7051": "backlog-asked", "127.0.0.1:7052": "backlog-asked"}},
	{server: "xinetd", steps: []step{{Listen: "127.0.0.1:7064", Backlog: 64}},
		want: map[string]string{"127.0.0.1:7064": "backlog-asked"}},
	{server: goServer, steps: []step{{Listen: "127.0.0.1:7100", Go: true}, {Listen: "127.0.0.1:7101", Backlog: 16}},
		want: map[string]string{"127.0.0.1:7100": "", "127.0.0.1:7101": "backlog-asked-or-raised"}},
	{server: "server", uid: 65534, steps: []step{{Listen: "127.0.0.1:7008", Backlog: 8}},
		want: map[string]string{"127.0.0.1:7008": "backlog-asked-or-raised"}},

	{server: "nginx", apart: "low", steps: []step{{Somaxconn: 128}, {Listen: "0.0.0.0:80", Backlog: 511},
		{Listen: "0.0.0.0:81", Backlog: 50}},
		want: map[string]string{"0.0.0.0:80": "backlog-clamped", "0.0.0.0:81": "backlog-asked-or-raised"}},
	{server: goServer, apart: "go", steps: []step{{Somaxconn: 64}, {Listen: "127.0.0.1:80", Go: true}},
		want: map[string]string{"127.0.0.1:80": "backlog-follows"}},
	{server: goServer, apart: "stuck", steps: []step{{Somaxconn: 2}, {Listen: "127.0.0.1:80", Go: true, Connect: 9},
		{Listen: "[::1]:80", Go: true, Connect: 2}},
		want: map[string]string{"127.0.0.1:80": "listener-full listener-drops backlog-follows",
			"[::1]:80": "backlog-follows"}},
	{server: goServer, apart: "raised", steps: []step{{Somaxconn: 256}, {Listen: "127.0.0.1:80", Go: true},
		{Somaxconn: 4096}}, want: map[string]string{"127.0.0.1:80": "somaxconn-raised"}},
	{server: goServer, apart: "most", steps: []step{{Somaxconn: 16777215}, {Listen: "127.0.0.1:80", Go: true}},
		want: map[string]string{"127.0.0.1:80": "go-fallback"}},
	{server: "server", apart: "lowered", steps: []step{{Listen: "127.0.0.1:80", Backlog: 4096}, {Somaxconn: 128},
		{Listen: "127.0.0.1:81", Backlog: 4096, Connect: 129}},
		want: map[string]string{"127.0.0.1:80": "somaxconn-lowered",
			"127.0.0.1:81": "listener-full backlog-clamped-or-asked"}},
}

// again runs a test of this program in a network namespace of its own, and fails or skips as that does.
func again(t *testing.T, name string) {
	t.Helper()
	mode, who := netns.Net, "root"
	if os.Geteuid() != 0 {
		mode, who = netns.User, "user"
	}
	child := exec.Command(os.Args[0], "-test.run="+name, "-test.v")
	child.Env = append(os.Environ(), inside+"="+who)
	child.SysProcAttr = netns.Attributes(mode)
	out, err := child.CombinedOutput()
	if err != nil && len(out) == 0 {
		if exec.Command("unshare", "--user", "--map-root-user", "--net", "true").Run() != nil {
			t.Skipf("this machine refuses the namespace to unshare(1) too: %v", err)
		}
	}
	if err != nil || !strings.Contains(string(out), "--- PASS") {
		t.Errorf("in the namespace: %v\n%s", err, out)
	}
}

func namespaceOf(t *testing.T, pid int) string {
	t.Helper()
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(link, "net:[]")
}

// judged returns the codes of what was found, by namespace and address, of the namespaces that have a name.
func judged(t *testing.T, names map[string]string, look func() (*listeners.Report, error)) map[string]string {
	t.Helper()
	r, err := look()
	if err != nil {
		t.Fatal(err)
	}
	listeners.Judge(r)
	all := map[string][]string{}
	for i := range r.Listeners {
		l := &r.Listeners[i]
		space, ok := names[l.Netns]
		if !ok {
			continue
		}
		if l.PID == 0 || l.Process == "" || l.Somaxconn == nil || l.Drops == nil {
			t.Errorf("%s %s lacks something: %+v", space, l.Endpoint(), l)
		}
		if byNet := l.Process == "scan.test" && l.Port != 7101; byNet != l.MPTCP { // Go's package net asks for it
			t.Errorf("%s %s: MPTCP %t", space, l.Endpoint(), l.MPTCP)
		}
		if (l.Port == 7008) != (l.UID != 0) && os.Getenv(inside) == "root" {
			t.Errorf("%s %s: user %d", space, l.Endpoint(), l.UID)
		}
		var codes []string
		for _, f := range l.Findings {
			codes = append(codes, string(f.Code()))
		}
		at := space + " " + l.Endpoint()
		all[at] = append(all[at], strings.Join(codes, " "))
	}
	joined := map[string]string{}
	for at, codes := range all {
		slices.Sort(codes)
		joined[at] = strings.Join(codes, ", ")
	}
	return joined
}

// compare holds what was found against what was planted: no fault missed, none invented.
func compare(t *testing.T, look string, got, want map[string]string) {
	t.Helper()
	for at, codes := range got {
		if planted, ok := want[at]; !ok || planted != codes {
			t.Errorf("%s, %s: found %q, planted %q", look, at, codes, planted)
		}
	}
	for at := range want {
		if _, ok := got[at]; !ok {
			t.Errorf("%s, %s: not found", look, at)
		}
	}
}

// TestStands: what the cookies of two looks at a full queue show.
func TestStands(t *testing.T) {
	set := func(cookies ...uint64) map[uint64]bool {
		all := map[uint64]bool{}
		for _, c := range cookies {
			all[c] = true
		}
		return all
	}
	for name, c := range map[string]struct {
		then, now           map[uint64]bool
		depthThen, depthNow int
		want                bool
	}{
		"nothing moved":              {set(1, 2), set(1, 2), 2, 2, true},
		"one was accepted":           {set(1, 2), set(2, 3), 2, 2, false},
		"all were":                   {set(1, 2), set(3, 4), 2, 2, false},
		"one accepted, none came":    {set(1, 2), set(2), 2, 1, false},
		"one was reset in the queue": {set(1, 2), set(2), 2, 2, true},
		"others come to another":     {set(1, 2, 3), set(1, 2, 4), 2, 2, true},
		"all of it are another's":    {set(1, 2, 3), set(3, 4, 5), 2, 2, false},
	} {
		if got := stands(c.then, c.now, c.depthThen, c.depthNow); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// BenchmarkScan is one look at 1,000 listeners, and what it means.
func BenchmarkScan(b *testing.B) {
	const each = 1000
	for i := range each {
		ip := netip.AddrFrom4([4]byte{127, 0, byte(1 + i/250), byte(1 + i%250)})
		fd, err := listen(netip.AddrPortFrom(ip, 7999), 128, false)
		if err != nil {
			b.Fatal(err)
		}
		defer syscall.Close(fd)
	}
	n := 0
	for b.Loop() {
		r, err := Now()
		if err != nil {
			b.Fatal(err)
		}
		listeners.Judge(r)
		n = len(r.Listeners)
	}
	b.ReportMetric(float64(n), "listeners")
	if n < each {
		b.Errorf("%d listeners, want %d or more", n, each)
	}
}
