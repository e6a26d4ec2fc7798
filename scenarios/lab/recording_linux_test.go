package lab

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/scenarios/axis"
)

const threeStorms = "name: test\nstorm: {calls: 20}\nsettings: [{somaxconn: 128, backlog: max}]\nrepeats: 3\n"

// onProgress runs a sweep of three storms and calls do before the storm that follows so many.
func onProgress(ctx context.Context, t *testing.T, dir record.Dir, do map[int]func()) (*record.Run, error) {
	t.Helper()
	return Sweep(ctx, dir, Options{Scenario: scenario(t, threeStorms), Isolation: User, Progress: func(p Progress) {
		if f := do[p.Done]; f != nil && p.Setting != "" {
			f()
		}
	}})
}

// TestFailedRecord: a record that cannot be written is an error of its own storm, although the next is being set up
// by then; the storms before it are kept, and nothing is left of the next.
func TestFailedRecord(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	cell := filepath.Join(string(dir), "cells", "somaxconn-128_backlog-max")
	run, err := onProgress(t.Context(), t, dir, map[int]func(){1: func() {
		// The place of the second repeat is taken, by something that cannot be replaced.
		if err := os.MkdirAll(filepath.Join(cell, "repeat-2", "taken"), 0o755); err != nil {
			t.Error(err)
		}
	}})
	if err == nil || !strings.HasPrefix(err.Error(), "somaxconn-128_backlog-max, repeat 2: ") ||
		strings.Contains(err.Error(), "repeat 3: ") {
		t.Errorf("error %v, want one of repeat 2", err)
	}
	if run == nil || !strings.Contains(run.Partial, "repeat 2") {
		t.Fatalf("run %+v, want a partial one", run)
	}
	if _, err := dir.Repeat(run.Cells[0].ID, 1); err != nil {
		t.Errorf("the first storm: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(cell, "*.part")); len(left) > 0 || dir.Has(run.Cells[0].ID, 3) {
		t.Errorf("left behind: %v; the third storm is there: %v", left, dir.Has(run.Cells[0].ID, 3))
	}
}

// TestInterruptWhileRecording: the record of a storm that is over is kept, also where the interrupt comes before it
// is written.
func TestInterruptWhileRecording(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	run, err := onProgress(ctx, t, dir, map[int]func(){1: cancel})
	if !errors.Is(err, context.Canceled) || run == nil || run.Partial != "interrupted" {
		t.Fatalf("%+v, %v", run, err)
	}
	if _, err := dir.Repeat(run.Cells[0].ID, 1); err != nil || dir.Has(run.Cells[0].ID, 2) {
		t.Errorf("the first storm: %v; the second is there: %v", err, dir.Has(run.Cells[0].ID, 2))
	}
}

// TestProgressOfAMatrix: no two settings have the same words.
func TestProgressOfAMatrix(t *testing.T) {
	shown := map[string]int{}
	_, err := Sweep(t.Context(), newDir(t), Options{
		Scenario: scenario(t, "name: test\nstorm: {calls: 5}\nrepeats: 1\n"+
			"matrix: {somaxconn: [64], backlog: [max], handlers: [2, 4], calls: [5, 10]}\n"),
		Isolation: User, Progress: func(p Progress) { shown[p.Setting]++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"somaxconn 64, backlog max, handlers 2, calls 5", "somaxconn 64, backlog max, handlers 2, calls 10",
		"somaxconn 64, backlog max, handlers 4, calls 5", "somaxconn 64, backlog max, handlers 4, calls 10", "",
	} {
		if shown[want] != 1 {
			t.Errorf("%q is shown %d times of %v", want, shown[want], shown)
		}
	}
}

// TestPlayAddsSettings: storms of a setting that was not planned join the run, and each setting has its own number.
func TestPlayAddsSettings(t *testing.T) {
	needsNamespace(t)
	dir := newDir(t)
	e, err := NewExperiment(t.Context(), dir, Options{
		Scenario: scenario(t, strings.Replace(threeStorms, "repeats: 3", "repeats: 1", 1)), Isolation: User,
	})
	if err != nil {
		t.Fatal(err)
	}
	added, err := e.Cell(axis.Values{"somaxconn": "64", "backlog": "4"})
	if err != nil {
		t.Fatal(err)
	}
	for _, next := range []step{{e.run.Cells[0], 1}, {added, 1}, {added, 2}} {
		if err := e.Play(t.Context(), next.cell, next.repeat); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.End(nil); err != nil {
		t.Fatal(err)
	}
	summary, err := summary.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(summary.Cells) != 2 || len(summary.Cells[0].Repeats) != 1 || len(summary.Cells[1].Repeats) != 2 ||
		summary.Partial != nil {
		t.Fatalf("%d settings, partial %v; want two, of one and two storms", len(summary.Cells), summary.Partial)
	}
	for _, c := range summary.Cells {
		if why := c.Incomplete(summary.Run); why != nil {
			t.Errorf("%s: %s", c.ID, why)
		}
	}
	if k := summary.Cells[1].Repeats[1].Raw.Kernel; k.Sysctls["net.core.somaxconn"] != "64" {
		t.Errorf("somaxconn %s, want that of the added setting", k.Sysctls["net.core.somaxconn"])
	}
}
