// Package quantile picks quantiles of the measurements that the programs of scripts compare.
package quantile

import (
	"cmp"
	"math"
	"slices"
)

// Of returns the smallest value that at least the share q of all values do not exceed (nearest rank), 0 < q ≤
// 1; zero without a value. It leaves the values as they are.
func Of[T cmp.Ordered](values []T, q float64) (value T) {
	if len(values) == 0 {
		return value
	}
	rank := int(math.Ceil(q * float64(len(values))))
	return slices.Sorted(slices.Values(values))[max(rank, 1)-1]
}

// Median returns the quantile of one half: of an even number of values the lower one.
func Median[T cmp.Ordered](values []T) T { return Of(values, 0.5) }
