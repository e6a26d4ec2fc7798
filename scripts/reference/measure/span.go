//go:build linux

package measure

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Span is a stretch of the run that counts.
type Span struct {
	wall time.Time
	cpu  time.Duration
}

// Begin begins one.
func Begin() Span { return Span{cpu: processCPU(), wall: time.Now()} }

// End adds what the span took.
func (s Span) End(r *Result) {
	r.WallNS += time.Since(s.wall).Nanoseconds()
	r.CPUNS += (processCPU() - s.cpu).Nanoseconds()
}

func processCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(os.NewSyscallError("getrusage", err)) // with these arguments it cannot fail
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakResident is the most memory that this program ever had resident, in bytes. The kernel's
// ru_maxrss would begin with the peak of the process that started it.
func peakResident() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(status, []byte("\nVmHWM:"))
	var kib int64
	if _, err := fmt.Sscanf(string(rest), "%d kB", &kib); err != nil {
		return 0, fmt.Errorf("/proc/self/status: VmHWM: %w", err)
	}
	return kib << 10, nil
}
