package engine

import (
	"errors"
	"time"

	"agistorm/target/agi"
)

// Script holds the commands of every session, and the limits for its client.
type Script struct {
	// Commands with their line feeds.
	Commands [][]byte
	// LineBytes and EnvLines bound an environment; its EnvTime counts from the begin of the session.
	LineBytes, EnvLines int
	EnvTime             time.Duration
	// ScriptTime is for all commands and replies, from the end of the work.
	ScriptTime time.Duration
}

// Need is what a session waits for.
type Need uint8

// Needs.
const (
	// Bytes of the client's: Take them.
	Bytes Need = iota
	// Work is to be done now, then Worked. What the client sends meanwhile is not read.
	Work
	// Room in the socket for Output, then Sent.
	Room
	// Nothing: it is over, with a Fate.
	Nothing
)

// Session is the server's side of one conversation. Make it ready with Begin; it may be used again.
type Session struct {
	script          *Script
	env             agi.EnvScanner
	replies         agi.ReplyReader
	need            Need
	fate            Fate
	environmentRead bool
	next            int    // the command that is being sent or answered
	sent            int    // bytes of it that are out
	rest            []byte // bytes that the client sent too early; nearly always empty
	refused         int
}

// Begin makes the session ready for a new client.
func (s *Session) Begin(script *Script) {
	if s.script != script {
		s.script, s.env = script, agi.NewEnvScanner(script.LineBytes, script.EnvLines)
	}
	s.env.Reset()
	s.replies.Reset()
	s.need, s.fate, s.environmentRead = Bytes, Open, false
	s.next, s.sent, s.refused, s.rest = 0, 0, 0, s.rest[:0]
}

// Need is what the session waits for.
func (s *Session) Need() Need { return s.need }

// Fate is Open until the need is Nothing.
func (s *Session) Fate() Fate { return s.fate }

// EnvironmentRead reports whether the whole environment has come.
func (s *Session) EnvironmentRead() bool { return s.environmentRead }

// Refused is the number of commands that the client has answered with 510 or 520.
func (s *Session) Refused() int { return s.refused }

// Take takes all the bytes that were read from the client.
func (s *Session) Take(p []byte) {
	for len(p) > 0 && s.need == Bytes {
		p = p[s.step(p):]
	}
	s.rest = append(s.rest[:0], p...)
}

// step takes the first bytes of p, up to the end of an environment or of a reply.
func (s *Session) step(p []byte) int {
	if !s.environmentRead {
		n, done, err := s.env.Feed(p)
		switch {
		case err != nil:
			s.End(blame(err))
		case done:
			s.environmentRead, s.need = true, Work
		}
		return n
	}
	reply, n, ok, err := s.replies.Next(p)
	switch {
	case err != nil:
		s.End(blame(err))
	case ok:
		s.answered(reply.Code, reply.HangUp)
	}
	return n
}

// answered takes a reply as the libraries of such servers do: a HANGUP and a dead channel (511) end the
// script, a command that Asterisk does not take (510, 520) is passed over, and a code under 200 means that
// the command still runs.
func (s *Session) answered(code int, hangUp bool) {
	switch {
	case hangUp || code == 511:
		s.End(HungUp)
		return
	case code < 200:
		return
	case code == 510 || code == 520:
		s.refused++
	}
	s.next++
	s.command()
}

// command goes on to the next command, if there is one.
func (s *Session) command() {
	if s.next == len(s.script.Commands) {
		s.End(Served)
		return
	}
	s.need, s.sent = Room, 0
}

// Worked goes on after the work.
func (s *Session) Worked() { s.command() }

// Output is what is to be sent now.
func (s *Session) Output() []byte { return s.script.Commands[s.next][s.sent:] }

// Sent counts n bytes of the output as written.
func (s *Session) Sent(n int) {
	s.sent += n
	if s.sent < len(s.script.Commands[s.next]) {
		return
	}
	s.need = Bytes
	if len(s.rest) > 0 {
		s.Take(s.rest)
	}
}

// End ends the session with a fate, if it is not over yet.
func (s *Session) End(f Fate) {
	if s.need != Nothing {
		s.need, s.fate = Nothing, f
	}
}

// Expire ends the session because its time is over.
func (s *Session) Expire() {
	if s.environmentRead {
		s.End(ScriptTimeout)
		return
	}
	s.End(EnvTimeout)
}

// blame returns the fate of a client whose bytes are not AGI or over a limit.
func blame(err error) Fate {
	switch {
	case errors.Is(err, agi.ErrLongLine):
		return LongLine
	case errors.Is(err, agi.ErrManyLines):
		return ManyLines
	}
	return Broken
}
