package lab

import (
	"context"
	"io"
	"net"
	"net/netip"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/target/probe"
)

// troubles are what a user's own server does in the place of serving one call after the other.
var troubles = map[string]func(*net.TCPListener){
	"proxy": proxy, "stalls": stallOnce, "accepts-no-more": stopAccepting, "shares": shareThePort, "filters": filterSYNs,
}

// backend is where the server behind the proxy listens.
const backend = "127.0.0.1:4600"

// proxy passes each call on to a slow server with a short queue.
func proxy(l *net.TCPListener) {
	back, err := net.Listen("tcp", backend)
	if err != nil {
		panic(err)
	}
	relisten(back.(*net.TCPListener), 5)
	go func() {
		for {
			c, err := back.Accept()
			if err != nil {
				panic(err)
			}
			time.Sleep(20 * time.Millisecond)
			go serveCall(c)
		}
	}()
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			defer c.Close()
			b, err := net.Dial("tcp", backend)
			if err != nil {
				return
			}
			defer b.Close()
			go func() { _, _ = io.Copy(b, c) }()
			_, _ = io.Copy(c, b)
		}()
	}
}

// serveAll serves at most so many calls, side by side.
func serveAll(l net.Listener, calls int) {
	for range calls {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go serveCall(c)
	}
}

const many = 1 << 30

// stallOnce accepts nothing for a while after the first calls, and then everything.
func stallOnce(l *net.TCPListener) {
	serveAll(l, 20)
	time.Sleep(time.Second)
	serveAll(l, many)
}

// stopAccepting accepts nothing after the first calls.
func stopAccepting(l *net.TCPListener) {
	serveAll(l, 5)
	select {}
}

// shareThePort serves one of two sockets, and leaves the other alone.
func shareThePort(l *net.TCPListener) {
	shared := listenAnew(l, unix.SO_REUSEPORT, 2)
	for _, l := range shared {
		relisten(l, 9)
	}
	serveAll(shared[0], many)
}

// listenAnew listens with so many sockets in the place of one, each with an option.
func listenAnew(l *net.TCPListener, option, sockets int) (all []*net.TCPListener) {
	address := l.Addr().String()
	l.Close()
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option, 1) })
	}}
	config.SetMultipathTCP(false) // its sockets take no filter
	for range sockets {
		l, err := config.Listen(context.Background(), "tcp", address)
		if err != nil {
			panic(err)
		}
		all = append(all, l.(*net.TCPListener))
	}
	return all
}

// filterSYNs drops half of all SYNs before the listener has them, as a limit of a firewall does.
func filterSYNs(l *net.TCPListener) {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: 13}, // flags of the TCP header
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: 0x02, Jf: 3},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0xfffff000 + 56}, // SKF_AD_OFF + SKF_AD_RANDOM
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: 1, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: 1 << 18},
	}
	l = listenAnew(l, unix.SO_REUSEADDR, 1)[0]
	onSocket(l, func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	})
	serveAll(l, many)
}

// relisten gives a socket another backlog.
func relisten(l *net.TCPListener, backlog int) {
	onSocket(l, func(fd int) error { return unix.Listen(fd, backlog) })
}

func onSocket(l *net.TCPListener, do func(fd int) error) {
	raw, err := l.SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			if err := do(int(fd)); err != nil {
				panic(err)
			}
		})
	}
	if err != nil {
		panic(err)
	}
}

