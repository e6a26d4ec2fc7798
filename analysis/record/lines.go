package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
)

// maxLine bounds one line of a .jsonl file, in bytes; a longer one is not ours.
const maxLine = 1 << 20

// maxLines of a .jsonl file: as many calls as a storm may have, and far more samples than any has had.
const maxLines = 10_000_000

// spanSize is about how much of a file one reader reads at a time, in bytes.
const spanSize = 4 << 20

// span is a part of a file that begins and ends with a line.
type span struct {
	from, to int64
	// lines in it, of which read were read; before it are earlier ones.
	lines, read, earlier int
	err                  error
}

// readLines reads one JSON value a line, the spans of a file by as many readers as there are CPUs. With the
// error that names the first broken line, values are those before it.
func readLines[T any](d folder, name string, values *[]T) error {
	f, size, err := d.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if *values, err = scanLines[T](io.NewSectionReader(f, 0, size), spanSize); err != nil {
		return fmt.Errorf("%s: %w", d.file(name), err)
	}
	return nil
}

// scanLines counts the lines first: then each value has its place, and no place is wasted.
func scanLines[T any](r *io.SectionReader, most int64) ([]T, error) {
	spans := cut(r, most)
	last := spans[len(spans)-1]
	values := make([]T, last.earlier+last.lines)
	InParallel(len(spans), func(i int) { scan(r, &spans[i], values) })
	for _, s := range spans {
		if s.err != nil {
			n := s.earlier + s.read
			return values[:n], fmt.Errorf("line %d: %w", n+1, s.err)
		}
	}
	return values, nil
}

// cut cuts a file into spans of about most bytes each, up to the first line that cannot be read or is empty:
// no value stands there, and a file of nothing else would ask for room for as many values as it has bytes.
func cut(r io.Reader, most int64) (spans []span) {
	lines := bufio.NewReaderSize(r, maxLine)
	for s := (span{}); ; {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 && !errors.Is(err, bufio.ErrBufferFull) {
			s.lines++
			s.to += int64(len(line))
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			s.err = fmt.Errorf("it is longer than %d bytes, as no line of ours is", maxLine)
		case err != nil && !errors.Is(err, io.EOF):
			s.err = err
		}
		if s.earlier+s.lines > maxLines {
			s.lines--
			s.err = fmt.Errorf("the file has more than %d lines", maxLines)
			return append(spans, s)
		}
		if err != nil || len(line) == 1 {
			return append(spans, s)
		}
		if s.to-s.from >= most {
			spans = append(spans, s)
			s = span{from: s.to, to: s.to, earlier: s.earlier + s.lines}
		}
	}
}

// scan reads the values of a span into their places, up to its first broken line.
func scan[T any](r io.ReaderAt, s *span, values []T) {
	lines := bufio.NewScanner(io.NewSectionReader(r, s.from, s.to-s.from))
	lines.Buffer(make([]byte, 1<<16), 2*maxLine)
	for ; s.read < s.lines; s.read++ {
		lines.Scan() // a file that was cut meanwhile has an empty line here
		if err := decode(lines.Bytes(), &values[s.earlier+s.read]); err != nil {
			s.err = err
			return
		}
	}
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
