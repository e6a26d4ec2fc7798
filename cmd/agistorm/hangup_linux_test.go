package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"agistorm/analysis/record"
)

// terminal is a pseudo-terminal in which a program runs.
type terminal struct {
	master *os.File
	cmd    *exec.Cmd
	seen   bytes.Buffer
}

// inTerminal runs agistorm as the leader of a session with a controlling terminal. What hangs is killed.
func inTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("left out: this machine gives no pseudo-terminal: ", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	var number, unlocked int32
	ioctl(t, master, syscall.TIOCSPTLCK, &unlocked)
	ioctl(t, master, syscall.TIOCGPTN, &number)
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Args = append([]string{"agistorm"}, args...)
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	t.Cleanup(func() { late.Stop() })
	return &terminal{master: master, cmd: c}
}

func ioctl(t *testing.T, f *os.File, request uintptr, value *int32) {
	t.Helper()
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(value)))
	})
	if err != nil || errno != 0 {
		t.Fatalf("ioctl %#x: %v", request, errno)
	}
}

// await reads until the program has written a text.
func (p *terminal) await(t *testing.T, text string) {
	t.Helper()
	part := make([]byte, 4096)
	for !strings.Contains(p.seen.String(), text) {
		n, err := p.master.Read(part)
		p.seen.Write(part[:n])
		if err != nil {
			t.Fatalf("%v before %q; the terminal shows:\n%s", err, text, p.seen.String())
		}
	}
}

// close closes the terminal and returns how the program ends.
func (p *terminal) close(t *testing.T) *os.ProcessState {
	t.Helper()
	if err := p.master.Close(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // its state says how
	return p.cmd.ProcessState
}

// TestClosedTerminalEndsServe: a server in a terminal ends with it, and SIGUSR1 lets it listen again.
func TestClosedTerminalEndsServe(t *testing.T) {
	p := inTerminal(t, "serve", "--listen", "127.0.0.1:0")
	p.await(t, "Backlog max")
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	p.await(t, "SIGUSR1: listening again")
	if state := p.close(t); !state.Exited() {
		t.Errorf("%v: want an end by itself", state)
	}
}

// TestClosedTerminalKeepsStorm: what a storm had measured when its terminal was closed is kept and reported.
func TestClosedTerminalKeepsStorm(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := filepath.Join(t.TempDir(), "run")
	p := inTerminal(t, "storm", "tcp://"+l.Addr().String(), "--rate", "100/s", "--duration", "60s", "-o", dir)
	p.await(t, "connected")
	if state := p.close(t); state.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit code %d", state, exitInterrupted)
	}
	run, err := record.Dir(dir).Run()
	if err != nil || run.Partial != record.Interrupted {
		t.Errorf("%v, run %+v: want one that was interrupted", err, run)
	}
	if _, err := os.Stat(filepath.Join(dir, "report.html")); err != nil {
		t.Error(err)
	}
}
