package reports

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"agistorm/analysis/record"
	"agistorm/reports/plots"
)

func TestWrite(t *testing.T) {
	dir := record.Dir(t.TempDir())
	if err := os.WriteFile(dir.File("report.html"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, sample(), sampleFigures()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"apply",
		"connect.hlog",
		"connect.png",
		"first-command.hlog",
		"handshake.hlog",
		"lost-calls.png",
		"report.html",
		"session.hlog",
		"summary.json",
		"summary.md",
	}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	for name, begin := range map[string]string{
		"report.html": "<!DOCTYPE html>", "summary.md": "somaxconn 128 loses", "summary.json": "{\n  \"verdict\":",
		"lost-calls.png": "\x89PNG", "connect.hlog": "#[Histogram log format version",
	} {
		data, err := os.ReadFile(dir.File(name))
		if err != nil || !strings.HasPrefix(string(data), begin) {
			t.Errorf("%s begins %.40q (%v), want %q", name, data, err, begin)
		}
	}
}

func files(t *testing.T, dir record.Dir) []string {
	t.Helper()
	entries, err := os.ReadDir(string(dir))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWriteErrors(t *testing.T) {
	gone := record.Dir(filepath.Join(t.TempDir(), "gone"))
	err := Write(gone, sample(), sampleFigures())
	for _, name := range []string{"report.html", "summary.md", "summary.json", "connect.png", "session.hlog"} {
		if err == nil || !strings.Contains(err.Error(), name+": ") {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
	dir := record.Dir(t.TempDir())
	err = Write(dir, sample(), []plots.Figure{{Name: "../evil"}})
	if err == nil || !strings.Contains(err.Error(), "../evil") {
		t.Errorf("a figure outside the directory: %v", err)
	}
	if _, err := os.Stat(filepath.Join(string(dir), "..", "evil.png")); err == nil {
		t.Error("it was written")
	}
}
