package plots

import (
	"math"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

// trace is the accept queue of one storm.
type trace struct {
	series.Depth
	// seen is the deepest that was looked at; peak is more where it was deeper between two looks.
	seen, peak uint32
	// full is how long the queue was full within the storm.
	full time.Duration
}

// traceSteps of a storm are two a point: finer detail would not be seen.
const traceSteps = 2 * int(plotRight-plotLeft)

// newTrace is false where the queue was not watched.
func newTrace(r *analysis.Repeat, steps int) (trace, bool) {
	d, ok := series.DepthOf(r.Raw, steps)
	if !ok {
		return trace{}, false
	}
	t := trace{Depth: d}
	samples := r.Raw.Queue
	for i, s := range samples {
		t.seen = max(t.seen, s.Depth)
		if s.Depth > s.Limit {
			t.full += max(until(samples, i)-max(s.At, 0), 0)
		}
	}
	t.peak = t.seen
	if r.Queue != nil {
		t.peak = max(t.peak, r.Queue.Peak)
	}
	return t, true
}

// until is when a sample was followed by the next one; the last one holds for no time.
func until(samples []record.QueueSample, i int) time.Duration {
	return samples[min(i+1, len(samples)-1)].At
}

// capacity is how many connections the queue holds: one more than its limit.
func (t trace) capacity() float64 { return float64(t.Limit) + 1 }

// holds is the capacity as everything else writes it: the greatest as "max".
func (t trace) holds() string {
	if t.Limit >= math.MaxInt32 {
		return record.BacklogMax
	}
	return whole(t.capacity())
}

// wasFull tells whether it was full at any time, seen or not.
func (t trace) wasFull() bool { return float64(t.peak) >= t.capacity() }

// stairs turns the steps into the corners of a line over [0, end]: each depth holds until the next step.
func stairs(d series.Depth, end time.Duration, x, y scale) []point {
	var line []point
	to := func(at time.Duration, depth uint32) {
		p := point{x.at(min(at, end).Seconds()), y.at(float64(depth))}
		if n := len(line); n > 1 && line[n-1].y == p.y && line[n-2].y == p.y {
			line[n-1] = p // a flat run needs its two ends only
			return
		}
		line = append(line, p)
	}
	for i, at := range d.At {
		if i > 0 {
			to(at, d.Depth[i-1])
		}
		if at > end {
			break
		}
		to(at, d.Depth[i])
	}
	return line
}
