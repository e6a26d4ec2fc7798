package probe

import (
	"math"
	"time"
)

// pairedReads is how often two clocks are read to pair them. A thread that is preempted between two reads
// stays off its CPU for milliseconds; that this happens to each of several pairs is unlikely, and a pair
// costs less than 1 µs.
const pairedReads = 8

// WallAt returns the wall-clock time, with Go's monotonic reading, of an instant on the clock of Monotonic.
// It is never before that instant, and later by at most the tightest of several pairs of readings: an
// offset that is counted from it is never too long.
func WallAt(at time.Duration) time.Time { return wallAt(at, Monotonic, time.Now) }

func wallAt(at time.Duration, monotonic func() time.Duration, now func() time.Time) time.Time {
	before, wall := pair(monotonic, now)
	return wall.Add(at - before)
}

// MonotonicAt returns the instant on the clock of Monotonic of a wall-clock time. It is never after that
// time, and before it by at most the tightest of several pairs of readings.
func MonotonicAt(at time.Time) time.Duration { return monotonicAt(at, Monotonic, time.Now) }

func monotonicAt(at time.Time, monotonic func() time.Duration, now func() time.Time) time.Duration {
	before, wall := pair(monotonic, now)
	return before + at.Sub(wall)
}

// pair reads the wall clock shortly after the monotonic one: of several pairs it returns the one whose
// readings are closest together.
func pair(monotonic func() time.Duration, now func() time.Time) (before time.Duration, wall time.Time) {
	tightest := time.Duration(math.MaxInt64)
	for range pairedReads {
		first := monotonic()
		read := now()
		if gap := monotonic() - first; gap < tightest {
			tightest, before, wall = gap, first, read
		}
	}
	return before, wall
}
