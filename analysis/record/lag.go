package record

import (
	"cmp"
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

// Quantile is the delay that the share q (0 to 1) of all delays does not exceed, at most a sixteenth or 1 µs too long;
// false where there was none.
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

// MergeLags is the distribution of all delays together; nil where there were none.
func MergeLags(lags ...*Lag) *Lag {
	counts := map[time.Duration]int{}
	var whole *Lag
	for _, l := range lags {
		if l == nil {
			continue
		}
		if whole == nil {
			whole = &Lag{}
		}
		whole.Count += l.Count
		whole.Sum += l.Sum
		whole.Max = max(whole.Max, l.Max)
		for _, b := range l.Brackets {
			counts[b.Below] += b.Count
		}
	}
	for below, n := range counts {
		whole.Brackets = append(whole.Brackets, LagBracket{below, n})
	}
	if whole != nil {
		slices.SortFunc(whole.Brackets, func(a, b LagBracket) int { return cmp.Compare(a.Below, b.Below) })
	}
	return whole
}
