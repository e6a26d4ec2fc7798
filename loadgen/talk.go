package loadgen

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"agistorm/scenarios/arrival"
	"agistorm/target/agi"
)

// talk plays Asterisk in every conversation of a storm.
type talk struct {
	callers  *identities
	exchange agi.Exchange
	sessions []session
}

// session is what a conversation has to remember.
type session struct {
	commands agi.CommandReader
	channel  agi.Channel
	// lines counts all that the server sent, commands or not.
	lines, known uint32
}

// setRoom is what a script may set without an allocation: a short variable.
const setRoom = 32

func newTalk(c Config) *talk {
	n := c.part().Len()
	t := &talk{callers: newIdentities(c), sessions: make([]session, n)}
	t.exchange = agi.Exchange{
		Environment: t.callers.appendEnvironment, Variables: c.Client.Variables, MissingFiles: map[string]bool{},
	}
	for _, file := range c.Client.MissingFiles {
		t.exchange.MissingFiles[file] = true
	}
	room := make([]byte, n*setRoom)
	for i := range t.sessions {
		t.sessions[i].channel.Set = room[i*setRoom : i*setRoom : (i+1)*setRoom]
	}
	return t
}

// Greeting implements engine.Talk: the first line of every environment.
func (t *talk) Greeting() []byte { return t.callers.greeting }

// Open implements engine.Talk: the environment.
func (t *talk) Open(dst []byte, i int) []byte { return t.callers.appendEnvironment(dst, i) }

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
		dst = t.exchange.AppendReply(dst, i, &s.channel, line)
		s.lines++
		if !bytes.HasPrefix(dst[start:], []byte("510 ")) {
			known++
		}
	}
	s.known += uint32(known)
	return dst, known, nil
}

var errCut = errors.New("the server closed in the middle of a command")

// HangUp implements engine.Talk: Asterisk sends HANGUP in between, and goes on answering as a dead channel.
func (t *talk) HangUp(dst []byte, i int) []byte {
	t.sessions[i].channel.HungUp = true
	return append(dst, agi.HangUp...)
}

// Close implements engine.Talk: at the end of every session Asterisk sends HANGUP, after the server's FIN
// too.
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

// identities makes up plausible calls, each with values of its own; the same seed gives the same calls.
type identities struct {
	part arrival.Part
	// first is the storm's place in the sequence of calls.
	first int64
	// words of every environment; behind each of the first ones stands a value of the call's own.
	words [5][]byte
	// greeting is the first line of them.
	greeting []byte
}

// firstCall is the second in which the made-up calls begin; a fixed one keeps the same seed's bytes the same.
const firstCall = 1_750_000_000

func newIdentities(c Config) *identities {
	text := environment(c).Append(nil)
	k := &identities{part: c.part(), first: int64(rand.New(rand.NewPCG(c.Seed, 0)).Uint32N(1 << 20))}
	for i := range k.words {
		k.words[i], text, _ = bytes.Cut(text, []byte(ownValue))
	}
	line, _, _ := bytes.Cut(k.words[0], []byte("\n"))
	k.greeting = k.words[0][:len(line)+1]
	return k
}

// ownValue stands in the environment for what is each call's own. No line can hold it.
const ownValue = "\n\x00"

// environment of all calls.
func environment(c Config) *agi.Environment {
	host := c.Host
	if host == "" {
		host = c.Addresses[0].String()
	}
	request := "agi://" + host
	if c.Script != "" {
		request += "/" + c.Script
	}
	return &agi.Environment{
		Script: c.Script, Request: request, Channel: ownValue, Language: "en", Type: "PJSIP", UniqueID: ownValue,
		Version: "22.5.0", CallerID: ownValue, CallerIDName: "unknown",
		CallingPres: "0", CallingANI2: "0", CallingTON: "0", CallingTNS: "0",
		DNID: "18005550100", RDNIS: "unknown", Context: "from-trunk", Extension: "18005550100",
		Priority: "1", Enhanced: "0.0", ThreadID: ownValue, Args: c.Client.Args,
	}
}

func (k *identities) appendEnvironment(dst []byte, i int) []byte {
	number := k.first + int64(k.part.Global(i))
	dst = append(dst, k.words[0]...)
	dst = appendHex8(append(dst, "PJSIP/trunk-"...), uint32(number)) // agi_channel
	dst = append(dst, k.words[1]...)
	dst = strconv.AppendInt(dst, firstCall+number/100, 10) // agi_uniqueid: seconds and a number
	dst = strconv.AppendInt(append(dst, '.'), number, 10)
	dst = append(dst, k.words[2]...)
	dst = strconv.AppendInt(append(dst, "1555"...), 1_000_000+number%9_000_000, 10) // agi_callerid
	dst = append(dst, k.words[3]...)
	dst = strconv.AppendInt(dst, 139_910_000_000_000+number*4096, 10) // agi_threadid
	return append(dst, k.words[4]...)
}

// appendHex8 appends eight hexadecimal digits.
func appendHex8(dst []byte, n uint32) []byte {
	for shift := 28; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[n>>shift&15])
	}
	return dst
}
