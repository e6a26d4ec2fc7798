package command

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"agistorm/target/probe"
)

// process that runs.
type process struct {
	pid, parent int
	zombie      bool
	// cpu time of the process and of the children that it has waited for.
	cpu time.Duration
}

// CPU returns the CPU time of the server's processes, in ticks of 10 ms: of those that run, and of those that
// were waited for.
func (s *Server) CPU() time.Duration {
	var children syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children) // cannot fail (getrusage(2))
	all := time.Duration(children.Utime.Nano() + children.Stime.Nano())
	for _, p := range s.processes() {
		all += p.cpu
	}
	return all
}

// Memory returns the bytes of physical memory that the server's processes hold together, and the sum of the most that
// each has held since ForgetPeak. What processes share counts for each.
func (s *Server) Memory() (now, peak int64) {
	for _, p := range s.processes() {
		if held, most, err := probe.Resident(p.pid); err == nil { // else it has just ended
			now, peak = now+held, peak+most
		}
	}
	return now, peak
}

// ForgetPeak lets the most memory that each process has held be what it holds now.
func (s *Server) ForgetPeak() {
	for _, p := range s.processes() {
		_ = probe.ForgetPeak(p.pid) // refused: its start counts, too
	}
}

// processes returns those of the server that run: all that stem from this process. The dead ones that were
// left to this process are reaped; Exit does that for the one that was started.
func (s *Server) processes() []process {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	self := os.Getpid()
	children := map[int][]process{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		p, ok := readProcess(pid)
		switch {
		case !ok:
		case p.zombie && p.parent == self && pid != s.main:
			_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		case !p.zombie:
			children[p.parent] = append(children[p.parent], p)
		}
	}
	all := slices.Clone(children[self])
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i].pid]...)
	}
	return all
}

// ticks a second of the times in /proc/PID/stat: USER_HZ, the same on all systems that Go runs on.
const ticks = 100

// readProcess reads /proc/PID/stat (proc_pid_stat(5)): the state comes after the name in parentheses.
func readProcess(pid int) (p process, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p, false
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	const state, parent, userTime, childrenSystemTime = 0, 1, 11, 14
	if len(fields) <= childrenSystemTime {
		return p, false
	}
	p = process{pid: pid, zombie: fields[state][0] == 'Z' || fields[state][0] == 'X'}
	p.parent, err = strconv.Atoi(string(fields[parent]))
	for _, field := range fields[userTime : childrenSystemTime+1] {
		n, _ := strconv.ParseInt(string(field), 10, 64)
		p.cpu += time.Duration(n) * time.Second / ticks
	}
	return p, err == nil
}
