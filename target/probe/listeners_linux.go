package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"

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
	return d.listeners()
}

// Queued returns the connections at a port, in the calling thread's network namespace, that no process has accepted
// yet: a socket gets an inode when it is accepted. It needs no privilege. Linux only.
func Queued(port uint16) (all []Connection, err error) {
	d, err := openDump(port)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	return d.queued()
}

// listeners are all that listen, with what only INET_DIAG_INFO shows.
func (d *dump) listeners() (all []Listener, err error) {
	for _, request := range d.requests {
		request[netlinkHeader+diagExtensions] |= 1 << (attributeInfo - 1)
	}
	return all, d.each(func(message []byte, s rawSample) {
		all = append(all, parseListener(message, s))
	})
}

// queued are the connections that wait.
func (d *dump) queued() (all []Connection, err error) {
	for _, request := range d.requests {
		request[netlinkHeader+diagExtensions] |= 1 << (attributeInfo - 1)
		native.PutUint32(request[netlinkHeader+diagStates:], 1<<stateEstablished|1<<stateCloseWait)
	}
	return all, d.parts(func(part []byte) (bool, error) {
		return eachSocket(part, func(message []byte) error {
			if native.Uint32(message[diagInode:]) == 0 {
				all = append(all, parseConnection(message))
			}
			return nil
		})
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
	return &dump{fd: fd, requests: dumpRequests(port)}, err
}

func (d *dump) close() error { return os.NewSyscallError("close", unix.Close(d.fd)) }

func (d *dump) each(f func(message []byte, s rawSample)) error {
	return d.parts(func(part []byte) (bool, error) { return eachListener(part, f) })
}

// parts passes each part of the kernel's answers to f, which reports whether it was the last of an answer.
func (d *dump) parts(f func(part []byte) (last bool, err error)) error {
	for _, request := range d.requests {
		if _, err := unix.Write(d.fd, request); err != nil {
			return fmt.Errorf("listeners: sock_diag: %w", os.NewSyscallError("write", err))
		}
		for last := false; !last; {
			n, err := unix.Read(d.fd, d.part[:])
			if err != nil {
				return fmt.Errorf("listeners: sock_diag: %w", os.NewSyscallError("read", err))
			}
			if last, err = f(d.part[:n]); err != nil {
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

	// Places in struct inet_diag_req_v2.
	diagExtensions = 2
	diagStates     = 4

	// diagInode is the place of the inode in struct inet_diag_msg, and infoLastSent that of tcpi_last_data_sent, in
	// milliseconds, in struct tcp_info.
	diagInode    = 68
	infoLastSent = 44

	stateEstablished = 1 // TCP_ESTABLISHED
	stateCloseWait   = 8 // TCP_CLOSE_WAIT: the client has gone already
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
	return eachSocket(part, func(message []byte) error {
		if message[1] != stateListen {
			return ErrNoListener
		}
		f(message, sampleOf(message))
		return nil
	})
}

// eachSocket does the same with sockets of any state. It ends with the first error of f.
func eachSocket(part []byte, f func(message []byte) error) (last bool, err error) {
	for len(part) >= netlinkHeader {
		if native.Uint16(part[4:]) == netlinkDone {
			return true, nil
		}
		message, err := diagBody(part)
		if err == nil {
			err = f(message)
		}
		if err != nil {
			return false, err
		}
		size := netlinkHeader + len(message)
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
		Inode:      native.Uint32(message[diagInode:]),
		Device:     native.Uint32(message[40:]),
		MPTCP:      isMPTCP(message[diagMessage:]),
		QueueState: s.state(),
	}
}

// parseConnection reads the same of a connection.
func parseConnection(message []byte) Connection {
	l := parseListener(message, rawSample{})
	c := Connection{Local: netip.AddrPortFrom(l.Address.Addr().Unmap(), l.Address.Port()), Cookie: l.Cookie}
	if info := attribute(message[diagMessage:], attributeInfo); len(info) >= infoLastSent+4 {
		c.Age = time.Duration(native.Uint32(info[infoLastSent:])) * time.Millisecond
	}
	return c
}

// dumpRequests ask for those of both families.
func dumpRequests(port uint16) [2][]byte {
	return [2][]byte{dumpRequest(familyIPv4, port), dumpRequest(familyIPv6, port)}
}
