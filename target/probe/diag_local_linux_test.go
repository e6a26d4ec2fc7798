package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// listenWith opens a listener whose socket is set up before it is bound.
func listenWith(t *testing.T, network, address string, set func(fd int) error) netip.AddrPort {
	t.Helper()
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var failure error
		err := raw.Control(func(fd uintptr) { failure = set(int(fd)) })
		return errors.Join(err, failure)
	}}
	config.SetMultipathTCP(false)
	l, err := config.Listen(context.Background(), network, address)
	if err != nil {
		t.Skipf("no listener at %s: %v", address, err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func asIs(int) error { return nil }

// TestDiagOfAnotherHost: a listener on a wildcard address takes no connections to other hosts (addresses of
// RFC 5737 and RFC 3849, which no host has).
func TestDiagOfAnotherHost(t *testing.T) {
	for _, c := range []struct{ network, listen, ask string }{
		{"tcp4", "0.0.0.0:0", "192.0.2.1"}, {"tcp", "[::]:0", "192.0.2.1"}, {"tcp", "[::]:0", "2001:db8::1"},
	} {
		at := listenWith(t, c.network, c.listen, asIs)
		if _, err := OpenDiag(netip.AddrPortFrom(netip.MustParseAddr(c.ask), at.Port())); !errors.Is(err,
			ErrNoListener) {
			t.Errorf("%s asked for %s: %v, want ErrNoListener", c.listen, c.ask, err)
		}
	}
}

// TestDiagOfOwnAddresses: every address of this machine is its own.
func TestDiagOfOwnAddresses(t *testing.T) {
	at := listenWith(t, "tcp4", "0.0.0.0:0", asIs)
	own, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range own {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil || !prefix.Addr().Is4() {
			continue
		}
		d, err := OpenDiag(netip.AddrPortFrom(prefix.Addr(), at.Port()))
		if err != nil {
			t.Errorf("%v: %v", prefix.Addr(), err)
			continue
		}
		d.Close()
	}
}

// TestDiagOfLoopback: a socket bound to lo is found, and so is one at 127.0.0.1 by the address that a
// connect takes for it.
func TestDiagOfLoopback(t *testing.T) {
	bound := listenWith(t, "tcp4", "127.0.0.1:0", func(fd int) error { return unix.BindToDevice(fd, "lo") })
	for _, at := range []netip.AddrPort{bound, netip.AddrPortFrom(netip.IPv4Unspecified(), bound.Port())} {
		d, err := OpenDiag(at)
		if err != nil {
			t.Errorf("%v: %v", at, err)
			continue
		}
		d.Close()
	}
}

// TestDiagOfSharedPort: the queue of one of several sockets would pass for all.
func TestDiagOfSharedPort(t *testing.T) {
	share := func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) }
	at := listenWith(t, "tcp4", "127.0.0.1:0", share)
	d, err := OpenDiag(at)
	if err != nil {
		t.Fatalf("one socket that would share: %v", err)
	}
	d.Close()
	listenWith(t, "tcp4", at.String(), share)
	if _, err := OpenDiag(at); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("two that share: %v, want ErrUnsupported", err)
	}
}

func TestIsUnreachable(t *testing.T) {
	for err, want := range map[error]bool{
		unix.ENETUNREACH: true, fmt.Errorf("route: %w", unix.EACCES): true, unix.EPERM: false, nil: false,
	} {
		if got := isUnreachable(err); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}
