package probe

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestDiag: sock_diag and TCP_INFO agree on a listener.
func TestDiag(t *testing.T) {
	l, fd := listen(t, false)
	d, err := OpenDiag(l.Addr().(*net.TCPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for want := range uint32(3) {
		own, err := queueOf(fd)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Sample()
		if err != nil {
			t.Fatal(err)
		}
		if got.Depth != want || got.Depth != own.Depth || got.Limit != own.Limit || got.Drops == nil ||
			*got.Drops != *own.Drops {
			t.Errorf("after %d connects: %+v, TCP_INFO says %+v", want, got, own)
		}
		dial(t, l)
	}
	if allocations := testing.AllocsPerRun(100, func() { _, _ = d.sample() }); allocations > 0 {
		t.Errorf("a sample allocates %v times", allocations)
	}
}

// TestDiagFindsWildcards: the socket that would take the connection, whatever address it is bound to.
func TestDiagFindsWildcards(t *testing.T) {
	for _, c := range []struct{ listen, ask string }{
		{"0.0.0.0:0", "127.0.0.1"}, {"[::]:0", "127.0.0.1"}, {"[::]:0", "::1"}, {"[::1]:0", "::1"},
	} {
		network := "tcp"
		if c.listen[0] != '[' {
			network = "tcp4"
		}
		l, err := net.Listen(network, c.listen)
		if err != nil {
			t.Logf("%s: %v", c.listen, err) // a machine without IPv6
			continue
		}
		port := l.Addr().(*net.TCPAddr).AddrPort().Port()
		d, err := OpenDiag(netip.AddrPortFrom(netip.MustParseAddr(c.ask), port))
		if err != nil {
			t.Errorf("%s asked for %s: %v", c.listen, c.ask, err)
			l.Close()
			continue
		}
		if q, err := d.Sample(); err != nil || q.Limit == 0 {
			t.Errorf("%s asked for %s: %+v, %v", c.listen, c.ask, q, err)
		}
		l.Close()
		if _, err := d.Sample(); !errors.Is(err, ErrNoListener) {
			t.Errorf("%s was closed: %v, want ErrNoListener", c.listen, err)
		}
		d.Close()
	}
}

func TestDiagWithoutListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr).AddrPort()
	l.Close()
	if _, err := OpenDiag(address); !errors.Is(err, ErrNoListener) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want ErrNoListener", err)
	}
}

// TestDiagSampler sees a queue grow that is another's.
func TestDiagSampler(t *testing.T) {
	l, _ := listen(t, false)
	d, err := OpenDiag(l.Addr().(*net.TCPAddr).AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s, err := StartSourceSampler(d, time.Millisecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		dial(t, l)
	}
	time.Sleep(20 * time.Millisecond)
	samples := s.Stop()
	if last := samples[len(samples)-1]; last.Depth != 3 || samples[0].Depth != 0 || last.Drops == nil {
		t.Errorf("from %+v to %+v, want a depth from 0 to 3", samples[0], last)
	}
	if _, err := StartSourceSampler(d, time.Hour, nil); err == nil {
		t.Error("an interval of an hour was taken")
	}
}

// TestDiagSamplerOutlastsARestart: a server that closes and listens again is watched on, with the drops of
// both sockets.
func TestDiagSamplerOutlastsARestart(t *testing.T) {
	l := listenSmall(t, "127.0.0.1:0")
	address := l.Addr().(*net.TCPAddr).AddrPort()
	d, err := OpenDiag(address)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s, err := StartSourceSampler(d, time.Millisecond, nil)
	if err != nil {
		t.Fatal(err)
	}
	overflow(t, address)
	l.Close()
	time.Sleep(20 * time.Millisecond)
	listenSmall(t, address.String())
	overflow(t, address)
	samples := s.Stop()
	last := samples[len(samples)-1]
	if s.Err() != nil || last.Depth != 2 || last.Drops == nil || *last.Drops != 2 {
		t.Errorf("%v, at last %+v; want a depth of 2 and a drop of each socket", s.Err(), last)
	}
	if !slices.ContainsFunc(samples[1:],
		func(s Sample) bool { return s.Depth == 0 && s.Drops != nil && *s.Drops == 1 }) {
		t.Errorf("%+v: want an empty queue in between", samples)
	}
}

// listenSmall listens with room for two.
func listenSmall(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var refused error
	err = raw.Control(func(fd uintptr) { refused = unix.Listen(int(fd), 1) })
	if err := errors.Join(err, refused); err != nil {
		t.Fatal(err)
	}
	return l
}

// overflow connects three times, of which two fit.
func overflow(t *testing.T, address netip.AddrPort) {
	t.Helper()
	for range 2 {
		c, err := net.Dial("tcp4", address.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
	}
	if c, err := net.DialTimeout("tcp4", address.String(), 100*time.Millisecond); err == nil {
		c.Close()
		t.Fatal("the third was taken")
	}
}

func BenchmarkDiag(b *testing.B) {
	l, _ := listen(b, false)
	d, err := OpenDiag(l.Addr().(*net.TCPAddr).AddrPort())
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Sample(); err != nil {
			b.Fatal(err)
		}
	}
}
