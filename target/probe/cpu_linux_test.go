package probe

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestProcessCPU: what a process uses is counted, its own and that of another that has not been waited for.
func TestProcessCPU(t *testing.T) {
	before, err := ProcessCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for end := threadCPU() + 20*time.Millisecond; threadCPU() < end; {
	}
	if after, err := ProcessCPU(os.Getpid()); err != nil || after < before+15*time.Millisecond {
		t.Errorf("%v before a loop of 20ms, %v after it (%v)", before, after, err)
	}
	other := exec.Command("sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo; read over")
	in, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	used, err := ProcessCPU(other.Process.Pid)
	in.Close()
	_ = other.Wait() // read(1) fails at the end of its input
	whole := other.ProcessState.UserTime() + other.ProcessState.SystemTime()
	if err != nil || used <= 0 || used > whole+time.Millisecond {
		t.Errorf("another process had used %v (%v) of %v in all", used, err, whole)
	}
	if _, err := ProcessCPU(other.Process.Pid); err == nil {
		t.Error("a process that is gone has a CPU time")
	}
}

// TestCPU: the times of this machine grow, and it has as many CPUs as it says.
func TestCPU(t *testing.T) {
	first, err := CPU()
	if err != nil {
		t.Fatal(err)
	}
	for end := threadCPU() + 30*time.Millisecond; threadCPU() < end; {
	}
	second, err := CPU()
	if err != nil || second.Processes <= first.Processes || second.CPUs != first.CPUs || first.CPUs < 1 {
		t.Errorf("%+v, then %+v, %v", first, second, err)
	}
}
