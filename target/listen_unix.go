//go:build unix

package target

import (
	"errors"
	"net"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// open makes the socket by hand: net.Listen would choose a backlog of its own.
func open(where *net.TCPAddr, b Backlog) (*net.TCPListener, error) {
	return openWith(where, int(b), unix.Listen)
}

// openWith calls listen exactly once, with exactly n.
func openWith(where *net.TCPAddr, n int, listen func(fd, n int) error) (*net.TCPListener, error) {
	address, family, err := sockaddr(where)
	if err != nil {
		return nil, err
	}
	fd, err := socket(family)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close() // net has a descriptor of its own
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return nil, os.NewSyscallError("setsockopt SO_REUSEADDR", err)
	}
	if err := unix.Bind(fd, address); err != nil {
		return nil, os.NewSyscallError("bind", err)
	}
	if err := listen(fd, n); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	l, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return nil, errors.Join(errors.New("not a TCP socket"), l.Close())
	}
	return tcp, nil
}

// socket makes one that no child process inherits. The flags of socket(2) that do so at once
// are not on every system, hence the lock against fork.
func socket(family int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := unix.Socket(family, unix.SOCK_STREAM, unix.IPPROTO_TCP)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		return -1, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(fd))
	}
	return fd, nil
}

func sockaddr(where *net.TCPAddr) (unix.Sockaddr, int, error) {
	if ip := where.IP.To4(); ip != nil {
		return &unix.SockaddrInet4{Port: where.Port, Addr: [4]byte(ip)}, unix.AF_INET, nil
	}
	zone, err := zoneID(where.Zone)
	if err != nil {
		return nil, 0, err
	}
	return &unix.SockaddrInet6{Port: where.Port, Addr: [16]byte(where.IP.To16()), ZoneId: zone}, unix.AF_INET6, nil
}

// zoneID is the number of a zone that is named by an interface or by its number.
func zoneID(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index), nil
	}
	n, err := strconv.ParseUint(zone, 10, 32)
	if err != nil {
		return 0, errors.New("no interface " + strconv.Quote(zone))
	}
	return uint32(n), nil
}
