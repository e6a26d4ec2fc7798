package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"agistorm/reports/export"
	"agistorm/reports/gates"
)

// hostile is what a run's description may have in any text that comes from outside.
const hostile = "=cmd()\x1b]0;x\a\x00\r\b\x7f\u0085\u009b31m\u202e<script>,\""

// fixed are the keys of run.json that the program itself has words for, or that name folders.
var fixed = []string{
	"id", "mode", "source", "started", "finished", "start_at", "client", "link", "backlog", "shown_by", "code", "arch",
	"load", "values", "work", "behaviour",
}

// poison appends the hostile text to every string below a value that comes from outside.
func poison(v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return v
		}
		return hostile + v + hostile
	case []any:
		for i := range v {
			v[i] = poison(v[i])
		}
	case map[string]any:
		for key := range maps.Clone(v) {
			if !slices.Contains(fixed, key) {
				v[key] = poison(v[key])
			}
		}
	}
	return v
}

// play runs the program in this process, and returns its exit code and what it printed.
func play(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), &env{
		args: args, stdout: &out, stderr: &errs, command: args,
		getenv: func(string) string { return "" }, environ: func() []string { return nil },
		relisten: func() <-chan os.Signal { return nil },
	})
	return code, out.String(), errs.String()
}

// hostileRun is a simulated run whose description was poisoned, with gates that cannot be read.
func hostileRun(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	dir, scenario := filepath.Join(folder, "run"), filepath.Join(folder, "a.yaml")
	const text = "name: a\nquestion: why\nstorm: {calls: 3}\nsettings: [{somaxconn: 1, backlog: max}, " +
		"{somaxconn: 4, backlog: max}]\nrepeats: 2\ngates: [lost == 0]\n"
	if err := os.WriteFile(scenario, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := play(t, "sweep", scenario, "--simulate", "-o", dir, "-q"); code != exitDone {
		t.Fatal(code, stderr)
	}
	file := filepath.Join(dir, "run.json")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var description map[string]any
	if err := json.Unmarshal(data, &description); err != nil {
		t.Fatal(err)
	}
	poison(description)
	description["warnings"] = []any{map[string]any{"words": hostile}}
	description["partial"] = hostile
	if data, err = json.Marshal(description); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// raw returns the first control character of a text that would leave as it is; 0 for none.
func raw(text string) rune {
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return r
		}
	}
	return 0
}

// TestHostileExports: no control character leaves in any form, and no cell of a CSV is a formula.
func TestHostileExports(t *testing.T) {
	dir := hostileRun(t)
	for _, form := range export.Forms() {
		_, out, stderr := play(t, "report", dir, "--export", form.Name)
		if r := raw(out); out == "" || form.Name != "vegeta-gob" && (r != 0 || !utf8.ValidString(out)) {
			t.Errorf("%s: control character %q in %d bytes (%s)", form.Name, r, len(out), stderr)
		}
		if form.Name == "vegeta-gob" && strings.Contains(out, "\x1b]") {
			t.Errorf("%s: an escape", form.Name)
		}
		for _, text := range []string{"\n=", ",=", `"=`} {
			if strings.HasSuffix(form.Name, "csv") && strings.Contains(out, text) {
				t.Errorf("%s: a formula behind %q", form.Name, text)
			}
		}
	}
	for _, format := range []string{"text", "markdown", "json"} {
		if _, out, stderr := play(t, "report", dir, "--format", format); out == "" || raw(out+stderr) != 0 {
			t.Errorf("%s: control character %q (%s)", format, raw(out+stderr), stderr)
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".png") || filepath.Base(path) == "run.json" {
			return err
		}
		data, err := os.ReadFile(path)
		if r := raw(string(data)); r != 0 {
			t.Errorf("%s: control character %q", path, r)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestHostileGates: gates in run.json that cannot be read are inconclusive, in every form as it should be.
func TestHostileGates(t *testing.T) {
	dir := hostileRun(t)
	for _, form := range gates.Forms {
		code, out, stderr := play(t, "gate", dir, "--format", form.Name, "--gate", "lost == 0")
		if code != exitInconclusive || raw(out+stderr) != 0 || !strings.Contains(out, "run.json: ") {
			t.Errorf("%s: exit code %d, control character %q\n%s%s", form.Name, code, raw(out+stderr), out, stderr)
		}
		var err error
		switch form.Name {
		case "json":
			err = json.Unmarshal([]byte(out), &map[string]any{})
		case "junit":
			decoder := xml.NewDecoder(strings.NewReader(out))
			for err == nil {
				_, err = decoder.Token()
			}
			if err == io.EOF {
				err = nil
			}
		case "github":
			for line := range strings.Lines(out) {
				if !strings.HasPrefix(line, "::") {
					t.Errorf("github: %q is no annotation", line)
				}
			}
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", form.Name, err, out)
		}
	}
}
