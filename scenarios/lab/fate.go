package lab

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stoppedFor is how long a child may be stopped while its answer is awaited.
const stoppedFor = 5 * time.Second

// lookEvery is the time between two looks at a child.
const lookEvery = time.Second

// stoppedFate is why a child was ended that did not go on.
var stoppedFate = fmt.Sprintf("was stopped by a signal, and did not go on within %.0f s", stoppedFor.Seconds())

// unlessStopped ends the child when it is stopped for too long, until over is called. Only whole seconds in a row
// count: a machine that was suspended as a whole goes on as a whole.
func (c *child) unlessStopped() (over func()) {
	done := make(chan struct{})
	go func() {
		every := time.NewTicker(lookEvery)
		defer every.Stop()
		for looks := time.Duration(0); looks*lookEvery < stoppedFor; looks++ {
			select {
			case <-done:
				return
			case <-every.C:
			}
			if !stopped(c.cmd.Process.Pid) {
				looks = -1
			}
		}
		c.halted.Store(true)
		_ = c.cmd.Process.Kill() // it may have ended meanwhile
	}()
	return func() { close(done) }
}

// stopped reports whether a signal has stopped a process, as far as the system shows it.
func stopped(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && stoppedState(stat)
}

// stoppedState reads the state behind the name in a file stat (proc_pid_stat(5)): T is stopped.
func stoppedState(stat []byte) bool {
	name := bytes.LastIndexByte(stat, ')')
	return name >= 0 && bytes.HasPrefix(stat[name:], []byte(") T"))
}

// name of the child in an error.
func (c *child) name() string {
	if c.role == roleTarget {
		return "the target"
	}
	return "the " + c.role + " process"
}

// lost is the error of a child that ended, or was stopped, before its answer. One that is ending by itself gets
// the time to, so that its own wait status explains it.
func (c *child) lost(err error) error {
	killed := c.killAfter(max(c.grace, endsItself))
	if c.halted.Load() {
		return fmt.Errorf("%s %s", c.name(), stoppedFate)
	}
	if text := strings.TrimSpace(c.stderr.String()); text != "" {
		return fmt.Errorf("%s ended: %s", c.name(), lastWords(text))
	}
	if fate := waitedFate(c.cmd.ProcessState); fate != "" && !killed {
		return fmt.Errorf("%s %s", c.name(), fate)
	}
	return fmt.Errorf("%s ended: %w", c.name(), err)
}

// endsItself is the time that a child gets whose pipe has closed: it is ending.
const endsItself = time.Second

// waitedFate is how a process ended by its wait status; empty where that explains nothing.
func waitedFate(state *os.ProcessState) string {
	if state == nil {
		return ""
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled():
		return fmt.Sprintf("was killed by signal %d", status.Signal())
	case !state.Success():
		return fmt.Sprintf("ended with exit code %d", state.ExitCode())
	}
	return ""
}
