package portable

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"agistorm/target/engine"
)

// served is one connection being served.
type served struct {
	door    *door
	conn    net.Conn
	number  uint64
	until   time.Time // the deadline
	session engine.Session
	heard   bool // the door knows that the environment is over
}

// grace is what a client that did its part in time gets when the server's one thread was busy for longer.
const grace = 10 * time.Millisecond

// buffers that sessions read into.
var buffers = sync.Pool{New: func() any { return new([4096]byte) }}

// serve serves a connection when its turn has come.
func (d *door) serve(conn net.Conn, logged int, turn chan struct{}) {
	plan := d.engine.plan
	s := &served{door: d, conn: conn}
	select {
	case <-turn:
		s.number = d.engine.calls.Add(1) - 1
		s.play()
		_ = conn.Close() // the session's fate is known already
		plan.Log.Ended(logged, s.session.Fate(), s.session.Refused())
		d.leave(conn, s.heard)
	case <-d.engine.cut:
		_ = conn.Close()
		plan.Log.Ended(logged, engine.Stopped, 0)
		d.drop(turn)
	}
}

func (s *served) play() {
	script := s.door.engine.plan.Script
	s.session.Begin(script)
	s.until = s.door.limit(s.conn, script.EnvTime)
	for {
		switch s.session.Need() {
		case engine.Bytes:
			s.read()
		case engine.Work:
			s.door.takeTurn(s.work)
		case engine.Room:
			s.door.takeTurn(s.write)
		case engine.Nothing:
			return
		}
	}
}

func (s *served) read() {
	room := buffers.Get().(*[4096]byte)
	defer buffers.Put(room)
	n, err := s.conn.Read(room[:])
	s.door.takeTurn(func() { s.session.Take(room[:n]) })
	if s.session.Heard() && !s.heard {
		s.heard = true
		s.door.heard()
	}
	if err != nil && s.session.Need() == engine.Bytes {
		s.fail(err)
	}
}

func (s *served) work() {
	plan := s.door.engine.plan
	if d := plan.Work(s.number); d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-s.door.engine.cut:
			s.session.End(engine.Stopped)
			return
		}
	}
	s.until = s.door.limit(s.conn, plan.Script.ScriptTime)
	s.session.Worked()
}

func (s *served) write() {
	s.door.atLeast(s.conn, s.until, grace)
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
	case errors.Is(err, os.ErrDeadlineExceeded) && s.door.isCut():
		s.session.End(engine.Stopped)
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.session.Expire()
	case errors.Is(err, connReset):
		s.session.End(engine.Reset)
	default: // io.EOF, or a broken pipe: the client had closed
		s.session.End(engine.Gone)
	}
}
