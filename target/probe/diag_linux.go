package probe

import (
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
	drops   bool
}

// OpenDiag finds the socket that would take a connection to the address, one that listens on a wildcard
// address included. The error wraps ErrNobodyListens where there is none. Linux only.
func OpenDiag(address netip.AddrPort) (*Diag, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("accept queue: %w", os.NewSyscallError("socket", err))
	}
	d := &Diag{fd: fd, request: diagRequest(address)}
	timeout := unix.NsecToTimeval(int64(time.Second)) // the kernel answers within the call that asks
	err = os.NewSyscallError("setsockopt", unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
	if err == nil {
		_, err = d.sample()
	}
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return d, nil
}

// Sample reads the queue as it is now.
func (d *Diag) Sample() (QueueState, error) {
	s, err := d.sample()
	if err != nil {
		return QueueState{}, err
	}
	return s.state(d.drops, &s.drops), nil
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
	s, hasDrops, err := parseDiag(d.answer[:n])
	if err == nil {
		d.drops = hasDrops
	}
	return s, err
}

func (d *Diag) knowsDrops() bool { return d.drops }

func (p *queueProbe) knowsDrops() bool { return p.hasDrops }
