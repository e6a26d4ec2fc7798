package lab

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// limitProcesses is RLIMIT_NPROC, the threads of a user (the kernel's include/uapi/asm-generic/resource.h).
const limitProcesses = 6

// readLimits returns the limits of this process; those that are unknown, or that root does not have, are nil.
func readLimits() (l limits) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_AS, &limit) == nil {
		l.memory = bounded(limit.Cur)
	}
	if os.Geteuid() != 0 && syscall.Getrlimit(limitProcesses, &limit) == nil {
		l.threads = bounded(limit.Cur)
	}
	if l.threads != nil {
		l.running = threads(os.Getuid())
	}
	return l
}

// bounded is nil for a limit that is none.
func bounded(limit uint64) *uint64 {
	if limit == 1<<64-1 { // RLIM_INFINITY
		return nil
	}
	return &limit
}

// threads counts those of a user.
func threads(uid int) (n uint64) {
	files, _ := filepath.Glob("/proc/[0-9]*/status") // the pattern is a good one
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			n += threadsOf(string(text), uid)
		}
	}
	return n
}

// threadsOf is how many a process of the user has, by its status; 0 for another user's.
func threadsOf(status string, uid int) (n uint64) {
	own := false
	for line := range strings.Lines(status) {
		key, rest, _ := strings.Cut(line, ":")
		words := strings.Fields(rest)
		switch {
		case len(words) == 0:
		case key == "Uid":
			own = words[0] == strconv.Itoa(uid)
		case key == "Threads" && own:
			n, _ = strconv.ParseUint(words[0], 10, 64)
		}
	}
	return n
}
