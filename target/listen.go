// Package target is the built-in FastAGI script server: a listening socket whose backlog is exactly as
// requested, and a server that logs every peer it accepts.
package target

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"sync"
	"time"

	"agistorm/target/engine"
	"agistorm/target/probe"
	"agistorm/target/spec"
)

// Kept is what listen(2) was given and what the kernel made of it.
type Kept struct {
	// Asked is what listen(2) was given.
	Asked int
	// Somaxconn is the kernel's limit when the socket began to listen; nil where the system does not report
	// it.
	Somaxconn *int
	// Effective is the backlog that the kernel kept; nil where the system does not report it.
	Effective *int
}

// Listener is a listening TCP socket, or several on one port that have a queue each.
type Listener struct {
	// Backlog is the policy. A policy that reads the system's limit does so once, when the listener is
	// made.
	Backlog spec.Backlog

	where   *net.TCPAddr
	asked   int
	queues  probe.Group
	sampler *probe.Sampler

	mu        sync.Mutex // of what a restart changes
	sockets   []*socket  // none while it is closed
	kept      Kept
	discarded int
	hasQueues bool // the system reports the kept backlog
}

// Listen opens a socket, or so many on one port (SO_REUSEPORT), on a host:port, IPv4 or IPv6, and listens
// with exactly the policy's number. Without a host it is loopback's, 127.0.0.1. Port 0 is a free one. The
// errors wrap the system's, such as syscall.EADDRINUSE; what the system's interface lacks (a fixed backlog
// on Windows, several sockets on many systems) is errors.ErrUnsupported.
func Listen(addr string, b spec.Backlog, sockets int) (*Listener, error) {
	l := &Listener{Backlog: b}
	somaxconn, err := known(probe.Somaxconn())
	if err == nil {
		l.asked, err = b.Number(somaxconn)
	}
	if err == nil {
		l.where, err = resolve(addr)
	}
	if err == nil {
		err = l.open(max(1, sockets))
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l, nil
}

// open opens the sockets, and learns the port from the first.
func (l *Listener) open(sockets int) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() {
		if err != nil {
			err = errors.Join(err, l.closeSockets())
		}
	}()
	for range sockets {
		s, err := openSocket(l.where, l.asked, sockets > 1)
		if err != nil {
			return err
		}
		l.sockets = append(l.sockets, s)
		if l.where.Port == 0 { // written once only: Addr reads it while a restart opens the sockets again
			l.where.Port = s.port()
		}
	}
	if err := l.watch(); err != nil {
		return err
	}
	return l.learn()
}

// watch hands the sockets to the queue reader, where the system reports queues.
func (l *Listener) watch() error {
	var descriptors []int
	for _, s := range l.sockets {
		descriptors = append(descriptors, s.Descriptor())
	}
	reported, err := known(0, l.queues.Set(descriptors...))
	l.hasQueues = reported != nil
	return err
}

// learn reads what the kernel kept.
func (l *Listener) learn() error {
	kept := Kept{Asked: l.asked}
	var err error
	if kept.Somaxconn, err = known(probe.Somaxconn()); err != nil {
		return err
	}
	queue, err := probe.QueueState{}, errors.ErrUnsupported
	if l.hasQueues {
		queue, err = l.queues.Queue()
	}
	if kept.Effective, err = known(int(queue.Limit), err); err != nil {
		return err
	}
	l.kept = kept
	return nil
}

// resolve gives the address to bind; a name's first address.
func resolve(addr string) (*net.TCPAddr, error) {
	if addr == "" { // net takes it for a free port on every address
		return nil, errors.New("want host:port")
	}
	where, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, err
	}
	if where.IP == nil {
		where.IP = net.IPv4(127, 0, 0, 1)
	}
	return where, nil
}

// known returns nil for a number that the system does not report. A file that is not there is one way of not
// reporting it: kernels before 6.3 hide somaxconn in network namespaces that are not root's.
func known(n int, err error) (*int, error) {
	switch {
	case err == nil:
		return &n, nil
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, nil
	}
	return nil, err
}