// troubled sweeps a server with one of the troubles, and returns what its only storm shows.
func troubled(t *testing.T, storm, backlog, word string) (*analysis.Summary, *analysis.Repeat) {
	t.Helper()
	_, dir, err := sweepOwn(t, "name: test\nstorm: {"+storm+"}\nsettings: [{somaxconn: 4096, backlog: max}]\nrepeats: 1\n",
		withPort(own(t, "0.0.0.0:4573", backlog, word), 4573, 20*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	s, err := summary.Read(dir)
	if err != nil || len(s.Cells[0].Repeats) != 1 {
		t.Fatalf("%+v, %v: want one storm", s, err)
	}
	return s, &s.Cells[0].Repeats[0]
}

// found returns the only fact of a kind in the answer, and fails where one of the others is there.
func found[F finding.Fact](t *testing.T, s *analysis.Summary, never ...finding.Fact) (fact F) {
	t.Helper()
	n := 0
	for _, f := range s.Answer {
		if got, ok := f.Fact.(F); ok {
			fact, n = got, n+1
		}
		for _, other := range never {
			if reflect.TypeOf(other) == reflect.TypeOf(f.Fact) {
				t.Errorf("the answer has %+v", f.Fact)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d of %T in %+v, want one", n, fact, s.Answer)
	}
	return fact
}

// TestOverflowBehindAProxy: the listener behind it is named, and no backlog of the proxy's is spoken of.
func TestOverflowBehindAProxy(t *testing.T) {
	s, r := troubled(t, "calls: 150, first-command-timeout: 2s, session-timeout: 3s", "4096", "proxy")
	got := found[finding.OtherListener](t, s, finding.QueueNeverFull{}, finding.ServerTooSlow{}, finding.QueueFull{})
	if got.Address != backend || got.Backlog != 5 || got.Drops == 0 {
		t.Errorf("%+v, want the one on %s", got, backend)
	}
	if r.Lost == 0 || r.Queue.WasFull() {
		t.Errorf("%d lost, queue %+v: want some, and a queue that was not full", r.Lost, r.Queue)
	}
}

// TestStallIsNotSlowness: the time in which nothing was accepted is found, with what would have bridged it.
func TestStallIsNotSlowness(t *testing.T) {
	s, r := troubled(t, "arrival: constant 300/s, duration: 2s", "32", "stalls")
	got := found[finding.StoppedAccepting](t, s, finding.ServerOverloaded{}, finding.ServerTooSlow{})
	if took := got.To - got.From; took < 900*time.Millisecond || got.Needed < 100 || got.Needed > 500 || got.Open {
		t.Errorf("%+v in %+v: want about 1 s with some 300 calls", got, r.Queue)
	}
}

// TestDrainThatDoesNotEnd: it is more than what was seen, and no gate passes by it.
func TestDrainThatDoesNotEnd(t *testing.T) {
	s, r := troubled(t, "calls: 60, client: connect-only, session-timeout: 1s", "100", "accepts-no-more")
	if r.Queue.Left < 50 || r.Queue.Drain < 900*time.Millisecond {
		t.Errorf("queue %+v: want the rest in it for the session timeout", r.Queue)
	}
	for name, why := range map[string]metric.Reason{"drain(queue)": metric.NotDrained, "served": metric.OnlyConnects} {
		if got := r.Unknown[name]; got != why {
			t.Errorf("%s is unknown for %q, want %q", name, got, why)
		}
	}
	if got := found[finding.StoppedAccepting](t, s); !got.Open {
		t.Errorf("%+v, want one that had not ended", got)
	}
}

// TestStuckSocket of several on one port.
func TestStuckSocket(t *testing.T) {
	s, _ := troubled(t, "calls: 100, session-timeout: 1s, first-command-timeout: 1s", "9", "shares")
	got := found[finding.SocketStuck](t, s, finding.StoppedAccepting{}, finding.OtherListener{}, finding.ServerTooSlow{})
	if got.Sockets != 2 || got.Stuck != 1 || got.Drops == 0 {
		t.Errorf("%+v, want one of two", got)
	}
}

// TestSYNsLostBeforeTheListener are not laid to its queue.
func TestSYNsLostBeforeTheListener(t *testing.T) {
	s, r := troubled(t, "calls: 200, session-timeout: 5s", "4096", "filters")
	got := found[finding.LostBeforeListener](t, s, finding.QueueFull{}, finding.OtherListener{})
	if got.SYNs < 50 || r.Late == 0 {
		t.Errorf("%+v with %d late calls, want some 200 SYNs", got, r.Late)
	}
}

// TestSYNQueueFull: it is explained where the kernel logs it, with cookies and without.
func TestSYNQueueFull(t *testing.T) {
	needsNamespace(t)
	for _, cookies := range []string{"0", "1"} {
		dir := newDir(t)
		_, err := Sweep(t.Context(), dir, Options{Isolation: Auto, Scenario: scenario(t,
			"name: test\nrtt: 40ms\nstorm: {calls: 200}\nsysctls: {net.ipv4.tcp_syncookies: "+cookies+"}\n"+
				"settings: [{somaxconn: 16, backlog: max}]\nrepeats: 1\n")})
		if err != nil && strings.Contains(err.Error(), "link") {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		s, err := summary.Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		got := found[finding.SYNQueueFull](t, s, finding.LostBeforeListener{})
		if got.Backlog != 16 || got.First == nil || (got.Cookies > 0) != (cookies == "1") ||
			(got.Dropped > 0) != (cookies == "0") {
			t.Errorf("tcp_syncookies %s: %+v", cookies, got)
		}
	}
}

// TestListenersThatDropped: one that is new counts from 0, and only what dropped or has the storm's port stays.
func TestListenersThatDropped(t *testing.T) {
	listener := func(cookie uint64, address string, drops uint32) probe.Listener {
		return probe.Listener{Cookie: cookie, Address: netip.MustParseAddrPort(address),
			QueueState: probe.QueueState{Depth: 2, Limit: 5, Drops: &drops}}
	}
	before := []probe.Listener{listener(1, "127.0.0.1:80", 3), listener(2, "127.0.0.1:90", 3), listener(3, "[::]:73", 3)}
	after := []probe.Listener{listener(1, "127.0.0.1:80", 3), listener(2, "127.0.0.1:90", 8), listener(3, "[::]:73", 3),
		listener(4, "127.0.0.1:80", 1)}
	want := []record.Listener{{Address: "127.0.0.1:90", Effective: 5, Depth: 2, Drops: 5},
		{Address: "[::]:73", Effective: 5, Depth: 2}, {Address: "127.0.0.1:80", Effective: 5, Depth: 2, Drops: 1}}
	if diff := cmp.Diff(want, dropped(before, after, 73)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
