package lab

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/rawsock"
)

// mayGoAhead reports whether nice(1) gets a higher priority here.
func mayGoAhead(t *testing.T) bool {
	t.Helper()
	out, err := exec.Command("nice", "-n", "-5", "nice").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.HasPrefix(strings.TrimSpace(string(out)), "-")
}

// checkAhead: the process has the storm's priority where that is permitted, else that of this test.
func checkAhead(t *testing.T, process string, p *record.Priority) {
	t.Helper()
	own, err := rawsock.OwnPriority()
	if err != nil || p == nil {
		t.Fatalf("%s: %+v, %v", process, p, err)
	}
	nice, group := own.Nice, 0
	if mayGoAhead(t) {
		nice, group = stormNice, stormNice
	}
	on, _ := os.ReadFile("/proc/sys/kernel/sched_autogroup_enabled")
	if p.Nice != nice || (p.AutogroupNice == nil) != (string(on) != "1\n") ||
		p.AutogroupNice != nil && *p.AutogroupNice != group {
		t.Errorf("%s: %+v, want nice %d, and %d for its session where sessions are grouped", process, p, nice, group)
	}
	if p.Session == own.Session {
		t.Errorf("%s is in the session of its parent", process)
	}
}

// TestPriorityOfACell: generator, target and samplers have the same priority, in one session of their own; this
// process keeps its.
func TestPriorityOfACell(t *testing.T) {
	needsNamespace(t)
	before := ownPriority()
	dir := newDir(t)
	run, err := Sweep(t.Context(), dir, Options{
		Scenario: scenario(t, "name: test\nstorm: {calls: 20, workers: 2}\n"+
			"settings: [{somaxconn: 128, backlog: max}]\nrepeats: 1\n"),
		Isolation: User,
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := dir.Repeat(run.Cells[0].ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Storm.Workers) != 2 {
		t.Fatalf("%d workers", len(r.Storm.Workers))
	}
	cell := r.Kernel.Sampler
	for process, p := range map[string]*record.Priority{
		"the cell": cell, "the target": r.Target.Priority,
		"worker 0": r.Storm.Workers[0].Priority, "worker 1": r.Storm.Workers[1].Priority,
	} {
		checkAhead(t, process, p)
		if p.Session != cell.Session {
			t.Errorf("%s is in session %d, the cell in %d", process, p.Session, cell.Session)
		}
	}
	if o := r.Kernel.Others; o == nil || o.Own <= 0 || o.Own > o.Wall*time.Duration(o.CPUs) {
		t.Errorf("the CPU time of others and our own: %+v", o)
	}
	if after := ownPriority(); after.Nice != before.Nice || after.Session != before.Session {
		t.Errorf("this process had %+v and has %+v", before, after)
	}
}

// TestPriorityOfAStorm: the workers go first, and the thread that samples; the server that already runs does not.
func TestPriorityOfAStorm(t *testing.T) {
	before := ownPriority()
	dir := newDir(t)
	o := StormOptions{Load: load(t, "burst", 20), Workers: 2, URL: "agi://test"}
	if _, err := Storm(t.Context(), dir, o); err != nil {
		t.Fatal(err)
	}
	r, err := dir.Repeat(StormCell, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range r.Storm.Workers {
		checkAhead(t, "worker "+w.Share, w.Priority)
	}
	want := before.Nice
	if mayGoAhead(t) {
		want = stormNice
	}
	if s := r.Kernel.Sampler; s == nil || s.Nice != want || s.Session != before.Session {
		t.Errorf("the sampler had %+v, want nice %d in session %d", s, want, before.Session)
	}
	if after := ownPriority(); after.Nice != before.Nice { // the server is in this process
		t.Errorf("the server had nice %d and has %d", before.Nice, after.Nice)
	}
}
