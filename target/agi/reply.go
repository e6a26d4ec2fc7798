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

// Reply is Asterisk's answer to a command, or the line HANGUP.
type Reply struct {
	// Code is 200, 510 (unknown command), 511 (dead channel), 520 (wrong syntax), 100
	// (still at work: the reply itself follows); 0 for HANGUP.
	Code int
	// HangUp is the line HANGUP, which comes between the replies and answers no command.
	HangUp bool
}

// parseReply parses a reply of one line, without its line feed. The error wraps ErrSyntax.
func parseReply(line []byte) (Reply, error) {
	if string(line) == HangUp[:len(HangUp)-1] {
		return Reply{HangUp: true}, nil
	}
	code, ok := replyCode(line, ' ')
	if !ok || code == 200 && !bytes.HasPrefix(line[4:], []byte("result=")) {
		return Reply{}, fmt.Errorf("reply %s: %w", quoteStart(line), ErrSyntax)
	}
	return Reply{Code: code}, nil
}

// replyCode reads the three digits at the start of a reply, and the byte that must follow them.
func replyCode(line []byte, separator byte) (int, bool) {
	if len(line) < 4 || line[3] != separator {
		return 0, false
	}
	code, err := strconv.ParseUint(string(line[:3]), 10, 16)
	return int(code), err == nil
}

// quoteStart returns the start of a line, quoted for an error message.
func quoteStart(line []byte) string {
	const most = 40
	if len(line) > most {
		return strconv.Quote(string(line[:most])) + "…"
	}
	return strconv.Quote(string(line))
}

// ReplyReader finds the replies in the bytes that Asterisk sends after the environment. The zero value is
// ready.
type ReplyReader struct {
	lines lineReader
	// several is the code of a reply of several lines that has begun, 0 outside of one; count its lines so
	// far.
	several, count int
}

// Next consumes n bytes of chunk. If a reply ended there, ok is true. The caller goes
// on with chunk[n:]. The error wraps ErrLimit or ErrSyntax; after it the reader needs a Reset.
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
	r.several = 0
}

// line takes one line and reports whether that ended a reply. The last line of several has their code and a
// blank.
func (r *ReplyReader) line(line []byte) (reply Reply, ok bool, err error) {
	if r.several == 0 {
		if code, several := replyCode(line, '-'); several && code > 0 {
			r.several, r.count = code, 0
			return Reply{}, false, nil
		}
		reply, err = parseReply(line)
		return reply, err == nil, err
	}
	if code, last := replyCode(line, ' '); last && code == r.several {
		r.several = 0
		return Reply{Code: code}, true, nil
	}
	if r.count++; r.count > MaxUsageLines {
		err = fmt.Errorf("a reply of more than %d lines: %w", MaxUsageLines, ErrManyLines)
	}
	return Reply{}, false, err
}
