package probe

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestDiag: what sock_diag says of a listener is what TCP_INFO says, whoever asks.
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
		if got.Depth != want || got.Depth != own.Depth || got.Limit != own.Limit || got.Drops == nil || *got.Drops != *own.Drops {
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
		if _, err := d.Sample(); !errors.Is(err, ErrNobodyListens) {
			t.Errorf("%s was closed: %v, want ErrNobodyListens", c.listen, err)
		}
		d.Close()
	}
}

func TestDiagOfNobody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr).AddrPort()
	l.Close()
	if _, err := OpenDiag(address); !errors.Is(err, ErrNobodyListens) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want ErrNobodyListens", err)
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
	s, err := StartDiagSampler(d, time.Millisecond)
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
	if _, err := StartDiagSampler(d, time.Hour); err == nil {
		t.Error("an interval of an hour was taken")
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
