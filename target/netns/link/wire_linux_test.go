package link

import (
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/netns"
	"agistorm/target/probe"
)

// needsHeldSenders skips on a kernel whose full ring drops packets instead of holding the sender back:
// those before Linux 6.16.
func needsHeldSenders(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	switch holds, known := probe.LinuxAtLeast(string(text), 6, 16); {
	case !known:
		t.Fatalf("release %q", text)
	case !holds:
		t.Skipf("the full ring of a veth drops on Linux %s", text)
	}
}

// TestWireLosesNothing: neither a burst that the accept queue cannot hold nor its SYNs that are
// retransmitted all at once.
func TestWireLosesNothing(t *testing.T) {
	needsHeldSenders(t)
	const calls, backlog = 2000, 128
	l := newLink(t, 0)
	listenAt(t, l, backlog)
	in(t, l.client, func() error {
		defer stayOnOneCPU(t)()
		for range calls {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
			if err != nil {
				return err
			}
			defer unix.Close(fd)
			if err := connect(fd, Server); !errors.Is(err, unix.EINPROGRESS) {
				return err
			}
		}
		time.Sleep(2500 * time.Millisecond) // SYNs are retransmitted after 1 and 2 s
		return nil
	})
	s := checkClosed(t, l, calls*2)
	t.Logf("to server %d packets, to client %d", s.ToServer.Packets, s.ToClient.Packets)
}

// stayOnOneCPU keeps this thread, and the timers of the sockets that it makes, on one CPU, whose input
// queue then is what a burst meets.
func stayOnOneCPU(t *testing.T) (free func()) {
	t.Helper()
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	for cpu := 0; one.Count() == 0; cpu++ {
		if all.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	return func() { _ = unix.SchedSetaffinity(0, &all) } // a test that is over does not mind
}

func connect(fd int, to netip.Addr) error {
	return unix.Connect(fd, &unix.SockaddrInet4{Port: 4573, Addr: to.As4()})
}

// TestWireHoldsBack: what makes a veth lossless is in force on both ends.
func TestWireHoldsBack(t *testing.T) {
	l := newLink(t, 0)
	for name, ns := range map[string]int{"server": l.server, "client": l.client} {
		in(t, ns, func() error {
			gro, err := netns.HasOffload(Device, netns.GRO)
			tso, err2 := netns.HasOffload(Device, netns.TSO)
			if !gro || tso {
				t.Errorf("the %s's end: GRO %t, TSO %t; want true, false", name, gro, tso)
			}
			return errors.Join(err, err2)
		})
		s, err := openSide(ns)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		device, err := s.findDevice()
		if err != nil {
			t.Fatal(err)
		}
		disciplines, err := s.kernel.QdiscList(device)
		length := device.Attrs().TxQLen
		if err != nil || len(disciplines) != 1 || disciplines[0].Type() != "pfifo" || length != vethQueue {
			t.Errorf("the %s's end: %v, %v, queue of %d; want one pfifo, %d", name, disciplines, err, length, vethQueue)
		}
	}
}

// TestSources: a client has every address that it was given, and no other; what it sends from there is
// answered.
func TestSources(t *testing.T) {
	sources := []netip.Addr{
		FirstSource, FirstSource.Next(), netip.MustParseAddr("172.16.5.255"), netip.MustParseAddr("192.168.7.0"),
	}
	for name, make := range map[string]func(testing.TB, ...netip.Addr) joined{"veth": newLinkWith, "tun": newTUNWith} {
		t.Run(name, func(t *testing.T) {
			l := make(t, sources...)
			listenAt(t, l, 10)
			for _, source := range append(sources, Client) {
				if err := connectFrom(t, l, source); err != nil {
					t.Errorf("from %v: %v", source, err)
				}
			}
			if err := connectFrom(t, l, FirstSource.Next().Next()); !errors.Is(err, unix.EADDRNOTAVAIL) {
				t.Errorf("from another address: %v, want EADDRNOTAVAIL", err)
			}
		})
	}
}

// connectFrom binds to an address and connects.
func connectFrom(t *testing.T, l joined, source netip.Addr) (result error) {
	t.Helper()
	in(t, l.client, func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		// A SYN whose answer finds no way back is not to be waited for.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 2000); err != nil {
			return err
		}
		if result = unix.Bind(fd, &unix.SockaddrInet4{Addr: source.As4()}); result == nil {
			result = connect(fd, Server)
		}
		return nil
	})
	return result
}

// TestManySources: as many addresses as there may be are ready at once.
func TestManySources(t *testing.T) {
	sources := make([]netip.Addr, MaxSources)
	for i, a := 0, FirstSource; i < len(sources); i, a = i+1, a.Next() {
		sources[i] = a
	}
	l := newLinkWith(t, sources...)
	listenAt(t, l, 10)
	for _, source := range []netip.Addr{sources[0], sources[MaxSources/2], sources[MaxSources-1]} {
		if err := connectFrom(t, l, source); err != nil {
			t.Errorf("from %v: %v", source, err)
		}
	}
}

// TestVethOnly: where there is a veth, that is what it is.
func TestVethOnly(t *testing.T) {
	l, err := Join(newNamespace(t), newNamespace(t), Options{VethOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Kind != Veth {
		t.Errorf("the link is %s, want %s", l.Kind, Veth)
	}
}
