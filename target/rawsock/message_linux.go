package rawsock

import (
	"bytes"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Message is memory for recvmsg(2): a buffer, and the kernel's control messages about its bytes. It must
// not be copied once it is in use.
type Message struct {
	header  unix.Msghdr
	iovec   unix.Iovec
	control [64]byte
}

// Into sets the buffer, of at least one byte, that messages are received into.
func (m *Message) Into(p []byte) {
	m.iovec.Base = &p[0]
	m.iovec.SetLen(len(p))
	m.header.Iov = &m.iovec
	m.header.SetIovlen(1)
	m.header.Control = &m.control[0]
}

// StampArrivals makes Receive return when the bytes arrived (SO_TIMESTAMPNS, socket(7)).
func StampArrivals(fd int32) unix.Errno {
	return setInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
}

func setInt(fd int32, level, option int, value int32) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option),
		uintptr(unsafe.Pointer(&value)), unsafe.Sizeof(value), 0)
	return errno
}

// Receive is recvmsg(2) into the message's buffer. stamp is when the last of the bytes arrived, as the
// kernel's wall clock (CLOCK_REALTIME) since 1970; 0 without a stamp.
func Receive(fd int32, m *Message) (n int, stamp time.Duration, errno unix.Errno) {
	m.header.SetControllen(len(m.control))
	r, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.header)), 0)
	if errno != 0 || r == 0 {
		return int(r), 0, errno
	}
	return int(r), m.stamp(), 0
}

// stamp finds the SCM_TIMESTAMPNS among the control messages; 0 without one.
func (m *Message) stamp() time.Duration {
	least := unix.CmsgLen(int(unsafe.Sizeof(unix.Timespec{})))
	rest := m.control[:min(int(m.header.Controllen), len(m.control))]
	for len(rest) >= unix.SizeofCmsghdr {
		header := (*unix.Cmsghdr)(unsafe.Pointer(&rest[0]))
		size := int(header.Len)
		if size < unix.SizeofCmsghdr || size > len(rest) { // the kernel makes none
			return 0
		}
		if header.Level == unix.SOL_SOCKET && header.Type == unix.SCM_TIMESTAMPNS && size >= least {
			return time.Duration((*unix.Timespec)(unsafe.Pointer(&rest[unix.CmsgLen(0)])).Nano())
		}
		rest = rest[min(unix.CmsgSpace(size-unix.SizeofCmsghdr), len(rest)):]
	}
	return 0
}

// maxLines is how many lines one sendmmsg(2) takes here: an environment has 22 or 23.
const maxLines = 32

// Lines is memory for sendmmsg(2). It must not be copied once it is in use.
type Lines struct {
	headers [maxLines]unix.Mmsghdr
	iovecs  [maxLines]unix.Iovec
}

// WriteLines writes the first lines of p, up to maxLines of them, by one sendmmsg(2): each is a message of
// its own, which the kernel handles as it handles a write(2). What follows the last line feed is a line
// too. It returns how many bytes the socket took. EIO means that the socket took a line in part and then
// another one: the bytes sent differ from p.
func WriteLines(fd int32, p []byte, l *Lines) (int, unix.Errno) {
	count := l.fill(p)
	r, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&l.headers[0])),
		uintptr(count), unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return l.countSent(int(r))
}

func (l *Lines) fill(p []byte) (count int) {
	for ; len(p) > 0 && count < maxLines; count++ {
		size := LineLength(p)
		l.iovecs[count].Base = &p[0]
		l.iovecs[count].SetLen(size)
		l.headers[count].Hdr.Iov = &l.iovecs[count]
		l.headers[count].Hdr.SetIovlen(1)
		p = p[size:]
	}
	return count
}

// countSent adds up what the socket took of the first messages.
func (l *Lines) countSent(messages int) (n int, errno unix.Errno) {
	short := false
	for k := range l.headers[:messages] {
		if short {
			return n, unix.EIO
		}
		sent := int(l.headers[k].Len)
		n += sent
		short = sent < int(l.iovecs[k].Len)
	}
	return n, 0
}

// LineLength is the length of the first line of p, its line feed included; of all of p where it has none.
func LineLength(p []byte) int {
	if end := bytes.IndexByte(p, '\n'); end >= 0 {
		return end + 1
	}
	return len(p)
}
