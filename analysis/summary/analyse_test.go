package summary

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// writeRun writes a made run as a run directory.
func writeRun(t testing.TB, run *record.Run, all Storms) record.Dir {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	d, err := record.Create(filepath.Join(t.TempDir(), "run"))
	check(err)
	for id, storms := range all {
		for i, r := range storms {
			if r == nil {
				continue
			}
			part, err := d.Stage(id, i+1)
			check(err)
			check(part.WriteStorm(&r.Storm, slices.Values(r.Attempts)))
			if r.Target != nil {
				check(part.WriteTarget(r.Target, r.Queue))
			}
			if r.Kernel != nil {
				check(part.WriteKernel(r.Kernel))
			}
			check(d.Commit(id, i+1))
		}
	}
	check(d.WriteRun(run))
	return d
}

func smallRun() (*record.Run, Storms) {
	run, all := madeRun(
		cellOf{tuned(4), []*made{{calls: 10}, {calls: 10}, {calls: 10}}},
		cellOf{tuned(64), []*made{{calls: 10}, {calls: 10}, {calls: 10}}})
	for i := range 3 {
		all["somaxconn-4"][i] = overflow()
	}
	return run, all
}

func TestAnalyseReadsWhatSummariseSees(t *testing.T) {
	run, all := smallRun()
	got, err := Read(writeRun(t, run, all))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(New(run, all))
	have, _ := json.Marshal(got)
	if diff := cmp.Diff(string(want), string(have)); diff != "" {
		t.Errorf("summary (-pure +read):\n%s", diff)
	}
	if len(got.Answer) == 0 || len(got.Warnings) > 0 {
		t.Errorf("answer %v, warnings %v", got.Answer, got.Warnings)
	}
}

