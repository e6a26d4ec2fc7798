package epoll

import (
	"testing"
	"time"
)

// reading of both clocks.
type reading struct{ wall, own time.Duration }

// clocksOf have been read once; the next times they give these readings in turn.
func clocksOf(first reading, more ...reading) *clocks {
	readings := append([]reading{first}, more...)
	c := &clocks{offset: first.wall - first.own}
	c.read = func() (wall, own time.Duration) {
		r := readings[0]
		readings = readings[1:]
		return r.wall, r.own
	}
	c.sample()
	return c
}

const ms = time.Millisecond

func TestArrival(t *testing.T) {
	c := clocksOf(reading{1000*time.Second + 7*ms, 7 * ms})
	for _, test := range []struct{ stamp, now, want time.Duration }{
		{1000*time.Second + 3*ms, 9 * ms, 3 * ms},
		{0, 9 * ms, 9 * ms},                       // no stamp
		{1000*time.Second + 3*ms, 2 * ms, 2 * ms}, // nothing arrives after it was read
	} {
		if got := c.arrival(test.stamp, test.now); got != test.want {
			t.Errorf("stamp %v, read at %v: arrived at %v, want %v", test.stamp, test.now, got, test.want)
		}
	}
}

// TestPreemptedLook: a thread that loses its CPU for 4 ms between the two clocks does not shift the stamps.
func TestPreemptedLook(t *testing.T) {
	c := clocksOf(reading{1000 * time.Second, 0},
		reading{1000*time.Second + 5*ms, 9 * ms}, reading{1000*time.Second + 9*ms, 9 * ms})
	c.sample()
	if c.stepped || c.offset != 1000*time.Second || c.sampled != 9*ms {
		t.Errorf("offset %v, stepped %v, read at %v; want 1000 s, no step, 9 ms", c.offset, c.stepped, c.sampled)
	}
}

// TestClockStep: what arrived about when the wall clock was set arrived between the two samples that saw
// it, whatever its stamp; the next turn has the new offset.
func TestClockStep(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour} {
		set := reading{1000*time.Second + 20*ms + by, 20 * ms}
		c := clocksOf(reading{1000*time.Second + 10*ms, 10 * ms}, set, set, set,
			reading{1000*time.Second + 30*ms + by, 30 * ms})
		c.sample()
		for _, stamp := range []time.Duration{1000*time.Second + 15*ms, 1000*time.Second + 15*ms + by} {
			if got := c.arrival(stamp, 21*ms); got < 10*ms || got > 20*ms {
				t.Errorf("set by %v: stamp %v arrived at %v, want 10 to 20 ms", by, stamp, got)
			}
		}
		c.sample()
		if got := c.arrival(1000*time.Second+25*ms+by, 31*ms); got != 25*ms || c.stepped {
			t.Errorf("set by %v: in the next turn it arrived at %v, stepped %v; want 25 ms and no step", by, got,
				c.stepped)
		}
	}
}
