//go:build unix

package target

import (
	"errors"
	"net"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"agistorm/target/spec"
)

// What a host without that address, or without IPv6, says.
var errAddrNotAvail, errFamily error = syscall.EADDRNOTAVAIL, syscall.EAFNOSUPPORT

// TestListenIsGivenTheNumber: listen(2) is called once, with exactly the number, on
// a socket that does not block and that no child inherits.
func TestListenIsGivenTheNumber(t *testing.T) {
	for _, n := range []int{0, 128, spec.MaxBacklog} {
		var given []int
		spy := func(fd, n int) error {
			given = append(given, n)
			flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
			status, err2 := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
			if flags&unix.FD_CLOEXEC == 0 || status&unix.O_NONBLOCK == 0 {
				t.Errorf("descriptor flags %x, status %x, %v, %v", flags, status, err, err2)
			}
			return unix.Listen(fd, n)
		}
		l, err := openWith(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, n, false, spy)
		if err != nil {
			t.Fatal(err)
		}
		l.close()
		if !slices.Equal(given, []int{n}) {
			t.Errorf("listen was given %v, want %d once", given, n)
		}
	}
}

func TestListenFails(t *testing.T) {
	noLeaks(t)
	refuse := func(int, int) error { return unix.EOPNOTSUPP }
	if _, err := openWith(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, 1, false, refuse); !errors.Is(err,
		unix.EOPNOTSUPP) {
		t.Errorf("got %v", err)
	}
}
