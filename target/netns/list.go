package netns

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// procRoot is where the kernel shows processes (proc(5)).
const procRoot = "/proc"

// Inhabited is a network namespace that processes live in.
type Inhabited struct {
	// Inode is its number in /proc/PID/ns/net.
	Inode uint64
	// PIDs in ascending order.
	PIDs []int
}

// List returns the network namespaces of the processes that this one may ask for it, in the order of their
// inodes, with the inode of its own. Hidden is how many processes it may not ask: those of another user need
// CAP_SYS_PTRACE (ptrace(2)). Linux only.
func List() (all []Inhabited, own uint64, hidden int, err error) {
	link, err := os.Readlink(filepath.Join(procRoot, "self/ns/net"))
	if err == nil {
		own, err = parseLink(link)
	}
	if err != nil {
		return nil, 0, 0, fmt.Errorf("network namespaces: %w", err)
	}
	all, hidden, err = list(procRoot)
	return all, own, hidden, err
}

func list(root string) (all []Inhabited, hidden int, err error) {
	names, err := os.ReadDir(root)
	if err != nil {
		return nil, 0, fmt.Errorf("network namespaces: %w", err)
	}
	at := map[uint64]*Inhabited{}
	for _, name := range names {
		pid, err := strconv.Atoi(name.Name())
		if err != nil {
			continue
		}
		link, err := os.Readlink(filepath.Join(root, name.Name(), "ns/net"))
		switch {
		case os.IsPermission(err) && hasArguments(root, name.Name()):
			hidden++
		case err == nil:
			addTo(at, link, pid)
		}
	}
	for _, one := range at {
		slices.Sort(one.PIDs)
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b Inhabited) int { return cmp.Compare(a.Inode, b.Inode) })
	return all, hidden, nil
}

func addTo(all map[uint64]*Inhabited, link string, pid int) {
	inode, err := parseLink(link)
	if err != nil {
		return
	}
	if all[inode] == nil {
		all[inode] = &Inhabited{Inode: inode}
	}
	all[inode].PIDs = append(all[inode].PIDs, pid)
}

// hasArguments reports whether it is a program: threads of the kernel have none.
func hasArguments(root, pid string) bool {
	text, err := os.ReadFile(filepath.Join(root, pid, "cmdline"))
	return err == nil && len(text) > 0
}

// parseLink reads "net:[4026531840]".
func parseLink(link string) (uint64, error) {
	number, ok := strings.CutPrefix(link, "net:[")
	number, closed := strings.CutSuffix(number, "]")
	inode, err := strconv.ParseUint(number, 10, 64)
	if !ok || !closed || err != nil {
		return 0, fmt.Errorf("%q is no link to a network namespace", link)
	}
	return inode, nil
}
