package agi

import (
	"bytes"
	"fmt"
	"strconv"
)

// MaxReply and MaxUsageLines bound what a ReplyReader takes: bytes of a line,
// and lines of usage text in a 520.
const (
	MaxReply      = 8192
	MaxUsageLines = 128
)

// Reply is what Asterisk said to a command, or the line HANGUP. Its slices are good
// until the reader is used again.
type Reply struct {
	// Code is 200, 510 (unknown command), 511 (dead channel), 520 (wrong syntax), 100
	// (still at work: the reply itself follows); 0 for HANGUP.
	Code int
	// HangUp is the line HANGUP, which comes in between: it answers no command.
	HangUp bool
	// Result is what stands after "result="; it may be empty, or digits that are no number.
	Result []byte
	// Value is what stands in parentheses; nil: there were none.
	Value []byte
	// EndPos is a position in samples, where HasEndPos.
	EndPos    int64
	HasEndPos bool
	// Text is all after the code; of a 520 of several lines, what stands in its first.
	Text []byte
	// Usage is the lines of a 520 between its first and its last.
	Usage []byte
}

// ParseReply parses a reply of one line, without its line feed. The error wraps ErrSyntax.
func ParseReply(line []byte) (Reply, error) {
	if string(line) == HangUp[:len(HangUp)-1] {
		return Reply{HangUp: true}, nil
	}
	code, ok := replyCode(line, ' ')
	if !ok {
		return Reply{}, fmt.Errorf("reply %s: %w", shown(line), ErrSyntax)
	}
	r := Reply{Code: code, Text: line[4:]}
	rest, ok := bytes.CutPrefix(r.Text, []byte("result="))
	if ok {
		r.parseResult(rest)
	} else if code == 200 {
		return Reply{}, fmt.Errorf("reply %s without a result: %w", shown(line), ErrSyntax)
	}
	return r, nil
}

// parseResult takes RESULT, RESULT (VALUE), RESULT endpos=N and RESULT (VALUE) endpos=N.
// A value may hold parentheses; nothing but an endpos and the like follows it.
func (r *Reply) parseResult(rest []byte) {
	end := bytes.IndexByte(rest, ' ')
	if end < 0 {
		r.Result = rest
		return
	}
	r.Result, rest = rest[:end], rest[end+1:]
	if len(rest) > 0 && rest[0] == '(' {
		end := len(rest) - 1
		if rest[end] != ')' {
			end = bytes.IndexByte(rest, ')')
		}
		if end < 0 {
			return
		}
		r.Value, rest = rest[1:end], rest[end+1:]
	}
	r.parseEndPos(rest)
}

func (r *Reply) parseEndPos(rest []byte) {
	for word := range bytes.FieldsSeq(rest) {
		number, ok := bytes.CutPrefix(word, []byte("endpos="))
		if !ok {
			continue
		}
		pos, err := strconv.ParseInt(string(number), 10, 64)
		r.EndPos, r.HasEndPos = pos, err == nil
		return
	}
}

// replyCode reads the three digits that a reply starts with, and what must follow them.
func replyCode(line []byte, after byte) (int, bool) {
	if len(line) < 4 || line[3] != after {
		return 0, false
	}
	code := 0
	for _, c := range line[:3] {
		if c < '0' || c > '9' {
			return 0, false
		}
		code = 10*code + int(c-'0')
	}
	return code, true
}

// shown is a line as an error message can hold it.
func shown(line []byte) string {
	const most = 40
	if len(line) > most {
		return strconv.Quote(string(line[:most])) + "…"
	}
	return strconv.Quote(string(line))
}

// ReplyReader finds the replies in what Asterisk sends after the environment. The zero value
// is ready.
type ReplyReader struct {
	// Brief leaves the usage text of a 520 out, which is all that can grow in a reader.
	Brief bool

	lines lineReader

	several bool // within a reply of several lines
	reply   Reply
	text    []byte // the first line of it
	usage   []byte
	count   int
}

// Next consumes n bytes of chunk. If a reply ended there, ok is true. The caller goes
// on with chunk[n:]. The error wraps ErrLimit or ErrSyntax; the reader is then of no more use
// until it is Reset.
func (r *ReplyReader) Next(chunk []byte) (reply Reply, n int, ok bool, err error) {
	for n < len(chunk) && !ok && err == nil {
		line, used, whole, lineErr := r.lines.next(chunk[n:], MaxReply)
		n, err = n+used, lineErr
		if whole {
			reply, ok, err = r.line(line)
		}
	}
	return reply, n, ok, err
}

// Reset makes the reader ready for another session; it keeps its buffers.
func (r *ReplyReader) Reset() {
	r.lines.reset()
	r.several = false
}

// line takes one line; ok where that ended a reply.
func (r *ReplyReader) line(line []byte) (reply Reply, ok bool, err error) {
	if r.several {
		return r.usageLine(line)
	}
	if code, several := replyCode(line, '-'); several {
		r.several, r.count = true, 0
		r.text = append(r.text[:0], line[4:]...)
		r.usage = r.usage[:0]
		r.reply = Reply{Code: code}
		return Reply{}, false, nil
	}
	reply, err = ParseReply(line)
	return reply, err == nil, err
}

// usageLine takes a line after the first of several: the last has the same code and a blank.
func (r *ReplyReader) usageLine(line []byte) (Reply, bool, error) {
	if code, last := replyCode(line, ' '); last && code == r.reply.Code {
		r.several = false
		r.reply.Text, r.reply.Usage = r.text, r.usage
		return r.reply, true, nil
	}
	if r.count++; r.count > MaxUsageLines {
		return Reply{}, false, fmt.Errorf("a reply of more than %d lines: %w", MaxUsageLines, ErrManyLines)
	}
	if !r.Brief {
		r.usage = append(append(r.usage, line...), '\n')
	}
	return Reply{}, false, nil
}
