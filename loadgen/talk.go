package loadgen

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"agistorm/target/agi"
)

// talk plays Asterisk in every conversation of a storm. The environments are made
// beforehand, in one piece of memory.
type talk struct {
	words    []byte
	ends     []int // where attempt i's environment ends in words
	sessions []session
}

// session is what a conversation has to remember.
type session struct {
	commands agi.CommandReader
	channel  agi.Channel
	// lines counts all that the server sent, commands or not.
	lines, known uint32
}

func newTalk(c Config) *talk {
	n := c.Schedule.Len()
	t := &talk{ends: make([]int, n), sessions: make([]session, n)}
	caller := newCaller(c)
	for i := range n {
		t.words = caller.environment(i).Append(t.words)
		t.ends[i] = len(t.words)
	}
	return t
}

// Open implements engine.Talk: the environment.
func (t *talk) Open(dst []byte, i int) []byte {
	start := 0
	if i > 0 {
		start = t.ends[i-1]
	}
	return append(dst, t.words[start:t.ends[i]]...)
}

// Receive implements engine.Talk: every command gets its reply. A line that is no
// AGI command is answered with 510, as Asterisk does, and does not count.
func (t *talk) Receive(dst []byte, i int, in []byte) ([]byte, int, error) {
	s, known := &t.sessions[i], 0
	for len(in) > 0 {
		line, n, ok, err := s.commands.Next(in)
		if err != nil {
			return dst, known, fmt.Errorf("command: %w", err)
		}
		in = in[n:]
		if !ok {
			break
		}
		start := len(dst)
		dst = s.channel.AppendReply(dst, line)
		s.lines++
		if !bytes.HasPrefix(dst[start:], []byte("510 ")) {
			known++
		}
	}
	s.known += uint32(known)
	return dst, known, nil
}

var errCut = errors.New("the server closed in the middle of a command")

// Close implements engine.Talk: at the end of every session Asterisk says HANGUP, after the server's FIN too.
func (t *talk) Close(dst []byte, i int) ([]byte, error) {
	s := &t.sessions[i]
	switch {
	case s.commands.Pending():
		return dst, errCut
	case s.lines > 0 && s.known == 0:
		return dst, fmt.Errorf("the server sent %d lines, none of them an AGI command", s.lines)
	}
	return append(dst, agi.HangUp...), nil
}

// caller makes up believable calls, each with values of its own; the same seed gives the same calls.
type caller struct {
	environ agi.Environment
	first   int64 // the storm's place in the sequence of calls
}

func newCaller(c Config) *caller {
	host := c.Host
	if host == "" {
		host = c.Address.String()
	}
	request := "agi://" + host
	if c.Script != "" {
		request += "/" + c.Script
	}
	return &caller{
		first: int64(rand.New(rand.NewPCG(c.Seed, 0)).Uint32N(1 << 20)),
		environ: agi.Environment{
			Script: c.Script, Request: request, Language: "en", Type: "PJSIP", Version: "22.5.0",
			CallerIDName: "unknown", CallingPres: "0", CallingANI2: "0", CallingTON: "0", CallingTNS: "0",
			DNID: "18005550100", RDNIS: "unknown", Context: "from-trunk", Extension: "18005550100",
			Priority: "1", Enhanced: "0.0",
		},
	}
}

// firstCall is the second in which the made-up calls begin; a fixed one keeps the same seed's bytes the same.
const firstCall = 1_750_000_000

func (c *caller) environment(i int) *agi.Environment {
	number := c.first + int64(i)
	e := c.environ
	e.Channel = fmt.Sprintf("PJSIP/trunk-%08x", number)
	e.UniqueID = fmt.Sprintf("%d.%d", firstCall+number/100, number)
	e.CallerID = "1555" + strconv.FormatInt(1_000_000+number%9_000_000, 10)
	e.ThreadID = strconv.FormatInt(139_910_000_000_000+number*4096, 10)
	return &e
}
