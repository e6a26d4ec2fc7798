package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// Listeners returns the listening TCP sockets of the calling thread's network namespace, those at one port
// where it is not 0. It needs no privilege. Linux only.
func Listeners(port uint16) (all []Listener, err error) {
	d, err := openDump(port)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	return all, d.each(func(message []byte, s rawSample) {
		all = append(all, parseListener(message, s))
	})
}

// dump asks the kernel again and again for the same listening sockets.
type dump struct {
	fd       int
	requests [2][]byte
	part     [32 << 10]byte // NLMSG_GOODSIZE and more: the kernel cuts its answer into parts of at most 32 KiB
}

func openDump(port uint16) (*dump, error) {
	fd, err := dialKernel()
	return &dump{fd: fd, requests: [2][]byte{dumpRequest(familyIPv4, port), dumpRequest(familyIPv6, port)}}, err
}

func (d *dump) close() error { return os.NewSyscallError("close", unix.Close(d.fd)) }

func (d *dump) each(f func(message []byte, s rawSample)) error {
	for _, request := range d.requests {
		if _, err := unix.Write(d.fd, request); err != nil {
			return fmt.Errorf("listeners: sock_diag: %w", os.NewSyscallError("write", err))
		}
		for last := false; !last; {
			n, err := unix.Read(d.fd, d.part[:])
			if err != nil {
				return fmt.Errorf("listeners: sock_diag: %w", os.NewSyscallError("read", err))
			}
			if last, err = eachListener(d.part[:n], f); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flags and kinds of netlink(7).
const (
	netlinkRequest = 1     // NLM_F_REQUEST
	netlinkDump    = 0x300 // NLM_F_DUMP
	netlinkDone    = 3     // NLMSG_DONE
)

// dumpRequest asks for the listening sockets of a family, those at one port where it is not 0.
func dumpRequest(family byte, port uint16) []byte {
	b := diagRequest(netip.AddrPortFrom(netip.IPv6Unspecified(), port))
	native.PutUint16(b[6:], netlinkRequest|netlinkDump)
	b[netlinkHeader] = family
	return b
}

// eachListener passes the sockets in a part of the kernel's answer to f, the message of each and what it reads
// of its queue; it reports whether that was the last part.
func eachListener(part []byte, f func(message []byte, s rawSample)) (last bool, err error) {
	for len(part) >= netlinkHeader {
		if native.Uint16(part[4:]) == netlinkDone {
			return true, nil
		}
		s, err := parseDiag(part)
		if err != nil {
			return false, err
		}
		size := int(native.Uint32(part))
		f(part[netlinkHeader:size], s)
		part = part[min((size+3)&^3, len(part)):]
	}
	return false, nil
}

// parseListener reads struct inet_diag_msg.
func parseListener(message []byte, s rawSample) Listener {
	ip := netip.AddrFrom16([16]byte(message[8:24]))
	if message[0] == familyIPv4 {
		ip = netip.AddrFrom4([4]byte(message[8:12]))
	}
	return Listener{
		Address:    netip.AddrPortFrom(ip, binary.BigEndian.Uint16(message[4:])),
		Cookie:     native.Uint64(message[diagCookie:]),
		UID:        native.Uint32(message[64:]),
		Inode:      native.Uint32(message[68:]),
		QueueState: s.state(),
	}
}
