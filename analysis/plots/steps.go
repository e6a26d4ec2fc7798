package plots

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// trace is the accept queue of one repeat, ascending in time.
type trace struct {
	samples []record.QueueSample
	peak    uint32
	limit   uint32
}

// traces are the watched repeats of a cell, ascending by peak; equal ones stay in order.
func traces(c *analysis.Cell) []trace {
	var all []trace
	for i := range c.Repeats {
		if raw := c.Repeats[i].Raw; raw != nil && len(raw.Queue) > 0 {
			all = append(all, newTrace(raw.Queue))
		}
	}
	slices.SortStableFunc(all, func(a, b trace) int { return cmp.Compare(a.peak, b.peak) })
	return all
}

func newTrace(samples []record.QueueSample) trace {
	byTime := func(a, b record.QueueSample) int { return cmp.Compare(a.At, b.At) }
	t := trace{samples: samples}
	if !slices.IsSortedFunc(samples, byTime) {
		t.samples = slices.Clone(samples)
		slices.SortStableFunc(t.samples, byTime)
	}
	for _, s := range samples {
		t.peak, t.limit = max(t.peak, s.Depth), max(t.limit, s.Limit)
	}
	return t
}

// typical is the trace of median peak, the lower of two.
func typical(all []trace) trace { return all[typicalIndex(all)] }

func typicalIndex(all []trace) int { return (len(all) - 1) / 2 }

// capacity is how many connections the queue holds: one more than its limit.
func (t trace) capacity() float64 { return float64(t.limit) + 1 }

// busy is when the queue was last not empty; 0 if it always was.
func (t trace) busy() time.Duration {
	for i := len(t.samples) - 1; i >= 0; i-- {
		if t.samples[i].Depth > 0 {
			return max(t.until(i), 0)
		}
	}
	return 0
}

// until is when sample i was followed by the next one; the last one holds for no time.
func (t trace) until(i int) time.Duration {
	return t.samples[min(i+1, len(t.samples)-1)].At
}

// full is how long the queue was full within the storm.
func (t trace) full() time.Duration {
	var sum time.Duration
	for i, s := range t.samples {
		if s.Depth > s.Limit {
			sum += max(t.until(i)-max(s.At, 0), 0)
		}
	}
	return sum
}

// thin keeps at most four samples of each of columns equal parts of [0, end]: the first,
// the least deep, the deepest and the last. No peak is lost, and no sample is moved.
func thin(samples []record.QueueSample, end time.Duration, columns int) []record.QueueSample {
	var kept []record.QueueSample
	for start := 0; start < len(samples); {
		column := columnOf(samples[start].At, end, columns)
		stop := start + 1
		for stop < len(samples) && columnOf(samples[stop].At, end, columns) == column {
			stop++
		}
		kept = append(kept, extremes(samples[start:stop])...)
		start = stop
	}
	return kept
}

func columnOf(at, end time.Duration, columns int) int {
	return int(float64(at) / float64(max(end, 1)) * float64(columns))
}

// extremes of a group that is not empty, in the order of time.
func extremes(group []record.QueueSample) []record.QueueSample {
	least, most := 0, 0
	for i, s := range group {
		if s.Depth < group[least].Depth {
			least = i
		}
		if s.Depth > group[most].Depth {
			most = i
		}
	}
	at := []int{0, least, most, len(group) - 1}
	slices.Sort(at)
	var kept []record.QueueSample
	for _, i := range slices.Compact(at) {
		kept = append(kept, group[i])
	}
	return kept
}

// stairs turns samples into the corners of a step line over [0, end]: each depth holds
// until the next sample. Samples before 0 give the depth at 0.
func stairs(samples []record.QueueSample, end time.Duration, x, y scale) []point {
	var line []point
	to := func(at time.Duration, depth float64) {
		p := point{x.at(min(at, end).Seconds()), y.at(depth)}
		if n := len(line); n > 1 && line[n-1].y == p.y && line[n-2].y == p.y {
			line[n-1] = p // a flat run needs its two ends only
			return
		}
		line = append(line, p)
	}
	for i, s := range samples {
		if i+1 < len(samples) && samples[i+1].At <= 0 {
			continue
		}
		if s.At > end {
			break
		}
		if len(line) > 0 {
			to(s.At, float64(samples[i-1].Depth))
		}
		to(s.At, float64(s.Depth))
	}
	if n := len(samples); n > 0 && len(line) > 0 {
		if last := samples[n-1]; last.At > end {
			line = append(line, point{x.at(end.Seconds()), line[len(line)-1].y})
		}
	}
	return line
}
