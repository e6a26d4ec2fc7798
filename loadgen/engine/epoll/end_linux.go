package epoll

import (
	"net/netip"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
)

// expire ends what has passed its limit.
func (e *Engine) expire(d *deadlines, now time.Duration) {
	for {
		i, ok := d.pop(now)
		if !ok {
			return
		}
		if e.bound(i, d.limit) {
			e.flows[i].Limit = d.limit
			if d.limit == engine.ConnectLimit {
				e.account(i)
			}
			e.end(i, engine.OverLimit, now)
		}
	}
}

// bound tells whether a limit still means something for an attempt.
func (e *Engine) bound(i int, limit engine.Limit) bool {
	switch limit {
	case engine.ConnectLimit:
		return e.slots[i].state == connecting
	case engine.FirstCommandLimit:
		return e.slots[i].state == open && !e.flows[i].HasCommand
	default:
		return e.slots[i].state == open
	}
}

func (e *Engine) fail(i int, err error) {
	errno, ok := err.(syscall.Errno)
	if !ok {
		errno = unix.EIO
	}
	if e.slots[i].state == connecting {
		e.account(i)
	}
	e.flows[i].Errno = errno
	e.end(i, engine.Failed, e.now())
}

func (e *Engine) breakOff(i int, err error) {
	e.flows[i].Err = err
	e.end(i, engine.Broken, e.now())
}

func (e *Engine) end(i int, cause engine.Cause, now time.Duration) {
	e.flows[i].Cause, e.flows[i].Done = cause, now
	e.slots[i].state = ended
	e.slots[i].unsent = nil
	e.left--
	e.release(i)
}

// release closes the attempt's socket; that also takes it out of the epoll set.
func (e *Engine) release(i int) {
	if fd := e.slots[i].fd; fd >= 0 {
		_ = unix.Close(int(fd)) // nothing is lost with a socket that is done
		e.slots[i].fd = -1
	}
}

// account reads the kernel's own account of the handshake and the client's address.
func (e *Engine) account(i int) {
	fd, flow := int(e.slots[i].fd), &e.flows[i]
	if size, err := tcpInfo(fd, &e.info); err == nil {
		flow.HasInfo = size >= offset(unsafe.Offsetof(e.info.Total_retrans), unsafe.Sizeof(e.info.Total_retrans))
		flow.Retransmits = e.info.Total_retrans
		flow.RTT = time.Duration(e.info.Rtt) * time.Microsecond
		flow.HasRTO = size >= offset(unsafe.Offsetof(e.info.Total_rto_time), unsafe.Sizeof(e.info.Total_rto_time))
		flow.RTOTime = time.Duration(e.info.Total_rto_time) * time.Millisecond
	}
	flow.Local = localAddr(fd, &e.local)
}

// offset is where a field of the kernel's struct ends: an older kernel fills in less.
func offset(start, size uintptr) uint32 { return uint32(start + size) }

// tcpInfo is getsockopt(TCP_INFO) into memory of the caller's: the library's own
// call allocates at each use. It returns how much the kernel filled in.
func tcpInfo(fd int, info *unix.TCPInfo) (uint32, error) {
	size := uint32(unsafe.Sizeof(*info))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return 0, errno
	}
	return size, nil
}

// localAddr is getsockname(2) into memory of the engine's own, for the same reason.
func localAddr(fd int, sa *unix.RawSockaddrAny) netip.AddrPort {
	size := uint32(unix.SizeofSockaddrAny)
	_, _, errno := unix.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd),
		uintptr(unsafe.Pointer(sa)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 {
		return netip.AddrPort{}
	}
	switch sa.Addr.Family {
	case unix.AF_INET:
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), hostOrder(in.Port))
	case unix.AF_INET6:
		in := (*unix.RawSockaddrInet6)(unsafe.Pointer(sa))
		return netip.AddrPortFrom(netip.AddrFrom16(in.Addr), hostOrder(in.Port))
	}
	return netip.AddrPort{}
}

// hostOrder turns a port as the kernel keeps it, big-endian, into a number.
func hostOrder(port uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&port))
	return uint16(b[0])<<8 | uint16(b[1])
}

// epollWait waits with the grain of a nanosecond where the kernel can (epoll_pwait2,
// Linux 5.11), else of a millisecond.
func epollWait(epfd int, events []unix.EpollEvent, wait time.Duration) (int, error) {
	ts := unix.NsecToTimespec(int64(wait))
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	switch errno {
	case 0:
		return int(n), nil
	case unix.ENOSYS:
		return unix.EpollWait(epfd, events, int((wait+time.Millisecond-1)/time.Millisecond))
	}
	return 0, errno
}
