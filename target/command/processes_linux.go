package command

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// process that runs.
type process struct{ pid, parent int }

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
		parent, zombie, ok := parentOf(pid)
		switch {
		case !ok:
		case zombie && parent == self && pid != s.main:
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
		case !zombie:
			children[parent] = append(children[parent], process{pid, parent})
		}
	}
	all := slices.Clone(children[self])
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i].pid]...)
	}
	return all
}

// parentOf reads /proc/PID/stat (proc_pid_stat(5)): after the name in parentheses come state and parent.
func parentOf(pid int) (parent int, zombie, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false, false
	}
	_, rest, _ := bytes.Cut(text[bytes.LastIndexByte(text, ')')+1:], []byte(" "))
	fields := bytes.Fields(rest)
	if len(fields) < 2 {
		return 0, false, false
	}
	parent, err = strconv.Atoi(string(fields[1]))
	state := fields[0][0]
	return parent, state == 'Z' || state == 'X', err == nil
}
