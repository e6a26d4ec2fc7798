package target

import (
	"errors"
	"net"
	"os"
	"time"

	"agistorm/target/agi"
)

// session serves one connection after another with the same buffers.
type session struct {
	config *Config
	script [][]byte // with line feeds
	cut    <-chan struct{}

	conn    net.Conn
	room    [4096]byte
	unread  []byte
	env     *agi.EnvReader
	replies agi.ReplyReader
	work    *time.Timer
}

// errCut is a session that outlasted the drain.
var errCut = errors.New("the server stops")

func newSession(c *Config, script [][]byte, cut <-chan struct{}) *session {
	work := time.NewTimer(0)
	work.Stop()
	return &session{
		config: c, script: script, cut: cut, work: work,
		env: agi.NewEnvReader(c.Limits.LineBytes, c.Limits.EnvLines),
	}
}

// serve plays the script over conn and leaves it open.
func (s *session) serve(conn net.Conn) Fate {
	s.conn, s.unread = conn, nil
	s.env.Reset()
	s.replies.Reset()
	err := s.play()
	s.conn = nil
	return s.fate(err)
}

func (s *session) play() error {
	if err := s.readEnvironment(); err != nil {
		return err
	}
	if err := s.doWork(); err != nil {
		return err
	}
	if err := s.conn.SetDeadline(time.Now().Add(s.config.Limits.ScriptTime)); err != nil {
		return err
	}
	for _, command := range s.script {
		if _, err := s.conn.Write(command); err != nil {
			return err
		}
		if err := s.readReply(); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) readEnvironment() error {
	if err := s.conn.SetDeadline(time.Now().Add(s.config.Limits.EnvTime)); err != nil {
		return err
	}
	for {
		if err := s.read(); err != nil {
			return err
		}
		n, done, err := s.env.Feed(s.unread)
		s.unread = s.unread[n:]
		if done || err != nil {
			return err
		}
	}
}

func (s *session) doWork() error {
	if s.config.Work == 0 {
		return nil
	}
	s.work.Reset(s.config.Work)
	select {
	case <-s.work.C:
		return nil
	case <-s.cut:
		s.work.Stop()
		return errCut
	}
}

// readReply reads up to the reply to a command. The line HANGUP comes in between, and so does
// a reply with a code under 200, which says that the command is still at work.
func (s *session) readReply() error {
	for {
		if err := s.read(); err != nil {
			return err
		}
		reply, n, ok, err := s.replies.Next(s.unread)
		s.unread = s.unread[n:]
		if err != nil {
			return err
		}
		if ok && !reply.HangUp && reply.Code >= 200 {
			return nil
		}
	}
}

// read gets more bytes if all have been used.
func (s *session) read() error {
	if len(s.unread) > 0 {
		return nil
	}
	n, err := s.conn.Read(s.room[:])
	s.unread = s.room[:n]
	if n > 0 {
		return nil // an error comes again
	}
	return err
}

func (s *session) fate(err error) Fate {
	switch {
	case err == nil:
		return Served
	case errors.Is(err, agi.ErrSyntax):
		return BrokenProtocol
	case errors.Is(err, errCut), errors.Is(err, os.ErrDeadlineExceeded) && s.isCut():
		return Stopped
	case errors.Is(err, agi.ErrLimit), errors.Is(err, os.ErrDeadlineExceeded):
		return OverLimit
	}
	return Gone // EOF, a reset, or whatever else becomes of a connection
}

func (s *session) isCut() bool {
	select {
	case <-s.cut:
		return true
	default:
		return false
	}
}
