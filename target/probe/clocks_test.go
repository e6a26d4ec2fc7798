package probe

import (
	"testing"
	"time"
)

// clocks that stand still except where the test lets time pass: between the reads of a pair.
type clocks struct {
	elapsed time.Duration
	reads   int
	// before and after the wall clock is read in pair k.
	before, after func(k int) time.Duration
}

var boot = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func (c *clocks) monotonic() time.Duration { return c.elapsed }

func (c *clocks) wall() time.Time {
	c.elapsed += c.before(c.reads)
	read := boot.Add(c.elapsed)
	c.elapsed += c.after(c.reads)
	c.reads++
	return read
}

func always(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

// exceptAt is long everywhere but in pair k.
func exceptAt(k int, short, long time.Duration) func(int) time.Duration {
	return func(i int) time.Duration {
		if i == k {
			return short
		}
		return long
	}
}

// TestPairedClocks: the tightest of several pairs decides, and a preemption between two reads shifts nothing.
func TestPairedClocks(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	for name, tt := range map[string]struct {
		before, after func(int) time.Duration
		late          time.Duration
	}{
		"no time passes":                   {always(0), always(0), 0},
		"a preemption in the first pair":   {exceptAt(0, 5*ms, us), always(us), us},
		"before the wall clock, all but 3": {exceptAt(3, us, 5*ms), always(us), us},
		"after the wall clock, all but 6":  {always(us), exceptAt(6, us, 5*ms), us},
		"in every pair":                    {always(5 * ms), always(0), 5 * ms},
	} {
		c := &clocks{elapsed: time.Hour, before: tt.before, after: tt.after}
		const at = 2 * time.Hour
		if late := wallAt(at, c.monotonic, c.wall).Sub(boot.Add(at)); late != tt.late {
			t.Errorf("%s: the instant is %v late, want %v", name, late, tt.late)
		}
		if c.reads != pairedReads {
			t.Errorf("%s: %d pairs were read, want %d", name, c.reads, pairedReads)
		}
		c = &clocks{elapsed: time.Hour, before: tt.before, after: tt.after}
		if early := at - monotonicAt(boot.Add(at), c.monotonic, c.wall); early != tt.late {
			t.Errorf("%s: the other way it is %v early, want %v", name, early, tt.late)
		}
	}
}

// TestWallAtNow: an instant that has passed is not in the future, and the way there and back ends where it
// began.
func TestWallAtNow(t *testing.T) {
	before := time.Now()
	at := Monotonic()
	wall := WallAt(at)
	if wall.Before(before) || wall.After(time.Now()) {
		t.Errorf("%v, want it from %v to now", wall, before)
	}
	if back := MonotonicAt(wall); back > at+time.Second || back < at-time.Second {
		t.Errorf("%v became %v", at, back)
	}
}
