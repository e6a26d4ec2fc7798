package known

import (
	"bytes"
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
	held, ok := owners(root, []uint32{inode})[inode]
	return held.Process, ok
}

// Held is a listening socket's owner, as Owner finds it, with all processes that hold the socket, in ascending order.
type Held struct {
	Process
	Holders []int
}

// Owners returns the owners of several listening sockets, by their inodes; those that cannot be seen are left out.
func Owners(inodes []uint32) map[uint32]Held { return owners(procRoot, inodes) }

func owners(root string, inodes []uint32) map[uint32]Held {
	all, seen, parents := map[uint32]Held{}, map[int]Process{}, map[int]int{}
	for inode, holders := range holdersOf(root, inodes) {
		for _, pid := range holders {
			if _, read := parents[pid]; !read {
				parents[pid] = parentOf(root, pid)
			}
			if slices.Contains(holders, parents[pid]) {
				continue
			}
			if _, read := seen[pid]; !read {
				seen[pid] = readProcess(root, pid)
			}
			all[inode] = Held{seen[pid], holders}
			break
		}
	}
	return all
}

// holdersOf returns the processes that have a descriptor of each socket, in ascending order.
func holdersOf(root string, inodes []uint32) map[uint32][]int {
	all := make(map[uint32][]int, len(inodes))
	for _, inode := range inodes {
		all[inode] = nil
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			addHeld(all, filepath.Join(root, entry.Name(), "fd"), pid)
		}
	}
	for _, holders := range all {
		slices.Sort(holders)
	}
	return all
}

// addHeld adds a process to those of the sockets that it has a descriptor of, once.
func addHeld(holders map[uint32][]int, dir string, pid int) {
	descriptors, err := os.Open(dir)
	if err != nil {
		return
	}
	defer descriptors.Close()
	names, _ := descriptors.Readdirnames(-1) // those that were read until a process ended
	for _, name := range names {
		target, _ := os.Readlink(filepath.Join(dir, name))
		inode, ok := parseSocket(target)
		if _, wanted := holders[inode]; ok && wanted && !slices.Contains(holders[inode], pid) {
			holders[inode] = append(holders[inode], pid)
		}
	}
}

// parseSocket reads the inode from what a descriptor of a socket links to: "socket:[1234]".
func parseSocket(target string) (uint32, bool) {
	number, ok := strings.CutPrefix(target, "socket:[")
	number, closed := strings.CutSuffix(number, "]")
	inode, err := strconv.ParseUint(number, 10, 32)
	return uint32(inode), ok && closed && err == nil
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
	p.Go = isGo(exe)
	return p
}
