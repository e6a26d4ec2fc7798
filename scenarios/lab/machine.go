package lab

import (
	"os"
	"time"

	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/target/probe"
)

// machineWatch separates the CPU time that other processes use from that of the storm's own.
type machineWatch struct {
	own    []cpuUser
	before cpuReading
}

// cpuUser is a process of ours: how much CPU time it has used.
type cpuUser func() (time.Duration, error)

// cpuReading is how much of the CPUs was used by some moment.
type cpuReading struct {
	at    time.Duration
	times probe.CPUTimes
	own   time.Duration
}

// watchMachine begins to watch. It is nil where the system does not report it.
func watchMachine(own ...cpuUser) *machineWatch {
	w := &machineWatch{own: own}
	var err error
	if w.before, err = w.read(); err != nil {
		return nil
	}
	return w
}

func (w *machineWatch) read() (cpuReading, error) {
	r := cpuReading{at: probe.Monotonic()}
	for _, used := range w.own {
		cpu, err := used()
		if err != nil {
			return r, err
		}
		r.own += cpu
	}
	var err error
	r.times, err = probe.CPU()
	return r, err
}

// others is what other processes have used since the watch began; nil where the system does not report it.
func (w *machineWatch) others() *record.Others {
	if w == nil {
		return nil
	}
	now, err := w.read()
	if err != nil {
		return nil
	}
	return othersBetween(w.before, now)
}

// othersBetween two readings. The machine's times are counted in ticks, those of a process exactly: so the
// difference of two that are nearly the same can be below 0.
func othersBetween(before, after cpuReading) *record.Others {
	own := after.own - before.own
	return &record.Others{
		CPU:  max(after.times.Processes-before.times.Processes-own, 0),
		Own:  own,
		Wall: after.at - before.at,
		CPUs: after.times.CPUs,
	}
}

// ownCPU is this process's.
func ownCPU() (time.Duration, error) {
	if cpu := loadgen.ProcessCPU(); cpu != nil {
		return *cpu, nil
	}
	return probe.ProcessCPU(os.Getpid())
}

// parentCPU is that of the process that started this one.
func parentCPU() (time.Duration, error) { return probe.ProcessCPU(os.Getppid()) }

// cpu is what the child has used, also when it has ended.
func (c *child) cpu() (time.Duration, error) {
	if ended := c.cmd.ProcessState; ended != nil {
		return ended.UserTime() + ended.SystemTime(), nil
	}
	return probe.ProcessCPU(c.cmd.Process.Pid)
}

// cpu are the workers' own.
func (w *workers) cpu() (all []cpuUser) {
	for _, c := range w.children {
		all = append(all, c.cpu)
	}
	return all
}
