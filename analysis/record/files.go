package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// files are the files of a repeat as they were when it was committed, with their sizes in bytes (files.json).
// Without the list, a file that is gone would look like one that was never measured, and one that was cut at
// the end of a line like a whole one.
type files map[string]int64

// list writes the list of what is there.
func (d RepeatDir) list() error {
	written := files{}
	for _, name := range []string{
		attemptsFile, stormFile, queueFile, kernelFile, countersFile, targetFile, servedFile, serverLog,
	} {
		switch info, err := os.Stat(d.file(name)); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		default:
			written[name] = info.Size()
		}
	}
	return writeJSON(d.file(filesFile), written)
}

// unlisted returns the files of what has no list: the part of a storm that one worker played.
func unlisted() files { return files{stormFile: sizeUnknown, attemptsFile: sizeUnknown} }

// sizeUnknown of a file that is needed, list or none.
const sizeUnknown = -1

// readList reads the list that every committed repeat has. With an error it still returns the files that any
// repeat needs.
func (d RepeatDir) readList() (files, error) {
	written := unlisted()
	err := readJSON(d.file(filesFile), &written)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf(
			"%s: it is missing: whether the other files are all there and whole is unknown",
			d.file(filesFile),
		)
	}
	for _, name := range []string{stormFile, attemptsFile} {
		if size, listed := written[name]; err == nil && (!listed || size < 0) {
			err = fmt.Errorf("%s: it does not list %s, which every storm has: "+
				"whether the files are all there and whole is unknown", d.file(filesFile), name)
		}
	}
	if written == nil {
		written = unlisted()
	}
	return written, err
}

// verify turns what reading a file gave into what is wrong with it, nil for a file that was never written.
func (f files) verify(path string, err error) error {
	size, listed := f[filepath.Base(path)]
	switch {
	case errors.Is(err, fs.ErrNotExist) && !listed:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: it is missing", path)
	case err != nil || !listed || size == sizeUnknown:
		return err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.Size() < size:
		return fmt.Errorf("%s: it was cut: it has %d of %d bytes", path, info.Size(), size)
	case info.Size() > size:
		return fmt.Errorf("%s: it was changed: it has %d bytes, and %d were written", path, info.Size(), size)
	}
	return nil
}
