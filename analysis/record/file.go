package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"reflect"

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

// folder is an open folder of a record. Nothing outside of it is read, whatever links it holds.
type folder struct {
	*os.Root
	// path is how errors name it.
	path string
}

// openFolder opens a folder, or one below it.
func openFolder(top, below string) (folder, error) {
	root, err := os.OpenRoot(top)
	if err != nil || below == "" {
		return folder{root, top}, err
	}
	defer root.Close()
	path := filepath.Join(top, below)
	inner, err := root.OpenRoot(below)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: it is no folder of the run directory", path)
	}
	return folder{inner, path}, err
}

func (f folder) file(name string) string { return filepath.Join(f.path, name) }

// open opens a plain file, and returns its size in bytes. What is none is refused before it is opened: a pipe
// may have no writer, and a device no end. So is one that is larger than any of its name.
func (f folder) open(name string) (*os.File, int64, error) {
	info, err := f.Lstat(name)
	switch {
	case err != nil:
		return nil, 0, err
	case info.IsDir():
		return nil, 0, fmt.Errorf("%s: it is a folder, want a file", f.file(name))
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("%s: it is no plain file", f.file(name))
	case info.Size() > mostBytes(name):
		return nil, 0, fmt.Errorf("%s: it has %d bytes, want %d at most", f.file(name), info.Size(), mostBytes(name))
	}
	file, err := f.Open(name)
	return file, info.Size(), err
}

// mostBytes is the size of the largest file of a name that is read: that of 10,000,000 calls or samples, or a
// generous one.
func mostBytes(name string) int64 {
	switch name {
	case attemptsFile:
		return 16 << 30
	case targetFile, queueFile, countersFile:
		return 4 << 30
	case serverLog:
		return math.MaxInt64 // of which the tail is read
	case stormFile:
		return 64 << 20
	}
	return 4 << 20
}

// readJSON reads a file that is one JSON value.
func (f folder) readJSON(name string, v any) error {
	file, size, err := f.open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	if name != targetFile {
		err = checkParts(io.NewSectionReader(file, 0, size))
	}
	if err == nil {
		err = decodeAll(file, v)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.file(name), withLine(err, file, size))
	}
	return nil
}

// maxParts bounds the objects, lists and values of a file that is read whole: memory is needed for each.
const maxParts = 1_000_000

func checkParts(r io.Reader) error {
	in, n := bufio.NewReaderSize(r, 1<<16), 0
	for {
		part, err := in.ReadSlice(',')
		if n += 1 + bytes.Count(part, []byte{'{'}) + bytes.Count(part, []byte{'['}); n > maxParts {
			return fmt.Errorf("it has more than %d values", maxParts)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil // the decoder meets the same
		}
	}
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
		return errors.New("more follows its value")
	}
	if err := check(v); err != nil {
		return err
	}
	return checkValues(reflect.ValueOf(v), "")
}

// withLine names the line of what is wrong, which the decoder gives as a byte offset.
func withLine(err error, r io.ReaderAt, size int64) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var value *valueError
	offset := size
	switch {
	case errors.As(err, &value):
		if offset = value.offset(r, size); offset < 0 {
			return err
		}
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	case !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	}
	lines := 1
	in := bufio.NewReaderSize(io.NewSectionReader(r, 0, max(offset, 0)), 1<<16)
	for {
		part, readErr := in.ReadSlice('\n')
		lines += bytes.Count(part, []byte{'\n'})
		if readErr != nil && !errors.Is(readErr, bufio.ErrBufferFull) {
			return fmt.Errorf("line %d: %w", lines, plainError(err))
		}
	}
}

// plainError is a decoder's error without what stands in the file, which may be anybody's.
func plainError(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return errors.New("it is not JSON")
	case errors.As(err, &kind) && kind.Field != "" && kind.Type != nil:
		return fmt.Errorf("%s is no %s", kind.Field, kind.Type)
	case errors.As(err, &kind):
		return errors.New("a value is of another kind")
	}
	return err
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
