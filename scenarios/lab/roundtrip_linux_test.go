package lab

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// sweepFar is a sweep with a link. It skips only where the test itself cannot open a TUN device either.
func sweepFar(t *testing.T, dir record.Dir, yaml string) *record.Run {
	t.Helper()
	run, err := Sweep(t.Context(), dir, Options{Scenario: scenario(t, yaml), Isolation: Auto})
	if err == nil {
		return run
	}
	f, lacking := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	f.Close() // nil may be closed
	if lacking == nil || !strings.Contains(err.Error(), "/dev/net/tun") {
		t.Fatal(err)
	}
	t.Skipf("%v; nor can this test: %v", err, lacking)
	return nil
}

// TestRoundTrip: clients that are a round trip away have it in their handshakes, more SYNs than the accept queue
// holds are answered with cookies, and what was lost are last ACKs; the counters of both namespaces balance.
func TestRoundTrip(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	run := sweepFar(t, dir, `
name: far
storm: {calls: 400}
rtt: 30ms
target: {behaviour: "pool:4", work: 5ms}
sysctls: {net.ipv4.tcp_syncookies: 1, net.ipv4.ip_local_port_range: 50000 50999}
settings: [{somaxconn: 32, backlog: max}]
repeats: 1
`)
	r, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	near := 0
	for _, a := range r.Attempts {
		if d, ok := a.Handshake(); ok && d < 30*time.Millisecond {
			near++
		}
		if a.Local != "" && !strings.HasPrefix(a.Local, "10.197.0.2:50") {
			t.Fatalf("a client at %s", a.Local)
		}
	}
	if near > 0 {
		t.Errorf("%d of %d handshakes took less than the round trip", near, len(r.Attempts))
	}
	cookies, _ := r.Kernel.Delta("SyncookiesSent")
	overflows, _ := r.Kernel.Delta("ListenOverflows")
	opens, _ := r.Kernel.Delta("TcpActiveOpens")
	if cookies == 0 || overflows == 0 || opens != 400 {
		t.Errorf("%d cookies, %d overflows, %d opens", cookies, overflows, opens)
	}
	if l := r.Kernel.Link; l == nil || l.Kind == "veth" || l.RTT != 30*time.Millisecond || l.Forwarded == 0 {
		t.Errorf("link %+v", l)
	}
	if run.Scenario.Link != "veth" || run.Scenario.RTT != 30*time.Millisecond {
		t.Errorf("link %q, round trip %v", run.Scenario.Link, run.Scenario.RTT)
	}
}

// TestLongRoundTrip: the counters are read when the last packet has come in, however long the way: sent are those
// that came in, but for those that the link says it dropped.
func TestLongRoundTrip(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	run := sweepFar(t, dir, `
name: farther
storm: {calls: 20}
rtt: 600ms
settings: [{somaxconn: 64, backlog: max}]
repeats: 1
`)
	r, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	sum := map[string]uint64{}
	for _, name := range []string{"TcpOutSegs", "TcpRetransSegs", "TcpInSegs", "TCPSYNChallenge"} {
		sum[name], _ = r.Kernel.Delta(name)
	}
	if sent, came := sum["TcpOutSegs"]+sum["TcpRetransSegs"],
		sum["TcpInSegs"]+sum["TCPSYNChallenge"]+r.Kernel.Link.Dropped; sent != came {
		t.Errorf("%d packets sent, %d came in: %v", sent, came, sum)
	}
}

// TestLinkThatBreaks: a storm whose link ends under it is not kept, and its error has the reason.
func TestLinkThatBreaks(t *testing.T) {
	needsNamespace(t)
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("the device cannot be removed here: ", err)
	}
	const far = "name: far\n" +
		"storm: {calls: 30, arrival: constant 20/s, connect-timeout: 500ms, first-command-timeout: 500ms, " +
		"session-timeout: 1s}\nrtt: 20ms\nrepeats: 1\nsettings: [{somaxconn: 64, backlog: max}]\n"
	ctx, stop := context.WithCancel(t.Context())
	var breaker sync.WaitGroup
	breaker.Go(func() {
		for ctx.Err() == nil && !breakLink(ctx) {
			time.Sleep(5 * time.Millisecond)
		}
	})
	dir := newDir(t)
	run, err := Sweep(t.Context(), dir, Options{Scenario: scenario(t, far), Isolation: Auto})
	stop()
	breaker.Wait()
	if run != nil || err == nil || !strings.Contains(err.Error(), "the delay line ended early") {
		t.Errorf("%v, want an error that says that the link ended early", err)
	}
}

// breakLink takes the link's device away in the namespace of the cell that this process plays, if it has one by now.
func breakLink(ctx context.Context) bool {
	lists, _ := filepath.Glob("/proc/self/task/*/children") // the pattern is a good one
	for _, list := range lists {
		children, _ := os.ReadFile(list) // a thread that has ended has none
		for _, pid := range strings.Fields(string(children)) {
			words, _ := os.ReadFile("/proc/" + pid + "/cmdline")
			if strings.HasSuffix(string(words), roleCell+"\x00") &&
				exec.CommandContext(ctx, "nsenter", "--target", pid, "--user", "--net", "sh", "-c",
					"ip -o link show agi0 up | grep agi0 && sleep 0.3 && ip link delete agi0").Run() == nil {
				return true
			}
		}
	}
	return false
}
