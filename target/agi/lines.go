package agi

import (
	"bytes"
	"errors"
	"fmt"
)

// Errors of the readers; what they return wraps one of these.
var (
	// ErrLimit is a line with more bytes, or more lines, than allowed: ErrLongLine and ErrManyLines wrap it.
	ErrLimit           = errors.New("over the limit")
	ErrLongLine  error = limitError(0)
	ErrManyLines error = limitError(1)
	// ErrSyntax is a line that the protocol does not have.
	ErrSyntax = errors.New("not AGI")
)

// limitError is one kind of ErrLimit, without more text: the wrapping error names what was too much.
type limitError int

func (limitError) Error() string { return ErrLimit.Error() }
func (limitError) Unwrap() error { return ErrLimit }

// lineReader gathers lines from chunks. A line that lies whole in a chunk is not copied.
type lineReader struct {
	part  []byte
	given bool // part was handed out
}

// next consumes n bytes of chunk. If a line ended there, ok is true and line is
// its text without the line feed, good until the next call.
func (r *lineReader) next(chunk []byte, limit int) (line []byte, n int, ok bool, err error) {
	if r.given {
		r.reset()
	}
	end := bytes.IndexByte(chunk, '\n')
	n, ok = end+1, end >= 0
	if !ok {
		end, n = len(chunk), len(chunk)
	}
	if len(r.part)+end > limit {
		return nil, 0, false, fmt.Errorf("a line of more than %d bytes: %w", limit, ErrLongLine)
	}
	if ok && len(r.part) == 0 {
		return chunk[:end], n, true, nil
	}
	r.part = append(r.part, chunk[:end]...)
	r.given = ok
	if !ok {
		return nil, n, false, nil
	}
	return r.part, n, true, nil
}

func (r *lineReader) reset() { r.part, r.given = r.part[:0], false }
