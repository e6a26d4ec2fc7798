package epoll

import "time"

// clocks relate the wall clock, in which the kernel stamps what arrives (SO_TIMESTAMPNS), to the storm's
// own, which is monotonic.
type clocks struct {
	// read reads both: the wall clock as the time since 1970, and the storm's.
	read func() (wall, own time.Duration)
	// offset of the wall clock from the storm's.
	offset time.Duration
	// sampled is when both were read last, previous the time before that.
	sampled, previous time.Duration
	// stepped: the wall clock was set between the two.
	stepped bool
}

// step is the least change of the offset between two samples that counts as a step of the wall clock:
// adjtimex(2) changes it by 0.5 ms per second at most, and samples are some 50 ms apart at most.
const step = time.Millisecond

// agree is how far apart two offsets are that need no third reading.
const agree = 10 * time.Microsecond

func newClocks(epoch time.Time) clocks {
	c := clocks{read: func() (wall, own time.Duration) {
		now := time.Now() // reads the wall clock first (package runtime, time_now)
		return time.Duration(now.UnixNano()), now.Sub(epoch)
	}}
	c.sample()
	c.stepped, c.previous = false, c.sampled
	return c
}

// sample reads both clocks. A thread that is preempted between the two sees an offset that is too small: of
// several readings the one with the greatest is the tightest.
func (c *clocks) sample() {
	wall, own := c.read()
	offset := wall - own
	for tries := 0; tries < 2 && (offset-c.offset).Abs() > agree; tries++ {
		wall, again := c.read()
		offset, own = max(offset, wall-again), again
	}
	c.stepped = (offset - c.offset).Abs() > step
	c.offset, c.previous, c.sampled = offset, c.sampled, own
}

// arrival is when the kernel stamped what was read at now, by the storm's clock; now without a stamp. What
// is read in the turn in which the wall clock was set has a stamp that may be of either side: it arrived
// between the last two samples.
func (c *clocks) arrival(stamp, now time.Duration) time.Duration {
	if stamp == 0 {
		return now
	}
	at := stamp - c.offset
	if c.stepped {
		at = min(max(at, c.previous), c.sampled)
	}
	return min(at, now)
}
