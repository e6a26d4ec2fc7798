package link

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"agistorm/target/rawsock"
)

// How many packets a direction reads or writes before the other has its turn. To read one takes 1 µs, to
// write one some 10 µs: the far end's kernel does all that it does about a packet within the write.
const (
	readBatch  = 64
	writeBatch = 8
)

// line is the delay line: two directions, each on a thread of its own.
type line struct {
	toServer, toClient *direction
	bell               int // an eventfd that wakes both
	ended              atomic.Bool
	running            sync.WaitGroup
}

// direction carries packets one way. It belongs to its thread while that runs.
type direction struct {
	in, out int
	delay   time.Duration
	began   time.Time // what times are counted from, on CLOCK_MONOTONIC
	ended   *atomic.Bool
	ring    *ring
	excess  [MTU]byte // where packets go that are dropped
	late    latenesses
	stats   Direction
	err     error // why it stopped early

	waitFor [2]unix.PollFd
	timeout unix.Timespec
}

// startLine carries packets between two descriptors that do not block and keep packets apart, such as TUN
// devices.
func startLine(server, client int, rtt time.Duration) (*line, error) {
	bell, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("eventfd", err)
	}
	l := &line{bell: bell}
	l.toServer = l.direction(client, server, rtt-rtt/2)
	l.toClient = l.direction(server, client, rtt/2)
	l.running.Go(l.toServer.run)
	l.running.Go(l.toClient.run)
	return l, nil
}

func (l *line) direction(in, out int, delay time.Duration) *direction {
	d := &direction{
		in: in, out: out, delay: delay, began: time.Now(), ended: &l.ended,
		ring: newRing(ringPackets, ringBytes), late: newLatenesses(),
	}
	d.waitFor = [2]unix.PollFd{{Fd: int32(in), Events: unix.POLLIN}, {Fd: int32(l.bell), Events: unix.POLLIN}}
	return d
}

// stop ends both threads and returns their statistics. Packets still under way are lost.
func (l *line) stop() (Stats, error) {
	l.ended.Store(true)
	_, err := unix.Write(l.bell, []byte{1, 0, 0, 0, 0, 0, 0, 1}) // any number, whatever the byte order
	if err != nil {
		return Stats{}, os.NewSyscallError("write", err) // the threads may still run, and use what there is
	}
	l.running.Wait()
	err = errors.Join(l.toServer.err, l.toClient.err, closeAll(l.bell))
	return Stats{ToServer: l.toServer.summary(), ToClient: l.toClient.summary()}, err
}

func (d *direction) summary() Direction {
	s := d.stats
	s.UnderWay = uint64(d.ring.count)
	s.Lateness = d.late.summary()
	return s
}

// run has a thread of its own, which ends with it and has exact timers. Neither a short slice
// (sched_setattr(2)) nor a high priority made it more punctual beside two busy loops on two CPUs.
func (d *direction) run() {
	runtime.LockOSThread()
	rawsock.ExactTimers()
	for d.err == nil && !d.ended.Load() {
		written := d.write()
		if read := d.read(); read || written {
			continue
		}
		d.wait()
	}
}

func (d *direction) now() time.Duration { return time.Since(d.began) }

// write hands over what is due, some of it, and reports whether there may be more.
func (d *direction) write() (more bool) {
	for range writeBatch {
		p, due, ok := d.ring.oldest()
		if !ok {
			return false
		}
		now := d.now()
		if now < due {
			return false
		}
		d.handOver(p, now-due)
		d.ring.pop()
	}
	return true
}

func (d *direction) handOver(p []byte, late time.Duration) {
	if _, errno := call(unix.SYS_WRITE, d.out, p); errno != 0 {
		d.stats.WriteFailed++
		if d.stats.WriteError == nil {
			d.stats.WriteError = os.NewSyscallError("write", errno)
		}
		return
	}
	d.stats.Packets++
	d.late.add(late)
}

// read takes in what has come, some of it, and reports whether there may be more.
func (d *direction) read() (more bool) {
	for range readBatch {
		to := d.ring.room()
		full := to == nil
		if full {
			to = d.excess[:]
		}
		n, errno := call(unix.SYS_READ, d.in, to)
		switch {
		case errno == unix.EAGAIN || errno == unix.EINTR:
			return false
		case errno != 0:
			d.err = fmt.Errorf("the delay line ended early: %w", os.NewSyscallError("read", errno))
			return false
		case full:
			d.stats.QueueFull++
		default:
			d.ring.push(n, d.now()+d.delay)
		}
	}
	return true
}

// wait is until the oldest packet is due, or one comes in, or the line ends. It may wake up for nothing.
func (d *direction) wait() {
	var until *unix.Timespec
	if _, due, ok := d.ring.oldest(); ok {
		d.timeout = unix.NsecToTimespec(int64(max(due-d.now(), 0)))
		until = &d.timeout
	}
	_, err := unix.Ppoll(d.waitFor[:], until, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		d.err = fmt.Errorf("the delay line ended early: %w", os.NewSyscallError("ppoll", err))
	}
}

// call is read(2) or write(2) on a descriptor that does not block. It is raw: Go's scheduler gets no
// notice, and cannot give the thread's processor away in the midst of a burst. Only wait gives notice.
func call(trap uintptr, fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	return int(n), errno
}
