package main

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/capacity"
	"agistorm/reports"
	"agistorm/reports/document"
)

var update = flag.Bool("update", false, "write reports/example/*.txt anew")

// TestExampleScreens: reports/example shows what recorded runs look like on a terminal of 80 columns, prompt and
// command line included. scripts/screens/record records other runs.
func TestExampleScreens(t *testing.T) {
	examples, err := filepath.Abs("../../reports/example")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := filepath.Abs("testdata/screens")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"sweep", "storm"} {
		unpack(t, filepath.Join(runs, name+".tar.gz"))
	}
	gates := []string{"--gate", "lost == 0", "--gate", "p99(first-command) < 500ms"}
	for name, screen := range map[string]func() string{
		"sweep": func() string { return shownBy(t, "agistorm sweep -o sweep", "report", "sweep") },
		"storm": func() string {
			return shownBy(t, "agistorm storm agi://127.0.0.1/script -n 500 -o storm", "report", "storm")
		},
		"gate": func() string {
			command := `agistorm gate sweep --gate "lost == 0" --gate "p99(first-command) < 500ms"`
			return shownBy(t, command, append([]string{"gate", "sweep"}, gates...)...)
		},
		"plan": func() string { return plannedScreen(t, filepath.Join(runs, "plan.json")) },
	} {
		holdScreen(t, filepath.Join(examples, name+".txt"), screen())
	}
}

// unpack takes a run out of an archive into the working directory.
func unpack(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(unzipped); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil && h.FileInfo().IsDir() {
			err = os.MkdirAll(h.Name, 0o755)
		} else if err == nil {
			err = unpackFile(h.Name, files)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func unpackFile(name string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

// shownBy is a command line, and under it what a verb shows on a terminal of 80 columns.
func shownBy(t *testing.T, command string, args ...string) string {
	t.Helper()
	var out strings.Builder
	e := &env{
		args: args, stdout: &out, stderr: &out, width: document.ScreenWidth,
		getenv: func(string) string { return "" }, environ: func() []string { return nil },
	}
	if code := run(context.Background(), e); code == exitFailed || code == exitUsage {
		t.Fatalf("%v: exit code %d\n%s", args, code, &out)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return "$ " + command + "\n" + strings.ReplaceAll(out.String(), here, "/home/you")
}

// plannedScreen is what a plan shows that was made.
func plannedScreen(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var a capacity.Answer
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	o := reports.TextOptions{Width: document.ScreenWidth, Lines: glanceLines}
	if err := reports.PlanText(&out, &a, o); err != nil {
		t.Fatal(err)
	}
	return "$ agistorm plan --calls 1000 --in 5s --work 20ms -o plan\n" + out.String() + "Plan: /home/you/plan/plan.html\n"
}

// holdScreen holds a screen against its file; with its command line and the prompt it fits 24 lines of 80 columns.
func holdScreen(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if diff := cmp.Diff(string(want), got); err != nil || diff != "" {
		t.Errorf("%s (%v): -update writes it anew (-want +got):\n%s", path, err, diff)
	}
	_, shown, _ := strings.Cut(got, "\n")
	if n := strings.Count(shown, "\n"); n >= document.ScreenLines {
		t.Errorf("%s: %d lines and a prompt do not fit %d", path, n, document.ScreenLines)
	}
	for line := range strings.Lines(shown) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > document.ScreenWidth {
			t.Errorf("%s: %d columns: %s", path, n, line)
		}
	}
}
