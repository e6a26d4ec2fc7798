package probe

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Diag reads the accept queue of a listening TCP socket of any process, in the network namespace in
// which it was opened; no privilege is needed. It is not for use by several at once.
type Diag struct {
	fd      int
	request []byte
	answer  [4096]byte
}

// OpenDiag finds the socket that would take a connection from this host to the address, one that listens on
// a wildcard address included. The error wraps ErrNoListener where there is none, or the address is
// another host's, and errors.ErrUnsupported where several sockets share it (SO_REUSEPORT). Linux only.
func OpenDiag(address netip.AddrPort) (*Diag, error) {
	address = netip.AddrPortFrom(connectable(address.Addr()), address.Port())
	device, err := arrivesAt(address.Addr())
	if err != nil {
		return nil, err
	}
	fd, err := dialKernel()
	if err != nil {
		return nil, err
	}
	d := &Diag{fd: fd, request: diagRequest(address)}
	native.PutUint32(d.request[netlinkHeader+diagDevice:], device)
	if err := d.checkExclusive(); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return d, nil
}

// Places in struct inet_diag_req_v2 and, the cookie, in struct inet_diag_msg.
const (
	diagPeerPort = 10
	diagDevice   = 44
	diagCookie   = 44
)

// dialKernel opens a sock_diag(7) socket to the kernel.
func dialKernel() (int, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return -1, fmt.Errorf("accept queue: %w", os.NewSyscallError("socket", err))
	}
	timeout := unix.NsecToTimeval(int64(time.Second)) // the kernel answers within the call that asks
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("accept queue: %w", os.NewSyscallError("setsockopt", err))
	}
	return fd, nil
}

// connectable is where a connect to ip goes: without an address it goes to the loopback.
func connectable(ip netip.Addr) netip.Addr {
	switch ip = ip.Unmap(); ip.WithZone("") {
	case netip.IPv4Unspecified():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case netip.IPv6Unspecified():
		return netip.IPv6Loopback()
	}
	return ip
}

// peers is how many ports of callers alone tries: two sockets that share an address are missed once in 2^31
// times.
const peers = 32

// checkExclusive makes sure that one socket takes all connections: of those that share an address the
// kernel chooses one by a hash of the caller's address and port (net/core/sock_reuseport.c), and each has a
// queue of its own.
func (d *Diag) checkExclusive() error {
	port := d.request[netlinkHeader+diagPeerPort:]
	defer binary.BigEndian.PutUint16(port, 0)
	var cookie uint64
	for peer := range uint16(peers) {
		binary.BigEndian.PutUint16(port, peer)
		if _, err := d.sample(); err != nil {
			return err
		}
		if peer > 0 && d.cookie() != cookie {
			return fmt.Errorf("accept queue: %w", errShared)
		}
		cookie = d.cookie()
	}
	return nil
}

// Sample reads the queue as it is now.
func (d *Diag) Sample() (QueueState, error) {
	s, err := d.sample()
	if err != nil {
		return QueueState{}, err
	}
	return s.state(), nil
}

// Listener reads the socket as it is now.
func (d *Diag) Listener() (Listener, error) {
	s, err := d.sample()
	if err != nil {
		return Listener{}, err
	}
	return parseListener(d.answer[netlinkHeader:], s), nil
}

// Close closes the socket to the kernel.
func (d *Diag) Close() error { return os.NewSyscallError("close", unix.Close(d.fd)) }

func (d *Diag) sample() (rawSample, error) {
	if _, err := unix.Write(d.fd, d.request); err != nil {
		return rawSample{}, fmt.Errorf("accept queue: sock_diag: %w", os.NewSyscallError("write", err))
	}
	n, err := unix.Read(d.fd, d.answer[:])
	if err != nil {
		return rawSample{}, fmt.Errorf("accept queue: sock_diag: %w", os.NewSyscallError("read", err))
	}
	return parseDiag(d.answer[:n])
}

// cookie is the number of the socket in the last answer: no other has or had the same.
func (d *Diag) cookie() uint64 { return native.Uint64(d.answer[netlinkHeader+diagCookie:]) }
