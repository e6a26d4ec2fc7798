//go:build unix

package loadgen

import (
	"syscall"
	"time"
)

// OpenFiles is how many descriptors this process may have; 0 where the system does not report it.
func OpenFiles() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return uint64(limit.Cur) //nolint:unconvert // int64 on FreeBSD
}

// ProcessCPU is the time that this process has used on its CPUs; nil where the system does not report it.
func ProcessCPU() *time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return nil
	}
	cpu := time.Duration(use.Utime.Nano() + use.Stime.Nano())
	return &cpu
}
