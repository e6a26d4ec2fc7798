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
	for i := range e.slots {
		if err := e.socket(i, e.plan.Addresses[0]); err != nil {
			return fmt.Errorf("socket %d of %d: %w", i+1, len(e.slots), err)
		}
	}
	// A socket that is not connected yet counts as hung up, and epoll says so once: not in the storm.
	for rawsock.Wait(e.epfd, e.events, 0) > 0 {
	}
	return nil
}

// socket makes attempt i's socket for an address of the server. The error is an
// *os.SyscallError, or errNoPort.
func (e *Engine) socket(i int, server netip.AddrPort) error {
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
	if err := e.ports.bind(fd, i, server.Addr().Is4()); err != nil {
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
	next []int // port to try next, by source
}

func newPorts(s engine.Sources) ports {
	p := ports{Sources: s, next: make([]int, max(1, len(s.Addrs)))}
	for i := range p.next {
		p.next[i] = int(s.Low)
	}
	return p
}

// errNoPort: a source has no port left.
var errNoPort = errors.New("no local port is left")

// bind gives attempt i's socket the address and port that are planned for it, if any are.
func (p *ports) bind(fd, i int, is4 bool) error {
	switch {
	case len(p.Addrs) == 0 && p.Low == 0:
		return nil
	case p.Low == 0:
		// The port is chosen at the connect, by the whole 4-tuple (ip(7)).
		if err := unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
			return os.NewSyscallError("setsockopt IP_BIND_ADDRESS_NO_PORT", err)
		}
		return bindTo(fd, netip.AddrPortFrom(p.source(i, is4), 0))
	}
	// With it, ports that linger in TIME_WAIT or that other connections share can be used (socket(7)).
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt SO_REUSEADDR", err)
	}
	return p.bindNext(fd, i, is4)
}

// bindNext passes over ports that other sockets have.
func (p *ports) bindNext(fd, i int, is4 bool) error {
	next := &p.next[i%len(p.next)]
	source := p.source(i, is4)
	for ; *next <= int(p.High); *next++ {
		err := bindTo(fd, netip.AddrPortFrom(source, uint16(*next)))
		if errors.Is(err, unix.EADDRINUSE) {
			continue
		}
		*next++
		return err
	}
	return fmt.Errorf("%w for %s: %d to %d are taken; name more sources, or widen net.ipv4.ip_local_port_range",
		errNoPort, source, p.Low, p.High)
}

// source of attempt i; the unspecified address leaves the choice to the kernel.
func (p *ports) source(i int, is4 bool) netip.Addr {
	switch {
	case len(p.Addrs) > 0:
		return p.Addrs[i%len(p.Addrs)]
	case is4:
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

func bindTo(fd int, local netip.AddrPort) error {
	var sa unix.Sockaddr
	if local.Addr().Is4() {
		sa = &unix.SockaddrInet4{Port: int(local.Port()), Addr: local.Addr().As4()}
	} else {
		sa = &unix.SockaddrInet6{Port: int(local.Port()), Addr: local.Addr().As16()}
	}
	if err := unix.Bind(fd, sa); err != nil {
		return fmt.Errorf("source %s: %w", local, os.NewSyscallError("bind", err))
	}
	return nil
}
