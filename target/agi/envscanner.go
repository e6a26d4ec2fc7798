package agi

import (
	"bytes"
	"fmt"
)

// Limits that suit Asterisk: its lines stay under AGI_BUF_LEN, and it sends at most 22 variables and MAX_ARGS
// arguments (res_agi.c).
const (
	MaxEnvLine  = 8192
	MaxEnvLines = 256
)

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

// Feed consumes n bytes of chunk; done is true once the empty line has come, and what follows it is not
// consumed. The error wraps ErrLongLine, ErrManyLines or ErrSyntax; after it the scanner needs a Reset.
func (s *EnvScanner) Feed(chunk []byte) (n int, done bool, err error) {
	for n < len(chunk) && !s.done {
		line, used, ok, err := s.lines.next(chunk[n:], s.maxLine)
		if ok && err == nil {
			err = s.check(line)
		}
		if err != nil {
			return n, false, fmt.Errorf("environment: %w", err)
		}
		n += used
	}
	return n, s.done, nil
}

// Reset makes the scanner ready for another session; it keeps its buffer.
func (s *EnvScanner) Reset() {
	s.lines.reset()
	s.done, s.count = false, 0
}

// check counts a line, or ends the environment where the line is empty.
func (s *EnvScanner) check(line []byte) error {
	if len(line) == 0 {
		s.done = true
		return nil
	}
	if s.count == s.maxLines {
		return fmt.Errorf("more than %d lines: %w", s.maxLines, ErrManyLines)
	}
	s.count++
	if !hasName(line) || bytes.IndexByte(line, 0) >= 0 { // Asterisk's values are strings of C
		return fmt.Errorf("line %s: %w", quoteStart(line), ErrSyntax)
	}
	return nil
}

// hasName reports whether a line begins with a name of visible ASCII and a colon.
func hasName(line []byte) bool {
	end := 0
	for end < len(line) && line[end] > ' ' && line[end] < 0x7f && line[end] != ':' {
		end++
	}
	return end > 0 && end < len(line) && line[end] == ':'
}
