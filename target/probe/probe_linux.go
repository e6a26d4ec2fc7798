package probe

import (
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"agistorm/target/rawsock"
)

const (
	tcpListen = 10 // TCP_LISTEN of the kernel's net/tcp_states.h
	drops     = 8  // SK_MEMINFO_DROPS of linux/sock_diag.h
	memInfos  = 9  // SK_MEMINFO_VARS
)

func checkSupport(string) error { return nil }

// Monotonic is the time since a moment that all processes of a host share, on Linux the
// boot (CLOCK_MONOTONIC). Elsewhere it is the wall clock's time since 1970.
func Monotonic() time.Duration { return mustClock(unix.CLOCK_MONOTONIC) }

// Boottime is the same, but counts the time in which the host was suspended, too (CLOCK_BOOTTIME).
func Boottime() time.Duration { return mustClock(unix.CLOCK_BOOTTIME) }

// threadCPU returns what the calling thread has used.
func threadCPU() time.Duration { return mustClock(unix.CLOCK_THREAD_CPUTIME_ID) }

// mustClock reads a clock that every kernel has.
func mustClock(id int32) time.Duration {
	now, err := rawsock.Clock(id)
	if err != nil {
		panic(err)
	}
	return now
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
	n, errno := p.readMemory()
	// An MPTCP listener counts in sockets of its own: its own number stays 0.
	p.hasDrops = err == nil && protocol == unix.IPPROTO_TCP && errno == 0 && n == memInfos
	return p, nil
}

func (p *queueProbe) sample() (rawSample, error) {
	if _, errno := rawsock.TCPInfo(int32(p.fd), &p.info); errno != 0 {
		return rawSample{}, fmt.Errorf("accept queue: TCP_INFO: %w", os.NewSyscallError("getsockopt", errno))
	}
	if p.hasDrops {
		if _, errno := p.readMemory(); errno != 0 {
			return rawSample{}, fmt.Errorf("accept queue: SO_MEMINFO: %w", os.NewSyscallError("getsockopt", errno))
		}
	}
	return rawSample{p.info.Unacked, p.info.Sacked, p.memory[drops], p.hasDrops}, nil
}

// readMemory reads SO_MEMINFO and returns the number of values that the kernel has.
func (p *queueProbe) readMemory() (int, unix.Errno) {
	size, errno := rawsock.Getsockopt(int32(p.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		unsafe.Pointer(&p.memory), unsafe.Sizeof(p.memory))
	return int(size) / int(unsafe.Sizeof(p.memory[0])), errno
}

// ProcessCPU is the CPU time that a process has used, all its threads together. It may be any process that
// this one can see, and not yet waited for. Linux only.
func ProcessCPU(pid int) (time.Duration, error) {
	// MAKE_PROCESS_CPUCLOCK and CPUCLOCK_SCHED of the kernel's include/linux/posix-timers_types.h
	used, err := rawsock.Clock(int32(^pid<<3 | 2))
	if err != nil {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
	}
	return used, nil
}

// sleepUntil sleeps in the kernel, without notice to Go's scheduler: to release one of Go's processors and
// to get one back costs more than the rest of a sample. So it keeps one, which ownProcessor adds.
func sleepUntil(at time.Duration) {
	ts := unix.NsecToTimespec(int64(at))
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME,
			uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
		if errno != unix.EINTR {
			return
		}
	}
}

func somaxconn() (string, error) { return Sysctl("net.core.somaxconn") }
