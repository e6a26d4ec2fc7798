package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis/record"
	"agistorm/target"
	"agistorm/target/agi"
	"agistorm/target/netns"
	"agistorm/target/probe"
	"agistorm/target/spec"
	"agistorm/target/work"
)

const (
	// measuredConnections make the growth of a cache clear, and fit the usual limit of open files.
	measuredConnections = 4000
	measuredSessions    = 1500
	// memoryTimeout ends the measurement, which takes less than a second.
	memoryTimeout = 10 * time.Second
	// settleTime is what the kernel gets to free what clients have closed (after an RCU grace period).
	settleTime = 60 * time.Millisecond
)

// MeasureMemory returns what a connection takes at a server on this kernel, queued and accepted, and what the
// built-in target takes per session. It is measured in a network namespace of its own; without one it is
// unknown. The error is for a run that was interrupted.
func MeasureMemory(ctx context.Context) (*record.Memory, error) {
	where, err := choose(ctx, Auto)
	if err != nil {
		return nil, err
	}
	if where.mode == netns.Host {
		return &record.Memory{Unknown: where.isolation.Reason}, nil
	}
	bounded, cancel := context.WithTimeout(ctx, memoryTimeout)
	defer cancel()
	m, err := measureIn(bounded, where.mode)
	if err != nil {
		m = &record.Memory{Unknown: &record.Note{Code: record.NoteMemoryUnmeasured, Error: err.Error()}}
	}
	return m, ctx.Err()
}

// measureIn measures in a process of its own, in namespaces by the mode.
func measureIn(ctx context.Context, mode netns.Mode) (*record.Memory, error) {
	c, err := startChild(ctx, roleMemory, netns.Attributes(mode))
	if err != nil {
		return nil, err
	}
	defer c.kill()
	var m record.Memory
	return &m, c.ask(memoryOrder{measuredConnections, measuredSessions}, &m)
}

// memoryOrder is how many to measure together.
type memoryOrder struct{ Connections, Sessions int }

// memoryRole is the other half of MeasureMemory.
func memoryRole(p *parent) error {
	var order memoryOrder
	if err := p.order(&order); err != nil {
		return err
	}
	var m record.Memory
	err := inTurn(
		netns.LoopbackUp,
		func() error { return netns.SetSysctl(somaxconn, strconv.Itoa(order.Connections)) },
		func() error { return measureSteadily(&m, order.Connections) },
		func() error { return measureSessions(&m, order.Sessions) },
	)
	if err != nil {
		return err
	}
	return p.answer(m)
}

// memoryTries is how often the kernel's memory is measured at most: other programs use it, too.
const memoryTries = 3

// measureSteadily measures connections until no other program disturbs that.
func measureSteadily(m *record.Memory, n int) error {
	for try := 1; ; try++ {
		err := measureConnections(m, n)
		if err != nil || try == memoryTries || m.Unknown == nil || m.Unknown.Code != record.NoteSlabsUnsteady {
			return err
		}
	}
}

// measureConnections queues connections whose clients are reset at once, so that the kernel keeps the server's
// ends only, and accepts them then.
func measureConnections(m *record.Memory, n int) error {
	l, err := plainListener()
	if err != nil {
		return err
	}
	defer l.Close()
	idle := readKernelMemory()
	if err := queueWithoutClients(l.Addr().String(), n); err != nil {
		return err
	}
	queued := readKernelMemory()
	held, err := acceptAll(l, n)
	defer closeAll(held)
	if err != nil {
		return err
	}
	m.Connections = n
	idle.judge(m, queued, readKernelMemory(), n)
	return nil
}

// plainListener is a TCP listener; MPTCP, Go's default, has more to a connection.
func plainListener() (net.Listener, error) {
	var plain net.ListenConfig
	plain.SetMultipathTCP(false)
	return plain.Listen(context.Background(), "tcp4", "127.0.0.1:0")
}

// queueWithoutClients connects n times. A reset leaves the server's end in the accept queue.
func queueWithoutClients(address string, n int) error {
	for range n {
		c, err := net.DialTimeout("tcp4", address, time.Second)
		if err != nil {
			return err
		}
		if err := cmp.Or(c.(*net.TCPConn).SetLinger(0), c.Close()); err != nil {
			return err
		}
	}
	return nil
}

func acceptAll(l net.Listener, n int) (held []net.Conn, err error) {
	if err := l.(*net.TCPListener).SetDeadline(time.Now().Add(time.Second)); err != nil {
		return nil, err
	}
	for len(held) < n {
		c, err := l.Accept()
		if err != nil {
			return held, fmt.Errorf("%d of %d connections were in the accept queue: %w", len(held), n, err)
		}
		held = append(held, c)
	}
	return held, nil
}

func closeAll(held []net.Conn) {
	for _, c := range held {
		_ = c.Close() // its client is gone
	}
}

// kernelMemory is the kernel's account at one moment.
type kernelMemory struct {
	slabs    map[string]probe.Slab
	protocol probe.Protocol
	// Why there are none.
	noSlabs, noProtocol error
}

func readKernelMemory() (k kernelMemory) {
	time.Sleep(settleTime)
	k.slabs, k.noSlabs = probe.Slabs()
	k.protocol, k.noProtocol = probe.TCPSockets()
	return k
}

