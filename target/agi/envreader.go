package agi

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Limits that suit Asterisk: its lines stay under AGI_BUF_LEN, and it sends at most
// 22 variables and MAX_ARGS arguments (res_agi.c).
const (
	MaxEnvLine  = 8192
	MaxEnvLines = 256
)

// Variable is one line of an environment, with its "agi_".
type Variable struct{ Name, Value string }

// EnvScanner finds the end of an environment in chunks of any size, and checks its lines; it keeps
// none of them. Make one with NewEnvScanner.
type EnvScanner struct {
	maxLine, maxLines int
	lines             lineReader
	count             int
	done              bool
}

// NewEnvScanner makes a scanner with its limits: the bytes of a line without its line feed, and
// the lines without the empty one at the end.
func NewEnvScanner(maxLine, maxLines int) EnvScanner {
	return EnvScanner{maxLine: maxLine, maxLines: maxLines}
}

// Feed consumes n bytes of chunk; done is true once the empty line has come, and what follows it
// is not consumed. The error wraps ErrLongLine, ErrManyLines or ErrSyntax; the scanner is then
// of no more use until it is Reset.
func (s *EnvScanner) Feed(chunk []byte) (n int, done bool, err error) { return s.feed(chunk, nil) }

// feed gives the lines to a reader, if there is one.
func (s *EnvScanner) feed(chunk []byte, to *EnvReader) (n int, done bool, err error) {
	for n < len(chunk) && !s.done {
		line, used, ok, err := s.lines.next(chunk[n:], s.maxLine)
		if err != nil {
			return n, false, fmt.Errorf("environment: %w", err)
		}
		n += used
		if !ok {
			continue
		}
		if err := s.line(line, to); err != nil {
			return n, false, fmt.Errorf("environment: %w", err)
		}
	}
	return n, s.done, nil
}

// Reset makes the scanner ready for another session; it keeps its buffer.
func (s *EnvScanner) Reset() {
	s.lines.reset()
	s.done, s.count = false, 0
}

func (s *EnvScanner) line(line []byte, to *EnvReader) error {
	if len(line) == 0 {
		s.done = true
		return nil
	}
	if s.count == s.maxLines {
		return fmt.Errorf("more than %d lines: %w", s.maxLines, ErrManyLines)
	}
	s.count++
	colon := nameEnd(line)
	if colon <= 0 || bytes.IndexByte(line, 0) >= 0 { // Asterisk's values are strings of C
		return fmt.Errorf("line %s: %w", shown(line), ErrSyntax)
	}
	if to != nil {
		to.keep(line, colon)
	}
	return nil
}

// nameEnd is the place of the colon after a name of visible ASCII, else -1.
func nameEnd(line []byte) int {
	for i, c := range line {
		if c == ':' {
			return i
		}
		if c <= ' ' || c >= 0x7f {
			return -1
		}
	}
	return -1
}

// EnvReader reads an environment as EnvScanner does, and keeps every variable, known
// or not, in order. Make one with NewEnvReader.
type EnvReader struct {
	scanner EnvScanner
	text    []byte // the names and values, one after another
	spans   []span
}

// span is where a variable lies in the text: its name up to colon, its value from value to end.
type span struct{ start, colon, value, end int }

// NewEnvReader makes a reader with the limits of a scanner.
func NewEnvReader(maxLine, maxLines int) *EnvReader {
	return &EnvReader{scanner: NewEnvScanner(maxLine, maxLines)}
}

// Feed is as EnvScanner.Feed.
func (r *EnvReader) Feed(chunk []byte) (n int, done bool, err error) { return r.scanner.feed(chunk, r) }

// Reset makes the reader ready for another session; it keeps its buffers.
func (r *EnvReader) Reset() {
	r.scanner.Reset()
	r.text, r.spans = r.text[:0], r.spans[:0]
}

func (r *EnvReader) keep(line []byte, colon int) {
	value := colon + 1
	if value < len(line) && line[value] == ' ' {
		value++
	}
	at := len(r.text)
	r.text = append(r.text, line...)
	r.spans = append(r.spans, span{at, at + colon, at + value, at + len(line)})
}

// Len is the number of variables so far.
func (r *EnvReader) Len() int { return len(r.spans) }

// At gives variable i, good until Reset.
func (r *EnvReader) At(i int) (name, value []byte) {
	s := r.spans[i]
	return r.text[s.start:s.colon], r.text[s.value:s.end]
}

// Get gives the first variable of that name, good until Reset; nil if there is none.
func (r *EnvReader) Get(name string) []byte {
	for i := range r.spans {
		if n, v := r.At(i); string(n) == name {
			return v
		}
	}
	return nil
}

// Environment gives the variables as values of their own, and in order those that an
// Environment has no place for. "agi_network: yes" has none, and is left out of both.
func (r *EnvReader) Environment() (Environment, []Variable) {
	var e Environment
	var others []Variable
	for i := range r.spans {
		n, v := r.At(i)
		name, value := string(n), string(v)
		if name == "agi_network" && value == "yes" {
			continue
		}
		if !e.set(name, value) {
			others = append(others, Variable{name, value})
		}
	}
	return e, others
}

// set puts a value in its place, if that is still empty. The arguments must come in order.
func (e *Environment) set(name, value string) bool {
	name, ok := strings.CutPrefix(name, "agi_")
	if !ok {
		return false
	}
	if p := e.place(name); p != nil && *p == "" {
		*p = value
		return true
	}
	if name == "arg_"+strconv.Itoa(len(e.Args)+1) {
		e.Args = append(e.Args, value)
		return true
	}
	return false
}

// place is where the variable of that name belongs, nil if nowhere.
func (e *Environment) place(name string) *string {
	if name == "network_script" {
		return &e.Script
	}
	for i, v := range e.variables() {
		if names[i] == name {
			return v
		}
	}
	return nil
}

// ParseEnvironment parses a whole environment, the empty line at its end included, with
// the limits MaxEnvLine and MaxEnvLines. The error wraps ErrLimit or ErrSyntax.
func ParseEnvironment(text []byte) (Environment, []Variable, error) {
	r := NewEnvReader(MaxEnvLine, MaxEnvLines)
	n, done, err := r.Feed(text)
	switch {
	case err != nil:
		return Environment{}, nil, err
	case !done:
		return Environment{}, nil, fmt.Errorf("environment without an empty line at its end: %w", ErrSyntax)
	case n < len(text):
		return Environment{}, nil, fmt.Errorf("environment: %s after its end: %w", shown(bytes.TrimSpace(text[n:])), ErrSyntax)
	}
	e, others := r.Environment()
	return e, others, nil
}
