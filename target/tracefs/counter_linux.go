package tracefs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"agistorm/analysis/record"
)

// every is how often the events are read.
const every = 250 * time.Millisecond

// bufferKiB returns the size of each CPU's buffer: 64 MiB in all, within bounds. One MiB holds about 20,000 events.
func bufferKiB(cpus int) string {
	const all, least, most = 64 << 10, 512, 4096
	return strconv.Itoa(min(max(all/max(cpus, 1), least), most))
}

// Counter counts the reasons with which the kernel frees packets.
type Counter struct {
	lock sync.Mutex
	account

	mount *mount
	// dir of the tracing instance, and its pipe of events.
	dir   string
	pipe  int
	known []reason
	piece [64 << 10]byte

	stop, stopped chan struct{}
}

// Start begins to count the reasons with which this host frees packets of TCP. Missing says what its error means.
// Linux only.
func Start() (*Counter, error) { return start(filterOf) }

// StartThread counts every reason of all packets that are freed while a thread runs, by its number in the host's first
// PID namespace. On loopback that is all that becomes of what the thread sends.
func StartThread(id int) (*Counter, error) {
	return start(func([]reason) string { return fmt.Sprintf("common_pid == %d", id) })
}

func start(filter func([]reason) string) (*Counter, error) {
	m, err := openTracefs()
	if err != nil {
		return nil, err
	}
	c := &Counter{mount: m, pipe: -1, stop: make(chan struct{}), stopped: make(chan struct{})}
	if err := c.begin(filter); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	go c.follow()
	return c, nil
}

// eventDir is the tracepoint's, in tracefs and in every instance.
const eventDir = "events/skb/kfree_skb"

// begin makes the instance, and switches the event on in it.
func (c *Counter) begin(filter func([]reason) string) error {
	text, err := os.ReadFile(filepath.Join(c.mount.dir, eventDir, "format"))
	if err != nil {
		return fmt.Errorf("tracefs: %w", err)
	}
	if c.known, err = parseFormat(string(text)); err != nil {
		return fmt.Errorf("tracefs: %w", err)
	}
	if err := c.makeInstance(); err != nil {
		return err
	}
	if c.pipe, err = unix.Open(filepath.Join(c.dir, "trace_pipe"), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC,
		0); err != nil {
		return fmt.Errorf("tracefs: trace_pipe: %w", os.NewSyscallError("open", err))
	}
	// The names of tasks are not needed, and to keep them costs at every change of task.
	_ = c.set("options/record-cmd", "0")
	for _, file := range [][2]string{
		{"buffer_size_kb", bufferKiB(runtime.NumCPU())},
		{eventDir + "/filter", filter(c.known)},
		{eventDir + "/enable", "1"},
	} {
		if err := c.set(file[0], file[1]); err != nil {
			return err
		}
	}
	return nil
}

// set writes a file of the instance.
func (c *Counter) set(name, value string) error {
	f, err := os.OpenFile(filepath.Join(c.dir, name), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return fmt.Errorf("tracefs: %w", err)
	}
	_, err = f.WriteString(value + "\n")
	if err = cmp.Or(err, f.Close()); err != nil {
		return fmt.Errorf("tracefs: %w", err)
	}
	return nil
}

// instances that this process has made.
var instances atomic.Int64

// makeInstance removes what processes that have ended left behind, and makes an instance. One of its own name is of an
// earlier process of the same number, or of another PID namespace: then the kernel refuses to remove it while it is
// read.
func (c *Counter) makeInstance() error {
	parent := filepath.Join(c.mount.dir, "instances")
	removeStale(parent)
	for {
		dir := filepath.Join(parent, instanceName(os.Getpid(), int(instances.Add(1))))
		err := os.Mkdir(dir, 0o700)
		if errors.Is(err, fs.ErrExist) && os.Remove(dir) == nil {
			err = os.Mkdir(dir, 0o700)
		}
		switch {
		case err == nil:
			c.dir = dir
			return nil
		case !errors.Is(err, fs.ErrExist):
			return fmt.Errorf("tracefs: %w", err)
		}
	}
}

// removeStale removes the instances of processes that have ended.
func removeStale(parent string) {
	all, _ := os.ReadDir(parent) // what cannot be read cannot be made either, which is reported
	for _, e := range all {
		if pid, ours := ownerOf(e.Name()); ours && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			_ = os.Remove(filepath.Join(parent, e.Name())) // the kernel refuses where it is still read
		}
	}
}

// follow reads the events often enough that the buffer does not overflow.
func (c *Counter) follow() {
	defer close(c.stopped)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-tick.C:
			c.lock.Lock()
			c.drain()
			c.lock.Unlock()
		}
	}
}

// drain reads all events that are there.
func (c *Counter) drain() {
	for c.failure == nil && c.pipe >= 0 {
		n, err := unix.Read(c.pipe, c.piece[:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN) || err == nil && n == 0:
			return
		case err != nil:
			c.failure = fmt.Errorf("tracefs: trace_pipe: %w", os.NewSyscallError("read", err))
		default:
			c.tally.add(c.piece[:n])
		}
	}
}

// Read returns what was counted since Start, up to now. After Close it is what had been counted then.
func (c *Counter) Read() record.DropReasons {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.drain()
	if c.pipe >= 0 {
		c.countLost()
	}
	return c.reasons()
}

// countLost adds up the lost events of every CPU.
func (c *Counter) countLost() {
	files, err := filepath.Glob(filepath.Join(c.dir, "per_cpu", "cpu*", "stats"))
	var lost uint64
	for _, file := range files {
		text, err2 := os.ReadFile(file)
		n, err3 := parseStats(string(text))
		lost, err = lost+n, cmp.Or(err, err2, err3)
	}
	if err != nil {
		c.failure = cmp.Or(c.failure, fmt.Errorf("tracefs: %w", err))
		return
	}
	c.lost = lost
}

// Knows reports whether this kernel has a reason of that name.
func (c *Counter) Knows(name string) bool {
	return slices.ContainsFunc(c.known, func(r reason) bool { return r.name == name })
}

// Close counts what is there, and removes the instance.
func (c *Counter) Close() error {
	close(c.stop)
	<-c.stopped
	_ = c.Read() // what was counted can be read after this, too
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.remove()
}

// remove removes the instance, the event in it included, and what was mounted for it.
func (c *Counter) remove() (err error) {
	if c.pipe >= 0 {
		err = os.NewSyscallError("close", unix.Close(c.pipe))
		c.pipe = -1
	}
	if c.dir != "" {
		err = errors.Join(err, os.Remove(c.dir))
	}
	return errors.Join(err, c.mount.close())
}
