package rawsock

import (
	"math"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// None of these calls blocks: sockets are non-blocking, and close(2) does not linger. So they are raw: Go's
// scheduler gets no notice, which costs nothing, for the longest of them (a connect on loopback, with the
// whole handshake in it) takes some 15 µs. With notice, a session of the storm cost a fifth more CPU time
// (129 µs for 110, in one write 48 for 39; 10,000 open, in turns), and the scheduler may hand the engine's
// processor to others in the midst of a call. The price: a collection that stops the world waits for the
// call's end. Only Wait blocks, and gives notice.

// Connect is connect(2).
func Connect(fd int32, peer *Address) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&peer.raw)),
		uintptr(peer.size))
	return errno
}

// Bind is bind(2).
func Bind(fd int32, local *Address) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&local.raw)), uintptr(local.size))
	return errno
}

// Accept is accept4(2); the connection does not block, and no child inherits it. peer is the client's
// address.
func Accept(fd int32, peer *Address) (int32, unix.Errno) {
	peer.size = unix.SizeofSockaddrAny
	n, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(unsafe.Pointer(&peer.raw)),
		uintptr(unsafe.Pointer(&peer.size)), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	return int32(n), errno
}

// Read is read(2).
func Read(fd int32, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		uintptr(len(p)))
	return int(n), errno
}

// Write is write(2); with an error it has written nothing. A peer that is gone gives EPIPE; Go's runtime
// lets the SIGPIPE pass.
func Write(fd int32, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))),
		uintptr(len(p)))
	return max(int(n), 0), errno
}

// Close is close(2): nothing is lost with a socket that is done.
func Close(fd int32) { _, _, _ = unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// Shutdown is shutdown(2) with SHUT_WR: the socket sends a FIN, and can still be read.
func Shutdown(fd int32) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_SHUTDOWN, uintptr(fd), unix.SHUT_WR, 0)
	return errno
}

// Watch is epoll_ctl(2) with EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL.
func Watch(epfd, op int, fd int32, event *unix.EpollEvent) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(epfd), uintptr(op), uintptr(fd),
		uintptr(unsafe.Pointer(event)), 0, 0)
	return errno
}

// GrowFiles makes room for n more descriptors in this process at once, as far as its limit allows. Else the
// kernel doubles the table whenever it is full, and in a process of several threads each time waits until
// no CPU can still read the old one (expand_fdtable in its fs/file.c): some 5 ms each, 30 of the 45 ms that
// 2,000 sockets took.
func GrowFiles(n int) {
	null, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return // the table grows as it is filled
	}
	defer unix.Close(null)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur == 0 {
		return
	}
	high, err := unix.FcntlInt(uintptr(null), unix.F_DUPFD_CLOEXEC, min(null+n, int(min(limit.Cur, math.MaxInt))-1))
	if err == nil {
		_ = unix.Close(high)
	}
}

// SocketError is the errno of a connect that has failed (SO_ERROR), 0 for one that has not.
func SocketError(fd int32) unix.Errno {
	var value int32
	_, errno := Getsockopt(fd, unix.SOL_SOCKET, unix.SO_ERROR, unsafe.Pointer(&value), unsafe.Sizeof(value))
	if errno != 0 {
		return errno
	}
	return unix.Errno(value)
}

// TCPInfo is getsockopt(TCP_INFO) into memory of the caller's. It returns how much the kernel filled in.
func TCPInfo(fd int32, info *unix.TCPInfo) (uint32, unix.Errno) {
	return Getsockopt(fd, unix.SOL_TCP, unix.TCP_INFO, unsafe.Pointer(info), unsafe.Sizeof(*info))
}

// Getsockopt is getsockopt(2) into memory of the caller's. It returns how much the kernel filled in.
func Getsockopt(fd int32, level, option int, value unsafe.Pointer, size uintptr) (uint32, unix.Errno) {
	filled := uint32(size)
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option),
		uintptr(value), uintptr(unsafe.Pointer(&filled)), 0)
	return filled, errno
}

// Clock is clock_gettime(2).
func Clock(id int32) (time.Duration, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(id, &ts)
	return time.Duration(ts.Nano()), os.NewSyscallError("clock_gettime", err)
}

// Wait is epoll_wait(2) with the grain of a nanosecond where the kernel can (epoll_pwait2,
// Linux 5.11), else of a millisecond. An interrupted wait is a wait without events.
func Wait(epfd int, events []unix.EpollEvent, wait time.Duration) int {
	ts := unix.NsecToTimespec(int64(wait))
	var n uintptr
	var errno unix.Errno
	if wait == 0 { // it does not block
		n, _, errno = unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])),
			uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	} else {
		n, _, errno = unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])),
			uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	}
	if errno == unix.ENOSYS {
		n, errno = waitMilliseconds(epfd, events, wait)
	}
	switch errno {
	case 0:
		return int(n)
	case unix.EINTR:
		return 0
	}
	// Only a bug in an engine can make the call itself fail (EBADF, EFAULT, EINVAL).
	panic(os.NewSyscallError("epoll_pwait2", errno))
}

// waitMilliseconds is epoll_pwait(2), for kernels before Linux 5.11.
func waitMilliseconds(epfd int, events []unix.EpollEvent, wait time.Duration) (uintptr, unix.Errno) {
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd), uintptr(unsafe.Pointer(&events[0])),
		uintptr(len(events)), uintptr((wait+time.Millisecond-1)/time.Millisecond), 0, 0)
	return n, errno
}

// ExactTimers takes the calling thread's timer slack (50 µs by default, prctl(2)) away, and returns a
// function that restores it.
func ExactTimers() (restore func()) {
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil || unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) != nil {
		return func() {} // what waits for a time is some 50 µs late then
	}
	return func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0) }
}
