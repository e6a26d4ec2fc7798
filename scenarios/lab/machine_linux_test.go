package lab

import (
	"errors"
	"os/exec"
	"testing"
	"time"

	"agistorm/analysis/record"
	"agistorm/target/probe"
)

// TestOthersBetween: what processes used but for our own; ticks may count less than a process knows exactly.
func TestOthersBetween(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct{ processes, own, others time.Duration }{
		{1500 * ms, 400 * ms, 1100 * ms}, {400 * ms, 400 * ms, 0}, {390 * ms, 400 * ms, 0},
	} {
		before := cpuReading{at: time.Hour, times: probe.CPUTimes{Processes: time.Hour, CPUs: 2}, own: time.Minute}
		after := cpuReading{at: time.Hour + time.Second, own: time.Minute + tt.own}
		after.times = probe.CPUTimes{Processes: time.Hour + tt.processes, Steal: 9 * time.Hour, CPUs: 2}
		want := record.Others{CPU: tt.others, Own: tt.own, Wall: time.Second, CPUs: 2}
		if got := *othersBetween(before, after); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// TestOthers: a busy process is counted among the others, and this one is not.
func TestOthers(t *testing.T) {
	busy := exec.Command("sh", "-c", "while :; do :; done")
	if err := busy.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Process.Kill(); _ = busy.Wait() }()
	w := watchMachine(ownCPU)
	other, err := probe.ProcessCPU(busy.Process.Pid)
	if w == nil || err != nil {
		t.Fatal(err)
	}
	for until := other + 200*time.Millisecond; other < until; {
		if other, err = probe.ProcessCPU(busy.Process.Pid); err != nil {
			t.Fatal(err)
		}
	}
	got := w.others()
	if got == nil || got.CPU < 100*time.Millisecond || got.Own <= 0 || got.CPUs < 1 ||
		got.CPU+got.Own > got.Wall*time.Duration(got.CPUs)+50*time.Millisecond {
		t.Errorf("%+v beside a process that used 200ms", got)
	}
	unknown := watchMachine(func() (time.Duration, error) { return 0, errors.ErrUnsupported })
	if unknown != nil || unknown.others() != nil {
		t.Errorf("%+v of a process whose time is not known", unknown)
	}
}
