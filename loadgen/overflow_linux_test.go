package loadgen

import (
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen/caller"
	"agistorm/scenarios/arrival"
)

// deafListener listens with a backlog of 0 and never accepts: its accept queue
// holds exactly one connection (sk_acceptq_is_full in include/net/sock.h is ">").
func deafListener(t *testing.T) netip.AddrPort {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(os.NewSyscallError("socket", err))
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(os.NewSyscallError("bind", err))
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(os.NewSyscallError("listen", err))
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(os.NewSyscallError("getsockname", err))
	}
	in := name.(*syscall.SockaddrInet4)
	return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port))
}

// TestOverflow lets the accept queue overflow: one call, or two, are connected and silent,
// the others find no room and are given up after the connect limit, their SYN dropped.
func TestOverflow(t *testing.T) {
	engines(t, func(t *testing.T, engine string) {
		limits := caller.Limits{Connect: 300 * time.Millisecond, FirstCommand: 50 * time.Millisecond,
			Session: time.Second}
		_, attempts := play(t, Config{Addresses: []netip.AddrPort{deafListener(t)}, Schedule: arrival.Burst{Calls: 5},
			Limits: limits,
			Engine: engine})
		count := map[record.Outcome]int{}
		for _, a := range attempts {
			count[a.Outcome]++
			if a.Outcome != record.ConnectTimeout {
				continue
			}
			if a.Limit != "connect" || a.Connected != nil || a.Done-*a.Started < limits.Connect {
				t.Errorf("limit %q, connected %v, given up after %v; want connect, never, %v or more",
					a.Limit, a.Connected, a.Done-*a.Started, limits.Connect)
			}
			if engine == Epoll && (a.SYNRetransmits == nil || *a.SYNRetransmits != 0) {
				t.Errorf("SYN retransmits %v within 300 ms, want 0: the first comes after 1 s", a.SYNRetransmits)
			}
		}
		// The queue holds backlog + 1, and one more where two CPUs add at once: the kernel's check and its
		// addition are not atomic.
		if n := count[record.Silent]; n < 1 || n > 2 || n+count[record.ConnectTimeout] != 5 {
			t.Errorf("outcomes %v, want 1 silent, or 2, and all others connect-timeout", count)
		}
	})
}

// TestRetransmittedSYNIsSeen waits for the first retransmission, after 1 s, of SYNs that find
// no room: the kernel counts them.
func TestRetransmittedSYNIsSeen(t *testing.T) {
	limits := caller.Limits{Connect: 1500 * time.Millisecond, FirstCommand: 50 * time.Millisecond, Session: time.Second}
	_, attempts := play(t, Config{Addresses: []netip.AddrPort{deafListener(t)}, Schedule: arrival.Burst{Calls: 3},
		Limits: limits,
		Engine: Epoll})
	lost := 0
	for _, a := range attempts {
		if a.Outcome == record.ConnectTimeout && a.SYNRetransmits != nil && *a.SYNRetransmits == 1 {
			lost++
		}
	}
	if lost < 1 || lost > 2 { // two CPUs can put a second one into a queue of one
		t.Errorf("%d attempts retransmitted their SYN once within 1.5 s, want 2 or 1: %+v", lost, attempts)
	}
}
