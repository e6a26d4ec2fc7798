package epoll

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
	"agistorm/target/rawsock"
)

// prepare makes every socket, binds it where that is planned, and watches it: the
// storm itself only connects.
func (e *Engine) prepare() error {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	e.epfd = epfd
	if e.plan.Talk != nil {
		e.releaseStamps = rawsock.KeepStamping()
	}
	rawsock.GrowFiles(len(e.slots))
	for i := range e.slots {
		if err := e.socket(i, e.plan.Addresses[0], 0); err != nil {
			return fmt.Errorf("socket %d of %d: %w", i+1, len(e.slots), err)
		}
	}
	// A socket that is not connected yet counts as hung up, and epoll reports that once: not in the storm.
	for rawsock.Wait(e.epfd, e.events, 0) > 0 {
	}
	return nil
}

// socket makes attempt i's socket for an address of the server. A port that the attempt had before it
// keeps: no more are planned than there are attempts; 0 for none. The error is an *os.SyscallError, or
// errNoPort.
func (e *Engine) socket(i int, server netip.AddrPort, port uint16) error {
	family := unix.AF_INET6
	if server.Addr().Is4() {
		family = unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	e.slots[i].fd = int32(fd)
	if e.plan.NoDelay {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			return os.NewSyscallError("setsockopt TCP_NODELAY", err)
		}
	}
	if errno := rawsock.StampArrivals(e.slots[i].fd); errno != 0 {
		e.unstamped = true // a reply lag counts from the read then
	}
	if err := e.ports.bind(fd, e.plan.SourceOf(i), server.Addr().Is4(), port); err != nil {
		return err
	}
	event := unix.EpollEvent{Events: interests, Fd: int32(i), Pad: int32(e.slots[i].try)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(e.epfd, unix.EPOLL_CTL_ADD, fd, &event))
}

// interests of the engine in a socket: all that happens, each thing once.
const interests = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET&0xffffffff

// ports plans the local ports of the sockets: for each source address its own row from low to high.
type ports struct {
	engine.Sources
	rows []row
}

// row is the ports of one source address.
type row struct {
	// next port to try, counted from the lowest.
	next int
	// again: all were tried, and now those too that linger in TIME_WAIT.
	again bool
}

func newPorts(s engine.Sources) ports {
	return ports{Sources: s, rows: make([]row, max(1, len(s.Addrs)))}
}

// planned reports whether the engine chooses the ports, not the kernel.
func (p *ports) planned() bool { return p.Low != 0 }

// errNoPort: a source has no port left.
var errNoPort = errors.New("no local port is left")

// bind gives an attempt's socket the k-th source and the port that are planned for it, if any are: the port that it
// had before, or where that is 0 the next one.
func (p *ports) bind(fd, k int, is4 bool, had uint16) error {
	source := p.source(k, is4)
	switch {
	case len(p.Addrs) == 0 && !p.planned():
		return nil
	case !p.planned():
		// The port is chosen at the connect, by the whole 4-tuple (ip(7)).
		if err := unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
			return os.NewSyscallError("setsockopt IP_BIND_ADDRESS_NO_PORT", err)
		}
		return bindTo(fd, netip.AddrPortFrom(source, 0))
	case had != 0:
		if err := bindTo(fd, netip.AddrPortFrom(source, had)); !errors.Is(err, unix.EADDRINUSE) {
			return err
		}
	}
	return p.bindNext(fd, source, &p.rows[k])
}

// bindNext passes over ports that other sockets have, be it another storm's. Only when the row is used up
// it takes those that linger in TIME_WAIT: sockets get SO_REUSEADDR when they are closed, not before, and
// the kernel lets two share a port only if both have it (socket(7)).
func (p *ports) bindNext(fd int, source netip.Addr, r *row) error {
	for {
		if r.again {
			if err := reuse(fd); err != nil {
				return err
			}
		}
		for ; r.next <= int(p.High)-int(p.Low); r.next++ {
			if err := bindTo(fd, netip.AddrPortFrom(source, p.Low+uint16(r.next))); !errors.Is(err, unix.EADDRINUSE) {
				r.next++
				return err
			}
		}
		if r.again {
			return fmt.Errorf("%w for %s: %d to %d are taken; name more sources, or widen net.ipv4.ip_local_port_range",
				errNoPort, source, p.Low, p.High)
		}
		r.again, r.next = true, 0
	}
}

// reuse lets another socket that allows it too have the port of this one.
func reuse(fd int) error {
	return os.NewSyscallError("setsockopt SO_REUSEADDR", unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1))
}

// source returns the k-th; the unspecified address leaves the choice to the kernel.
func (p *ports) source(k int, is4 bool) netip.Addr {
	switch {
	case len(p.Addrs) > 0:
		return p.Addrs[k]
	case is4:
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

func bindTo(fd int, local netip.AddrPort) error {
	if errno := rawsock.Bind(int32(fd), rawsock.NewAddress(local)); errno != 0 {
		return fmt.Errorf("source %s: %w", local, os.NewSyscallError("bind", errno))
	}
	return nil
}
