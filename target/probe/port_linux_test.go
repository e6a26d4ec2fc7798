package probe

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// listenShared listens on a port of loopback that others may share, with a backlog of its own.
func listenShared(t *testing.T, address string, backlog int) netip.AddrPort {
	t.Helper()
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		return c.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		})
	}}
	config.SetMultipathTCP(false)
	l, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { err = unix.Listen(int(fd), backlog) }); err != nil {
		t.Fatal(err)
	}
	return netip.MustParseAddrPort(l.Addr().String())
}

func TestPortSeesEachSocketByItself(t *testing.T) {
	address := listenShared(t, "127.0.0.1:0", 9)
	listenShared(t, address.String(), 15)
	source, err := OpenSource(address)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	p, ok := source.(*Port)
	if !ok {
		t.Fatalf("%T: want a Port, for the sockets share the address", source)
	}
	sampler, err := StartSourceSampler(p, DefaultInterval, nil)
	if err != nil {
		t.Fatal(err)
	}
	const connects = 7 // no more than either queue holds
	for range connects {
		c, err := net.DialTimeout("tcp", address.String(), 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	var sockets []Socket
	for range 1000 {
		if sockets, err = socketsOf(address.Port()); err != nil {
			t.Fatal(err)
		}
		if sum(sockets) == connects {
			break
		}
		time.Sleep(time.Millisecond)
	}
	sampler.Stop()
	if len(sockets) != 2 || sum(sockets) != connects {
		t.Fatalf("sockets %+v: want 2 with %d connections between them", sockets, connects)
	}
	limits := map[uint32]bool{}
	for _, s := range sockets {
		limits[s.Limit] = true
		if s.Address != address || s.Drops == nil || !s.Loopback() {
			t.Errorf("socket %+v: want %v, with drops", s, address)
		}
	}
	if !limits[9] || !limits[15] {
		t.Errorf("limits %v: want 9 and 15", limits)
	}
	if got := p.Sockets(); len(got) != 2 || got[0].Inode == 0 || got[0].Cookie == got[1].Cookie {
		t.Errorf("the sampler saw %+v: want the two sockets", got)
	}
}

func socketsOf(port uint16) ([]Socket, error) {
	p, err := OpenPort(port)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	_, err = p.sample()
	return p.Sockets(), err
}

func sum(sockets []Socket) (depth uint32) {
	for _, s := range sockets {
		depth += s.Depth
	}
	return depth
}

func TestListenersKnowsAddressAndOwner(t *testing.T) {
	wildcard := listenShared(t, "0.0.0.0:0", 3)
	all, err := Listeners(wildcard.Port())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Address != wildcard || all[0].Loopback() || all[0].Limit != 3 ||
		int(all[0].UID) != unix.Getuid() {
		t.Errorf("listeners %+v: want one on %v with a limit of 3 by user %d", all, wildcard, unix.Getuid())
	}
	six := listenShared(t, "[::1]:0", 4)
	if all, err = Listeners(six.Port()); err != nil || len(all) != 1 || all[0].Address != six {
		t.Errorf("listeners %+v, %v: want one on %v", all, err, six)
	}
	if all, err = Listeners(0); err != nil || len(all) < 2 {
		t.Errorf("all listeners: %d, %v: want those of this test among them", len(all), err)
	}
}
