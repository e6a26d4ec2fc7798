package target

import (
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"agistorm/target/probe"
	"agistorm/target/spec"
)

func TestListen(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", ":0", "localhost:0"} {
		t.Run(addr, func(t *testing.T) {
			l, err := Listen(addr, spec.Max(), 1)
			if errors.Is(err, errAddrNotAvail) || errors.Is(err, errFamily) {
				t.Skipf("this host has no such address: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if !l.Addr().Addr().IsLoopback() || l.Addr().Port() == 0 {
				t.Errorf("listens on %v", l.Addr())
			}
			client, err := net.DialTimeout("tcp", l.Addr().String(), 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			tcp, release, err := l.sockets[0].Listener()
			if err != nil {
				t.Fatal(err)
			}
			defer release()
			conn, err := tcp.AcceptTCP()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			peer := conn.RemoteAddr().(*net.TCPAddr).AddrPort()
			peer = netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
			if want := netip.MustParseAddrPort(client.LocalAddr().String()); peer != want {
				t.Errorf("accepted %v, the client is %v", peer, want)
			}
		})
	}
}

// policy is a backlog by its name.
func policy(t *testing.T, name string) spec.Backlog {
	t.Helper()
	b, err := spec.ParseBacklog(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestKept holds the kernel's account against the arithmetic: min(asked, somaxconn).
func TestKept(t *testing.T) {
	for _, b := range []spec.Backlog{
		spec.Fixed(0), spec.Fixed(1), spec.Fixed(128), spec.Max(), policy(t, "const128"),
		policy(t, "sysctl"), policy(t, "go"),
	} {
		l, err := Listen("127.0.0.1:0", b, 1)
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		kept := l.Kept()
		if kept.Somaxconn == nil || kept.Effective == nil {
			if runtime.GOOS == "linux" {
				t.Errorf("%+v: Linux reports both", kept)
			}
			continue
		}
		if asked, err := b.Number(kept.Somaxconn); err != nil || kept.Asked != asked {
			t.Errorf("%v: noted %d, want %d, %v", b, kept.Asked, asked, err)
		}
		if want := min(kept.Asked, *kept.Somaxconn); *kept.Effective != want {
			t.Errorf("backlog %v, somaxconn %d: effective %d, want %d", b, *kept.Somaxconn, *kept.Effective, want)
		}
	}
}

func TestAtLeast(t *testing.T) {
	known := func(n int) *int { return &n }
	for want, k := range map[string]Kept{
		"": {Asked: spec.MaxBacklog, Somaxconn: known(4096), Effective: known(4096)},
		"backlog: the kernel kept 128 of 2147483647, and at least 4096 is wanted: net.core.somaxconn is 128 " +
			"(sysctl -w net.core.somaxconn=4096)": {
			Asked: spec.MaxBacklog, Somaxconn: known(128), Effective: known(128),
		},
		"backlog: listen(2) was given 511, and at least 4096 is wanted": {
			Asked: 511, Somaxconn: known(4096), Effective: known(511),
		},
		"backlog: the kernel kept 200 of 5000, and at least 4096 is wanted": {
			Asked: 5000, Effective: known(200),
		},
		"backlog: this system does not report what it kept: unsupported operation": {Asked: spec.MaxBacklog},
	} {
		got := ""
		if err := k.AtLeast(4096); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%+v: %q, want %q", k, got, want)
		}
	}
}

// TestListenAgain: a second listen(2) on the same socket changes its backlog, and loses no queued connection.
func TestListenAgain(t *testing.T) {
	l, err := Listen("127.0.0.1:0", spec.Fixed(7), 1)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.sockets[0].listen(3); err != nil { // what a kernel with a smaller limit would have kept
		t.Fatal(err)
	}
	dial(t, l)
	dial(t, l)
	kept, err := l.ListenAgain()
	if err != nil || kept.Asked != 7 {
		t.Errorf("%+v, %v", kept, err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	q, err := l.Queue()
	if err != nil || q.Depth != 2 || q.Limit != 7 || *kept.Effective != 7 {
		t.Errorf("queue %+v, %v, kept %d; want 2 of 7", q, err, *kept.Effective)
	}
}

// TestListenAgainCountsNoDropTwice: what the sockets had dropped is not counted once more.
func TestListenAgainCountsNoDropTwice(t *testing.T) {
	l, err := Listen("127.0.0.1:0", spec.Fixed(0), 1)
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	for range 4 { // one is queued, perhaps two: the others' SYNs are dropped
		conn, err := net.DialTimeout("tcp", l.Addr().String(), 20*time.Millisecond)
		if err == nil {
			defer conn.Close()
		}
	}
	before, err := l.Queue()
	if err != nil || before.Drops == nil {
		t.Skip("this system does not report it", err)
	}
	for range 3 {
		if _, err := l.ListenAgain(); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := l.Queue(); err != nil || *before.Drops == 0 || *after.Drops != *before.Drops {
		t.Errorf("%d drops, then %d, %v", *before.Drops, *after.Drops, err)
	}
}

// TestSharedPort: several sockets on one port have a queue each, and together take what one alone would
// have to drop.
func TestSharedPort(t *testing.T) {
	l, err := Listen("127.0.0.1:0", spec.Fixed(0), 4)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if len(l.sockets) != 4 {
		t.Errorf("%d sockets", len(l.sockets))
	}
	for range 40 { // the kernel chooses a socket for each by a hash; a full one drops the SYN
		conn, err := net.DialTimeout("tcp", l.Addr().String(), 20*time.Millisecond)
		if err == nil {
			defer conn.Close()
		}
	}
	if n, err := l.Waiting(); err != nil || n < 2 || n > 8 {
		t.Errorf("%d wait, %v; want at least 2, more than the one and one more of a single queue", n, err)
	}
	if q, err := l.Queue(); err != nil || q.Depth < 1 || q.Depth > 2 || q.Limit != 0 {
		t.Errorf("the longest queue %+v, %v", q, err)
	}
}

func TestListenErrors(t *testing.T) {
	l, err := Listen("127.0.0.1:0", spec.Max(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	_, err = Listen(taken, spec.Max(), 1)
	if runtime.GOOS != "windows" && !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port in use: %v", err)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "listen on "+taken+": ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a port in use: %v", err)
	}
	for _, addr := range []string{"", "127.0.0.1", "127.0.0.1:many", "127.0.0.1:65536", "[::1"} {
		if _, err := Listen(addr, spec.Max(), 1); err == nil {
			t.Errorf("%q: no error", addr)
		}
	}
	if _, err := Listen("127.0.0.1:0", spec.Fixed(-1), 1); err == nil {
		t.Error("backlog -1: no error")
	}
}

func TestSampleEndsWithTheListener(t *testing.T) {
	l, err := Listen("127.0.0.1:0", spec.Max(), 1)
	if err != nil {
		t.Fatal(err)
	}
	sampler, err := l.Sample(probe.DefaultInterval)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err, l.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Sample(probe.DefaultInterval); err == nil {
		t.Error("watched twice: no error")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if samples := sampler.Stop(); len(samples) == 0 || sampler.Err() != nil ||
		int(samples[0].Limit) != *l.Kept().Effective {
		t.Errorf("%d samples, %v", len(samples), sampler.Err())
	}
}
