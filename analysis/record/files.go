package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// files are the files of a repeat as they were when it was committed (files.json). Without the list, a file that is
// gone would look like one that was never measured, and one that was cut at the end of a line like a whole one.
type files struct {
	// Cell and Repeat that they are of; nil and empty in records of 0.1.0.
	Cell   string `json:"cell,omitempty"`
	Repeat *int   `json:"repeat,omitempty"`
	// Files by their names.
	Files map[string]listed `json:"files"`
}

// listed is one file.
type listed struct {
	Bytes int64 `json:"bytes"`
	// SHA256 of its content, in hexadecimal; empty in records of 0.1.0.
	SHA256 string `json:"sha256,omitempty"`
}

// UnmarshalJSON reads the list of 0.1.0 too: the sizes by the files' names.
func (f *files) UnmarshalJSON(data []byte) error {
	type plain files
	sizes := map[string]int64{}
	switch {
	case json.Unmarshal(data, (*plain)(f)) == nil && (len(f.Files) > 0 || f.Repeat != nil):
		return nil
	case json.Unmarshal(data, &sizes) != nil:
		return errors.New("it is no list of files")
	}
	f.Files = map[string]listed{}
	for name, size := range sizes {
		f.Files[name] = listed{Bytes: size}
	}
	return nil
}

// list writes the list of what is there.
func (d RepeatDir) list(cell string, repeat int) error {
	in, err := openFolder(string(d), "")
	if err != nil {
		return err
	}
	defer in.Close()
	written := files{Cell: cell, Repeat: &repeat, Files: map[string]listed{}}
	for _, name := range []string{
		attemptsFile, stormFile, queueFile, kernelFile, countersFile, targetFile, servedFile, serverLog,
	} {
		switch file, err := in.sum(name); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return err
		default:
			written.Files[name] = file
		}
	}
	return writeJSON(d.file(filesFile), written)
}

// sum reads a file whole.
func (d folder) sum(name string) (listed, error) {
	f, _, err := d.open(name)
	if err != nil {
		return listed{}, err
	}
	defer f.Close()
	hash := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{hash}, f, make([]byte, 1<<18))
	return listed{n, hex.EncodeToString(hash.Sum(nil))}, err
}

// unlisted returns the files of what has no list: the part of a storm that one worker played.
func unlisted() files {
	return files{Files: map[string]listed{stormFile: {Bytes: sizeUnknown}, attemptsFile: {Bytes: sizeUnknown}}}
}

// sizeUnknown of a file that is needed, list or none.
const sizeUnknown = -1

// readList reads the list that every committed repeat has. With an error it still returns the files that any
// repeat needs.
func (d folder) readList(cell string, repeat int) (files, error) {
	var written files
	err := d.readJSON(filesFile, &written)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: it is missing: whether the other files are all there and whole is unknown",
			d.file(filesFile))
	}
	for _, name := range []string{stormFile, attemptsFile} {
		if file, ok := written.Files[name]; err == nil && (!ok || file.Bytes < 0) {
			err = fmt.Errorf("%s: it does not list %s, which every storm has: "+
				"whether the files are all there and whole is unknown", d.file(filesFile), name)
		}
	}
	if err != nil {
		return unlisted(), err
	}
	if written.Repeat != nil && (written.Cell != cell || *written.Repeat != repeat) {
		err = &misplacedError{d.file(filesFile), written.Cell, *written.Repeat}
	}
	return written, err
}

// misplacedError is about a repeat whose files were written as another one's: its attempts count twice, or for a
// setting that is not theirs.
type misplacedError struct {
	path, cell string
	repeat     int
}

func (e *misplacedError) Error() string {
	return fmt.Sprintf("%s: these are the files of storm %d of cell %.64q", e.path, e.repeat, e.cell)
}

// Is reports that none of the attempts may be counted.
func (e *misplacedError) Is(target error) bool { return target == ErrAttempts }

// verify turns what reading a file gave into what is wrong with it, nil for a file that was never written.
func (f files) verify(d folder, name string, err error) error {
	file, known := f.Files[name]
	path := d.file(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !known:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: it is missing", path)
	case err != nil || !known || file.Bytes == sizeUnknown:
		return err
	}
	info, err := d.Lstat(name)
	switch {
	case err != nil:
		return err
	case info.Size() < file.Bytes:
		return fmt.Errorf("%s: it was cut: it has %d of %d bytes", path, info.Size(), file.Bytes)
	case info.Size() > file.Bytes:
		return fmt.Errorf("%s: it was changed: it has %d bytes, and %d were written", path, info.Size(), file.Bytes)
	}
	return nil
}

// checkSize refuses a file that has grown by more than a line, before it is read.
func (f files) checkSize(d folder, name string) error {
	file, known := f.Files[name]
	if !known || file.Bytes == sizeUnknown {
		return nil
	}
	if info, err := d.Lstat(name); err != nil || !info.Mode().IsRegular() || info.Size()-file.Bytes <= maxLine {
		return nil // reading it finds what else is wrong
	}
	return f.verify(d, name, nil)
}

// checkSum finds a file that has its size and another content; what else is wrong with it, reading it finds.
func (f files) checkSum(d folder, name string) error {
	want := f.Files[name]
	if want.SHA256 == "" {
		return nil
	}
	info, err := d.Lstat(name)
	if err != nil || info.Size() != want.Bytes {
		return nil
	}
	if got, err := d.sum(name); err != nil || got == want {
		return nil
	}
	return fmt.Errorf("%s: it was changed: its SHA-256 is not that of what was written", d.file(name))
}