// Kept is what the kernel made of the backlog when the sockets last began to listen.
func (l *Listener) Kept() Kept {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept
}

// Addr returns where the sockets listen, as a client has it: IPv4 is not shown within IPv6.
func (l *Listener) Addr() netip.AddrPort {
	p := l.where.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// ListenAgain calls listen(2) on the same sockets once more, so that a limit raised since then takes
// effect; queued connections stay queued (net/ipv4/af_inet.c, inet_listen: a socket that listens only gets
// a new backlog). The number is the same as before: a policy has read the limit already. The error wraps
// net.ErrClosed while a restart has it closed.
func (l *Listener) ListenAgain() (Kept, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if len(l.sockets) == 0 {
		err = net.ErrClosed
	}
	for _, s := range l.sockets {
		err = cmp.Or(err, s.listen(l.asked))
	}
	if err != nil {
		return l.kept, fmt.Errorf("listen again on %s: %w", l.Addr(), err)
	}
	err = l.learn()
	return l.kept, err
}

// AtLeast returns an error with the change to make if the kernel kept a smaller backlog than n.
func (k Kept) AtLeast(n int) error {
	switch {
	case k.Effective == nil:
		return fmt.Errorf("backlog: this system does not report what it kept: %w", errors.ErrUnsupported)
	case *k.Effective >= n:
		return nil
	case k.Asked < n:
		return fmt.Errorf("backlog: listen(2) was given %d, and at least %d is wanted", k.Asked, n)
	case k.Somaxconn != nil && *k.Somaxconn < n:
		return fmt.Errorf("backlog: the kernel kept %d of %d, and at least %d is wanted: net.core.somaxconn is %d "+
			"(sysctl -w net.core.somaxconn=%d)", *k.Effective, k.Asked, n, *k.Somaxconn, n)
	}
	return fmt.Errorf("backlog: the kernel kept %d of %d, and at least %d is wanted", *k.Effective, k.Asked, n)
}

// Queue reads the accept queue, of several the longest. Linux only.
func (l *Listener) Queue() (probe.QueueState, error) { return l.queues.Queue() }

// Waiting is the number of connections in all its queues. Linux only.
func (l *Listener) Waiting() (int, error) { return l.queues.Waiting() }

// Sockets is how many it listens with.
func (l *Listener) Sockets() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.sockets)
}

// Discarded is how many connections were still queued when a restart closed the sockets; the kernel has
// reset them.
func (l *Listener) Discarded() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.discarded
}

// Sample begins to watch the accept queue. Close ends the watch, if its Stop has not. Linux only.
func (l *Listener) Sample(interval time.Duration) (*probe.Sampler, error) {
	if l.sampler != nil {
		return nil, errors.New("listener: it is being watched already")
	}
	var err error
	l.sampler, err = probe.StartSampler(&l.queues, interval)
	return l.sampler, err
}

// Close closes the sockets. The kernel resets the connections that were still queued.
func (l *Listener) Close() error {
	if l.sampler != nil {
		l.sampler.Stop()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closeSockets()
}

// closeAll closes the sockets until listenAll. They must not be used meanwhile.
func (l *Listener) closeAll() error {
	waiting, _ := l.Waiting() // a system that does not report it counts none
	l.mu.Lock()
	defer l.mu.Unlock()
	l.discarded += waiting
	return l.closeSockets()
}

func (l *Listener) listenAll(sockets int) error {
	if err := l.open(sockets); err != nil {
		return fmt.Errorf("listen on %s again: %w", l.Addr(), err)
	}
	return nil
}

func (l *Listener) closeSockets() error {
	err := l.queues.Set() // it never fails without sockets
	for _, s := range l.sockets {
		err = errors.Join(err, s.close())
	}
	l.sockets = nil
	return err
}

// engineSockets are the sockets in the form that an engine takes.
func (l *Listener) engineSockets() []engine.Socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []engine.Socket
	for _, s := range l.sockets {
		list = append(list, s)
	}
	return list
}
