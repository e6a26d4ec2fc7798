package record

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// The files of a run directory.
const (
	runFile      = "run.json"
	attemptsFile = "attempts.jsonl"
	stormFile    = "storm.json"
	queueFile    = "queue.jsonl"
	kernelFile   = "kernel.json"
	servedFile   = "server.json"
	serverLog    = "server.log"
	countersFile = "counters.jsonl"
	targetFile   = "target.json"
	filesFile    = "files.json"
	cellsDir     = "cells"
)

// Dir is a run directory.
type Dir string

// Create makes a new run directory in a folder that exists. It refuses one that has anything in it.
func Create(path string) (Dir, error) {
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("%s is not empty: a run directory is made anew, name one that does not exist", path)
	}
	d := Dir(path)
	return d, os.Mkdir(filepath.Join(path, cellsDir), 0o755)
}

// File returns the path of a file at the top of the run directory.
func (d Dir) File(name string) string { return filepath.Join(string(d), name) }

// WriteRun writes run.json.
func (d Dir) WriteRun(r *Run) error { return writeJSON(d.File(runFile), r) }

// RemoveRun takes back run.json: what was begun came to nothing.
func (d Dir) RemoveRun() error { return os.Remove(d.File(runFile)) }

// RemoveEmpty removes a run directory without measurements; one that holds anything stays.
func (d Dir) RemoveEmpty() {
	for _, path := range []string{d.File(cellsDir), string(d)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return
		}
	}
}

// ErrNoRun is wrapped by the error of a directory without run.json.
var ErrNoRun = errors.New("not a run directory")

// Run reads run.json.
func (d Dir) Run() (*Run, error) {
	var r Run
	if err := d.readRun(&r); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is %w: it has no %s", string(d), ErrNoRun, runFile)
		}
		return nil, err
	}
	r.Scenario.upgrade()
	return &r, nil
}

func (d Dir) readRun(r *Run) error {
	top, err := openFolder(string(d), "")
	if err != nil {
		return err
	}
	defer top.Close()
	return top.readJSON(runFile, r)
}

// check refuses what no run can have: it would lead out of the run directory, or ask for more memory than
// there is.
func (r *Run) check() error {
	if r.Format != Format {
		return fmt.Errorf("format %d, this agistorm reads format %d", r.Format, Format)
	}
	for _, n := range append(slices.Collect(maps.Values(r.CellRepeats)), r.Repeats, r.Warmups) {
		if n < 0 || n > MaxRepeats {
			return fmt.Errorf("%d repeats, want 0 to %d", n, MaxRepeats)
		}
	}
	if len(r.Cells) > MaxCells {
		return fmt.Errorf("%d cells, want %d at most", len(r.Cells), MaxCells)
	}
	seen := map[string]bool{}
	for _, c := range r.Cells {
		if !oneFolder(c.ID) || len(c.ID) > maxName {
			return fmt.Errorf("cell %.64q: that is no name of a folder", c.ID)
		}
		if seen[c.ID] {
			return fmt.Errorf("cell %q is listed twice", c.ID)
		}
		seen[c.ID] = true
	}
	return r.checkShares()
}

// checkShares bounds the number of shares, each of which is looked for.
func (r *Run) checkShares() error {
	for _, s := range append(slices.Clone(r.Merged), *cmp.Or(r.Share, &Share{N: 1})) {
		if s.N < 1 || s.N > MaxShares || s.K < 0 || s.K >= s.N {
			return fmt.Errorf("share %d of %d, want one of 1 to %d, counted from 0", s.K, s.N, MaxShares)
		}
	}
	return nil
}

