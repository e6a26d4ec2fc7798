package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
)

const ms = time.Millisecond

func ptr[T any](v T) *T { return &v }

// write makes a run of one storm with the start lag, in milliseconds; known: with all that older records
// lack.
func write(t *testing.T, path string, lag time.Duration, known bool) {
	t.Helper()
	dir, err := record.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	staged, err := dir.Stage("a", 1)
	if err != nil {
		t.Fatal(err)
	}
	worker := record.Worker{Share: "0/1", Wall: 900 * ms}
	kernel := &record.Kernel{}
	if known {
		worker.Thread = &record.Thread{CPU: 100 * ms, Waited: 300 * ms}
		worker.Priority = &record.Priority{Nice: -10, AutogroupNice: ptr(-10)}
		worker.ReplyLag = &record.Lag{Count: 1, Max: 3 * ms}
		kernel.Others = &record.Others{CPU: 620 * ms, Wall: 500 * ms, CPUs: 2}
	}
	storm := &record.Storm{Engine: "epoll", Start: time.Unix(1, 0), Wall: 900 * ms, Workers: []record.Worker{worker}}
	attempts := []record.Attempt{{
		Outcome: record.Answered, Started: ptr(lag), Connected: ptr(lag + ms),
		FirstCommand: ptr(lag + 2*ms), Done: lag + 3*ms,
	}}
	if err := staged.WriteStorm(storm, slices.Values(attempts)); err != nil {
		t.Fatal(err)
	}
	if err := staged.WriteKernel(kernel); err != nil {
		t.Fatal(err)
	}
	if err := dir.Commit("a", 1); err != nil {
		t.Fatal(err)
	}
	run := &record.Run{Format: record.Format, Repeats: 1, Cells: []record.Cell{{ID: "a"}}}
	if err := dir.WriteRun(run); err != nil {
		t.Fatal(err)
	}
}

// TestTable: each row has the medians of a folder's storms; what is not known is no 0.
func TestTable(t *testing.T) {
	known, unknown := t.TempDir(), t.TempDir()
	for i, lag := range []time.Duration{40 * ms, 7 * ms, 5 * ms} {
		write(t, filepath.Join(known, fmt.Sprintf("run-%d", i)), lag, true)
	}
	write(t, filepath.Join(unknown, "run-1"), 9*ms, false)
	var out strings.Builder
	if _, err := run([]string{known, unknown}, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{
		"runs setting storms nice", "a 3 -10/-10 62 % 7ms 75 % 3ms 1 (1 to 1) 0 (0 to 0) 0 (0 to 0) 900ms",
		"a 1 – – 9ms – – 1 (1 to 1)",
	} {
		if got := strings.Join(strings.Fields(lines[i]), " "); !strings.Contains(got, want) {
			t.Errorf("line %d: %q, want %q in it", i, got, want)
		}
	}
	if _, err := run([]string{t.TempDir()}, &out); err == nil {
		t.Error("a folder without a run is no error")
	}
}
