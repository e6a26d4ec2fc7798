package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// maxLine bounds one line of a .jsonl file, in bytes; a longer one is not ours.
const maxLine = 1 << 20

// spanSize is about how much of a file is read at a time, in bytes.
const spanSize = 4 << 20

// decoder reads one line into v.
type decoder[T any] func(line []byte, v *T) error

// span is a part of a file that begins and ends with a line.
type span struct {
	from, to int64
	// lines in it, of which read were read; before it are earlier ones.
	lines, read, earlier int
	err                  error
}

// readLines reads one JSON value a line, the spans of a file by as many readers as there are CPUs, of which
// each has a decoder of its own. It returns what came before the first broken line together with the error
// that names that line.
func readLines[T any](path string, reader func() decoder[T]) ([]T, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	values, err := scanLines(f, size, spanSize, reader)
	if err != nil {
		return values, fmt.Errorf("%s: %w", path, err)
	}
	return values, nil
}

// scanLines counts the lines first: then each value has its place, and no place is wasted.
func scanLines[T any](r io.ReaderAt, size, most int64, reader func() decoder[T]) ([]T, error) {
	spans, err := cut(r, size, most)
	if err != nil {
		return nil, err
	}
	InParallel(len(spans), func(i int) { spans[i].count(r) })
	total := 0
	for i := range spans {
		spans[i].earlier = total
		total += spans[i].lines
	}
	values := make([]T, total)
	InParallel(len(spans), func(i int) {
		s := &spans[i]
		scan(r, s, values[s.earlier:][:s.lines], reader())
	})
	for _, s := range spans {
		if s.err != nil {
			n := s.earlier + s.read
			return values[:n], fmt.Errorf("line %d: %w", n+1, s.err)
		}
	}
	return values, nil
}

// cut cuts a file of so many bytes into spans of about most each.
func cut(r io.ReaderAt, size, most int64) (spans []span, err error) {
	from := int64(0)
	for to := most; to < size; to += most {
		line, err := nextLine(r, to)
		if err != nil {
			return nil, err
		}
		if line > from && line < size {
			spans = append(spans, span{from: from, to: line})
			from = line
		}
	}
	if from < size {
		spans = append(spans, span{from: from, to: size})
	}
	return spans, nil
}

// nextLine returns where the first line begins that does not begin before at; 0 where that is further than
// any line is long.
func nextLine(r io.ReaderAt, at int64) (int64, error) {
	rest := bufio.NewReader(io.NewSectionReader(r, at-1, maxLine))
	for n := int64(0); ; {
		part, err := rest.ReadSlice('\n')
		n += int64(len(part))
		switch {
		case err == nil:
			return at - 1 + n, nil
		case errors.Is(err, io.EOF):
			return 0, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return 0, err
		}
	}
}

// count counts the lines, up to the first that is empty: no value stands there, and a file of nothing else
// would ask for room for as many values as it has bytes. What cannot be read is the error of scan.
func (s *span) count(r io.ReaderAt) {
	newline := []byte{'\n'}
	data := make([]byte, 1<<16)
	data[0] = '\n' // the byte before those to be read
	for section := io.NewSectionReader(r, s.from, s.to-s.from); ; {
		n, err := section.Read(data[1:])
		read := data[:n+1]
		if at := bytes.Index(read, []byte("\n\n")); at >= 0 {
			s.lines += bytes.Count(read[1:at+2], newline)
			return
		}
		s.lines += bytes.Count(read[1:], newline)
		data[0] = read[n]
		if err != nil {
			break
		}
	}
	if data[0] != '\n' {
		s.lines++
	}
}

// scan reads the values of a span up to its first broken line.
func scan[T any](r io.ReaderAt, s *span, values []T, decode decoder[T]) {
	lines := bufio.NewScanner(io.NewSectionReader(r, s.from, s.to-s.from))
	lines.Buffer(make([]byte, 1<<16), maxLine)
	for ; s.read < len(values); s.read++ {
		if !lines.Scan() {
			s.err = notALine(lines.Err())
			return
		}
		if s.err = decode(lines.Bytes(), &values[s.read]); s.err != nil {
			return
		}
	}
}

func notALine(err error) error {
	switch {
	case err == nil:
		return io.ErrUnexpectedEOF
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("it is longer than %d bytes, as no line of ours is", maxLine)
	}
	return err
}

// InParallel does n things, as many at once as there are CPUs.
func InParallel(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}
