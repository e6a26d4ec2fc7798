package record

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestPlan: a cell that is planned later has as many storms as were asked of it, and the others keep theirs.
func TestPlan(t *testing.T) {
	run := &Run{Format: Format, Cells: []Cell{{ID: "a"}, {ID: "b"}}, Repeats: 2}
	for _, c := range []struct {
		cell    string
		n       int
		changed bool
	}{{"a", 1, false}, {"a", 2, false}, {"c", 1, true}, {"c", 1, false}, {"a", 3, true}} {
		if got := run.Plan(Cell{ID: c.cell}, c.n); got != c.changed {
			t.Errorf("storm %d of %s changed the run: %v", c.n, c.cell, got)
		}
	}
	dir := Dir(t.TempDir())
	if err := dir.WriteRun(run); err != nil {
		t.Fatal(err)
	}
	got, err := dir.Run()
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{{"a", 1}, {"a", 2}, {"a", 3}, {"b", 1}, {"b", 2}, {"c", 1}}
	if steps := got.Steps(); !slices.Equal(steps, want) {
		t.Errorf("planned are %v, want %v", steps, want)
	}
	if got.Planned("a") != 3 || got.Planned("b") != 2 || got.Planned("c") != 1 {
		t.Errorf("%d, %d and %d storms", got.Planned("a"), got.Planned("b"), got.Planned("c"))
	}
}

// TestBrokenPlan: a run that claims more storms of one cell than memory has room for is refused.
func TestBrokenPlan(t *testing.T) {
	dir := Dir(t.TempDir())
	for _, n := range []string{"-1", "1000001"} {
		text := `{"format": 1, "cells": [{"id": "a"}], "repeats": 1, "cell_repeats": {"a": ` + n + `}}`
		if err := os.WriteFile(dir.File(runFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := dir.Run(); err == nil {
			t.Errorf("%s repeats were read", n)
		}
	}
}

// TestRunOfTheFirstVersion: a run directory that agistorm 0.1.0 wrote is read, with all its parts and no
// complaint. What 0.1.0 did not record is absent, not 0.
func TestRunOfTheFirstVersion(t *testing.T) {
	dir := Dir(filepath.Join("testdata", "run-0.1.0"))
	run, err := dir.Run()
	if err != nil {
		t.Fatal(err)
	}
	steps := run.Steps()
	if run.Version != "0.1.0" || len(steps) != 2 {
		t.Fatalf("version %s, storms %v", run.Version, steps)
	}
	for _, step := range steps {
		r, err := dir.Repeat(step.Cell, step.N)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Attempts) != run.Calls() || len(r.Queue) == 0 || len(r.Counters) == 0 || len(r.Kernel.Before) == 0 ||
			len(r.Target.Peers) < 7 || r.Target.Watch == nil {
			t.Errorf("%s: %d attempts, %d samples, target %+v", step.Cell, len(r.Attempts), len(r.Queue), r.Target)
		}
		if w := r.Storm.Workers[0]; w.ReplyLag != nil || w.Priority != nil || r.Kernel.Others != nil ||
			r.Attempts[0].ReplyLag != nil {
			t.Errorf("%s has what 0.1.0 did not record: %+v", step.Cell, w)
		}
	}
}

// TestUpgrade: what 0.1.0 has in words is read as data.
func TestUpgrade(t *testing.T) {
	for text, want := range map[string]*Addresses{
		"127.0.0.1 to 127.0.0.14 (14)": {"127.0.0.1", "127.0.0.14", 14},
		"192.0.2.7":                    {"192.0.2.7", "192.0.2.7", 1},
		"10.198.0.1 to 10.198.0.6 (6), for 127.0.0.1 to 127.0.0.6 (6)": {"10.198.0.1", "10.198.0.6", 6},
	} {
		s := Scenario{Link: "20ms round trip", Load: map[string]string{"sources": text, "think": "1s"}}
		s.upgrade()
		if s.Link != LinkVeth || s.RTT != 20*time.Millisecond || *s.Clients != *want || len(s.Load) != 1 {
			t.Errorf("%q: %+v", text, s)
		}
	}
	s := Scenario{Link: "veth"}
	if s.upgrade(); s.Link != "veth" || s.RTT != 0 || s.Clients != nil {
		t.Errorf("%+v", s)
	}
}
