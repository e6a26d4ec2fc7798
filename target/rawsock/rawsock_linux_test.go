package rawsock

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAddresses(t *testing.T) {
	for _, text := range []string{"127.0.0.1:4573", "[2001:db8::1]:65535", "0.0.0.0:0"} {
		want := netip.MustParseAddrPort(text)
		if got := NewAddress(want).AddrPort(); got != want {
			t.Errorf("%v became %v", want, got)
		}
	}
	if got := new(Address).AddrPort(); got.IsValid() {
		t.Errorf("no family gave %v", got)
	}
	if got := LocalAddr(-1, new(Address)); got.IsValid() {
		t.Errorf("no descriptor gave %v", got)
	}
}

// TestWaits: both calls know an event, wait for the given time, and not at all.
func TestWaits(t *testing.T) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(epfd)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if errno := Watch(epfd, unix.EPOLL_CTL_ADD, int32(f.Fd()), &unix.EpollEvent{Events: unix.EPOLLIN, Fd: 7}); errno != 0 {
		t.Fatal(errno)
	}
	events := make([]unix.EpollEvent, 4)
	inMilliseconds := func(epfd int, events []unix.EpollEvent, wait time.Duration) int {
		n, errno := waitMilliseconds(epfd, events, wait)
		if errno != 0 {
			t.Error(errno)
		}
		return int(n)
	}
	for name, wait := range map[string]func(int, []unix.EpollEvent, time.Duration) int{"ns": Wait, "ms": inMilliseconds} {
		if n := wait(epfd, events, 0); n != 0 {
			t.Errorf("%s: %d events of a quiet socket", name, n)
		}
		began := time.Now()
		if n := wait(epfd, events, 3*time.Millisecond); n != 0 || time.Since(began) < 3*time.Millisecond {
			t.Errorf("%s: %d events after %v, want none after 3ms", name, n, time.Since(began))
		}
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for name, wait := range map[string]func(int, []unix.EpollEvent, time.Duration) int{"ns": Wait, "ms": inMilliseconds} {
		if n := wait(epfd, events, time.Hour); n != 1 || events[0].Fd != 7 {
			t.Errorf("%s: %d events, the first of %d", name, n, events[0].Fd)
		}
	}
}