// oneFolder reports whether a name is that of a folder in another one, on any system.
func oneFolder(name string) bool {
	return filepath.IsLocal(name) && name != "." && !strings.ContainsAny(name, `/\`) &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Bounds of a run: a scenario has no more, and a run that claims more is broken.
const (
	MaxCells   = 100
	MaxRepeats = 1000
	// maxName is the most bytes of a folder's name that all file systems take.
	maxName = 255
	// MaxShares are as many as machines may play a storm.
	MaxShares = 100_000
)

func (d Dir) repeatPath(cell string, repeat int) string {
	return filepath.Join(string(d), repeatBelow(cell, repeat))
}

// repeatBelow is where a repeat is in a run directory.
func repeatBelow(cell string, repeat int) string {
	name := fmt.Sprintf("repeat-%d", repeat)
	if repeat < 1 {
		name = fmt.Sprintf("warmup-%d", 1-repeat)
	}
	return filepath.Join(cellsDir, cell, name)
}

// Stage makes the folder into which a repeat is measured; it is not read before Commit.
// Repeats count from 1; 0, -1 … are the warm-ups before them, the last first.
func (d Dir) Stage(cell string, repeat int) (RepeatDir, error) {
	path := d.repeatPath(cell, repeat) + ".part"
	if err := os.RemoveAll(path); err != nil {
		return "", err
	}
	return RepeatDir(path), os.MkdirAll(path, 0o755)
}

// Commit makes a staged repeat part of the run, with a list of its files.
func (d Dir) Commit(cell string, repeat int) error {
	path := d.repeatPath(cell, repeat)
	if err := RepeatDir(path+".part").list(cell, repeat); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// CountStorms returns how many storms are recorded whole, warm-ups left out.
func (d Dir) CountStorms() (n int) {
	found, _ := filepath.Glob(filepath.Join(string(d), cellsDir, "*", "repeat-*")) // the pattern is a good one
	for _, path := range found {
		if filepath.Ext(path) != ".part" {
			n++
		}
	}
	return n
}

// Discard removes a staged repeat.
func (d Dir) Discard(cell string, repeat int) error {
	path := d.repeatPath(cell, repeat)
	err := os.RemoveAll(path + ".part")
	// The cell's folder goes too if this was its only repeat; one that holds others stays.
	_ = os.Remove(filepath.Dir(path))
	return err
}

// Has reports whether a repeat was committed.
func (d Dir) Has(cell string, repeat int) bool { return exists(d.repeatPath(cell, repeat)) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Repeat reads one committed repeat. With an error about a broken line it still
// returns what could be read before it.
func (d Dir) Repeat(cell string, repeat int) (*Repeat, error) {
	in, err := openFolder(string(d), repeatBelow(cell, repeat))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: it is missing", filepath.Join(d.repeatPath(cell, repeat), stormFile))
	case err != nil:
		return nil, err
	}
	defer in.Close()
	list, listErr := in.readList(cell, repeat)
	r, err := in.read(list)
	return r, errors.Join(listErr, err)
}

// RepeatDir is the folder of one repeat.
type RepeatDir string

func (d RepeatDir) file(name string) string { return filepath.Join(string(d), name) }

// WriteStorm writes the generator's half: attempts.jsonl and then, if that is whole, storm.json.
func (d RepeatDir) WriteStorm(s *Storm, attempts iter.Seq[Attempt]) error {
	err := writeLines(d.file(attemptsFile), func(yield func(Line) bool) {
		for a := range attempts {
			if !yield(s.Line(&a)) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return writeJSON(d.file(stormFile), s)
}

// HasStorm reports whether the generator's half was written.
func (d RepeatDir) HasStorm() bool { return exists(d.file(stormFile)) }

// CountAttempts returns how many attempts are recorded, by the lines of their file; 0 without one.
func (d RepeatDir) CountAttempts() int {
	data, _ := os.ReadFile(d.file(attemptsFile))
	return bytes.Count(data, []byte{'\n'})
}

// CountLost returns how many of the recorded attempts were lost, by the outcomes in their file; 0 without one. It
// reads no attempt as a whole: storms have up to a million.
func (d RepeatDir) CountLost() (lost int) {
	data, _ := os.ReadFile(d.file(attemptsFile))
	key, end := []byte(`"outcome":"`), []byte{'"'}
	for {
		_, after, found := bytes.Cut(data, key)
		if !found {
			return lost
		}
		outcome, rest, _ := bytes.Cut(after, end)
		if data = rest; Outcome(outcome).Lost() {
			lost++
		}
	}
}

// HasParts reports whether any worker's half of a storm that several play was written and not yet merged.
func (d RepeatDir) HasParts() bool {
	parts, _ := filepath.Glob(d.file(filepath.Join("worker-*", stormFile))) // the pattern is a good one
	return len(parts) > 0
}

// WriteTarget writes the server's half: queue.jsonl and target.json, which has as many peers as there are
// calls, in one line.
func (d RepeatDir) WriteTarget(t *Target, queue []QueueSample) error {
	return errors.Join(d.WriteQueue(queue), writeLines(d.file(targetFile), slices.Values([]*Target{t})))
}

// WriteQueue writes queue.jsonl alone: what was seen of an external server.
func (d RepeatDir) WriteQueue(queue []QueueSample) error {
	return writeLines(d.file(queueFile), slices.Values(queue))
}

// WriteKernel writes kernel.json.
func (d RepeatDir) WriteKernel(k *Kernel) error { return writeJSON(d.file(kernelFile), k) }

// WriteCounters writes counters.jsonl.
func (d RepeatDir) WriteCounters(samples []CounterSample) error {
	return writeLines(d.file(countersFile), slices.Values(samples))
}

// ErrAttempts is wrapped by the error of a repeat whose attempts could not all be read.
var ErrAttempts = errors.New("the attempts of this storm are not whole")

// read reads the listed files, side by side.
func (d folder) read(list files) (*Repeat, error) {
	var r Repeat
	var storm *Storm
	parts := []struct {
		name string
		read func(name string) error
	}{
		{stormFile, func(name string) error { return readPart(d, name, &storm) }},
		{attemptsFile, func(name string) error { return readLines(d, name, &r.Attempts) }},
		{queueFile, func(name string) error { return readLines(d, name, &r.Queue) }},
		{kernelFile, func(name string) error { return readPart(d, name, &r.Kernel) }},
		{countersFile, func(name string) error { return readLines(d, name, &r.Counters) }},
		{targetFile, func(name string) error { return readPart(d, name, &r.Target) }},
		{servedFile, func(name string) error { return readPart(d, name, &r.Served) }},
		{serverLog, func(name string) (err error) { r.Output, err = d.readTail(name); return err }},
	}
	errs, changed := make([]error, len(parts)), make([]error, len(parts))
	var reading sync.WaitGroup
	for i, part := range parts {
		reading.Go(func() {
			if errs[i] = list.checkSize(d, part.name); errs[i] == nil {
				errs[i] = list.verify(d, part.name, part.read(part.name))
			}
		})
		reading.Go(func() { changed[i] = list.checkSum(d, part.name) })
	}
	reading.Wait()
	for i := range errs {
		if errs[i] == nil {
			errs[i] = changed[i]
		}
	}
	if storm == nil {
		return nil, errs[0] // no number can be trusted
	}
	r.Storm = *storm
	if errs[1] != nil {
		errs[1] = fmt.Errorf("%w; %w", errs[1], ErrAttempts)
	}
	return &r, errors.Join(errs...)
}

// readPart leaves the part as it is with an error.
func readPart[T any](d folder, name string, part **T) error {
	v := new(T)
	err := d.readJSON(name, v)
	if err == nil {
		*part = v
	}
	return err
}
