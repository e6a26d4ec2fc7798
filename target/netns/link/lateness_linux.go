package link

import (
	"math/bits"
	"time"
)

// lateBits is how many bits of a time count: 5 make buckets of at most a 32nd.
const lateBits = 5

// latenesses counts times in buckets that grow with them. Its zero value is empty.
type latenesses struct {
	counts [(64 - lateBits) << lateBits]uint64
	total  uint64
	max    time.Duration
}

func (l *latenesses) add(d time.Duration) {
	l.counts[lateBucket(d)]++
	l.total++
	l.max = max(l.max, d)
}

// lateBucket counts single nanoseconds up to 63, pairs up to 127, and so on.
func lateBucket(d time.Duration) int {
	n := uint64(max(d, 0))
	shift := max(bits.Len64(n)-lateBits-1, 0)
	return shift<<lateBits + int(n>>shift)
}

// lateTop is the longest time in a bucket.
func lateTop(bucket int) time.Duration {
	shift := max(bucket>>lateBits-1, 0)
	return time.Duration((bucket-shift<<lateBits+1)<<shift - 1)
}

// quantile is the time that so many of a hundred do not exceed, rounded up to its bucket.
func (l *latenesses) quantile(percent uint64) time.Duration {
	rank := (l.total*percent + 99) / 100
	seen := uint64(0)
	for bucket, n := range l.counts {
		if seen += n; n > 0 && seen >= rank {
			return min(lateTop(bucket), l.max)
		}
	}
	return l.max
}

// summary is nil of none.
func (l *latenesses) summary() *Lateness {
	if l.total == 0 {
		return nil
	}
	return &Lateness{P50: l.quantile(50), P99: l.quantile(99), Max: l.max}
}
