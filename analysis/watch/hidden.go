package watch

import "time"

// hidden is how long a queue can have been between two samples. A rise between samples of a fast pace goes on for no
// longer than to the next one; within a longer gap no more came than the namespace was connected to.
type hidden struct {
	// most of all gaps.
	most int
	// Of this window, from one reading of the namespace's counters to the next: the deepest queue before a long gap,
	// whether there was one, and the capacity.
	start    int
	long     bool
	capacity int
	area     float64
	broken   bool
	// slope of the last rise, in connections a second.
	slope float64
}

const (
	// fastGap is the longest gap of a fast pace.
	fastGap = 10 * time.Millisecond
	// A peak counts as exact up to these.
	exactPart        = 0.02
	exactConnections = 5
)

func (h *hidden) between(before, now *Sample) {
	gap := now.At - before.At
	h.capacity = max(before.Limit, now.Limit) + 1
	if gap > fastGap {
		h.long, h.start, h.slope = true, max(h.start, before.Depth), 0
		return
	}
	slope := float64(now.Depth-before.Depth) / gap.Seconds()
	h.most = max(h.most, min(h.capacity, before.Depth+int(max(h.slope, slope, 0)*gap.Seconds())))
	h.slope = slope
}

// unseen: the socket began to listen at some moment before its first sample.
func (h *hidden) unseen(first *Sample) { h.long, h.capacity = true, first.Limit+1 }

// close ends the window, in which so many connections came.
func (h *hidden) close(opens *uint64) {
	switch {
	case !h.long:
	case opens == nil:
		h.most = max(h.most, h.capacity)
	default:
		h.most = max(h.most, min(h.capacity, h.start+int(min(*opens, 1<<31))))
	}
	*h = hidden{most: h.most, capacity: h.capacity, slope: h.slope}
}

// cut: nothing is known of some time within the window.
func (h *hidden) cut() { h.broken, h.slope = true, 0 }

// more reports whether the queue can have been notably longer than a peak.
func (h *hidden) more(peak int) bool {
	return float64(h.most-peak) > max(exactConnections, exactPart*float64(peak))
}
