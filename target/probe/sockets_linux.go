package probe

import (
	"net/netip"
)

// Sockets reads the listening TCP sockets of the network namespace in which it was opened, from any thread. It keeps
// the namespace alive until it is closed, needs no privilege, and is not for use by several at once. Linux only.
type Sockets struct {
	all *dump
	one Diag
}

// OpenSockets opens the sockets of the calling thread's network namespace.
func OpenSockets() (*Sockets, error) {
	d, err := openDump(0)
	if err != nil {
		return nil, err
	}
	return &Sockets{all: d, one: Diag{fd: d.fd, request: diagRequest(netip.AddrPort{})}}, nil
}

// Close closes the socket to the kernel.
func (s *Sockets) Close() error { return s.all.close() }

// Listeners returns all listening sockets.
func (s *Sockets) Listeners() ([]Listener, error) { return s.asking(0).listeners() }

// Queues passes the queue of every listening socket to f.
func (s *Sockets) Queues(f func(Queue)) error {
	return s.all.each(func(message []byte, now rawSample) { f(diagQueue(message, now)) })
}

// Queue reads the queue of one listener. The error wraps ErrNoListener where it has closed, or the kernel would give
// a connection to another socket of the same address (SO_REUSEPORT).
func (s *Sockets) Queue(l *Listener) (Queue, error) {
	s.one.request = setDiagRequest(s.one.request, l)
	now, err := s.one.sample()
	if err != nil {
		return Queue{}, err
	}
	return diagQueue(s.one.answer[netlinkHeader:], now), nil
}

// Queued returns the connections at a port that no process has accepted yet.
func (s *Sockets) Queued(port uint16) ([]Connection, error) { return s.asking(port).queued() }

// asking is another question over the same socket to the kernel.
func (s *Sockets) asking(port uint16) *dump {
	return &dump{fd: s.all.fd, requests: dumpRequests(port)}
}

func diagQueue(message []byte, s rawSample) Queue {
	return Queue{native.Uint64(message[diagCookie:]), s.depth, s.limit, s.drops, s.hasDrops}
}

// setDiagRequest asks for a listener by its address and its cookie.
func setDiagRequest(b []byte, l *Listener) []byte {
	r := b[netlinkHeader:]
	ip := l.Address.Addr()
	clear(r[diagSource : diagSource+16])
	if ip.Is4() {
		r[0] = familyIPv4
		four := ip.As4()
		copy(r[diagSource:], four[:])
	} else {
		r[0] = familyIPv6
		sixteen := ip.As16()
		copy(r[diagSource:], sixteen[:])
	}
	port := l.Address.Port()
	r[diagSourcePort], r[diagSourcePort+1] = byte(port>>8), byte(port)
	native.PutUint32(r[diagDevice:], l.Device)
	native.PutUint64(r[diagRequestCookie:], l.Cookie)
	return b
}

// Places in struct inet_diag_req_v2.
const (
	diagSourcePort    = 8
	diagSource        = 12
	diagRequestCookie = 48
)
