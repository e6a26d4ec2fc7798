package agi

import (
	"bytes"
	"strings"
)

// HangUp is the line that Asterisk sends when the caller hangs up, in between the replies,
// and once more at the end of every session.
const HangUp = "HANGUP\n"

// Channel answers commands as Asterisk does for a call that was answered, plays every sound in
// no time and hears no digit. The zero value is ready. It is not for use by several at once.
type Channel struct {
	// Variable looks up a variable that the call has from its beginning; nil knows none.
	Variable func(name []byte) (value string, ok bool)
	// Set holds the variables that the script has set, MaxSet bytes at most: what comes after that is answered
	// and forgotten. Its capacity is room that need not be allocated.
	Set []byte
	// HungUp is a dead channel: most commands are refused. The command HANGUP sets it.
	HungUp bool
}

// MaxSet bounds what a script can make a channel remember, names and values together.
const MaxSet = 8 << 10

// AppendReply appends what Asterisk answers to one command, given without its line feed:
// 200 with a result; 510 to what it does not know, an empty line too; 511 to what
// a dead channel may not do; 520 with the usage where the words are wrong (its text differs
// from version to version).
func (c *Channel) AppendReply(dst, line []byte) []byte {
	var room [8][]byte
	words := Split(room[:0], line)
	s := find(words)
	switch {
	case s == nil:
		return append(dst, "510 Invalid or unknown command\n"...)
	case c.HungUp && !s.dead:
		return append(dst, "511 Command Not Permitted on a dead channel or intercept routine\n"...)
	case !s.fits(words):
		dst = append(dst, "520-Invalid command syntax.  Proper usage follows:\nUsage: "...)
		dst = append(dst, s.usage...)
		return append(dst, "\n520 End of proper usage.\n"...)
	}
	dst = append(dst, "200 result="...)
	return c.appendResult(dst, s, words)
}

func (c *Channel) appendResult(dst []byte, s *syntax, words [][]byte) []byte {
	switch s.act {
	case getVariable:
		return c.appendVariable(dst, words[2])
	case getFullVariable:
		return c.appendExpression(dst, words)
	case setVariable:
		c.set(words)
	case thisChannel:
		if len(words) > len(s.name) { // another channel's name: there is none
			return append(dst, "-1\n"...)
		}
	}
	dst = append(dst, s.result...)
	dst = append(dst, '\n')
	if s.hangsUp && len(words) == len(s.name) {
		c.HungUp = true
		dst = append(dst, HangUp...)
	}
	return dst
}

func (c *Channel) appendVariable(dst, name []byte) []byte {
	start := len(dst)
	dst, ok := c.appendFound(dst, name)
	if !ok {
		return append(dst[:start], "0\n"...)
	}
	return dst
}

// appendExpression knows an expression that is one variable, ${NAME}, or plain text.
func (c *Channel) appendExpression(dst []byte, words [][]byte) []byte {
	if len(words) > 4 {
		return append(dst, "0\n"...)
	}
	text := words[3]
	if name, ok := bytes.CutPrefix(text, []byte("${")); ok && bytes.HasSuffix(name, []byte("}")) {
		dst, ok := c.appendFound(dst, name[:len(name)-1])
		if !ok {
			dst = appendResultValue(dst, "")
		}
		return dst
	}
	return appendResultValue(dst, text)
}

// appendFound appends the result of a variable that is known, and tells whether it is.
func (c *Channel) appendFound(dst, name []byte) ([]byte, bool) {
	if value, ok := c.lookUpSet(name); ok {
		return appendResultValue(dst, value), true
	}
	if c.Variable == nil {
		return dst, false
	}
	value, ok := c.Variable(name)
	if !ok {
		return dst, false
	}
	return appendResultValue(dst, value), true
}

func appendResultValue[T string | []byte](dst []byte, value T) []byte {
	dst = append(dst, "1 ("...)
	dst = append(dst, value...)
	return append(dst, ")\n"...)
}

// set remembers a variable: name, NUL, value, NUL. No word of a command has a NUL in it. Without a
// value nothing is set, as in Asterisk (handle_setvariable).
func (c *Channel) set(words [][]byte) {
	if len(words) < 4 {
		return
	}
	name, value := words[2], words[3]
	if len(c.Set)+len(name)+len(value)+2 > MaxSet {
		return
	}
	c.Set = append(append(c.Set, name...), 0)
	c.Set = append(append(c.Set, value...), 0)
}

// lookUpSet finds what a variable was set to last.
func (c *Channel) lookUpSet(name []byte) (found []byte, ok bool) {
	for rest := c.Set; len(rest) > 0; {
		var n, value []byte
		n, rest, _ = bytes.Cut(rest, []byte{0})
		value, rest, _ = bytes.Cut(rest, []byte{0})
		if bytes.Equal(n, name) {
			found, ok = value, true
		}
	}
	return found, ok
}

// find gives the syntax of a command, nil for an unknown one. Case does not count.
func find(words [][]byte) *syntax {
	for i := range commands {
		if commands[i].names(words) {
			return &commands[i]
		}
	}
	return nil
}

func (s *syntax) names(words [][]byte) bool {
	if len(words) < len(s.name) {
		return false
	}
	for i, name := range s.name {
		if len(name) != len(words[i]) || !strings.EqualFold(name, string(words[i])) {
			return false
		}
	}
	return true
}

// fits tells whether the number of words is right, and the word that must be a number is one.
func (s *syntax) fits(words [][]byte) bool {
	if len(words) < s.least || len(words) > s.most {
		return false
	}
	return s.number == 0 || s.number >= len(words) || startsWithNumber(words[s.number])
}

// startsWithNumber is the test of Asterisk's sscanf("%d"): what follows the digits does not count.
func startsWithNumber(w []byte) bool {
	w = bytes.TrimLeft(w, " \t\r\v\f")
	if len(w) > 0 && (w[0] == '-' || w[0] == '+') {
		w = w[1:]
	}
	return len(w) > 0 && w[0] >= '0' && w[0] <= '9'
}
