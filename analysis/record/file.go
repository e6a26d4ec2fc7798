package record

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/goccy/go-json"
)

// WriteFile writes a file whole or not at all: a temporary file beside it is
// written, synced and renamed over path.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return &fs.PathError{Op: failed.Op, Path: path, Err: failed.Err} // by the name that the user knows
	} else if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	buf := bufio.NewWriterSize(f, 1<<16)
	if err := errors.Join(write(buf), buf.Flush(), f.Chmod(0o644), f.Sync()); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func writeJSON(path string, v any) error {
	return WriteFile(path, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	})
}

// open opens a plain file, and returns its size in bytes. What is none is refused before it is opened: a pipe
// may have no writer, and a device no end.
func open(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, 0, err
	case info.IsDir():
		return nil, 0, fmt.Errorf("%s: it is a folder, want a file", path)
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("%s: it is no plain file", path)
	}
	f, err := os.Open(path)
	return f, info.Size(), err
}

// readJSON reads a file that is one JSON value.
func readJSON(path string, v any) error {
	f, size, err := open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := decodeAll(f, v); err != nil {
		return fmt.Errorf("%s: %w", path, withLine(err, f, size))
	}
	return nil
}

// decodeAll reads one JSON value and checks it; nothing may follow it.
func decodeAll(r io.Reader, v any) error {
	in := json.NewDecoder(r)
	if err := in.Decode(v); errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	} else if err != nil {
		return err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return cmp.Or(err, errors.New("more follows its value"))
	}
	return check(v)
}

// withLine names the line of a JSON error, which the decoder gives as a byte offset.
func withLine(err error, r io.ReaderAt, size int64) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := size
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	case !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	before, _ := io.ReadAll(io.NewSectionReader(r, 0, offset))
	return fmt.Errorf("line %d: %w", 1+bytes.Count(before, []byte{'\n'}), err)
}

// writeLines writes one JSON value a line.
func writeLines[T any](path string, lines iter.Seq[T]) error {
	return WriteFile(path, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		for line := range lines {
			if err := enc.Encode(line); err != nil {
				return err
			}
		}
		return nil
	})
}
