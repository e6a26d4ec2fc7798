package link

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// latenesses counts times up to maxLateness, to 1 %.
type latenesses struct {
	histogram *hdrhistogram.Histogram
	max       time.Duration
}

// maxLateness is the longest time that latenesses distinguishes.
const maxLateness = time.Hour

func newLatenesses() latenesses {
	return latenesses{histogram: hdrhistogram.New(1, int64(maxLateness), 2)}
}

func (l *latenesses) add(d time.Duration) {
	_ = l.histogram.RecordValue(int64(min(max(d, 0), maxLateness))) // it fails beyond maxLateness only
	l.max = max(l.max, d)
}

// summary returns nil without any times.
func (l *latenesses) summary() *Lateness {
	if l.histogram.TotalCount() == 0 {
		return nil
	}
	quantile := func(percent float64) time.Duration {
		return min(time.Duration(l.histogram.ValueAtQuantile(percent)), l.max)
	}
	return &Lateness{P50: quantile(50), P99: quantile(99), Max: l.max}
}
