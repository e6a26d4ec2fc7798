// Package probe reads the kernel's account of a listening socket and of TCP: the accept queue, counters and
// sysctls. It changes nothing. Where a system does not report a value, the error wraps
// errors.ErrUnsupported, and a counter that is not there is absent, never 0.
package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// QueueState is a listener's accept queue at one moment.
type QueueState struct {
	// Depth is the number of connections that wait to be accepted (tcpi_unacked).
	Depth uint32
	// Limit is the effective backlog, as listen(2) left it (tcpi_sacked). The queue
	// holds Limit + 1 (net/sock.h, sk_acceptq_is_full).
	Limit uint32
	// Drops counts what this listener has dropped (SO_MEMINFO, SK_MEMINFO_DROPS); nil where the kernel does
	// not report it, as for an MPTCP listener.
	Drops *uint32
}

// rawSample is a sample without pointers; hasDrops: the kernel reports the drops.
type rawSample struct {
	depth, limit, drops uint32
	hasDrops            bool
}

// state is the sample with a pointer to its drops.
func (r *rawSample) state() QueueState {
	q := QueueState{Depth: r.depth, Limit: r.limit}
	if r.hasDrops {
		q.Drops = &r.drops
	}
	return q
}

// Counters reads the TCP counters of the calling thread's network namespace, in the kernel's spelling:
// those of TcpExt and IpExt bare (ListenOverflows), those of Tcp with that prefix (TcpActiveOpens),
// lo.rx_dropped, and of each named device that there is NAME.rx_dropped and NAME.tx_dropped. Gauges are
// among them (TcpCurrEstab); what is negative (TcpMaxConn) is left out. Linux only.
func Counters(devices ...string) (map[string]uint64, error) {
	if err := checkSupport("kernel counters"); err != nil {
		return nil, err
	}
	return counters("/proc/thread-self/net", devices)
}

// CountersOf reads some counters of TCP, by their names as Counters has them, in the network namespace of a process, or
// for 0 of the calling thread. That takes a third of the time of Counters. The error wraps fs.ErrNotExist where the
// process has ended. Linux only.
func CountersOf(pid int, names []string) (map[string]uint64, error) {
	if err := checkSupport("kernel counters"); err != nil {
		return nil, err
	}
	root := "/proc/thread-self/net"
	if pid != 0 {
		root = fmt.Sprintf("/proc/%d/net", pid)
	}
	all := make(map[string]uint64, len(names))
	for _, table := range []struct{ file, name, prefix string }{{"netstat", "TcpExt", ""}, {"snmp", "Tcp", "Tcp"}} {
		text, err := os.ReadFile(filepath.Join(root, table.file))
		if err != nil {
			return nil, fmt.Errorf("kernel counters: %w", err)
		}
		pick(string(text), table.name, table.prefix, names, all)
	}
	return all, nil
}

// counters reads those of the three files that exist.
func counters(root string, devices []string) (map[string]uint64, error) {
	all := map[string]uint64{}
	parseDevices := func(text string, into map[string]uint64) error { return parseDev(text, into, devices) }
	for _, source := range []struct {
		file  string
		parse func(string, map[string]uint64) error
	}{{"netstat", parseTables}, {"snmp", parseTables}, {"dev", parseDevices}} {
		text, err := os.ReadFile(filepath.Join(root, source.file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = source.parse(string(text), all)
		}
		if err != nil {
			return nil, fmt.Errorf("kernel counters: %s: %w", source.file, err)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("kernel counters: none in %s: %w", root, fs.ErrNotExist)
	}
	return all, nil
}

// Sysctl reads a kernel setting by its name with dots, such as net.core.somaxconn. Blanks
// between several values become single spaces. Linux only.
func Sysctl(name string) (string, error) {
	if err := checkSupport("sysctl " + name); err != nil {
		return "", err
	}
	return sysctl("/proc/sys", name)
}

func sysctl(root, name string) (string, error) {
	path := strings.ReplaceAll(name, ".", "/")
	if !fs.ValidPath(path) || path == "." || strings.Contains(name, "/") {
		return "", fmt.Errorf("sysctl %q: not a name with dots", name)
	}
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		return "", fmt.Errorf("sysctl %s: %w", name, err)
	}
	return strings.Join(strings.Fields(string(text)), " "), nil
}

// Somaxconn is the largest backlog that the kernel grants: net.core.somaxconn on Linux, kern.ipc.somaxconn
// on macOS, kern.ipc.soacceptqueue on FreeBSD; other systems do not report it.
func Somaxconn() (int, error) {
	text, err := somaxconn()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("somaxconn: %w", err)
	}
	return n, nil
}
