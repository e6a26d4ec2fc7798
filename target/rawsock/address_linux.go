package rawsock

import (
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Address is a socket's address as the kernel reads and writes it.
type Address struct {
	raw  unix.RawSockaddrAny
	size uint32
}

// NewAddress is a as the kernel reads it.
func NewAddress(a netip.AddrPort) *Address {
	s := &Address{}
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

// AddrPort is the address that the kernel wrote; the zero value where it is neither IPv4 nor IPv6.
func (s *Address) AddrPort() netip.AddrPort {
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

// LocalAddr is getsockname(2) into the caller's memory; the zero value where it fails.
func LocalAddr(fd int32, room *Address) netip.AddrPort {
	room.size = unix.SizeofSockaddrAny
	_, _, errno := unix.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd),
		uintptr(unsafe.Pointer(&room.raw)), uintptr(unsafe.Pointer(&room.size)))
	if errno != 0 {
		return netip.AddrPort{}
	}
	return room.AddrPort()
}

// networkOrder turns a port between a number and the kernel's big-endian form, either way.
func networkOrder(port uint16) uint16 {
	var b [2]byte
	b[0], b[1] = byte(port>>8), byte(port)
	return *(*uint16)(unsafe.Pointer(&b))
}
