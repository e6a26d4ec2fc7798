package analysis

import (
	"time"

	"agistorm/analysis/record"
)

// watchQueue sums up the samples of the accept queue, nil without one. A sample holds until the next one.
func watchQueue(samples []record.QueueSample) *Queue {
	if len(samples) == 0 {
		return nil
	}
	q := &Queue{}
	var area float64
	var end time.Duration
	for i, s := range samples {
		q.Limit, q.Peak = max(q.Limit, s.Limit), max(q.Peak, s.Depth)
		held, until := span(samples, i)
		area += float64(s.Depth) * float64(held)
		if s.Depth > s.Limit {
			q.Full += held
		}
		if s.Depth > 0 {
			end = until
		}
	}
	if end > 0 {
		q.Mean = area / float64(end)
	}
	return q
}

// span tells how long sample i held and until when, counted from the storm's start. The
// last one has no end and holds for no time.
func span(samples []record.QueueSample, i int) (held, until time.Duration) {
	from := max(samples[i].At, 0)
	if i+1 == len(samples) {
		return 0, from
	}
	until = max(samples[i+1].At, from)
	return until - from, until
}

// longestPause is the longest time between two samples until the last attempt was settled.
func longestPause(raw *record.Repeat) time.Duration {
	var longest time.Duration
	for i := range raw.Queue {
		if raw.Queue[i].At >= raw.Storm.Wall {
			break
		}
		held, _ := span(raw.Queue, i)
		longest = max(longest, held)
	}
	return longest
}

// SeenBacklog is the effective backlog that a watched queue had, and whether the queue was ever full; false
// where it was not watched.
func (c *Cell) SeenBacklog() (limit uint32, full, ok bool) {
	for i := range c.Repeats {
		if q := c.Repeats[i].Queue; q != nil {
			limit, full, ok = q.Limit, full || q.Peak > q.Limit, true
		}
	}
	return limit, full, ok
}
