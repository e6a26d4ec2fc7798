package target

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Server is a FastAGI script server.
type Server struct {
	config   Config
	script   [][]byte
	listener *Listener
	log      *peerLog

	cut      chan struct{} // closed when the drain is over
	mu       sync.Mutex
	open     map[net.Conn]struct{}
	sessions sync.Pool
}

// NewServer makes a server for a listener, which stays the caller's: it is the caller who
// closes it, after Serve.
func NewServer(l *Listener, c Config) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Server{
		config: c, listener: l, log: newPeerLog(c.Logged),
		cut: make(chan struct{}), open: map[net.Conn]struct{}{},
	}
	for _, line := range c.Script {
		s.script = append(s.script, []byte(line+"\n"))
	}
	s.sessions.New = func() any { return newSession(&s.config, s.script, s.cut) }
	return s, nil
}

// Serve accepts and serves until ctx is done; then it accepts no more, lets the open sessions
// finish for as long as Config.Drain, cuts the rest off, and counts what is still queued.
// It returns nil then, and an error if the listener fails. Call it once.
func (s *Server) Serve(ctx context.Context) error {
	run, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	// A deadline in the past wakes those who wait in accept and keeps the queue as it is.
	forget := context.AfterFunc(run, func() { _ = s.listener.tcp.SetDeadline(time.Unix(1, 0)) })
	defer forget()

	var handlers sync.WaitGroup
	accept := s.acceptor(&handlers)
	for range max(1, s.config.Behaviour.Handlers) {
		handlers.Go(func() {
			if err := accept(run); err != nil {
				stop(err)
			}
		})
	}
	<-run.Done()
	s.drain(&handlers)
	s.countQueued()
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(run)
}

// acceptor gives what each accepting goroutine does.
func (s *Server) acceptor(sessions *sync.WaitGroup) func(context.Context) error {
	if s.config.Behaviour == Thread() {
		return func(ctx context.Context) error { return s.acceptAll(ctx, sessions) }
	}
	return s.acceptOneByOne
}

// acceptOneByOne is a handler of the pool.
func (s *Server) acceptOneByOne(ctx context.Context) error {
	for {
		conn, err := s.accept(ctx)
		if conn == nil {
			return err
		}
		s.serve(conn)
	}
}

// acceptAll serves every connection by a goroutine of its own, up to the limit.
func (s *Server) acceptAll(ctx context.Context, sessions *sync.WaitGroup) error {
	places := make(chan struct{}, s.config.Limits.Sessions)
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		conn, err := s.accept(ctx)
		if conn == nil {
			return err
		}
		sessions.Go(func() {
			s.serve(conn)
			<-places
		})
	}
}

// accept waits for a connection; nil once ctx is done, or with an error if the listener is
// closed. Any other error passes: descriptors become free, and a client that left is none.
func (s *Server) accept(ctx context.Context) (*net.TCPConn, error) {
	for ctx.Err() == nil {
		conn, err := s.listener.tcp.AcceptTCP()
		switch {
		case err == nil:
			return conn, nil
		case ctx.Err() != nil:
			return nil, nil
		case errors.Is(err, net.ErrClosed):
			return nil, fmt.Errorf("server: %w", err)
		}
		s.log.acceptFailed()
		pause(ctx)
	}
	return nil, nil
}

// pause is how long an accept that failed is not tried again.
func pause(ctx context.Context) {
	select {
	case <-time.After(5 * time.Millisecond):
	case <-ctx.Done():
	}
}

// serve serves one connection and closes it.
func (s *Server) serve(conn *net.TCPConn) {
	place := s.log.accepted(unmapped(conn.RemoteAddr().(*net.TCPAddr)))
	session := s.sessions.Get().(*session)
	s.enter(conn)
	fate := session.serve(conn)
	s.leave(conn)
	_ = conn.Close() // the session's fate is known already
	s.log.ended(place, fate)
	s.sessions.Put(session)
}

// enter and leave keep the set of connections that a stop may have to cut.
func (s *Server) enter(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[conn] = struct{}{}
}

func (s *Server) leave(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
}

// drain waits for the sessions, and cuts those that take too long.
func (s *Server) drain(handlers *sync.WaitGroup) {
	done := make(chan struct{})
	go func() {
		handlers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return
	case <-time.After(s.config.Drain):
	}
	close(s.cut)
	for {
		s.cutOff()
		select {
		case <-done:
			return
		case <-time.After(time.Millisecond): // one may have set a deadline of its own since
		}
	}
}

func (s *Server) cutOff() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.SetDeadline(time.Unix(1, 0)) // a connection that is closed needs none
	}
}

func (s *Server) countQueued() {
	queue, err := s.listener.Queue()
	if err == nil {
		n := int(queue.Depth)
		s.log.queued(&n)
	}
}

// Log gives the peers in the order they were accepted, as far as they are logged.
func (s *Server) Log() []Peer { return s.log.all() }

// Counts gives what the server has seen so far.
func (s *Server) Counts() Counts { return s.log.count() }
