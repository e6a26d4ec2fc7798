package record

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// runFrom is a run directory with a run.json of that text.
func runFrom(t *testing.T, text string) Dir {
	t.Helper()
	d := Dir(t.TempDir())
	if err := os.WriteFile(d.File(runFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestHostileRuns: what run.json claims is bounded as a scenario is, before anything is made of it.
func TestHostileRuns(t *testing.T) {
	many := func(n int, of string) string { return strings.TrimSuffix(strings.Repeat(of+",", n), ",") }
	var cells []string
	for i := range MaxCells + 1 {
		cells = append(cells, fmt.Sprintf(`{"id": "c%d"}`, i))
	}
	for _, c := range []struct{ text, want string }{
		{`"cells": [` + strings.Join(cells, ",") + `]`, "101 cells, want 100 at most"},
		{`"cells": [` + many(500_001, "{}") + `]`, "it has more than 1000000 values"},
		{`"repeats": 1001`, "1001 repeats, want 0 to 1000"},
		{`"cell_repeats": {"a": 1001}`, "1001 repeats, want 0 to 1000"},
		{`"warmups": 1001`, "1001 repeats, want 0 to 1000"},
		{`"cells": [{"id": "a"}, {"id": "b"}, {"id": "a"}]`, `cell "a" is listed twice`},
		{`"cells": [{"id": "a\u001b[31m"}]`, `cell "a\x1b[31m": that is no name of a folder`},
		{`"cells": [{"id": "` + strings.Repeat("a", 256) + `"}]`, "that is no name of a folder"},
		{`"merged": [{"k": 0, "n": 9223372036854775807}]`, "share 0 of 9223372036854775807, want one of 1 to 100000"},
		{`"share": {"k": 2, "n": 2}`, "share 2 of 2, want one of"},
		{"\n\"cells\": [{\"id\": \"a\",\n\"calls\": -5}]", "run.json: line 3: calls is -5, want 0 or more"},
		{"\n\"cells\": [{\"id\": \"a\", \"effective_backlog\": 4294967295}]",
			"run.json: line 2: effective_backlog is 4294967295, want 2147483647 at most"},
		{"\n\"host\": {\"os\": \"linux\",\n \"cpus\": 0}", "run.json: line 3: cpus is 0, want 1 or more"},
		{"\n\"seed\": \"root:x:0:0\"", "run.json: line 2: "},
	} {
		_, err := runFrom(t, `{"format": 1, `+c.text+`}`).Run()
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "root:x") {
			t.Errorf("%.80s: %v\nwant %q", c.text, err, c.want)
		}
	}
}

// TestLargeFiles: what is larger than any file of its name is not read, however little of it is on the disk.
func TestLargeFiles(t *testing.T) {
	d := runFrom(t, "{}")
	if err := os.Truncate(d.File(runFile), 40<<30); err != nil {
		t.Skip(err) // no sparse files here
	}
	if _, err := d.Run(); err == nil ||
		!strings.Contains(err.Error(), "it has 42949672960 bytes, want 4194304 at most") {
		t.Errorf("run.json: %v", err)
	}
	for name, want := range map[string]string{
		attemptsFile: "it was changed: it has 1099511627776 bytes", queueFile: "it was changed",
		targetFile: "it was changed", stormFile: "it was changed", filesFile: "want 4194304 at most",
	} {
		dir, repeat := write(t, sample())
		if err := os.Truncate(repeat.file(name), 1<<40); err != nil {
			t.Skip(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := dir.Repeat("cell", 1)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
			t.Errorf("%s: %d bytes were allocated", name, used)
		}
	}
}

// TestLinksOut: nothing outside of the run directory is read or shown, whatever link leads there.
func TestLinksOut(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("root:x:0:0:root\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		attemptsFile, stormFile, queueFile, kernelFile, targetFile, servedFile, serverLog, countersFile, filesFile,
	} {
		dir, repeat := write(t, sample())
		if err := os.Remove(repeat.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err := os.Symlink(secret, repeat.file(name)); err != nil {
			t.Skip(err) // no links on this system
		}
		r, err := dir.Repeat("cell", 1)
		if err == nil || !strings.Contains(err.Error(), name+": it is no plain file") ||
			strings.Contains(err.Error(), "root:x") || r != nil && r.Output != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir, repeat := write(t, sample())
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := errors.Join(os.Rename(string(repeat), elsewhere), os.Symlink(elsewhere, string(repeat))); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Repeat("cell", 1); err == nil || !strings.Contains(err.Error(), "it is no folder of the run") {
		t.Errorf("a folder elsewhere: %v", err)
	}
	d := Dir(t.TempDir())
	if err := os.Symlink(secret, d.File(runFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Run(); err == nil || strings.Contains(err.Error(), "root:x") {
		t.Errorf("run.json: %v", err)
	}
}

// TestNoForeignContent: a broken file's text is not in the error about it.
func TestNoForeignContent(t *testing.T) {
	for _, text := range []string{"root:x:0:0\n", `"root:x:0:0"`, `{"seq": "root:x:0:0"}`, `{"outcome": root:x}`} {
		for _, name := range []string{attemptsFile, stormFile, queueFile, kernelFile, targetFile, filesFile} {
			dir, repeat := write(t, sample())
			if err := os.WriteFile(repeat.file(name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := dir.Repeat("cell", 1); err == nil || strings.Contains(err.Error(), "root") {
				t.Errorf("%s of %s: %v", name, text, err)
			}
		}
	}
}

// TestBrokenValues: what no storm can have seen is named with file and line.
func TestBrokenValues(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{attemptsFile, `{"local":"nonsense"}`, "line 1: local is no IP address with a port"},
		{attemptsFile, "{}\n" + `{"address":"127.0.0.1"}`, "line 2: address is no IP address with a port"},
		{attemptsFile, `{"commands":-1}`, "line 1: "},
		{queueFile, "{}\n" + `{"depth":4294967295}`, "line 2: depth is 4294967295, want 2147483647 at most"},
		{queueFile, `{"limit":2147483648}`, "line 1: limit is 2147483648"},
		{targetFile, `{"asked_backlog":5,"peers":[{"address":"b"}]}`, "target.json: address is no IP address"},
		{targetFile, `{"asked_backlog":5,"discarded":-1}`, "target.json: line 1: discarded is -1, want 0 or more"},
		{targetFile, "{\n\"watch\":{\n\"looks\": -7}}", "target.json: line 3: looks is -7, want 0 or more"},
		{kernelFile, "{\n\"others\": {\n\"cpus\": 0}}", "kernel.json: line 3: cpus is 0, want 1 or more"},
		{kernelFile, "{\n\"listeners\": [{\n\"depth\": 4294967295}]}", "kernel.json: line 3: depth is 4294967295"},
		{stormFile, "{\"engine\": \"x\", \"start\": \"2026-11-23T07:00:00Z\",\n\"workers\": [{\"attempts\": -1}]}",
			"storm.json: line 2: attempts is -1"},
	} {
		dir, repeat := write(t, sample())
		if err := os.WriteFile(repeat.file(c.file), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := dir.Repeat("cell", 1); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.text, err, c.want)
		}
	}
}

// TestFlippedBits: each bit of each file counts, also where what it makes can be read.
func TestFlippedBits(t *testing.T) {
	for _, name := range []string{attemptsFile, stormFile, queueFile, kernelFile, targetFile} {
		dir, repeat := write(t, sample())
		whole, err := os.ReadFile(repeat.file(name))
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(whole); at += 37 {
			flipped := []byte(string(whole))
			flipped[at] ^= 1
			if err := os.WriteFile(repeat.file(name), flipped, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := dir.Repeat("cell", 1)
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s with byte %d flipped: %v", name, at, err)
			}
			if errors.Is(err, ErrAttempts) != (name == attemptsFile) {
				t.Errorf("%s: %v, want ErrAttempts for the attempts alone", name, err)
			}
		}
	}
}

// TestMisplacedRepeats: a repeat that was copied, or swapped with another one, is found, and its attempts do not count.
func TestMisplacedRepeats(t *testing.T) {
	dir, repeat := write(t, sample())
	for n, place := range []string{"cells/cell/repeat-2", "cells/other/repeat-1"} {
		to := filepath.Join(string(dir), filepath.FromSlash(place))
		if err := os.CopyFS(to, os.DirFS(string(repeat))); err != nil {
			t.Fatal(err)
		}
		cell, at := "cell", 2
		if n == 1 {
			cell, at = "other", 1
		}
		_, err := dir.Repeat(cell, at)
		if !errors.Is(err, ErrAttempts) || !strings.Contains(err.Error(), `the files of storm 1 of cell "cell"`) {
			t.Errorf("%s: %v", place, err)
		}
	}
}

// TestListOfTheFirstVersion: a list of sizes alone is read, and what it has is checked.
func TestListOfTheFirstVersion(t *testing.T) {
	dir, repeat := write(t, sample())
	listSizes(t, repeat)
	if r, err := dir.Repeat("cell", 1); err != nil || len(r.Attempts) != 4 {
		t.Errorf("%v", err)
	}
	if err := dropLastLine(repeat.file(attemptsFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Repeat("cell", 1); err == nil || !strings.Contains(err.Error(), "it was cut") {
		t.Errorf("%v", err)
	}
}

// TestListHasSHA256: the checksum is that of the file, as sha256sum prints it.
func TestListHasSHA256(t *testing.T) {
	_, repeat := write(t, sample())
	data, err := os.ReadFile(repeat.file(attemptsFile))
	if err != nil {
		t.Fatal(err)
	}
	var list files
	if err := opened(t, string(repeat)).readJSON(filesFile, &list); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	if got := list.Files[attemptsFile]; got.SHA256 != hex.EncodeToString(sum[:]) || got.Bytes != int64(len(data)) {
		t.Errorf("%+v, want %x", got, sum)
	}
}
