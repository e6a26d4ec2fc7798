package wire

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"
)

// line is the delay line: a thread for each direction.
type line struct {
	ends [2]int
	ways [2]*way
	quit atomic.Bool
	over sync.WaitGroup
}

func newLine(server, client int, delay time.Duration) *line {
	l := &line{ends: [2]int{server, client}}
	for i := range l.ways {
		w := newWay(l.ends[i], l.ends[1-i], delay)
		l.ways[i] = w
		l.over.Go(func() { w.run(&l.quit) })
	}
	return l
}

// close ends both threads, and gives what they have seen.
func (l *line) close() Statistics {
	l.quit.Store(true)
	l.over.Wait()
	s := Statistics{Kind: Tun}
	late := l.ways[0].late
	late.Merge(l.ways[1].late)
	for i, w := range l.ways {
		s.Forwarded += w.forwarded
		s.Dropped += w.dropped
		_ = unix.Close(l.ends[i]) // the device goes with it
	}
	if late.TotalCount() > 0 {
		s.LateP50 = time.Duration(late.ValueAtQuantile(50)) * time.Microsecond
		s.LateP99 = time.Duration(late.ValueAtQuantile(99)) * time.Microsecond
		s.LateMax = time.Duration(late.Max()) * time.Microsecond
	}
	return s
}

// way is one direction.
type way struct {
	from, to  int
	delay     time.Duration
	queue     queue
	late      *hdrhistogram.Histogram // µs
	forwarded uint64
	dropped   uint64
}

// Bounds of a way. It looks for packets every step while it holds any: to be woken by each costs up to 50 µs on a virtual machine.
const (
	mtu     = 1500
	room    = 1 << 16
	step    = 250 * time.Microsecond
	idle    = 50 * time.Millisecond
	maxLate = int64(10 * time.Second / time.Microsecond)
)

func newWay(from, to int, delay time.Duration) *way {
	return &way{from: from, to: to, delay: delay, queue: newQueue(room), late: hdrhistogram.New(1, maxLate, 2)}
}

// run forwards until it is told to quit.
func (w *way) run(quit *atomic.Bool) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // with the default, 50 µs, it is so much less exact
	for !quit.Load() {
		w.take()
		w.give(now())
		w.rest(now())
	}
}

// rest waits for the next packet, or while there are any for a step or the next one's time.
func (w *way) rest(at time.Duration) {
	due, ok := w.queue.first()
	if !ok {
		w.await(idle)
		return
	}
	sleep := unix.NsecToTimespec(int64(min(step, max(due-at, 0))))
	_ = unix.Nanosleep(&sleep, nil) // interrupted, it looks sooner
}

// await waits until there is something to read.
func (w *way) await(patience time.Duration) {
	fds := []unix.PollFd{{Fd: int32(w.from), Events: unix.POLLIN}}
	limit := unix.NsecToTimespec(int64(patience))
	_, _ = unix.Ppoll(fds, &limit, nil) // interrupted, it looks sooner
}

// take reads all there is. Each packet is due so long after it was read.
func (w *way) take() {
	for {
		slot, ok := w.queue.vacant()
		if !ok {
			w.spill()
			return
		}
		n, err := unix.Read(w.from, slot)
		if err != nil {
			if errors.Is(err, unix.EINTR) {
				continue
			}
			return // EAGAIN: nothing more
		}
		w.queue.push(n, now()+w.delay)
	}
}

// spill reads one packet that there is no room for.
func (w *way) spill() {
	var nowhere [mtu]byte
	if n, err := unix.Read(w.from, nowhere[:]); err == nil && n > 0 {
		w.dropped++
	}
}

// give writes all that is due.
func (w *way) give(at time.Duration) {
	for due, ok := w.queue.first(); ok && due <= at; due, ok = w.queue.first() {
		if _, err := unix.Write(w.to, w.queue.pop()); err != nil {
			w.dropped++ // the device is not up, or the kernel has no memory
			continue
		}
		w.forwarded++
		_ = w.late.RecordValue(min(max((now()-due).Microseconds(), 0), maxLate)) // never out of its range
	}
}

// now is CLOCK_MONOTONIC.
func now() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // the kernel always has it
	return time.Duration(ts.Nano())
}
