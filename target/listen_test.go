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
)

func TestListen(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", ":0", "localhost:0"} {
		t.Run(addr, func(t *testing.T) {
			l, err := Listen(addr, MaxBacklog)
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
			conn, err := l.tcp.AcceptTCP()
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			peer := unmapped(conn.RemoteAddr().(*net.TCPAddr))
			if want := netip.MustParseAddrPort(client.LocalAddr().String()); peer != want {
				t.Errorf("accepted %v, the client is %v", peer, want)
			}
		})
	}
}

// TestKept holds the kernel's account against the arithmetic: min(asked, somaxconn).
func TestKept(t *testing.T) {
	for _, b := range []Backlog{0, 1, 128, MaxBacklog} {
		l, err := Listen("127.0.0.1:0", b)
		if errors.Is(err, errors.ErrUnsupported) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if l.Asked != b {
			t.Errorf("asked %v, noted %v", b, l.Asked)
		}
		if l.Somaxconn == nil || l.Effective == nil {
			if runtime.GOOS == "linux" {
				t.Errorf("somaxconn %v, effective %v: Linux tells both", l.Somaxconn, l.Effective)
			}
			continue
		}
		if want := min(int(b), *l.Somaxconn); *l.Effective != want {
			t.Errorf("backlog %v, somaxconn %d: effective %d, want %d", b, *l.Somaxconn, *l.Effective, want)
		}
	}
}

func TestListenErrors(t *testing.T) {
	l, err := Listen("127.0.0.1:0", MaxBacklog)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	_, err = Listen(taken, MaxBacklog)
	if runtime.GOOS != "windows" && !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port in use: %v", err)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "listen on "+taken+": ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a port in use: %v", err)
	}
	for _, addr := range []string{"", "127.0.0.1", "127.0.0.1:many", "127.0.0.1:65536", "[::1"} {
		if _, err := Listen(addr, MaxBacklog); err == nil {
			t.Errorf("%q: no error", addr)
		}
	}
	if _, err := Listen("127.0.0.1:0", -1); err == nil {
		t.Error("backlog -1: no error")
	}
}

func TestSampleEndsWithTheListener(t *testing.T) {
	l, err := Listen("127.0.0.1:0", MaxBacklog)
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
	if samples := sampler.Stop(); len(samples) == 0 || sampler.Err() != nil || int(samples[0].Limit) != *l.Effective {
		t.Errorf("%d samples, %v", len(samples), sampler.Err())
	}
}
