package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/target/netns"
	"agistorm/target/probe"
)

const (
	somaxconn      = "net.core.somaxconn"
	syncookies     = "net.ipv4.tcp_syncookies"
	abortOverflow  = "net.ipv4.tcp_abort_on_overflow"
	linearTimeouts = "net.ipv4.tcp_syn_linear_timeouts"
	// everyKernels is a sysctl that every kernel has, to prove that sysctls can be read.
	everyKernels = "net.ipv4.tcp_syn_retries"
)

// The states of TCP_INFO (the kernel's net/tcp_states.h).
const (
	established = 1
	synSent     = 2
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

// sysctl returns the value of one. The rule is lacking where the kernel has none of that name.
func (s *site) sysctl(name string) string {
	value, err := probe.Sysctl(name)
	s.proveMissing(name, err)
	s.must(err)
	return value
}

// proveMissing ends a rule whose sysctl is not there, if others are.
func (s *site) proveMissing(name string, err error) {
	if !errors.Is(err, fs.ErrNotExist) {
		return
	}
	_, other := probe.Sysctl(everyKernels)
	s.must(other)
	s.lack("this kernel has no %s in a network namespace like this (%s is there)", name, everyKernels)
}

func (s *site) number(name string) int {
	n, err := strconv.Atoi(s.sysctl(name))
	s.must(err)
	return n
}

// set writes a sysctl of the rule's own namespace, and makes sure that it took.
func (s *site) set(name string, value int) {
	if !s.own {
		s.must(fmt.Errorf("%s is not set outside of a namespace of our own", name))
	}
	err := netns.SetSysctl(name, strconv.Itoa(value))
	s.proveMissing(name, err)
	s.must(err)
	if got := s.number(name); got != value {
		s.must(fmt.Errorf("%s was set to %d and is %d", name, value, got))
	}
}

// sysctls of a rule's own namespace.
type sysctls map[string]int

// measure returns a measurement that sets the sysctls first.
func (v sysctls) measure(measure func(*site) Finding) func(*site) Finding {
	return func(s *site) Finding {
		for name, value := range v {
			s.set(name, value)
		}
		return measure(s)
	}
}

// listener is a plain TCP socket of ours that listens on loopback.
type listener struct {
	s     *site
	fd    int
	port  int
	group probe.Group
}

func (s *site) listen(backlog int) *listener { return s.listenWith(0, false, backlog) }

// listenWith listens on a port (0 for a free one), which several may share.
func (s *site) listenWith(port int, shared bool, backlog int) *listener {
	l := &listener{s: s, fd: s.socket()}
	if shared {
		s.must(
			os.NewSyscallError(
				"setsockopt SO_REUSEPORT",
				unix.SetsockoptInt(l.fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1),
			),
		)
	}
	s.must(os.NewSyscallError("bind", unix.Bind(l.fd, loopback(port))))
	l.again(backlog)
	l.port = s.portOf(l.fd)
	s.must(l.group.Set(l.fd))
	return l
}

// socket makes one that does not block.
func (s *site) socket() int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_TCP)
	s.must(os.NewSyscallError("socket", err))
	return fd
}

func (s *site) portOf(fd int) int {
	name, err := unix.Getsockname(fd)
	s.must(os.NewSyscallError("getsockname", err))
	return name.(*unix.SockaddrInet4).Port
}

func loopback(port int) *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port}
}

// again calls listen(2) on the socket, the first time too.
func (l *listener) again(backlog int) {
	l.s.must(os.NewSyscallError("listen", unix.Listen(l.fd, backlog)))
}

func (l *listener) queue() probe.QueueState {
	q, err := l.group.Queue()
	l.s.must(err)
	return q
}

func (l *listener) depth() int { return int(l.queue().Depth) }
func (l *listener) limit() int { return int(l.queue().Limit) }

// drops returns what the socket itself counts.
func (l *listener) drops() int64 {
	q := l.queue()
	if q.Drops == nil {
		l.s.must(errors.New("this kernel does not report a listener's drops (SO_MEMINFO)"))
		return 0
	}
	return int64(*q.Drops)
}

// connect begins a connection, and does not wait for it.
func (l *listener) connect() *client { return l.connectWith(nil) }

// connectWith lets a filter decide which packets reach the client.
func (l *listener) connectWith(filter []unix.SockFilter) *client {
	c := &client{s: l.s, fd: l.s.socket()}
	if filter != nil {
		l.s.filter(c.fd, filter)
	}
	if err := unix.Connect(c.fd, loopback(l.port)); !errors.Is(err, unix.EINPROGRESS) {
		l.s.must(os.NewSyscallError("connect", err))
	}
	c.port = l.s.portOf(c.fd)
	return c
}

// offer makes n connects one by one: each is queued or dropped before the next.
func (l *listener) offer(n int) (queued int) {
	for range n {
		depth, drops := l.depth(), l.drops()
		l.connect()
		if !await(settle, func() bool { return l.depth() > depth || l.drops() > drops }) {
			l.s.must(fmt.Errorf("a connect was neither queued nor dropped within %v", settle))
		}
	}
	return l.depth()
}

// fill fills the accept queue, which must be empty, to the last place. It returns the clients' ports.
func (l *listener) fill() (ports []int) {
	for len(ports) <= l.limit() {
		ports = append(ports, l.connect().port)
		if !await(settle, func() bool { return l.depth() >= len(ports) }) {
			l.s.must(fmt.Errorf("the accept queue holds %d after %d connects", l.depth(), len(ports)))
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
		l.s.must(os.NewSyscallError("accept4", err))
		ports = append(ports, peer.(*unix.SockaddrInet4).Port)
	}
}

// client is one end of a connection that was begun.
type client struct {
	s    *site
	fd   int
	port int
}

func (c *client) info() *unix.TCPInfo {
	info, err := unix.GetsockoptTCPInfo(c.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	c.s.must(os.NewSyscallError("getsockopt TCP_INFO", err))
	return info
}

func (c *client) established() bool { return c.info().State == established }

// state returns the word for where the connection is.
func (c *client) state() string {
	if c.established() {
		return "ESTABLISHED"
	}
	return fmt.Sprint("in state ", c.info().State)
}

// failure returns the word for the socket's error, which it forgets.
func (c *client) failure() string {
	errno, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	c.s.must(os.NewSyscallError("getsockopt SO_ERROR", err))
	return fate(unix.Errno(errno))
}

func (c *client) write(text string) {
	_, err := unix.Write(c.fd, []byte(text))
	c.s.must(os.NewSyscallError("write", err))
}

// abort closes it with an RST.
func (c *client) abort() {
	linger := unix.Linger{Onoff: 1}
	c.s.must(
		os.NewSyscallError(
			"setsockopt SO_LINGER",
			unix.SetsockoptLinger(c.fd, unix.SOL_SOCKET, unix.SO_LINGER, &linger),
		),
	)
	c.s.must(os.NewSyscallError("close", unix.Close(c.fd)))
}
