package known

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// procRoot is where the kernel shows processes (proc(5)).
const procRoot = "/proc"

// Owner returns the process that holds a listening socket, by the socket's inode; false where it cannot be
// seen: that of another user is for root, and other systems than Linux do not show it. Of several processes it
// is the one whose parent does not hold the socket: a server's workers have it from that one, and services from
// systemd.
func Owner(inode uint32) (Process, bool) { return owner(procRoot, inode) }

func owner(root string, inode uint32) (Process, bool) {
	holders := holdersOf(root, fmt.Sprintf("socket:[%d]", inode))
	for _, pid := range holders {
		if !slices.Contains(holders, parentOf(root, pid)) {
			return readProcess(root, pid), true
		}
	}
	return Process{}, false
}

// holdersOf returns the processes that have a descriptor of a socket, in ascending order.
func holdersOf(root, socket string) (pids []int) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err == nil && holds(filepath.Join(root, entry.Name(), "fd"), socket) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}

func holds(dir, socket string) bool {
	descriptors, err := os.ReadDir(dir)
	return err == nil && slices.ContainsFunc(descriptors, func(d os.DirEntry) bool {
		target, err := os.Readlink(filepath.Join(dir, d.Name()))
		return err == nil && target == socket
	})
}

// parentOf reads /proc/PID/status; 0 where it cannot.
func parentOf(root string, pid int) int {
	text, _ := os.ReadFile(filepath.Join(root, strconv.Itoa(pid), "status"))
	_, after, _ := strings.Cut(string(text), "\nPPid:")
	line, _, _ := strings.Cut(after, "\n")
	parent, _ := strconv.Atoi(strings.TrimSpace(line))
	return parent
}

// readProcess reads what there is of a process.
func readProcess(root string, pid int) Process {
	dir := filepath.Join(root, strconv.Itoa(pid))
	p := Process{PID: pid}
	if name, err := os.ReadFile(filepath.Join(dir, "comm")); err == nil {
		p.Name = strings.TrimSpace(string(name))
	}
	if text, err := os.ReadFile(filepath.Join(dir, "cmdline")); err == nil {
		for _, arg := range bytes.Split(bytes.TrimRight(text, "\x00 "), []byte{0}) {
			p.Argv = append(p.Argv, string(arg))
		}
	}
	exe := filepath.Join(dir, "exe")
	if target, err := os.Readlink(exe); err == nil {
		p.Program = filepath.Base(strings.TrimSuffix(target, " (deleted)"))
	}
	_, err := buildinfo.ReadFile(exe)
	p.Go = err == nil
	return p
}
