package probe

import (
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	tcpListen = 10 // TCP_LISTEN of the kernel's net/tcp_states.h
	drops     = 8  // SK_MEMINFO_DROPS of linux/sock_diag.h
	memInfos  = 9  // SK_MEMINFO_VARS
)

func checkSupport(string) error { return nil }

// Monotonic is the time since a moment that all processes of a host share, on Linux the
// boot (CLOCK_MONOTONIC). Elsewhere it is the wall clock's time since 1970.
func Monotonic() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(fmt.Sprintf("clock_gettime(CLOCK_MONOTONIC): %v", err)) // the kernel always has it
	}
	return time.Duration(ts.Nano())
}

// queueProbe reads one listener again and again without allocating.
type queueProbe struct {
	fd       int
	hasDrops bool
	info     unix.TCPInfo
	memory   [memInfos]uint32
}

func openProbe(fd int) (*queueProbe, error) {
	p := &queueProbe{fd: fd}
	if _, err := p.sample(); err != nil {
		return nil, err
	}
	if p.info.State != tcpListen {
		return nil, fmt.Errorf("accept queue: descriptor %d does not listen", fd)
	}
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	n, memoryErr := p.readMemory()
	// An MPTCP listener counts in sockets of its own: its own number stays 0.
	p.hasDrops = err == nil && protocol == unix.IPPROTO_TCP && memoryErr == nil && n == memInfos
	return p, nil
}

func (p *queueProbe) sample() (rawSample, error) {
	_, err := getsockopt(p.fd, unix.IPPROTO_TCP, unix.TCP_INFO, unsafe.Pointer(&p.info), unsafe.Sizeof(p.info))
	if err != nil {
		return rawSample{}, fmt.Errorf("accept queue: TCP_INFO: %w", err)
	}
	if p.hasDrops {
		if _, err := p.readMemory(); err != nil {
			return rawSample{}, fmt.Errorf("accept queue: SO_MEMINFO: %w", err)
		}
	}
	return rawSample{p.info.Unacked, p.info.Sacked, p.memory[drops]}, nil
}

// readMemory gives the number of values that the kernel has.
func (p *queueProbe) readMemory() (int, error) {
	size, err := getsockopt(p.fd, unix.SOL_SOCKET, unix.SO_MEMINFO, unsafe.Pointer(&p.memory), unsafe.Sizeof(p.memory))
	return int(size / unsafe.Sizeof(p.memory[0])), err
}

// getsockopt fills value and gives the bytes that were filled. It is here because
// x/sys/unix allocates on every call, or lacks the option.
func getsockopt(fd, level, option int, value unsafe.Pointer, size uintptr) (uintptr, error) {
	length := uint32(size)
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option),
		uintptr(value), uintptr(unsafe.Pointer(&length)), 0)
	if errno != 0 {
		return 0, os.NewSyscallError("getsockopt", errno)
	}
	return uintptr(length), nil
}

// threadCPU is what the calling thread has used.
func threadCPU() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		panic(fmt.Sprintf("clock_gettime(CLOCK_THREAD_CPUTIME_ID): %v", err)) // the kernel always has it
	}
	return time.Duration(ts.Nano())
}

// ProcessCPU is the CPU time that a process has used, all its threads together. It may be any process that this one
// can see, and not yet waited for. Linux only.
func ProcessCPU(pid int) (time.Duration, error) {
	// MAKE_PROCESS_CPUCLOCK and CPUCLOCK_SCHED of the kernel's include/linux/posix-timers_types.h
	clock := int32(^pid<<3 | 2)
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, os.NewSyscallError("clock_gettime", err))
	}
	return time.Duration(ts.Nano()), nil
}

// sleepUntil sleeps in the kernel, and does not tell Go's scheduler: to give a processor of Go's away and to get one back costs more
// than all the rest of a look. So it keeps one, which ownProcessor adds.
func sleepUntil(at time.Duration) {
	ts := unix.NsecToTimespec(int64(at))
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
		if errno != unix.EINTR {
			return
		}
	}
}

func somaxconn() (string, error) { return Sysctl("net.core.somaxconn") }
