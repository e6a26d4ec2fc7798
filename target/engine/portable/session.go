package portable

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"agistorm/target/engine"
)

// served is one connection being served.
type served struct {
	acceptor *acceptor
	conn     net.Conn
	number   uint64
	// until is the deadline, set when the server's one thread had been blocked for so long.
	until           time.Time
	blocked         time.Duration
	session         engine.Session
	environmentRead bool // the acceptor has counted the environment as read
}

// buffers that sessions read into.
var buffers = sync.Pool{New: func() any { return new([4096]byte) }}

// serve serves a connection when its turn has come.
func (a *acceptor) serve(conn net.Conn, logged int, turn chan struct{}) {
	plan := a.engine.plan
	s := &served{acceptor: a, conn: conn}
	defer context.AfterFunc(a.engine.cut, func() { _ = conn.SetDeadline(past) })()
	select {
	case <-turn:
		s.number = a.engine.calls.Add(1) - 1
		s.play()
		_ = conn.Close() // the session's fate is known already
		plan.Log.Ended(logged, s.session.Fate(), s.session.Refused())
		a.leave(s.environmentRead)
	case <-a.engine.cut.Done():
		_ = conn.Close()
		plan.Log.Ended(logged, engine.Stopped, 0)
		a.drop(turn)
	}
}

func (s *served) play() {
	script := s.acceptor.engine.plan.Script
	s.session.Begin(script)
	s.limit(script.EnvTime)
	for {
		switch s.session.Need() {
		case engine.Bytes:
			s.read()
		case engine.Work:
			s.doWork()
			s.limit(script.ScriptTime)
		case engine.Room:
			s.acceptor.takeTurn(s.write)
		case engine.Nothing:
			return
		}
	}
}

// limit gives the client so much time from now.
func (s *served) limit(timeout time.Duration) {
	s.until, s.blocked = time.Now().Add(timeout), s.acceptor.blockedFor()
	s.setDeadline()
}

// past is a deadline that ends whatever waits.
var past = time.Unix(1, 0)

// setDeadline sets the deadline, unless the sessions are cut off already.
func (s *served) setDeadline() {
	_ = s.conn.SetDeadline(s.until) // a connection that is closed needs none
	if s.acceptor.engine.isCut() {  // at the latest now: a later cut sets its own
		_ = s.conn.SetDeadline(past)
	}
}

// extend gives it as much more as work has blocked the server's one thread since then: that is not charged
// to the client.
func (s *served) extend() bool {
	blocked := s.acceptor.blockedFor()
	s.until = s.until.Add(blocked - s.blocked)
	s.blocked = blocked
	if !time.Now().Before(s.until) {
		return false
	}
	s.setDeadline()
	return true
}

func (s *served) read() {
	room := buffers.Get().(*[4096]byte)
	defer buffers.Put(room)
	n, err := s.conn.Read(room[:])
	s.acceptor.takeTurn(func() {
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			s.acceptor.spend()
		}
		s.session.Take(room[:n])
	})
	if s.session.EnvironmentRead() && !s.environmentRead {
		s.environmentRead = true
		s.acceptor.change(s.acceptor.rules.EnvironmentRead)
	}
	if err != nil && s.session.Need() == engine.Bytes {
		s.fail(err)
	}
}

// doWork keeps the server's one thread meanwhile, where its work blocks it. Else the end of the work is an
// event.
func (s *served) doWork() {
	if s.acceptor.engine.plan.Rules.WorkBlocks {
		s.acceptor.takeTurn(func() {
			began := time.Now()
			s.work()
			s.acceptor.block(time.Since(began))
		})
		return
	}
	if s.work() {
		s.acceptor.takeTurn(s.acceptor.spend)
	}
}

// work reports whether there was any, and it was done.
func (s *served) work() bool {
	d := s.acceptor.engine.plan.Work(s.number)
	if !s.acceptor.engine.wait(d) {
		s.session.End(engine.Stopped)
		return false
	}
	s.session.Worked()
	return d > 0
}

func (s *served) write() {
	n, err := s.conn.Write(s.session.Output())
	if err != nil {
		s.fail(err)
		return
	}
	s.session.Sent(n)
}

// fail ends the session by what became of its connection.
func (s *served) fail(err error) {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && s.acceptor.engine.isCut():
		s.session.End(engine.Stopped)
	case errors.Is(err, os.ErrDeadlineExceeded):
		if !s.extend() {
			s.session.Expire()
		}
	case errors.Is(err, connReset):
		s.session.End(engine.Reset)
	default: // io.EOF, or a broken pipe: the client had closed
		s.session.End(engine.Gone)
	}
}
