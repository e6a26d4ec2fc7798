package agi

import "bytes"

// MaxCommand is the longest command in bytes, its line feed not counted. Asterisk
// reads commands into AGI_BUF_LEN = 8192 bytes, 2048 up to version 19 (res_agi.c).
const MaxCommand = 8192 - 2

// MaxWords is the most words that Asterisk keeps of a command: MAX_ARGS - 1 (res_agi.c).
// It drops what follows.
const MaxWords = 127

// CommandReader finds the commands in what a script server sends. The zero value
// is ready, with the limit MaxCommand.
type CommandReader struct {
	lines lineReader
}

// Next consumes n bytes of chunk. If a command ended there, ok is true and line is
// its text without the line feed, good until the next call; a carriage return belongs to
// the line. The caller goes on with chunk[n:]. The error wraps ErrLimit.
func (r *CommandReader) Next(chunk []byte) (line []byte, n int, ok bool, err error) {
	return r.lines.next(chunk, MaxCommand)
}

// Reset makes the reader ready for another session; it keeps its buffer.
func (r *CommandReader) Reset() { r.lines.reset() }

// Pending reports whether a command has begun and not ended.
func (r *CommandReader) Pending() bool { return len(r.lines.part) > 0 && !r.lines.given }

// Split appends the words of a command, as Asterisk divides it (res_agi.c, parse_args):
// at blanks and tabs, except within double quotes or after a backslash, which takes
// the next byte as it is, within quotes too. A command ends at a NUL.
//
// A word is a part of line where it lies there in one piece, else a copy.
func Split(words [][]byte, line []byte) [][]byte {
	if end := bytes.IndexByte(line, 0); end >= 0 {
		line = line[:end]
	}
	room := len(words) + MaxWords
	var w word
	for i, c := range line {
		if w.take(line, i, c) {
			words = append(words, w.text)
			w.open, w.text, w.copied = false, nil, false
		}
		if len(words) == room {
			return words
		}
	}
	if w.open {
		words = append(words, w.text)
	}
	return words
}

// word is the word that Split gathers.
type word struct {
	open, quoted, escaped bool

	text   []byte
	end    int // of text in the line, unless it is a copy
	copied bool
}

// take handles the byte c at line[i]; it is true where that ended a word.
func (w *word) take(line []byte, i int, c byte) bool {
	switch {
	case w.escaped:
		w.escaped = false
	case c == '\\':
		w.escaped = true
		return false
	case c == '"':
		w.quoted = !w.quoted
		w.begin(line, i)
		return false
	case !w.quoted && (c == ' ' || c == '\t'):
		return w.open
	}
	w.begin(line, i)
	w.add(line, i)
	return false
}

func (w *word) begin(line []byte, i int) {
	if !w.open {
		w.open, w.text = true, line[i:i]
	}
}

// add appends line[i]; what was skipped before it forces a copy.
func (w *word) add(line []byte, i int) {
	switch {
	case w.copied:
		w.text = append(w.text, line[i])
	case len(w.text) == 0:
		w.text, w.end = line[i:i+1], i+1
	case w.end == i:
		w.text, w.end = w.text[:len(w.text)+1], i+1
	default:
		w.text = append(append(make([]byte, 0, 2*len(w.text)+16), w.text...), line[i])
		w.copied = true
	}
}
