package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"syscall"
)

// ErrNoListener is wrapped by the error where no socket of this network namespace would
// take a connection to the address. It wraps fs.ErrNotExist.
var ErrNoListener = fmt.Errorf("no listener there: %w", fs.ErrNotExist)

// Sizes and numbers of sock_diag(7) (the kernel's include/uapi/linux/inet_diag.h and sock_diag.h).
const (
	netlinkHeader   = 16
	diagMessage     = 72
	diagByFamily    = 20 // SOCK_DIAG_BY_FAMILY
	netlinkError    = 2  // NLMSG_ERROR
	attributeInfo   = 2  // INET_DIAG_INFO
	attributeMemory = 7  // INET_DIAG_SKMEMINFO
	attributeULP    = 19 // INET_DIAG_ULP_INFO, which comes with INET_DIAG_INFO (net/ipv4/inet_diag.c)
	attributeKind   = 1<<14 - 1
	memoryDrops     = 8  // SK_MEMINFO_DROPS
	stateListen     = 10 // TCP_LISTEN
	familyIPv4      = 2  // AF_INET; AF_INET6 is 10 on Linux
	familyIPv6      = 10
	protocolTCP     = 6
)

// native is the byte order of netlink, the machine's.
var native = binary.NativeEndian

// lasting reads the queue through restarts of the server: without a listener the queue is empty, and the
// drops of a new socket are added to those of the sockets before it.
type lasting struct {
	*Diag
	last   rawSample
	cookie uint64
	before uint32 // drops of the sockets that have gone
}

func (d *Diag) lasts() queue { return &lasting{Diag: d} }

// errShared: several sockets share the address, and the kernel chooses one for each connection.
var errShared = fmt.Errorf("several sockets share the address, each with a queue of its own: %w", errors.ErrUnsupported)

func (l *lasting) sample() (rawSample, error) {
	now, err := l.Diag.sample()
	switch {
	case errors.Is(err, ErrNoListener):
		l.last.depth = 0
		return l.last, nil
	case err != nil:
		return now, err
	}
	if c := l.Diag.cookie(); c != l.cookie {
		l.cookie, l.before = c, l.last.drops
	}
	now.drops += l.before
	l.last = now
	return now, nil
}

// diagRequest asks for the one socket that would take a connection to the address: struct
// inet_diag_req_v2 with the address as the socket's own, no peer, and no cookie.
func diagRequest(address netip.AddrPort) []byte {
	b := make([]byte, netlinkHeader+56)
	native.PutUint32(b[0:], uint32(len(b)))
	native.PutUint16(b[4:], diagByFamily)
	native.PutUint16(b[6:], 1) // NLM_F_REQUEST
	r := b[netlinkHeader:]
	ip := address.Addr().Unmap()
	r[0] = familyIPv6
	if ip.Is4() {
		r[0] = familyIPv4
	}
	r[1], r[2] = protocolTCP, 1<<(attributeMemory-1)
	native.PutUint32(r[4:], 1<<stateListen)
	binary.BigEndian.PutUint16(r[8:], address.Port())
	copy(r[12:28], ip.AsSlice())
	copy(r[48:56], "\xff\xff\xff\xff\xff\xff\xff\xff") // INET_DIAG_NOCOOKIE
	return b
}

// parseDiag reads the kernel's answer about a listener.
func parseDiag(b []byte) (s rawSample, err error) {
	body, err := diagBody(b)
	switch {
	case err != nil:
		return s, err
	case body[1] != stateListen:
		return s, ErrNoListener
	}
	return sampleOf(body), nil
}

// sampleOf reads the queue of a listener from its message.
func sampleOf(message []byte) rawSample {
	s := rawSample{depth: native.Uint32(message[56:]), limit: native.Uint32(message[60:])}
	if memory := attribute(message[diagMessage:], attributeMemory); len(memory) >= 4*(memoryDrops+1) {
		s.drops, s.hasDrops = native.Uint32(memory[4*memoryDrops:]), true
	}
	return s
}

// diagBody returns the struct inet_diag_msg of the first message, with the attributes that follow it.
func diagBody(b []byte) ([]byte, error) {
	if len(b) < netlinkHeader || native.Uint32(b) < netlinkHeader || uint64(native.Uint32(b)) > uint64(len(b)) {
		return nil, errDiag(b)
	}
	body := b[netlinkHeader:native.Uint32(b)]
	switch kind := native.Uint16(b[4:]); {
	case kind == netlinkError && len(body) >= 4:
		return nil, diagError(int32(native.Uint32(body)))
	case kind != diagByFamily || len(body) < diagMessage:
		return nil, errDiag(b)
	}
	return body, nil
}

// attribute returns the first of a kind; nil without one. Each has its length and kind before it, and is padded to
// a multiple of 4.
func attribute(b []byte, kind uint16) []byte {
	for len(b) >= 4 {
		size := int(native.Uint16(b))
		if size < 4 || size > len(b) {
			return nil
		}
		if native.Uint16(b[2:])&attributeKind == kind {
			return b[4:size]
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	return nil
}

func errDiag(b []byte) error {
	return fmt.Errorf("accept queue: an answer of %d bytes that is none of sock_diag's", len(b))
}

func diagError(negative int32) error {
	errno := syscall.Errno(-negative)
	if errno == syscall.ENOENT {
		return ErrNoListener
	}
	return fmt.Errorf("accept queue: sock_diag: %w", errno)
}
