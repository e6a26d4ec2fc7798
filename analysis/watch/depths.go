package watch

import (
	"math/bits"
	"time"
)

// depths is for how long a queue was so deep. Depths below exact have a bucket each; from there on an octave has half
// as many, so that a bucket is at most 1/64 wide. All depths of 31 bits take 14 KiB.
type depths struct {
	// time in each bucket; those above the deepest one do not exist yet.
	time []time.Duration
	sum  time.Duration
	// area is the integral of the depth, in connections times seconds.
	area float64
}

const (
	exactBits = 7
	exact     = 1 << exactBits
	half      = exact / 2
)

// bucket of a depth.
func bucket(depth int) int {
	if depth < exact {
		return depth
	}
	shift := bits.Len(uint(depth)) - exactBits
	return shift*half + depth>>shift
}

// most is the largest depth in a bucket.
func most(bucket int) int {
	if bucket < exact {
		return bucket
	}
	shift := bucket/half - 1
	return (bucket-shift*half+1)<<shift - 1
}

func (d *depths) add(depth int, span time.Duration) {
	i := bucket(depth)
	if i >= len(d.time) {
		d.time = append(d.time, make([]time.Duration, i+1-len(d.time))...)
	}
	d.time[i] += span
	d.sum += span
	d.area += float64(depth) * span.Seconds()
}

// rounded is the area as the buckets have it: each depth is the largest of its bucket.
func (d *depths) rounded() (area float64) {
	for i, span := range d.time {
		area += float64(most(i)) * span.Seconds()
	}
	return area
}

// at returns the depth that was not exceeded for a part of the time; no more than peak.
func (d *depths) at(part float64, peak int) int {
	want := time.Duration(part * float64(d.sum))
	var sum time.Duration
	for i, span := range d.time {
		if sum += span; span > 0 && sum >= want {
			return min(most(i), peak)
		}
	}
	return 0
}
