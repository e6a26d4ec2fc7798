package rules

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/probe"
)

// The states of TCP_INFO (the kernel's net/tcp_states.h).
const (
	established = 1
	synSent     = 2
	synReceived = 3
	timeWait    = 6
	closeWait   = 8
)

// settle is the timeout for what the kernel does at once, and soon enough before the first
// retransmission, which comes after 1 s.
const settle = 700 * time.Millisecond

// await polls until done, or until the time is over, and reports whether it was done.
func await(timeout time.Duration, done func() bool) bool {
	for end := time.Now().Add(timeout); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return done()
		}
	}
	return true
}

// listener is a plain TCP socket of ours that listens on loopback.
type listener struct {
	fd    int
	port  int
	group probe.Group
}

func listen(backlog int) *listener { return listenWith(0, false, backlog) }

// listenWith listens on a port of loopback (0 for a free one), which several may share.
func listenWith(port int, shared bool, backlog int) *listener {
	return listenAt(loopback(port), shared, backlog)
}

func listenAt(address *unix.SockaddrInet4, shared bool, backlog int) *listener {
	l := &listener{fd: socket()}
	if shared {
		check(os.NewSyscallError("setsockopt SO_REUSEPORT",
			unix.SetsockoptInt(l.fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)))
	}
	check(os.NewSyscallError("bind", unix.Bind(l.fd, address)))
	l.listen(backlog)
	l.port = portOf(l.fd)
	check(l.group.Set(l.fd))
	return l
}

// socket makes one that does not block.
func socket() int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_TCP)
	check(os.NewSyscallError("socket", err))
	return fd
}

func portOf(fd int) int {
	name, err := unix.Getsockname(fd)
	check(os.NewSyscallError("getsockname", err))
	return name.(*unix.SockaddrInet4).Port
}

func loopback(port int) *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port}
}

// listen calls listen(2) on the socket, the first time too.
func (l *listener) listen(backlog int) {
	check(os.NewSyscallError("listen", unix.Listen(l.fd, backlog)))
}

func (l *listener) queue() probe.QueueState {
	return must(l.group.Queue())
}

func (l *listener) depth() int { return int(l.queue().Depth) }
func (l *listener) limit() int { return int(l.queue().Limit) }

// drops returns what the socket itself counts.
func (l *listener) drops() int64 {
	q := l.queue()
	if q.Drops == nil {
		check(errors.New("this kernel does not report a listener's drops (SO_MEMINFO)"))
		return 0
	}
	return int64(*q.Drops)
}

// connect begins a connection, and does not wait for it.
func (l *listener) connect() *client { return l.connectWith(nil) }

// connectWith lets a program, if there is one, decide which packets reach the client.
func (l *listener) connectWith(program []unix.SockFilter) *client {
	c := &client{fd: socket()}
	if program != nil {
		filter(c.fd, program)
	}
	return c.connect(l.port)
}

// connectFrom is connect from a port of loopback.
func (l *listener) connectFrom(port int) *client {
	c := &client{fd: socket()}
	check(os.NewSyscallError("bind", unix.Bind(c.fd, loopback(port))))
	return c.connect(l.port)
}

// connect begins a connection to a port of loopback.
func (c *client) connect(port int) *client {
	if err := unix.Connect(c.fd, loopback(port)); !errors.Is(err, unix.EINPROGRESS) {
		check(os.NewSyscallError("connect", err))
	}
	c.port = portOf(c.fd)
	return c
}

// offer makes n connects one by one: each is queued or dropped before the next.
func (l *listener) offer(n int) (queued int) {
	for range n {
		depth, drops := l.depth(), l.drops()
		l.connect()
		if !await(settle, func() bool { return l.depth() > depth || l.drops() > drops }) {
			check(fmt.Errorf("a connect was neither queued nor dropped within %v", settle))
		}
	}
	return l.depth()
}

// fill fills the accept queue, which must be empty, to the last place. It returns the clients' ports.
func (l *listener) fill() (ports []int) {
	for len(ports) <= l.limit() {
		ports = append(ports, l.connect().port)
		if !await(settle, func() bool { return l.depth() >= len(ports) }) {
			check(fmt.Errorf("the accept queue holds %d after %d connects", l.depth(), len(ports)))
		}
	}
	return ports
}

// drain accepts all that are queued, and returns their ports.
func (l *listener) drain() (ports []int) {
	for {
		_, peer, err := unix.Accept4(l.fd, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
		if errors.Is(err, unix.EAGAIN) {
			return ports
		}
		check(os.NewSyscallError("accept4", err))
		ports = append(ports, peer.(*unix.SockaddrInet4).Port)
	}
}

// client is one end of a connection that was begun.
type client struct {
	fd   int
	port int
}

func (c *client) info() *unix.TCPInfo {
	info, err := unix.GetsockoptTCPInfo(c.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	check(os.NewSyscallError("getsockopt TCP_INFO", err))
	return info
}

func (c *client) established() bool { return c.info().State == established }

// state returns the word for where the connection is.
func (c *client) state() string {
	switch state := c.info().State; state {
	case established:
		return "ESTABLISHED"
	case synSent:
		return "SYN-SENT"
	default:
		return fmt.Sprint("in state ", state)
	}
}

// failure returns the word for the socket's error, which it forgets.
func (c *client) failure() string {
	errno, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	check(os.NewSyscallError("getsockopt SO_ERROR", err))
	return fate(unix.Errno(errno))
}

func (c *client) write(text string) {
	_, err := unix.Write(c.fd, []byte(text))
	check(os.NewSyscallError("write", err))
}

// abort closes it with an RST.
func (c *client) abort() {
	linger := unix.Linger{Onoff: 1}
	check(os.NewSyscallError("setsockopt SO_LINGER",
		unix.SetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER, &linger)))
	check(os.NewSyscallError("close", unix.Close(c.fd)))
}
