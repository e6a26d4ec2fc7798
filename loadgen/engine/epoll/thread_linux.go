package epoll

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"agistorm/loadgen/engine"
	"agistorm/target/rawsock"
)

// readThread reads what the calling thread has cost so far; nil where the kernel does not report it. The
// goroutine must be locked to it. By raw calls, for it is read at the storm's first instant: package os
// would wake others.
func readThread() *engine.Thread {
	path := []byte("/proc/thread-self/schedstat\x00")
	at := unix.AT_FDCWD
	fd, _, errno := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])),
		unix.O_RDONLY|unix.O_CLOEXEC, 0, 0, 0)
	if errno != 0 {
		return nil // a kernel without CONFIG_SCHED_INFO
	}
	defer rawsock.Close(int32(fd))
	var text [64]byte
	n, errno := rawsock.Read(int32(fd), text[:])
	if errno != 0 {
		return nil
	}
	return parseSchedstat(text[:n])
}

// parseSchedstat reads the time on a CPU and the time in the run queue, in nanoseconds (the
// kernel's Documentation/scheduler/sched-stats.rst); nil for other text.
func parseSchedstat(text []byte) *engine.Thread {
	var t engine.Thread
	if n, _ := fmt.Sscan(string(text), &t.CPU, &t.Waited); n < 2 || min(t.CPU, t.Waited) < 0 {
		return nil
	}
	return &t
}

// threadCost is what a thread has cost between two readings.
func threadCost(before, after *engine.Thread) *engine.Thread {
	if before == nil || after == nil {
		return nil
	}
	return &engine.Thread{CPU: after.CPU - before.CPU, Waited: after.Waited - before.Waited}
}
