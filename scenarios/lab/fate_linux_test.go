package lab

import (
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"agistorm/target/probe"
)

func TestStoppedState(t *testing.T) {
	for stat, want := range map[string]bool{
		"7 (agistorm) T 1 7": true, "7 (agistorm) S 1 7": false, "7 (a) T) R 1 7": false, "": false, "7 (agi": false,
	} {
		if got := stoppedState([]byte(stat)); got != want {
			t.Errorf("%q: stopped %v, want %v", stat, got, want)
		}
	}
}

func TestWaitedFate(t *testing.T) {
	for script, want := range map[string]string{
		"kill -9 $$": "was killed by signal 9", "kill -15 $$": "was killed by signal 15",
		"exit 3": "ended with exit code 3", "exit 0": "",
	} {
		c := exec.Command("sh", "-c", script)
		_ = c.Run() // its state says how
		if got := waitedFate(c.ProcessState); got != want {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
}

// TestStoppedWorker: a worker that a signal has stopped is named, and takes only its own share with it.
func TestStoppedWorker(t *testing.T) {
	dir := staged(t)
	w, err := startWorkers(t.Context(), stormOrder{Load: load(t, "constant 50/s", 60), Dir: dir}, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.kill()
	time.AfterFunc(300*time.Millisecond, func() { _ = w.children[1].cmd.Process.Signal(syscall.SIGSTOP) })
	err = errors.Join(w.run(t.Context(), probe.Monotonic()+headStart, nil), w.finish())
	if err == nil || !strings.Contains(err.Error(), "worker 1 of 3: the storm process was stopped by a signal") {
		t.Errorf("%v, want an error that names worker 1 of 3", err)
	}
	if shares := shareSizes(t, dir, 3); len(shares) != 2 || shares[0] != 20 || shares[2] != 20 {
		t.Errorf("attempts by share %v, want those of 0 and 2", shares)
	}
}

// TestLostTarget: a target that was killed or stopped is named, with the cause.
func TestLostTarget(t *testing.T) {
	for signal, want := range map[syscall.Signal]string{
		syscall.SIGKILL: "the target was killed by signal 9", syscall.SIGSTOP: "the target was stopped by a signal",
	} {
		c, err := startChild(t.Context(), roleTarget, nil)
		if err != nil {
			t.Fatal(err)
		}
		order := targetOrder{Listen: "127.0.0.1:0", Backlog: "max", Calls: 1}
		order.Target.Behaviour, order.Target.Work = "thread", "0s"
		if err := c.ask(order, &listening{}); err != nil {
			t.Fatal(err)
		}
		if err := c.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		for signal == syscall.SIGSTOP && !stopped(c.cmd.Process.Pid) { // else it may answer first
			time.Sleep(time.Millisecond)
		}
		if err := c.ask(epochOrder{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
