package probe

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Slab is one of the kernel's caches: the objects in use, and the bytes of one with its share of what its pages
// waste.
type Slab struct{ Active, Size int }

// Slabs reads the kernel's caches by their names, from /proc/slabinfo. They are the whole machine's. Only the
// host's root may (fs.ErrPermission); where the kernel has no such file, the error wraps fs.ErrNotExist.
func Slabs() (map[string]Slab, error) {
	text, err := os.ReadFile("/proc/slabinfo")
	if err != nil {
		return nil, err
	}
	return parseSlabs(string(text), os.Getpagesize()), nil
}

// Grown returns those of the named caches of which each of n new things took one object. A cache grows by whole slabs,
// so a tenth more or less is allowed.
func Grown(before, after map[string]Slab, n int, names ...string) (grown []string) {
	for _, name := range names {
		if more := after[name].Active - before[name].Active; 10*max(more-n, n-more) < n {
			grown = append(grown, name)
		}
	}
	return grown
}

// parseSlabs reads "name active_objs num_objs objsize objperslab pagesperslab …" (mm/slab_common.c), behind two
// lines of head.
func parseSlabs(text string, pageSize int) map[string]Slab {
	all := map[string]Slab{}
	for line := range strings.Lines(text) {
		var name string
		var s Slab
		var objects, size, perSlab, pages int
		n, _ := fmt.Sscan(line, &name, &s.Active, &objects, &size, &perSlab, &pages)
		if n == 6 && perSlab > 0 {
			s.Size = pages * pageSize / perSlab
			all[name] = s
		}
	}
	return all
}

// Protocol is what the kernel says of TCP's sockets.
type Protocol struct {
	// Size of a socket in bytes.
	Size int
	// Sockets in use in the calling thread's network namespace.
	Sockets int
}

// TCPSockets reads /proc/net/protocols (net/core/sock.c, proto_seq_printf), which needs no privilege.
func TCPSockets() (Protocol, error) {
	text, err := os.ReadFile("/proc/thread-self/net/protocols")
	if err != nil {
		return Protocol{}, err
	}
	return parseProtocols(string(text))
}

// parseProtocols finds the line "TCP size sockets …".
func parseProtocols(text string) (p Protocol, err error) {
	for line := range strings.Lines(text) {
		if n, _ := fmt.Sscanf(line, "TCP %d %d", &p.Size, &p.Sockets); n == 2 {
			return p, nil
		}
	}
	return p, errors.New("protocols: no TCP in it")
}

// Resident returns the bytes of physical memory that a process holds, and the most that it has held since it began,
// or since ForgetPeak (VmRSS and VmHWM of proc_pid_status(5)). Linux only.
func Resident(pid int) (now, peak int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	return parseResident(string(text))
}

// parseResident finds lines such as "VmRSS: 1234 kB"; a kernel thread has none.
func parseResident(text string) (now, peak int64, err error) {
	found := 0
	for line := range strings.Lines(text) {
		for key, to := range map[string]*int64{"VmRSS": &now, "VmHWM": &peak} {
			if n, _ := fmt.Sscanf(line, key+": %d kB", to); n == 1 {
				*to <<= 10
				found++
			}
		}
	}
	if found < 2 {
		return 0, 0, errors.New("memory of a process: no VmRSS and VmHWM in its status")
	}
	return now, peak, nil
}

// ForgetPeak lets the most memory that a process has held be what it holds now (clear_refs of proc(5)). It must be
// one's own.
func ForgetPeak(pid int) error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}
