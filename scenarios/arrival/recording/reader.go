package recording

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds a line, in bytes. The longest is the header with its ports.
const maxLine = 64 << 10

// Reader reads a recording as a stream.
type Reader struct {
	// Header as it stands at the beginning.
	Header Header
	text   *bufio.Reader
	line   int
}

// NewReader reads the header. Errors name the line.
func NewReader(r io.Reader) (*Reader, error) {
	reader := &Reader{text: bufio.NewReaderSize(r, maxLine)}
	line, err := reader.next()
	if errors.Is(err, io.EOF) {
		err = errTruncated
	}
	if err == nil {
		reader.Header, err = parseHeader(string(line))
	}
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	return reader, nil
}

// next returns the next line without its end; io.EOF after the last one.
func (r *Reader) next() ([]byte, error) {
	line, err := r.text.ReadSlice('\n')
	r.line++
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, fmt.Errorf("want less than %d bytes", maxLine)
	case errors.Is(err, io.EOF) && len(line) > 0:
		return nil, errTruncated
	case err != nil:
		return nil, err
	}
	return bytes.TrimSpace(line), nil
}

// Next reads the next SYN. io.EOF is the end; a file that ends within a line, as one does whose recorder was killed or
// whose disk was full, gives io.ErrUnexpectedEOF (wrapped). Other errors name the line, and what would be right.
func (r *Reader) Next() (SYN, error) {
	for {
		line, err := r.next()
		if errors.Is(err, io.EOF) {
			return SYN{}, io.EOF
		}
		if err == nil && (len(line) == 0 || line[0] == '#') {
			continue
		}
		var s SYN
		if err == nil {
			s, err = parseSYN(line)
		}
		if err != nil {
			return SYN{}, fmt.Errorf("line %d: %w", r.line, err)
		}
		return s, nil
	}
}