func TestAnalyseDamaged(t *testing.T) {
	run, all := smallRun()
	all["somaxconn-64"][1] = nil
	all["somaxconn-64"][0].Kernel = &record.Kernel{}
	d := writeRun(t, run, all)
	file := func(name string) string { return filepath.Join(string(d), "cells", filepath.FromSlash(name)) }
	cut := func(name string, line int, with string) {
		data, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(data), "\n")
		lines[line-1] = with + "\n"
		if err := os.WriteFile(file(name), []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cut("somaxconn-4/repeat-1/attempts.jsonl", 5, `{"seq":4,`)
	cut("somaxconn-4/repeat-2/kernel.json", 1, "[")
	if err := os.Remove(file("somaxconn-64/repeat-1/kernel.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file("somaxconn-4/repeat-3/storm.json")); err != nil {
		t.Fatal(err)
	}
	s, err := Read(d)
	if err != nil {
		t.Fatal(err)
	}
	wantLines(t, inShort(s.Warnings), []string{
		`record-damaged [] {"problem":"cells/somaxconn-4/repeat-1/attempts.jsonl: line 5`,
		`record-damaged [] {"problem":"cells/somaxconn-4/repeat-2/kernel.json: line `,
		`record-damaged [] {"problem":"cells/somaxconn-4/repeat-3/storm.json: it is missing`,
		`record-damaged [] {"problem":"cells/somaxconn-64/repeat-1/kernel.json: it is missing`,
		`storms-missing [somaxconn-4] {"repeats":[1,3],"of":3}`,
		`storms-missing [somaxconn-64] {"repeats":[2],"of":3}`,
		`one-storm [somaxconn-4] {"settings":1}`,
	})
	// The storm with half its attempts is left out: counted, the missing calls would pass for calls that were
	// not lost.
	if r := s.Cells[0].Repeats; len(r) != 1 || r[0].N != 2 || r[0].Raw.Kernel != nil || len(r[0].Raw.Attempts) != 10 {
		t.Errorf("repeats %+v", r)
	}
	for repeat, want := range map[*analysis.Repeat]string{
		&s.Cells[0].Repeats[0]: "cells/somaxconn-4/repeat-2/kernel.json: line 2: ",
		&s.Cells[1].Repeats[0]: "cells/somaxconn-64/repeat-1/kernel.json: it is missing",
	} {
		if len(repeat.Damaged) != 1 || !strings.HasPrefix(filepath.ToSlash(repeat.Damaged[0]), want) ||
			len(repeat.Warnings) > 0 {
			t.Errorf("damaged %q, want %q; warnings %q", repeat.Damaged, want, repeat.Warnings)
		}
	}
	if want := (finding.Partial{Missing: 5, Planned: 6}); !reflect.DeepEqual(*s.Partial, want) {
		t.Errorf("partial is %+v, want %+v", s.Partial, want)
	}
	if strings.Contains(asText(s.Warnings), string(d)) {
		t.Errorf("a warning depends on where the run lies: %s", asText(s.Warnings))
	}
}

// A run directory may be called as a part of what lies in it is called.
func TestErrorLinesKeepTheRestOfThePath(t *testing.T) {
	for _, dir := range []string{"x", "2", ".", "./x/", "a/x"} {
		path := filepath.Join(dir, "cells", "backlog-max", "repeat-2", "storm.json")
		got := errorLines(record.Dir(dir), errors.Join(errors.New("open "+path+": no"), errors.New(path+": line 2")))
		want := filepath.Join("cells", "backlog-max", "repeat-2", "storm.json")
		if diff := cmp.Diff([]string{"open " + want + ": no", want + ": line 2"}, got); diff != "" {
			t.Errorf("in %s:\n%s", dir, diff)
		}
	}
}

// wantLines asserts lines that contain the wanted parts, one each and in order.
func wantLines(t *testing.T, lines, parts []string) {
	t.Helper()
	if len(lines) != len(parts) {
		t.Fatalf("got %d lines, want %d: %q", len(lines), len(parts), lines)
	}
	for i := range parts {
		if !strings.Contains(filepath.ToSlash(lines[i]), parts[i]) {
			t.Errorf("line %d is %q, want it to name %q", i, lines[i], parts[i])
		}
	}
}

func TestAnalyseNoRun(t *testing.T) {
	if _, err := Read(record.Dir(t.TempDir())); err == nil || !strings.Contains(err.Error(), "not a run directory") {
		t.Errorf("got %v", err)
	}
}

// A storm whose attempts are all gone must not count as one that lost nothing.
func TestAnalyseEmptyStorm(t *testing.T) {
	run, all := smallRun()
	all["somaxconn-64"][0].Attempts = nil
	s := New(run, all)
	if got := len(s.Cells[1].Repeats); got != 2 {
		t.Errorf("%d storms counted, want 2", got)
	}
	wantLines(t, inShort(s.Warnings), []string{`storms-missing [somaxconn-64] {"repeats":[1],"of":3}`})
}

func TestCellNumbers(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(
		made{
			calls:   100,
			timeout: 10,
			reset:   2,
			late:    5,
			peak:    129,
		},
		made{calls: 100, timeout: 20, late: 1, peak: 128},
		made{calls: 100, silent: 3},
	)})
	c := New(run, all).Cells[0]
	for name, pair := range map[string][2]analysis.Spread{
		"lost":            {c.Lost, {N: 3, Median: 12, Min: 3, Max: 20}},
		"late":            {c.Late, {N: 3, Median: 1, Max: 5}},
		"connect-timeout": {c.Outcomes[record.ConnectTimeout], {N: 3, Median: 10, Max: 20}},
		"refused":         {c.Outcomes[record.Refused], {N: 3}},
		"queue peak":      {*c.QueuePeak, {N: 2, Median: 128.5, Min: 128, Max: 129}},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %+v, want %+v", name, pair[0], pair[1])
		}
	}
	if c.Phantoms != nil || len(c.Outcomes) != len(record.Outcomes) {
		t.Errorf("phantoms %v, %d outcomes", c.Phantoms, len(c.Outcomes))
	}
	if got := c.Latencies.Connect.Count; got != 270 { // 300 − 30 that never connected
		t.Errorf("%d connect latencies, want 270", got)
	}
}

func BenchmarkAnalyse(b *testing.B) {
	run, all := madeRun(
		cellOf{tuned(128), thrice(made{timeout: 1500})}, cellOf{tuned(4096), thrice(made{})})
	d := writeRun(b, run, all)
	for b.Loop() {
		if _, err := Read(d); err != nil {
			b.Fatal(err)
		}
	}
}
