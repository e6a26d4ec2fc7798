package watch

import (
	"os"
	"strings"
	"time"

	"agistorm/analysis/listeners"
	"agistorm/analysis/watch"
	"agistorm/target/container"
	"agistorm/target/netns"
	"agistorm/target/probe"
	"agistorm/target/scan"
)

// kernel is what a watch asks; tests have one of their own.
type kernel interface {
	// now is the time since the host started, with and without the time in which it was suspended.
	now() (all, running time.Duration)
	// cpu is what this process has used.
	cpu() time.Duration
	boot() (id string, err error)
	namespaces() (all []netns.Inhabited, own uint64, hidden int, err error)
	// open opens the namespace of a process; that of this one for 0.
	open(pid int) (sockets, error)
	// describe fills in the sysctls of the same, and container that of a process.
	describe(pid int, n *listeners.Namespace) error
	container(pid int) *container.Container
	// counters of the same; the error wraps fs.ErrNotExist where the process has ended.
	counters(pid int) (map[string]uint64, error)
	owners(all []*listeners.Listener, inodes []uint32) (unseen int)
}

// sockets are the listening sockets of a namespace: probe.Sockets says what each method does.
type sockets interface {
	Listeners() ([]probe.Listener, error)
	Queues(f func(probe.Queue)) error
	Queue(l *probe.Listener) (probe.Queue, error)
	Queued(port uint16) ([]probe.Connection, error)
	Close() error
}

// linux is the kernel of this host. On other systems its answers wrap errors.ErrUnsupported.
type linux struct{}

func (linux) now() (all, running time.Duration) { return probe.Boottime(), probe.Monotonic() }

func (linux) cpu() time.Duration {
	used, _ := probe.ProcessCPU(os.Getpid()) // this process can always see itself
	return used
}

func (linux) boot() (string, error) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text)), err
}

func (linux) namespaces() (all []netns.Inhabited, own uint64, hidden int, err error) {
	return netns.List()
}

func (linux) open(pid int) (sockets, error) {
	var opened *probe.Sockets
	err := inside(pid, func() (err error) {
		opened, err = probe.OpenSockets()
		return err
	})
	if err != nil {
		return nil, err
	}
	return opened, nil
}

func (linux) describe(pid int, n *listeners.Namespace) error {
	return inside(pid, func() error {
		scan.Describe(n)
		return nil
	})
}

func inside(pid int, f func() error) error {
	if pid == 0 {
		return f()
	}
	return probe.Inside(pid, f)
}

// container asks anew each time: over days numbers of processes come again.
func (linux) container(pid int) *container.Container { return container.NewFinder().Of(pid) }

func (linux) counters(pid int) (map[string]uint64, error) {
	return probe.CountersOf(pid, watch.Counters)
}

func (linux) owners(all []*listeners.Listener, inodes []uint32) int {
	return scan.Owners(all, inodes, container.NewFinder())
}
