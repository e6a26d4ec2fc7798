package recording

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// bufferSize is how many bytes wait to be written at most.
const bufferSize = 64 << 10

// mode of the file: addresses are nobody else's business.
func (h *Header) mode() os.FileMode {
	if h.Addresses {
		return 0o600
	}
	return 0o644
}

// File is a recording that grows. When it is full the newer half is kept. It is not safe for concurrent use.
type File struct {
	header Header
	name   string
	// most bytes; 0 for no limit.
	most int64
	f    *os.File
	// size of what is in the file: whole lines.
	size int64
	// head is the size of the header, which never changes.
	head    int64
	waiting []byte
}

// Create makes a recording of at most so many bytes, 0 for no limit. The error wraps fs.ErrExist where the file exists:
// nothing is overwritten.
func Create(name string, h Header, most int64) (*File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, h.mode())
	if err != nil {
		return nil, err
	}
	r := &File{header: h, name: name, most: most, f: f}
	head := h.append(nil)
	if r.head = int64(len(head)); most > 0 && r.head > most/4 {
		return nil, errors.Join(fmt.Errorf("%d bytes: want at least %d, four times the header", most, 4*r.head),
			r.f.Close(), os.Remove(name))
	}
	if err := r.write(head); err != nil {
		return nil, errors.Join(err, r.f.Close(), os.Remove(name))
	}
	return r, nil
}

// Add adds a SYN. It is in the file after Flush, or when many wait.
func (r *File) Add(s SYN) error {
	if !r.header.Addresses {
		s.Address = SYN{}.Address
	}
	if r.waiting = s.append(r.waiting); len(r.waiting) < bufferSize {
		return nil
	}
	return r.Flush()
}

// Flush writes what waits. After an error the file ends with a whole line, and what waited is given up.
func (r *File) Flush() error {
	waiting := r.waiting
	r.waiting = r.waiting[:0]
	if len(waiting) == 0 {
		return nil
	}
	if r.most > 0 && r.size+int64(len(waiting)) > r.most {
		if err := r.halve(); err != nil {
			return err
		}
	}
	return r.write(waiting)
}

// write adds whole lines. Where the disk is full, those that fit stay.
func (r *File) write(lines []byte) error {
	n, err := r.f.WriteAt(lines, r.size)
	if err != nil {
		n = bytes.LastIndexByte(lines[:n], '\n') + 1
		err = errors.Join(err, r.f.Truncate(r.size+int64(n)))
	}
	r.size += int64(n)
	return err
}

// SetLost writes how many SYNs had no room in the capture's buffer.
func (r *File) SetLost(lost uint64) error {
	if lost == r.header.Lost {
		return nil
	}
	r.header.Lost = lost
	_, err := r.f.WriteAt(r.header.append(nil), 0)
	return err
}

// Size returns the bytes in the file.
func (r *File) Size() int64 { return r.size }

// Dropped returns how many of the oldest SYNs were dropped because the file was full.
func (r *File) Dropped() uint64 { return r.header.Dropped }

// Close writes what waits, and closes the file.
func (r *File) Close() error { return errors.Join(r.Flush(), r.f.Close()) }

// halve keeps the newer half of a full file: it is copied to a new file, which then replaces the old one, so that there
// is a whole recording by that name at any time.
func (r *File) halve() error {
	lines := bufio.NewReaderSize(io.NewSectionReader(r.f, r.head, r.size-r.head), maxLine)
	dropped, skipped, err := skip(lines, (r.size-r.head)/2)
	if err != nil {
		return err
	}
	half, err := os.CreateTemp(filepath.Dir(r.name), "."+filepath.Base(r.name)+"-*")
	if err != nil {
		return err
	}
	header := r.header
	header.Dropped += dropped
	if err := r.replaceBy(half, header, lines); err != nil {
		return errors.Join(err, half.Close(), os.Remove(half.Name()))
	}
	old := r.f
	r.f, r.header, r.size = half, header, r.size-skipped
	return old.Close()
}

// replaceBy puts another file in the place of the recording.
func (r *File) replaceBy(half *os.File, h Header, lines io.Reader) error {
	if _, err := half.Write(h.append(nil)); err != nil {
		return err
	}
	if _, err := io.Copy(half, lines); err != nil {
		return err
	}
	if err := half.Chmod(h.mode()); err != nil {
		return err
	}
	return os.Rename(half.Name(), r.name)
}

// skip passes over the lines that begin within the first bytes, and counts them.
func skip(lines *bufio.Reader, first int64) (n uint64, size int64, err error) {
	for size < first {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			return n, size, err
		}
		n, size = n+1, size+int64(len(line))
	}
	return n, size, nil
}
