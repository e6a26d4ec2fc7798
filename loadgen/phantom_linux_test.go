package loadgen

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
)

// connectOnly are calls that only connect, and wait for the acknowledgement of their FIN as long as connect takes.
func connectOnly(server netip.AddrPort, calls int, connect time.Duration) Config {
	return Config{
		Addresses: []netip.AddrPort{server}, Schedule: arrival.Burst{Calls: calls}, Engine: Epoll,
		Limits: caller.Limits{Connect: connect, FirstCommand: time.Second, Session: 10 * time.Second},
		Client: caller.Client{Name: caller.ConnectOnly},
	}
}

// deaf is a listener with a backlog that accepts nothing, and options set before it listens.
func deaf(t *testing.T, backlog int, options ...int) netip.AddrPort {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	for _, option := range options {
		if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, option, 10); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, backlog); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(name.(*syscall.SockaddrInet4).Port))
}

// count returns how many attempts are connected, for their clients at least, and how many of them are phantoms.
func count(t *testing.T, attempts []record.Attempt) (n, phantoms int) {
	t.Helper()
	for _, a := range attempts {
		if a.Outcome != record.Connected && a.Outcome != record.Phantom {
			continue
		}
		n++
		if phantom := a.Outcome == record.Phantom; a.Phantom == nil || *a.Phantom != phantom {
			t.Errorf("call %d: phantom %v, and the outcome is %s", a.Seq, a.Phantom, a.Outcome)
		} else if phantom {
			phantoms++
		}
	}
	return n, phantoms
}

// A connection that waits in the accept queue is none of a phantom: its kernel holds it.
func TestQueuedConnectionsAreNoPhantoms(t *testing.T) {
	_, attempts := play(t, connectOnly(deaf(t, 50), 20, time.Second))
	if n, phantoms := count(t, attempts); n != 20 || phantoms != 0 {
		t.Errorf("%d connected, %d of them phantoms: want 20 and none", n, phantoms)
	}
	for _, a := range attempts {
		if stayed := a.Done - *a.Connected; stayed < caller.LeastStay {
			t.Errorf("call %d stayed %v, want %v at least", a.Seq, stayed, caller.LeastStay)
		}
	}
}

// A server that waits for data before it makes a connection makes one of the FIN.
func TestDeferredAcceptMakesNoPhantoms(t *testing.T) {
	_, attempts := play(t, connectOnly(deaf(t, 50, syscall.TCP_DEFER_ACCEPT), 20, time.Second))
	if n, phantoms := count(t, attempts); n != 20 || phantoms != 0 {
		t.Errorf("%d connected, %d of them phantoms: want 20 and none", n, phantoms)
	}
}

// Of connects to a queue that is full and not emptied, those whose last ACK was dropped are phantoms: what is
// queued is less than what has connected.
func TestPhantomsAreSeen(t *testing.T) {
	server := deaf(t, 4)
	_, attempts := play(t, connectOnly(server, 200, 1500*time.Millisecond))
	n, phantoms := count(t, attempts)
	if held := n - phantoms; held < 5 || held > 7 {
		t.Errorf("%d connected, %d of them phantoms: %d held by a queue of 5, want 5 to 7", n, phantoms, held)
	}
}

// A FIN that meets a full queue is retransmitted until there is room. (With TCP_DEFER_ACCEPT it is each client's FIN that
// makes its connection.)
func TestRevivedByTheFIN(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	listen := func(fd uintptr) {
		err = errors.Join(syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_DEFER_ACCEPT, 10),
			syscall.Listen(int(fd), 4))
	}
	if controlled := raw.Control(listen); controlled != nil || err != nil {
		t.Fatal(controlled, err)
	}
	time.AfterFunc(450*time.Millisecond, func() { // all have connected, and left
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	})
	server := netip.MustParseAddrPort(l.Addr().String())
	_, attempts := play(t, connectOnly(server, 20, 1900*time.Millisecond))
	held, revived := 0, 0
	for _, a := range attempts {
		switch {
		case a.Outcome != record.Connected || a.SYNRetransmits == nil || *a.SYNRetransmits > 0: // they came later
		case a.Left == nil || a.FINRetransmits == nil:
			t.Errorf("call %d: left %v, FIN retransmits %v", a.Seq, a.Left, a.FINRetransmits)
		case *a.FINRetransmits == 0:
			held++
		default:
			revived++
		}
	}
	if held < 5 || held > 7 || revived == 0 {
		t.Errorf("%d held by a queue of 5, and %d revived: want 5 to 7, and some", held, revived)
	}
}

// A server that answers its client's FIN by a reset had the connection: the FIN was not retransmitted.
func TestResetAfterTheClientLeft(t *testing.T) {
	server := start(t, func(_ *testing.T, c *net.TCPConn) {
		_, _ = c.Read(make([]byte, 1))
		_ = c.SetLinger(0)
		c.Close()
	})
	_, attempts := play(t, connectOnly(server, 20, time.Second))
	for _, a := range attempts {
		reset := a.Outcome == record.Reset && a.FINRetransmits != nil && *a.FINRetransmits == 0 // before it was acknowledged
		if a.Left == nil || a.Outcome != record.Connected && !reset {
			t.Errorf("call %d: %s, left %v, FIN retransmits %v", a.Seq, a.Outcome, a.Left, a.FINRetransmits)
		}
	}
}

// closing serves n connections by closing them at once, by a reset where that is asked for.
func closing(t *testing.T, reset bool) netip.AddrPort {
	t.Helper()
	return start(t, func(_ *testing.T, c *net.TCPConn) {
		if reset {
			_ = c.SetLinger(0)
		}
		c.Close()
	})
}

// Connections that the server closes at once are no success.
func TestClosedAtOnceIsNotConnected(t *testing.T) {
	for reset, want := range map[bool]record.Outcome{false: record.Closed, true: record.Reset} {
		config := connectOnly(closing(t, reset), 20, time.Second)
		for _, engine := range []string{Epoll, Portable} {
			config.Engine = engine
			_, attempts := play(t, config)
			for _, a := range attempts {
				if a.Outcome != want {
					t.Errorf("%s, call %d: %s (%s), want %s", engine, a.Seq, a.Outcome, a.Errno, want)
				}
			}
		}
	}
}
