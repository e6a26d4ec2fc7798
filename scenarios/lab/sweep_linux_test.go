package lab

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
	"agistorm/scenarios"
	"agistorm/target/netns"
	"agistorm/target/probe"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	if code, ok := Role(os.Args[1:]); ok {
		os.Exit(code)
	}
	if len(os.Args) > 2 && os.Args[1] == ownServer {
		serveOwn(os.Args[2:])
	}
	os.Exit(m.Run())
}

// needsNamespace skips only where unshare(1) is refused the same namespaces.
func needsNamespace(t *testing.T) {
	t.Helper()
	err := tryOut(t.Context(), netns.User, trial)
	if err == nil {
		return
	}
	if exec.Command("unshare", "--user", "--map-root-user", "--net", "sh", "-c",
		"echo 128 >/proc/sys/net/core/somaxconn").Run() == nil {
		t.Fatalf("unshare(1) gets a namespace here, agistorm does not: %v", err)
	}
	t.Skipf("this machine refuses namespaces to unshare(1) too: %v", err)
}

func scenario(t *testing.T, yaml string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newDir(t *testing.T) record.Dir {
	t.Helper()
	dir, err := record.Create(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func hostSomaxconn(t *testing.T) string {
	t.Helper()
	value, err := os.ReadFile("/proc/sys/net/core/somaxconn")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(value))
}

const overflowing = `name: test
storm: {calls: 600, first-command-timeout: 1s}
target: {behaviour: "pool:16", work: 5ms}
sysctls: {net.ipv4.tcp_syncookies: 1, net.ipv4.tcp_fin_timeout: 17}
settings:
  - {somaxconn: 128, backlog: max}
  - {somaxconn: max, backlog: max}
  - {somaxconn: 4096, backlog: 128}
repeats: 1
`

// TestSweep is the main job in small, on the real kernel: 128 loses calls, max
// loses none, and the host is as it was.
func TestSweep(t *testing.T) {
	needsNamespace(t)
	before := hostSomaxconn(t)
	dir := newDir(t)
	var shown []Progress
	run, err := Sweep(t.Context(), dir, Options{
		Scenario: scenario(t, overflowing), Isolation: Auto, Engine: "auto", Version: "test",
		Progress: func(p Progress) { shown = append(shown, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if after := hostSomaxconn(t); after != before {
		t.Errorf("the host's somaxconn was %s and is %s", before, after)
	}
	if run.Isolation.Mode != record.IsolationUser || run.Partial != "" {
		t.Errorf("isolation %q, partial %q", run.Isolation.Mode, run.Partial)
	}
	if len(shown) != 4 || shown[3].Done != 3 || shown[3].Setting != "" {
		t.Errorf("progress %+v, want three storms and the end", shown)
	}
	lost := map[string]int{}
	for _, cell := range run.Cells {
		repeat, err := dir.Repeat(cell.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		lost[cell.ID] = checkRepeat(t, cell, repeat)
	}
	if lost["somaxconn-128_backlog-max"] == 0 || lost["somaxconn-4096_backlog-128"] == 0 ||
		lost["somaxconn-max_backlog-max"] != 0 {
		t.Errorf("lost calls %v; want some with 128 of either kind and none with max", lost)
	}
}

// checkRepeat holds one storm's record against itself and returns its lost calls.
func checkRepeat(t *testing.T, cell record.Cell, r *record.Repeat) (lost int) {
	t.Helper()
	if len(r.Attempts) != 600 {
		t.Errorf("%s: %d attempts, want 600", cell.ID, len(r.Attempts))
	}
	connected := 0
	for _, a := range r.Attempts {
		if !a.Outcome.Offered() {
			t.Errorf("%s: attempt %d was not offered: %+v", cell.ID, a.Seq, a)
		}
		if a.Outcome.Lost() {
			lost++
		}
		if a.Connected != nil {
			connected++
		}
	}
	if r.Target == nil || *r.Target.Effective != cell.Effective || *r.Target.Somaxconn != cell.Somaxconn {
		t.Fatalf("%s: target %+v, want effective %d under %d", cell.ID, r.Target, cell.Effective, cell.Somaxconn)
	}
	if accepted := len(r.Target.Peers); accepted > connected {
		t.Errorf("%s: the server accepted %d, the clients connected %d", cell.ID, accepted, connected)
	}
	if got := r.Kernel.Sysctls["net.ipv4.tcp_fin_timeout"]; got != "17" {
		t.Errorf("%s: tcp_fin_timeout reads back %q, want the scenario's 17", cell.ID, got)
	}
	for _, name := range []string{"tcp_tw_reuse_delay", "tcp_migrate_req", "tcp_congestion_control", "tcp_rto_max_ms"} {
		name = "net.ipv4." + name
		host, err := probe.Sysctl(name)
		if got, ok := r.Kernel.Sysctls[name]; ok != (err == nil) || got != host {
			t.Errorf("%s: %s is %q in the record (known: %v), the host has %q", cell.ID, name, got, ok, host)
		}
	}
	overflows, ok := r.Kernel.Delta("ListenOverflows")
	if full := cell.Effective < 600; !ok || (overflows > 0) != full {
		t.Errorf("%s: ListenOverflows gained %d", cell.ID, overflows)
	}
	checkStarts(t, cell, r)
	checkQueue(t, cell, r.Queue)
	checkCounters(t, cell, r, overflows)
	return lost
}

// checkStarts: the clocks of generator and target agree: no call is accepted before its start.
func checkStarts(t *testing.T, cell record.Cell, r *record.Repeat) {
	t.Helper()
	starts := map[string]time.Duration{}
	for _, a := range r.Attempts {
		if a.Started != nil {
			starts[a.Local] = *a.Started
		}
	}
	for _, p := range r.Target.Peers {
		if start, ok := starts[p.Address]; !ok || p.At < start {
			t.Errorf("%s: the call of %s was accepted at %v, but started at %v (known: %v)",
				cell.ID, p.Address, p.At, start, ok)
		}
	}
}

// checkCounters: what was seen on the way ends with what was counted in all.
func checkCounters(t *testing.T, cell record.Cell, r *record.Repeat, overflows uint64) {
	t.Helper()
	last, at := uint64(0), -time.Hour
	for _, s := range r.Counters {
		if s.At <= at || s.Gained["ListenOverflows"] < last {
			t.Errorf("%s: counters at %v go back: %v after %d at %v", cell.ID, s.At, s.Gained, last, at)
		}
		last, at = s.Gained["ListenOverflows"], s.At
	}
	if len(r.Counters) == 0 || last != overflows {
		t.Errorf("%s: %d samples, the last with %d overflows of %d", cell.ID, len(r.Counters), last, overflows)
	}
}

func checkQueue(t *testing.T, cell record.Cell, queue []record.QueueSample) {
	t.Helper()
	peak := uint32(0)
	for i, s := range queue {
		peak = max(peak, s.Depth)
		if int(s.Limit) != cell.Effective {
			t.Fatalf("%s: the queue's limit is %d, want %d", cell.ID, s.Limit, cell.Effective)
		}
		if i > 0 && s.At < queue[i-1].At {
			t.Fatalf("%s: samples out of order", cell.ID)
		}
	}
	// The kernel's test is ">": backlog + 1, and one more where two CPUs add at once.
	if full := cell.Effective < 600; full && (int(peak) < cell.Effective+1 || int(peak) > cell.Effective+2) ||
		!full && peak < 100 {
		t.Errorf("%s: the queue's peak is %d with a backlog of %d", cell.ID, peak, cell.Effective)
	}
}

// TestDisturbedTarget: a target like Go's has Go's backlog, and its restart, counted from the storm's first instant,
// refuses the calls of its time and no others.
func TestDisturbedTarget(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	run, err := Sweep(t.Context(), dir, Options{Scenario: scenario(t, `
name: restarted
storm: {arrival: constant 200/s, calls: 160}
target: {like: go, work: exponential 1ms, restarts: [200ms@300ms]}
settings: [{somaxconn: 16777215}]
repeats: 1
`), Isolation: Auto})
	if err != nil {
		t.Fatal(err)
	}
	r, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Target.Asked != 128 || *r.Target.Effective != 128 {
		t.Errorf("asked %d, effective %d, want Go's 128", r.Target.Asked, *r.Target.Effective)
	}
	refused := 0
	for _, a := range r.Attempts {
		// Its beginning and end are a moment late; a call that is queued when the listener closes is reset.
		if a.Started == nil {
			t.Fatalf("the call at %v never started: %s", a.Intended, a.Outcome)
		}
		early, late := *a.Started < 290*time.Millisecond, *a.Started > 700*time.Millisecond
		if (early || late) && !a.Outcome.Served() {
			t.Errorf("the call at %v: %s, want answered", *a.Started, a.Outcome)
		}
		if a.Outcome == record.Refused {
			refused++
		}
	}
	if refused < 10 || refused > 60 {
		t.Errorf("%d calls of 160 were refused, 40 of them came while the listener was closed", refused)
	}
	want := &record.Server{Like: "go", Behaviour: "thread", Work: "exponential 1ms", Restarts: []string{"200ms@300ms"}}
	if diff := cmp.Diff(want, run.Scenario.Server); diff != "" {
		t.Errorf("server (-want +got):\n%s", diff)
	}
}

// TestInterruptedSweep keeps the storms that had finished, and says that the run is partial.
func TestInterruptedSweep(t *testing.T) {
	needsNamespace(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := newDir(t)
	small := scenario(t, "name: test\nstorm: {calls: 20}\nsettings: [{somaxconn: 128, backlog: max}]\nrepeats: 5\n")
	run, err := Sweep(ctx, dir, Options{
		Scenario: small, Isolation: User, Engine: "auto",
		Progress: func(p Progress) {
			if p.Done == 2 {
				cancel()
			}
		},
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	if run == nil || run.Partial != "interrupted" {
		t.Fatalf("run %+v, want a partial one", run)
	}
	kept, err := dir.Run()
	if err != nil || kept.Partial != "interrupted" {
		t.Errorf("run.json says %+v, %v", kept, err)
	}
	for repeat := 1; repeat <= 5; repeat++ {
		if has := dir.Has(run.Cells[0].ID, repeat); has != (repeat <= 2) {
			t.Errorf("repeat %d is there: %v", repeat, has)
		}
	}
	if left, _ := filepath.Glob(dir.File("cells/*/*.part")); len(left) > 0 {
		t.Errorf("half a storm was left behind: %v", left)
	}
}

// TestHostFallback runs where namespaces are refused: in a user namespace whose own
// limit of further ones is 0.
func TestHostFallback(t *testing.T) {
	dir := newDir(t)
	var noticed record.Isolation
	small := scenario(t,
		"name: test\nstorm: {calls: 20}\nsettings: [{somaxconn: 64, backlog: max}, {somaxconn: max, backlog: max}]\n"+
			"repeats: 1\n")
	run, err := Sweep(t.Context(), dir, Options{
		Scenario: small, Isolation: None, Engine: "auto", Notice: func(r *record.Run) { noticed = r.Isolation },
	})
	if err != nil {
		t.Fatal(err)
	}
	if run.Isolation.Mode != record.IsolationHost || len(run.Cells) != 1 || run.Cells[0].Backlog != "64" ||
		len(run.Isolation.LeftOut()) != 1 {
		t.Errorf("isolation %+v, cells %+v; want a fixed backlog of 64, and max left out", run.Isolation, run.Cells)
	}
	if left := noticed.LeftOut(); noticed.Mode != record.IsolationHost || len(left) != 1 ||
		left[0].Somaxconn != record.MaxBacklog {
		t.Errorf("noticed %+v", noticed)
	}
	repeat, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if *repeat.Target.Effective != 64 || len(repeat.Attempts) != 20 {
		t.Errorf("effective %d, %d attempts", *repeat.Target.Effective, len(repeat.Attempts))
	}
}

// TestRefusedNamespacesAreExplained asks for a namespace where the limit of further ones is 0.
func TestRefusedNamespacesAreExplained(t *testing.T) {
	needsNamespace(t)
	out, err := exec.Command("unshare", "--user", "--map-root-user", "sh", "-c",
		`echo 0 >/proc/sys/user/max_net_namespaces && exec "$0" -test.run '^TestExplain$' -test.v`,
		os.Args[0]).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"no network namespace of our own", "user.max_net_namespaces=10000"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s\nlacks %q", out, want)
		}
	}
}

// TestExplain prints where a sweep would live here; the test above reads it.
func TestExplain(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	where, err := choose(ctx, Auto)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %v, %+v", where.isolation.Mode, where.why, where.isolation.Reason)
}

// TestSweptPorts: each cell has the room of its own range of ports, and its clients ports of that range.
func TestSweptPorts(t *testing.T) {
	needsNamespace(t)
	const ports = `name: ports
storm: {calls: 30}
repeats: 1
settings:
  - {somaxconn: 64, backlog: max, sysctls: {net.ipv4.ip_local_port_range: "40000 40039"}}
  - {somaxconn: 64, backlog: max, sysctls: {net.ipv4.ip_local_port_range: "41000 41039"}}
`
	dir := newDir(t)
	run, err := Sweep(t.Context(), dir, Options{Scenario: scenario(t, ports), Isolation: Auto})
	if err != nil {
		t.Fatal(err)
	}
	for i, cell := range run.Cells {
		r, err := dir.Repeat(cell.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range r.Attempts {
			if want := []string{"10.197.0.2:400", "10.197.0.2:410"}[i]; !strings.HasPrefix(a.Local, want) {
				t.Fatalf("%s: a client at %q", cell.ID, a.Local)
			}
		}
	}
	narrow := strings.Replace(ports, "41039", "41009", 1)
	if _, err := Sweep(t.Context(), newDir(t), Options{Scenario: scenario(t, narrow), Isolation: Auto}); !errors.Is(err,
		ErrCannotStart) {
		t.Errorf("30 calls from 10 ports: %v", err)
	}
}

// TestSocketsOfPeers: the record has from which of several queues a connection came, and nothing where there is one.
func TestSocketsOfPeers(t *testing.T) {
	needsNamespace(t)
	for behaviour, want := range map[string][]int{"reuseport:2": {1, 2}, "thread": {0}} {
		dir := newDir(t)
		text := "name: sockets\nstorm: {calls: 60}\nrepeats: 1\ntarget: {behaviour: \"" + behaviour + "\"}\n" +
			"settings: [{somaxconn: 64, backlog: max}]\n"
		run, err := Sweep(t.Context(), dir, Options{Scenario: scenario(t, text), Isolation: Auto})
		if err != nil {
			t.Fatal(err)
		}
		r, err := dir.Repeat(run.Cells[0].ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		sockets := map[int]bool{}
		for _, p := range r.Target.Peers {
			sockets[p.Socket] = true
		}
		if got := slices.Sorted(maps.Keys(sockets)); !slices.Equal(got, want) {
			t.Errorf("%s: out of the queues of %v, want %v", behaviour, got, want)
		}
	}
}

// TestFailingCellIsNamed: a sysctl that the namespace lacks ends the sweep with its name.
func TestFailingCellIsNamed(t *testing.T) {
	needsNamespace(t)
	wrong := scenario(t,
		"name: test\nstorm: {calls: 1}\nsysctls: {net.ipv4.no_such_thing: 5}\nsettings: [{somaxconn: 1, backlog: max}]\n")
	dir := newDir(t)
	run, err := Sweep(t.Context(), dir, Options{Scenario: wrong, Isolation: User, Engine: "auto"})
	if err == nil || !strings.Contains(err.Error(), "net.ipv4.no_such_thing cannot be set in a network namespace") {
		t.Errorf("error %v", err)
	}
	if _, runErr := dir.Run(); run != nil || runErr == nil {
		t.Errorf("run %+v, run.json: %v; want none, nothing was measured", run, runErr)
	}
}

// TestRefusedSettings: a sysctl that cannot be set, or that the kernel keeps otherwise, is refused by its name with
// the reason, before the first storm of any setting.
func TestRefusedSettings(t *testing.T) {
	needsNamespace(t)
	for sysctl, want := range map[string]string{
		"net.ipv4.tcp_available_congestion_control: cubic": "net.ipv4.tcp_available_congestion_control cannot be set in a " +
			"network namespace: it is there to read only",
		"net.ipv4.udp_mem: 1 2 3": "net.ipv4.udp_mem cannot be set in a network namespace: this " +
			"kernel has it for the whole host only",
		"net.ipv4.tcp_synack_retries: \"03\"": "net.ipv4.tcp_synack_retries was set to 03, but the kernel " +
			"kept 3",
		"net.ipv4.tcp_synack_retries: many": `the kernel refuses "many" for net.ipv4.tcp_synack_retries`,
	} {
		text := "name: refused\nstorm: {calls: 1}\nrepeats: 1\nsettings:\n  - {somaxconn: 64, backlog: max}\n" +
			"  - {somaxconn: 64, backlog: max, sysctls: {" + sysctl + "}}\n"
		run, err := Sweep(t.Context(), newDir(t), Options{Scenario: scenario(t, text), Isolation: Auto})
		if run != nil || !errors.Is(err, ErrCannotStart) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", sysctl, err, want)
		}
	}
}

// TestOtherBacklog: a listener whose backlog is not the one of the rule is not stormed.
func TestOtherBacklog(t *testing.T) {
	kept := 63
	order := cellOrder{Effective: 64, Target: targetOrder{Backlog: "max"}}
	if err := order.check(listening{Effective: &kept}); err == nil ||
		!strings.Contains(err.Error(), "kept a backlog of 63, want 64") {
		t.Errorf("a backlog of 63 instead of 64: %v", err)
	}
	if err := order.check(listening{}); err != nil {
		t.Errorf("a system that does not tell: %v", err)
	}
}

// TestRandomArrivals: every repeat has the times of the one schedule that the run was planned with.
func TestRandomArrivals(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	run, err := Sweep(t.Context(), dir, Options{Scenario: scenario(t, `
name: random
storm: {arrival: poisson 200/s, duration: 300ms}
target: {work: 0s}
settings: [{somaxconn: 128, backlog: max}]
repeats: 2
`), Isolation: Auto})
	if err != nil {
		t.Fatal(err)
	}
	var times [2][]time.Duration
	for n := range times {
		r, err := dir.Repeat(run.Cells[0].ID, n+1)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range r.Attempts {
			times[n] = append(times[n], a.Intended)
		}
	}
	if len(times[0]) != run.Scenario.Calls || !slices.Equal(times[0], times[1]) {
		t.Errorf("%d and %d attempts of %d planned, at the same times: %v", len(times[0]), len(times[1]), run.Scenario.Calls,
			slices.Equal(times[0], times[1]))
	}
}
