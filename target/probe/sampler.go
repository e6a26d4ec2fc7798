package probe

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync/atomic"
	"time"
)

// Times of a Sampler.
const (
	// DefaultInterval between two samples of a queue that is not empty: 10 kHz.
	DefaultInterval = 100 * time.Microsecond
	// IdleInterval is the one while it is empty, where it is not shorter: what begins within it is seen so
	// much later.
	IdleInterval = 3 * time.Millisecond
	minInterval  = 10 * time.Microsecond
	// MaxGap is the longest time between two samples that are kept while nothing changes.
	MaxGap = 10 * time.Millisecond
)

// Sample is an accept queue with the moment it was read, on the clock of Monotonic.
type Sample struct {
	At time.Duration
	QueueState
}

// queue is the queue that a Sampler reads.
type queue interface {
	sample() (rawSample, error)
}

// Sampler watches an accept queue from an OS thread of its own.
type Sampler struct {
	probe   queue
	every   time.Duration
	stop    atomic.Bool
	done    chan struct{}
	kept    []keptSample
	lastErr error

	depth   uint32 // of the last sample
	count   int
	last    time.Duration
	longest time.Duration
}

// keptSample has no pointers, so that the garbage collector skips it.
type keptSample struct {
	at time.Duration
	rawSample
}

// StartSampler samples the group's queues every interval, from 10 µs to MaxGap; less often while they are
// empty, and once that has cost more than its budget. Linux only.
func StartSampler(g *Group, interval time.Duration) (*Sampler, error) {
	if err := checkSupport("accept queue"); err != nil {
		return nil, err
	}
	return startSampler(g, interval, nil)
}

// Source is the accept queue of any process's listener, a Diag, or those of several, a Port.
type Source interface {
	// Sample reads the queue as it is now.
	Sample() (QueueState, error)
	// Listener reads the listening socket as it is now; of several the one with the least inode.
	Listener() (Listener, error)
	// Close closes the socket to the kernel.
	Close() error
	// lasts is the queue through restarts of the server.
	lasts() queue
}

// OpenSource opens the queue of the socket that would take a connection from this host to the address, or where
// several share it (SO_REUSEPORT), those of the whole port. The error is OpenDiag's. Linux only.
func OpenSource(address netip.AddrPort) (Source, error) {
	d, err := OpenDiag(address)
	switch {
	case err == nil:
		return d, nil
	case !errors.Is(err, errShared):
		return nil, err
	}
	p, err := OpenPort(address.Port())
	if err != nil {
		return nil, err
	}
	return p, nil
}

// StartSourceSampler samples any process's listeners, every interval as StartSampler does. They must exist now
// and may close and come back: meanwhile their queues are empty. The caller must keep s open until Stop has
// returned, and leave it alone. The sampler's thread calls onThread first, where it is not nil, and what that
// returns at the end. Linux only.
func StartSourceSampler(s Source, interval time.Duration, onThread func() (leave func())) (*Sampler, error) {
	if _, err := s.Sample(); err != nil {
		return nil, err
	}
	return startSampler(s.lasts(), interval, onThread)
}

func startSampler(p queue, interval time.Duration, onThread func() (leave func())) (*Sampler, error) {
	if interval < minInterval || interval > MaxGap {
		return nil, fmt.Errorf("sampler: interval %v: not from %v to %v", interval, minInterval, MaxGap)
	}
	s := &Sampler{probe: p, every: interval, done: make(chan struct{})}
	s.kept = make([]keptSample, 0, 16384) // about 8 s of a queue that changes all the time
	if !s.take() {
		return nil, s.lastErr
	}
	go s.run(onThread)
	return s, nil
}

func (s *Sampler) run(onThread func() (leave func())) {
	defer close(s.done)
	defer ownProcessor()()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if onThread != nil {
		defer onThread()()
	}
	credit := NewCredit(mostCredit, Monotonic(), threadCPU())
	next := credit.at
	for !s.stop.Load() {
		credit.Count(Monotonic(), threadCPU())
		next = max(next+s.pause(&credit), Monotonic()) // what was missed is not made up for
		sleepUntil(next)
		if !s.take() {
			return
		}
	}
}

// ownProcessor gives Go one more processor while one sleeps without notice to the scheduler, and takes it back.
func ownProcessor() (back func()) {
	processors := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(processors + 1)
	return func() { runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)-1)) }
}

// A sampler earns a 32nd of a core, and can save some of it for the first moments of a storm: so its
// process takes less than a twentieth of a core of any watch of 2 s or more. To wake up costs 3 µs on bare
// metal and 60 µs on a virtual machine, a sample itself less than 1 µs.
const (
	earns      = 32
	mostCredit = 15 * time.Millisecond
)

// Credit is CPU time that a sampler may spend; less than 0 where it spent too much.
type Credit struct{ left, most, at, spent time.Duration }

// NewCredit returns the most that can be saved, for a sampler that has spent so much until now.
func NewCredit(most, now, spent time.Duration) Credit { return Credit{most, most, now, spent} }

// Count adds what was earned until now, and takes off what was spent in all.
func (c *Credit) Count(now, spent time.Duration) {
	c.left = min(c.left+(now-c.at)/earns-(spent-c.spent), c.most)
	c.at, c.spent = now, spent
}

// Pause returns how long the next sample can wait: until its CPU time is earned, but never blind for longer than most.
func (c *Credit) Pause(every, most time.Duration) time.Duration {
	return max(every, min(-c.left*earns, most))
}

// pause returns how long the next sample can wait, with so much credit left.
func (s *Sampler) pause(c *Credit) time.Duration {
	if s.depth == 0 {
		return max(s.every, IdleInterval)
	}
	return c.Pause(s.every, IdleInterval)
}

// take reads the queue once and keeps what is new.
func (s *Sampler) take() bool {
	raw, err := s.probe.sample()
	if err != nil {
		s.lastErr = err
		return false
	}
	now := Monotonic()
	s.depth = raw.depth
	if s.count > 0 {
		s.longest = max(s.longest, now-s.last)
	}
	s.count, s.last = s.count+1, now
	if n := len(s.kept); n == 0 || s.kept[n-1].rawSample != raw ||
		now-s.kept[n-1].at > MaxGap-max(s.every, IdleInterval) {
		s.kept = append(s.kept, keptSample{now, raw})
	}
	return true
}

// Stop ends the watch and gives what was kept: every change that was seen, and a sample at least
// every MaxGap as far as the thread was scheduled, in order of time. After it has returned, nothing
// is sampled any more. It may be called again.
func (s *Sampler) Stop() []Sample {
	s.stop.Store(true)
	<-s.done
	samples := make([]Sample, len(s.kept))
	for i := range s.kept {
		k := &s.kept[i]
		samples[i] = Sample{At: k.at, QueueState: k.state()}
	}
	return samples
}

// Samples returns the number of samples, and the longest time between two: what came and went within it was
// not seen. Call it after Stop.
func (s *Sampler) Samples() (n int, longest time.Duration) { return s.count, s.longest }

// Err is what ended the watch before Stop, nil if nothing did. Call it after Stop.
func (s *Sampler) Err() error { return s.lastErr }
