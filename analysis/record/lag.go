package record

import (
	"maps"
	"slices"
	"time"
)

// Lag is the distribution of a delay. Count, Sum and Max are exact; Brackets keep a sixteenth of each value.
type Lag struct {
	Count int           `json:"count"`
	Sum   time.Duration `json:"sum_ns"`
	Max   time.Duration `json:"max_ns"`
	// Brackets that hold at least one delay, in ascending order.
	Brackets []LagBracket `json:"brackets,omitempty"`
}

// LagBracket counts the delays that are below its end, and not below the end of the bracket before it.
type LagBracket struct {
	Below time.Duration `json:"below_ns"`
	Count int           `json:"count"`
}

// Quantile returns the delay that the share q (0 to 1) of all delays does not exceed, at most a sixteenth or
// 1 µs too long; false where there was none.
func (l *Lag) Quantile(q float64) (time.Duration, bool) {
	if l == nil || l.Count == 0 {
		return 0, false
	}
	rank := int(q*float64(l.Count-1)) + 1
	for _, b := range l.Brackets {
		if rank -= b.Count; rank <= 0 {
			return min(b.Below, l.Max), true
		}
	}
	return l.Max, true
}

// MergeLags returns the distribution of all delays together; nil where there were none.
func MergeLags(lags ...*Lag) *Lag {
	lags = slices.DeleteFunc(slices.Clone(lags), func(l *Lag) bool { return l == nil })
	if len(lags) == 0 {
		return nil
	}
	whole, counts := &Lag{}, map[time.Duration]int{}
	for _, l := range lags {
		whole.Count += l.Count
		whole.Sum += l.Sum
		whole.Max = max(whole.Max, l.Max)
		for _, b := range l.Brackets {
			counts[b.Below] += b.Count
		}
	}
	for _, below := range slices.Sorted(maps.Keys(counts)) {
		whole.Brackets = append(whole.Brackets, LagBracket{below, counts[below]})
	}
	return whole
}
