package probe

import (
	"errors"
	"fmt"
	"os"
	"strings"
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

var errNoCPU = errors.New("CPU times: /proc/stat has no line of all CPUs")

// parseCPU leaves interrupts out where the kernel counts them apart from the processes that they come
// upon (CONFIG_IRQ_TIME_ACCOUNTING). Where it does not, ticks never find a CPU in a hard interrupt, and a
// process's own CPU time includes what came upon it (account_system_index_to_time and
// irqtime_account_process_tick in kernel/sched/cputime.c).
func parseCPU(data []byte) (all CPUTimes, err error) {
	err = errNoCPU
	for line := range strings.Lines(string(data)) {
		var name string
		var user, nice, system, idle, iowait, irq, softirq, steal time.Duration // guests are among user and nice
		n, _ := fmt.Sscan(line, &name, &user, &nice, &system, &idle, &iowait, &irq, &softirq, &steal)
		switch {
		case n < 9 || !strings.HasPrefix(name, "cpu"):
		case name != "cpu":
			all.CPUs++
		default:
			if err = nil; irq != 0 {
				softirq = 0
			}
			all.Processes, all.Steal = (user+nice+system+softirq)*userTick, steal*userTick
		}
	}
	return all, err
}
