package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"agistorm/target/probe"
	"agistorm/target/rawsock"
)

// Times of a server.
const (
	pollEvery = 10 * time.Millisecond
	// steadyFor is how long the set of listening sockets must not change: workers that share a port come one
	// after the other, and so do several ports.
	steadyFor = 300 * time.Millisecond
)

// Server is a server that runs.
type Server struct {
	config Config
	main   int
	output *Output
	// hurry: End leaves it no time to end by itself.
	hurry atomic.Bool

	mu sync.Mutex
	// exit of the process that was started; nil while it runs.
	exit *Exit
}

// Start starts the command in this process's namespaces, in a session of its own and without an input. This
// process becomes the parent of whatever the command leaves behind (PR_SET_CHILD_SUBREAPER of prctl(2)), and must
// have no other children. The error wraps ErrNotFound where there is no such program.
func Start(c Config) (*Server, error) {
	if err := rawsock.Subreaper(); err != nil {
		return nil, err
	}
	argv := c.arguments()
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, startError(argv[0], err)
	}
	output, err := newOutput()
	if err != nil {
		return nil, err
	}
	defer output.started()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	process, err := os.StartProcess(path, argv, &os.ProcAttr{
		Env:   append(os.Environ(), Variable+"="+strconv.Itoa(c.Backlog)),
		Files: []*os.File{null, output.write, output.write},
		Sys:   c.attributes(),
	})
	if err != nil {
		return nil, startError(argv[0], err)
	}
	pid := process.Pid
	_ = process.Release() // its end is waited for by its number, as that of its orphans is
	return &Server{config: c, main: pid, output: output}, nil
}

// attributes lets a mapped root give the process back to its user, in a user namespace within this one.
func (c *Config) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	if c.UID >= 0 {
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: c.UID, HostID: 0, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: c.GID, HostID: 0, Size: 1}}
	}
	return attr
}

// Listen waits until the server listens, on one port, and its set of sockets is steady. The error wraps
// ErrEnded, ErrSilent or ErrSeveralPorts, or is the context's.
func (s *Server) Listen(ctx context.Context) (*Listening, error) {
	deadline := time.Now().Add(s.config.Wait)
	var seen []probe.Listener
	var since time.Time
	for ctx.Err() == nil {
		now, err := probe.Listeners(s.config.Port)
		if err != nil {
			return nil, err
		}
		if !slices.EqualFunc(now, seen, func(a, b probe.Listener) bool { return a.Cookie == b.Cookie }) {
			seen, since = now, time.Now()
		}
		if len(seen) > 0 && time.Since(since) >= steadyFor {
			return s.listening(seen)
		}
		switch {
		case len(seen) == 0 && s.gone():
			return nil, fmt.Errorf("%w: %v", ErrEnded, *s.Exit())
		case time.Now().After(deadline):
			return nil, s.silent(seen)
		}
		time.Sleep(pollEvery)
	}
	return nil, ctx.Err()
}

// silent is the error after too long a wait.
func (s *Server) silent(seen []probe.Listener) error {
	where := "a port"
	if s.config.Port != 0 {
		where = fmt.Sprintf("port %d", s.config.Port)
	}
	if len(seen) > 0 {
		return fmt.Errorf("%w steadily: its sockets come and go for %v", ErrSilent, s.config.Wait)
	}
	return fmt.Errorf("%w on %s within %v; --wait gives it longer", ErrSilent, where, s.config.Wait)
}

func (s *Server) listening(sockets []probe.Listener) (*Listening, error) {
	var ports []uint16
	for i := range sockets {
		ports = append(ports, sockets[i].Address.Port())
	}
	slices.Sort(ports)
	if ports = slices.Compact(ports); len(ports) > 1 {
		return nil, fmt.Errorf("%w: %v; say which with --port, as in --port %d", ErrSeveralPorts, ports, ports[0])
	}
	slices.SortFunc(sockets, func(a, b probe.Listener) int { return int(int64(a.Inode) - int64(b.Inode)) })
	l := &Listening{Sockets: sockets, Daemonised: s.Exit() != nil}
	address := sockets[0].Address
	for i := range sockets {
		if !sockets[i].Loopback() {
			address = sockets[i].Address
		}
	}
	if address.Addr().IsUnspecified() {
		address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), address.Port())
	}
	l.Address = address
	return l, nil
}

// gone reports whether no process of the server is left.
func (s *Server) gone() bool { return s.Exit() != nil && len(s.processes()) == 0 }

// Exit is how the process that was started ended, or that it is stopped; nil while it runs. It waits for
// nothing.
func (s *Server) Exit() *Exit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.exit != nil && !s.exit.Stopped {
		return s.exit
	}
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(s.main, &status, syscall.WNOHANG|syscall.WUNTRACED|syscall.WCONTINUED, nil)
	switch {
	case err != nil || pid != s.main:
	case status.Exited():
		s.exit = &Exit{Code: status.ExitStatus()}
	case status.Signaled():
		s.exit = &Exit{Signal: status.Signal().String()}
	case status.Stopped():
		s.exit = &Exit{Signal: status.StopSignal().String(), Stopped: true}
	case status.Continued():
		s.exit = nil
	}
	return s.exit
}

// PID of the process that was started.
func (s *Server) PID() int { return s.main }

// Output is what the server has written to its standard output and standard error.
func (s *Server) Output() *Output { return s.output }

// End ends the server with its children: by SIGTERM to the processes that lead it, which then end their
// workers, and by SIGKILL to all that is left after Config.Grace, or when Hurry is called. It returns how the process
// that was started ended.
func (s *Server) End() (*Exit, error) {
	defer s.output.close()
	asked := map[int]bool{}
	grace := cmp.Or(s.config.Grace, DefaultGrace)
	for deadline := time.Now().Add(grace); time.Now().Before(deadline) && !s.hurry.Load(); time.Sleep(pollEvery) {
		s.terminate(asked)
		if s.gone() {
			return s.Exit(), nil
		}
	}
	for deadline := time.Now().Add(grace); time.Now().Before(deadline); time.Sleep(pollEvery) {
		signalAll(s.processes(), syscall.SIGKILL) // again: one may just have been forked
		if s.gone() {
			return s.Exit(), nil
		}
	}
	return s.Exit(), errors.New("the server's processes do not end after SIGKILL")
}

// Hurry leaves the server no time to end by itself, now or when End is called. It may be called beside End.
func (s *Server) Hurry() { s.hurry.Store(true) }

// terminate asks the leaders to end that were not asked yet: the workers of one that ended without them lead, too.
func (s *Server) terminate(asked map[int]bool) {
	leaders := slices.DeleteFunc(s.leaders(), func(p process) bool { return asked[p.pid] })
	signalAll(leaders, syscall.SIGTERM)
	signalAll(leaders, syscall.SIGCONT) // one that is stopped would not end
	for _, p := range leaders {
		asked[p.pid] = true
	}
}

// signalAll sends a signal to processes, some of which may just have ended.
func signalAll(processes []process, signal syscall.Signal) {
	for _, p := range processes {
		_ = syscall.Kill(p.pid, signal)
	}
}

// leaders are the children of this process: the command, or what it left behind.
func (s *Server) leaders() []process {
	self := os.Getpid()
	return slices.DeleteFunc(s.processes(), func(p process) bool { return p.parent != self })
}
