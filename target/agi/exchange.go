package agi

import (
	"bytes"
	"strconv"
)

// Exchange is the Asterisk that answers: what the channels of a storm have in common. The zero value has no
// call's environment and every sound. Several channels may use it at once.
type Exchange struct {
	// Environment appends the environment of a call, as it was sent. What a script asks of it is found
	// there: the channel's name, the caller's number. Nil has none.
	Environment func(dst []byte, call int) []byte
	// Variables are what every channel has from its beginning, beside the environment; they take
	// precedence.
	Variables map[string]string
	// MissingFiles are the sounds and recordings that cannot be opened, by the name that a script gives;
	// every other can.
	MissingFiles map[string]bool
}

// AppendReply appends what Asterisk answers to one command of a call, given without its line feed: 200 with
// a result; 510 to unknown commands, an empty line too; 511 to what a dead channel may not do; 520 with the
// usage where the words are wrong (its text differs from version to version). The channel is the call's
// own.
func (x *Exchange) AppendReply(dst []byte, call int, c *Channel, line []byte) []byte {
	var room [8][]byte
	words := Split(room[:0], line)
	s := find(words)
	switch {
	case s == nil:
		return append(dst, "510 Invalid or unknown command\n"...)
	case c.HungUp && !s.dead:
		return append(dst, "511 Command Not Permitted on a dead channel or intercept routine\n"...)
	case !s.matches(words):
		dst = append(dst, "520-Invalid command syntax.  Proper usage follows:\nUsage: "...)
		dst = append(dst, s.usage...)
		return append(dst, "\n520 End of proper usage.\n"...)
	}
	dst = append(dst, "200 result="...)
	a := answer{x: x, call: call, c: c, s: s, words: words}
	return a.append(dst)
}

// answer is one command that has the right words.
type answer struct {
	x     *Exchange
	call  int
	c     *Channel
	s     *syntax
	words [][]byte
}

// append appends the result, what is behind it, and the line feed.
func (a *answer) append(dst []byte) []byte {
	switch a.s.act {
	case getVariable:
		return a.appendVariable(dst)
	case getFullVariable:
		return a.appendExpression(dst)
	case setVariable:
		a.c.setVariable(a.words[2], a.words[3])
	case setCallerID:
		a.c.setCallerID(a.words)
	case setPlace:
		a.c.remember([]byte(a.s.place), a.words[2])
	case thisChannel, hangUp:
		return a.appendOfChannel(dst)
	case execute:
		if !isApplication(a.words[1]) {
			return append(dst, "-2\n"...)
		}
	case openFile:
		if file := a.words[len(a.s.name)]; a.x.MissingFiles[string(file)] {
			return a.appendMissing(dst)
		}
	case getDatabase, putDatabase, deleteDatabase, deleteDatabaseTree:
		return a.appendDatabase(dst)
	}
	return append(append(dst, a.s.result...), '\n')
}

// appendOfChannel answers a command that may name a channel: there is none but this.
func (a *answer) appendOfChannel(dst []byte) []byte {
	if own := len(a.s.name); len(a.words) > own && !a.isOwn(dst, a.words[own]) {
		return append(dst, "-1\n"...)
	}
	dst = append(append(dst, a.s.result...), '\n')
	if a.s.act == hangUp {
		a.c.HungUp = true
		dst = append(dst, HangUp...)
	}
	return dst
}

// isOwn reports whether that is the channel's name. It writes behind dst, where nothing is yet.
func (a *answer) isOwn(dst, name []byte) bool {
	_, own, ok := a.resolve(dst, "agi_channel")
	return ok && bytes.Equal(own, name)
}

// appendMissing is the result of a file that cannot be opened (res_agi.c: handle_streamfile,
// handle_controlstreamfile, handle_getoption, handle_getdata, handle_recordfile).
func (a *answer) appendMissing(dst []byte) []byte {
	dst = append(dst, a.s.missing...)
	if a.s.offset > 0 { // STREAM FILE returns its own offset
		dst = appendOffset(dst, a.words, a.s.offset)
	}
	return append(dst, '\n')
}

// appendOffset appends the number at the beginning of a word, 0 where there is no such word.
func appendOffset(dst []byte, words [][]byte, at int) []byte {
	if at >= len(words) {
		return append(dst, '0')
	}
	n, _ := strconv.ParseInt(string(leadingNumber(words[at])), 10, 64) // too large is the largest, as in C
	return strconv.AppendInt(dst, n, 10)
}

func appendResultValue[T string | []byte](dst []byte, value T) []byte {
	dst = append(dst, "1 ("...)
	dst = append(dst, value...)
	return append(dst, ")\n"...)
}
