package lab

import (
	"fmt"
	"strings"
)

// limits are what this process and its children may have; nil for no limit, and where that is unknown.
type limits struct {
	// memory is the address space of each process, in bytes.
	memory *uint64
	// threads of this user, of which so many are running.
	threads *uint64
	running uint64
}

// What a storm of two calls needs at least, measured on 2 CPUs: with 1.6 GB of address space, or 24 threads, Go's
// runtime ends a process with a stack trace.
const (
	leastMemory  = 2_000_000 << 10
	leastThreads = 32
)

// check finds limits below which no storm can be played, before anything is started.
func (l limits) check() error {
	if l.memory != nil && *l.memory < leastMemory {
		return fmt.Errorf("%w: this process may have %d KiB of address space (ulimit -v): want %d or more",
			ErrCannotStart, *l.memory>>10, leastMemory>>10)
	}
	if l.threads != nil && *l.threads < l.running+leastThreads {
		return fmt.Errorf("%w: this user may have %d processes and threads (ulimit -u), and has %d: want %d or more",
			ErrCannotStart, *l.threads, l.running, l.running+leastThreads)
	}
	return nil
}

// lastWords is the line of what a process wrote that says why it ended: of a stack trace of Go's the first one, else
// the last.
func lastWords(text string) string {
	for line := range strings.Lines(text) {
		for _, begin := range []string{"fatal error: ", "runtime: ", "runtime/cgo: ", "panic: "} {
			if strings.HasPrefix(line, begin) {
				return strings.TrimSuffix(line, "\n")
			}
		}
	}
	return text[strings.LastIndexByte(text, '\n')+1:]
}
