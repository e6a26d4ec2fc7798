package reports

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis/plots"
	"agistorm/analysis/record"
)

func TestWrite(t *testing.T) {
	dir := record.Dir(t.TempDir())
	if err := os.WriteFile(dir.File("report.html"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, sample(), sampleFigures()); err != nil {
		t.Fatal(err)
	}
	want := []string{"apply", "connect.hlog", "connect.png", "first-command.hlog", "handshake.hlog", "lost-calls.png", "report.html",
		"session.hlog", "summary.json", "summary.md"}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	for name, begin := range map[string]string{
		"report.html": "<!DOCTYPE html>", "summary.md": "With somaxconn 128,", "summary.json": "{\n  \"verdict\":",
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

func TestLogReadsBack(t *testing.T) {
	s := sample()
	s.Cells[1].Latencies.Connect.Histogram = hdrhistogram.New(1, 1000, 3) // nothing measured
	s.Cells[2].Latencies.Connect.Histogram = nil
	s.Cells[3].ID = "a b,c"
	var log bytes.Buffer
	if err := writeLog(&log, s, latencies[1]); err != nil {
		t.Fatal(err)
	}
	if before := s.Cells[0].Latencies.Connect.Histogram; before.Tag() != "" || before.StartTimeMs() != hdrhistogram.New(1, 2, 3).StartTimeMs() {
		t.Error("the Summary's histogram was changed")
	}
	tags := readLog(t, &log, s.Run.Started.UnixMilli(), s.Run.Finished.UnixMilli())
	want := []string{"somaxconn-128", "a_b_c", "somaxconn-2147483647", "backlog-128-somaxconn-4096"}
	if !slices.Equal(tags, want) {
		t.Errorf("tags %v, want %v", tags, want)
	}
}

// readLog returns the tags of a log whose intervals must all have the same bounds.
func readLog(t *testing.T, log io.Reader, start, end int64) []string {
	t.Helper()
	var tags []string
	reader := hdrhistogram.NewHistogramLogReader(log)
	for {
		h, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			return tags
		}
		tags = append(tags, h.Tag())
		if h.TotalCount() != 3 || h.StartTimeMs() != start || h.EndTimeMs() != end {
			t.Errorf("%s: %d values from %d to %d, want 3 from %d to %d", h.Tag(), h.TotalCount(), h.StartTimeMs(), h.EndTimeMs(), start, end)
		}
	}
}

func TestLogOfARunWithoutTimes(t *testing.T) {
	s := alien()
	s.Run = nil
	if start, end := interval(s); start != 0 || end != 0 {
		t.Errorf("from %d to %d, want 0", start, end)
	}
}
