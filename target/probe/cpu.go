package probe

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// CPUTimes is how the CPUs of a machine have spent their time since it started, summed over its CPUs and
// counted in ticks of 10 ms (the kernel's Documentation/filesystems/proc.rst, /proc/stat).
type CPUTimes struct {
	// Processes, the kernel's work for them included.
	Processes time.Duration
	// Steal is what a hypervisor gave to others while a virtual machine wanted it.
	Steal time.Duration
	CPUs  int
}

// CPU reads the times of this machine. Linux only.
func CPU() (CPUTimes, error) {
	if err := checkSupport("CPU times"); err != nil {
		return CPUTimes{}, err
	}
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return CPUTimes{}, fmt.Errorf("CPU times: %w", err)
	}
	return parseCPU(data)
}

// userTick is the unit of /proc/stat (USER_HZ, which is 100 on every architecture of Go's ports).
const userTick = 10 * time.Millisecond

// The places of the times in a line "cpu user nice system idle iowait irq softirq steal guest guest_nice";
// guests are among user and nice.
const (
	userField = iota + 1
	niceField
	systemField
	idleField
	iowaitField
	irqField
	softirqField
	stealField
)

var errNoCPU = errors.New("CPU times: /proc/stat has no line of all CPUs")

func parseCPU(data []byte) (CPUTimes, error) {
	var all CPUTimes
	found := errNoCPU
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		switch {
		case len(fields) <= stealField || !bytes.HasPrefix(fields[0], []byte("cpu")):
		case len(fields[0]) > len("cpu"):
			all.CPUs++
		default:
			all.Processes, all.Steal, found = parseCPULine(fields)
		}
	}
	if found != nil {
		return CPUTimes{}, found
	}
	return all, nil
}

// parseCPULine leaves interrupts out where the kernel counts them apart from the processes that they come
// upon (CONFIG_IRQ_TIME_ACCOUNTING). Where it does not, ticks never find a CPU in a hard interrupt, and a
// process's own CPU time includes what came upon it (account_system_index_to_time and
// irqtime_account_process_tick in kernel/sched/cputime.c).
func parseCPULine(fields [][]byte) (processes, steal time.Duration, err error) {
	var ticks [stealField + 1]time.Duration
	for i := userField; i <= stealField; i++ {
		n, err := strconv.ParseInt(string(fields[i]), 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("CPU times: %w", err)
		}
		ticks[i] = time.Duration(n) * userTick
	}
	processes = ticks[userField] + ticks[niceField] + ticks[systemField]
	if ticks[irqField] == 0 {
		processes += ticks[softirqField]
	}
	return processes, ticks[stealField], nil
}