// judge writes what n connections took, queued and then accepted.
func (k kernelMemory) judge(m *record.Memory, queued, accepted kernelMemory, n int) {
	m.Unknown = nil
	if err := cmp.Or(k.noSlabs, queued.noSlabs, accepted.noSlabs); err != nil {
		m.Unknown = &record.Note{Code: record.NoteSlabsUnreadable, Error: rootCause(err).Error()}
	} else {
		m.Method = record.MethodSlabs
		m.QueuedIn, m.AcceptedIn = k.grown(queued, queuedCaches, n), k.grown(accepted, acceptedCaches, n)
		if m.Queued, m.Accepted = bytesOf(m.QueuedIn), bytesOf(m.AcceptedIn); m.Queued != nil && m.Accepted != nil {
			return
		}
		m.Unknown = &record.Note{Code: record.NoteSlabsUnsteady}
	}
	if size := queued.protocol.Size; m.Queued == nil && queued.noProtocol == nil {
		m.Method, m.Queued, m.Accepted, m.QueuedIn, m.AcceptedIn = record.MethodSockets, &size, &size, nil, nil
	}
}

// rootCause is the innermost error, without the path and the call that wrap it.
func rootCause(err error) error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

// socketCache is where every connection has its socket.
const socketCache = "TCP"

// queuedCaches and acceptedCaches have an object of each connection: the socket, the request for it while it is
// queued (net/ipv4/tcp_minisocks.c, tcp_create_openreq_child), and the open file of an accepted one (net/socket.c,
// sock_alloc and sock_alloc_file). What a server adds, such as epoll, is its own.
var (
	queuedCaches   = []string{socketCache, "request_sock_TCP"}
	acceptedCaches = []string{socketCache, "sock_inode_cache", "dentry", "filp", "lsm_inode_cache"}
)

// grown returns those of these caches of which each of n connections took one object; nil where the sockets' own is
// not among them.
func (k kernelMemory) grown(after kernelMemory, names []string, n int) (all []record.KernelCache) {
	grown := probe.Grown(k.slabs, after.slabs, n, names...)
	if !slices.Contains(grown, socketCache) {
		return nil
	}
	for _, name := range grown {
		all = append(all, record.KernelCache{Name: name, Bytes: after.slabs[name].Size})
	}
	return all
}

// bytesOf adds them up; nil without any.
func bytesOf(caches []record.KernelCache) *int {
	if len(caches) == 0 {
		return nil
	}
	sum := 0
	for _, c := range caches {
		sum += c.Bytes
	}
	return &sum
}

// measureSessions lets the built-in target serve sessions of clients that are connected already, and keeps the
// growth of this process's memory meanwhile.
func measureSessions(m *record.Memory, n int) error {
	l, s, err := heldServer(n)
	if err != nil {
		return err
	}
	defer l.Close()
	clients, err := waitingClients(l.Addr().String(), n)
	defer closeAll(clients)
	if err != nil {
		return err
	}
	before, err := ownResident()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	if err := untilOpen(s, n, served); err != nil {
		return err
	}
	after, err := ownResident()
	if err != nil {
		return err
	}
	session := int(max(after-before, 0)) / n
	m.Session, m.Sessions = &session, n
	return nil
}

// heldServer is the built-in target with a handler for each session, which none of them finishes.
func heldServer(n int) (*target.Listener, *target.Server, error) {
	config := target.DefaultConfig()
	behaviour, err := spec.ParseBehaviour("pool:" + strconv.Itoa(n))
	if err != nil {
		return nil, nil, err
	}
	config.Behaviour, config.Work = behaviour, work.Constant(time.Minute)
	config.Drain, config.Logged = 0, n
	backlog, err := spec.ParseBacklog(strconv.Itoa(n))
	if err != nil {
		return nil, nil, err
	}
	l, err := target.Listen("127.0.0.1:0", backlog, 1)
	if err != nil {
		return nil, nil, err
	}
	s, err := target.NewServer(l, config)
	if err != nil {
		return nil, nil, errors.Join(err, l.Close())
	}
	return l, s, nil
}

// waitingClients connect and send their environment.
func waitingClients(address string, n int) (clients []net.Conn, err error) {
	for i := range n {
		c, err := net.DialTimeout("tcp4", address, time.Second)
		if err != nil {
			return clients, err
		}
		clients = append(clients, c)
		environment := agi.Environment{Request: "agi://" + address + "/" + strconv.Itoa(i)}
		if _, err := c.Write(environment.Append(nil)); err != nil {
			return clients, err
		}
	}
	return clients, nil
}

// untilOpen waits until the server has opened all sessions.
func untilOpen(s *target.Server, n int, ended <-chan error) error {
	late := time.After(2 * time.Second)
	for {
		counts := s.Counts()
		if counts.Open() >= uint64(n) {
			return nil
		}
		select {
		case err := <-ended:
			return cmp.Or(err, errors.New("the server ended before its sessions"))
		case <-late:
			return fmt.Errorf("%d of %d sessions were open after 2 s", counts.Open(), n)
		case <-time.After(time.Millisecond):
		}
	}
}

// ownResident is this process's memory, after what Go no longer uses was returned.
func ownResident() (int64, error) {
	debug.FreeOSMemory()
	now, _, err := probe.Resident(os.Getpid())
	return now, err
}
