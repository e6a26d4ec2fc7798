package epoll

import (
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of the storm itself. None of them blocks: sockets are non-blocking, and close(2)
// does not linger. So they are raw: Go's scheduler is not told, which costs it nothing, for the longest of
// them (a connect on loopback, with the whole handshake in it) takes some 15 µs. Told, a session cost a fifth more
// CPU time (129 µs for 110, in one write 48 for 39; 10,000 open, in turns), and the scheduler may hand the engine's
// processor to others in the midst of a call. The price: a collection that stops the world waits for the
// call's end. Only epollWait blocks, and it tells.

// sysConnect is connect(2).
func sysConnect(fd int32, peer *sockaddr) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&peer.raw)), uintptr(peer.size))
	return errno
}

// sysRead is read(2).
func sysRead(fd int32, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	return int(n), errno
}

// sysWrite is write(2). A peer that is gone gives EPIPE; Go's runtime lets the SIGPIPE pass.
func sysWrite(fd int32, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	return int(n), errno
}

// sysClose is close(2): nothing is lost with a socket that is done.
func sysClose(fd int32) { _, _, _ = unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// socketError is the errno of a connect that has failed (SO_ERROR), 0 for one that has not.
func socketError(fd int32) unix.Errno {
	var value int32
	size := uint32(unsafe.Sizeof(value))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_ERROR,
		uintptr(unsafe.Pointer(&value)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return errno
	}
	return unix.Errno(value)
}

// tcpInfo is getsockopt(TCP_INFO) into memory of the caller's. It returns how much the kernel filled in.
func tcpInfo(fd int32, info *unix.TCPInfo) (uint32, unix.Errno) {
	size := uint32(unsafe.Sizeof(*info))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(info)), uintptr(unsafe.Pointer(&size)), 0)
	return size, errno
}

// sockaddr is an address as the kernel reads and writes it.
type sockaddr struct {
	raw  unix.RawSockaddrAny
	size uint32
}

func newSockaddr(a netip.AddrPort) *sockaddr {
	s := &sockaddr{}
	if a.Addr().Is4() {
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw))
		in.Family, in.Port, in.Addr = unix.AF_INET, networkOrder(a.Port()), a.Addr().As4()
		s.size = unix.SizeofSockaddrInet4
		return s
	}
	in := (*unix.RawSockaddrInet6)(unsafe.Pointer(&s.raw))
	in.Family, in.Port, in.Addr = unix.AF_INET6, networkOrder(a.Port()), a.Addr().As16()
	s.size = unix.SizeofSockaddrInet6
	return s
}

func (s *sockaddr) addrPort() netip.AddrPort {
	switch s.raw.Addr.Family {
	case unix.AF_INET:
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(&s.raw))
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), networkOrder(in.Port))
	case unix.AF_INET6:
		in := (*unix.RawSockaddrInet6)(unsafe.Pointer(&s.raw))
		return netip.AddrPortFrom(netip.AddrFrom16(in.Addr), networkOrder(in.Port))
	}
	return netip.AddrPort{}
}

// localAddr is getsockname(2) into room of the caller's.
func localAddr(fd int32, room *sockaddr) netip.AddrPort {
	room.size = unix.SizeofSockaddrAny
	_, _, errno := unix.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd),
		uintptr(unsafe.Pointer(&room.raw)), uintptr(unsafe.Pointer(&room.size)))
	if errno != 0 {
		return netip.AddrPort{}
	}
	return room.addrPort()
}

// networkOrder turns a port between a number and the kernel's big-endian form, either way.
func networkOrder(port uint16) uint16 {
	var b [2]byte
	b[0], b[1] = byte(port>>8), byte(port)
	return *(*uint16)(unsafe.Pointer(&b))
}

// epollWait waits with the grain of a nanosecond where the kernel can (epoll_pwait2,
// Linux 5.11), else of a millisecond. An interrupted wait is a wait without events.
func epollWait(epfd int, events []unix.EpollEvent, wait time.Duration) int {
	ts := unix.NsecToTimespec(int64(wait))
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	count, err := int(n), error(nil)
	if errno == unix.ENOSYS {
		if count, err = unix.EpollWait(epfd, events, int((wait+time.Millisecond-1)/time.Millisecond)); err != nil {
			errno, _ = err.(unix.Errno)
		} else {
			errno = 0
		}
	}
	switch errno {
	case 0:
		return count
	case unix.EINTR:
		return 0
	}
	// Only a bug in this package can make the call itself fail (EBADF, EFAULT, EINVAL).
	panic(os.NewSyscallError("epoll_pwait2", errno))
}
