package stats

import (
	"encoding/json"
	"math"
	"slices"
)

// Shift is by how much the values of one sample are greater than those of another.
type Shift struct {
	// Estimate is the median of all differences between a new and an old value (Hodges and Lehmann 1963).
	Estimate float64 `json:"estimate" jsonschema:"nullable"`
	// Low to High is its interval, of at least 95 %: the shifts that a Mann-Whitney U test does not reject
	// (Moses 1965). Nil below LeastCompared values on a side.
	Low  *float64 `json:"low,omitempty" jsonschema:"nullable"`
	High *float64 `json:"high,omitempty" jsonschema:"nullable"`
}

// MarshalJSON writes what has no end as null.
func (s Shift) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Estimate Number  `json:"estimate"`
		Low      *Number `json:"low,omitempty"`
		High     *Number `json:"high,omitempty"`
	}{Number(s.Estimate), (*Number)(s.Low), (*Number)(s.High)})
}

// ShiftOf estimates the shift from old to new, which stay as they are. Without values on a side it is 0.
func ShiftOf(old, new []float64) Shift {
	all := differences(old, new)
	if len(all) == 0 {
		return Shift{}
	}
	slices.Sort(all)
	s := Shift{Estimate: (all[(len(all)-1)/2] + all[len(all)/2]) / 2}
	if min(len(old), len(new)) >= LeastCompared {
		outside := leastAccepted(len(old), len(new)) - 1 // U = 0 is rejected from LeastCompared values on
		s.Low, s.High = &all[outside], &all[len(all)-1-outside]
	}
	return s
}

// Excludes reports whether the whole interval is below the limit; false without an interval.
func (s Shift) Excludes(limit float64) bool { return s.High != nil && *s.High < limit }

// MostDeciding is the most values a side that Deciding asks for: who needs more should ask for less exactness.
const MostDeciding = 100

// Deciding is how many values each side needs, LeastCompared to MostDeciding, so that a shift is decided in four of
// five cases: shown to be below the limit, or where it was estimated at the limit or above, to be above 0. It is
// Noether's number for the Mann-Whitney U test (1987), (z + z')² / 6(p - ½)², with z for an interval of 95 % and z'
// for four of five; p is how often a new value is less than an old one plus the limit, or greater than the old one.
// Samples that pass for alike are taken for one: then p is of all their values, whose spread is what matters.
func Deciding(old, new []float64, limit float64) int {
	const power = 0.8416212335729143 // z'
	all := differences(old, new)
	is := func(d float64) float64 { return limit - d }
	switch d := Compare(old, new); {
	case ShiftOf(old, new).Estimate >= limit:
		is = func(d float64) float64 { return d }
	case !d.unlike():
		all = within(slices.Concat(old, new))
	}
	p := positive(all, is)
	switch {
	case p == 1:
		return LeastCompared
	case p <= 0.5:
		return MostDeciding
	}
	n := math.Ceil((z + power) * (z + power) / (6 * (p - 0.5) * (p - 0.5)))
	return int(min(max(n, LeastCompared), MostDeciding))
}

// differences are those between each new and each old value.
func differences(old, new []float64) []float64 {
	all := make([]float64, 0, len(old)*len(new))
	for _, n := range new {
		for _, o := range old {
			all = append(all, n-o)
		}
	}
	return all
}

// within are the differences between any two of the values, in both directions.
func within(values []float64) (all []float64) {
	for i := range values {
		all = append(append(all, differences(values[:i], values[i:i+1])...),
			differences(values[i+1:], values[i:i+1])...)
	}
	return all
}

// positive is the part of the differences of which is gives more than 0; what gives 0 counts half.
func positive(all []float64, is func(float64) float64) float64 {
	var sum float64
	for _, d := range all {
		switch v := is(d); {
		case v > 0:
			sum++
		case v == 0:
			sum += 0.5
		}
	}
	return sum / float64(len(all))
}

// Quarters reports by how much the quartiles of two samples differ at most.
func Quarters(old, new []float64) (most float64) {
	a, b := slices.Sorted(slices.Values(old)), slices.Sorted(slices.Values(new))
	for _, q := range []float64{0.25, 0.5, 0.75} {
		most = max(most, math.Abs(rank(b, q)-rank(a, q)))
	}
	return most
}

// rank is the value that a part of the sorted values does not exceed.
func rank(sorted []float64, part float64) float64 {
	return sorted[max(int(math.Ceil(part*float64(len(sorted)))), 1)-1]
}

// leastAccepted is the least U of samples of m and n values that a two-sided test at Alpha does not reject.
func leastAccepted(m, n int) int {
	counts := orders(m, n)
	var all float64
	for _, c := range counts {
		all += c
	}
	below := 0.0
	for u, c := range counts {
		if below += c; 2*below > Alpha*all {
			return u
		}
	}
	return 0
}

// orders counts, for each U from 0 to m·n, the orders of m and n values that have it (Mann and Whitney 1947).
// Its numbers are exact to 2^53, and beyond that as good as their ratios must be.
func orders(m, n int) []float64 {
	counts := make([]float64, m*n+1)
	counts[0] = 1
	// The Gaussian binomial coefficient: times (1 - q^(n+i)), by (1 - q^i), for i from 1 to m.
	for i := 1; i <= m; i++ {
		for u := m * n; u >= n+i; u-- {
			counts[u] -= counts[u-n-i]
		}
		for u := i; u <= m*n; u++ {
			counts[u] += counts[u-i]
		}
	}
	return counts
}

// Split is whether two samples differ in form, where their medians may agree: values in two clusters beside
// values in one.
type Split struct {
	// D is the greatest distance between the distributions, 0 to 1.
	D float64 `json:"d"`
	// P is how likely samples from one distribution are to be D apart (Kolmogorov-Smirnov, two-sided, exact,
	// also with ties: Schröer and Trenkler 1995).
	P float64 `json:"p"`
	// Q is P corrected for the comparisons that were made together (see Corrected); P where it was made alone.
	Q float64 `json:"q"`
}

// SplitOf tests whether two samples come from one distribution, by their greatest distance. Without values on a
// side P is 1.
func SplitOf(old, new []float64) Split {
	m, n := len(old), len(new)
	if m == 0 || n == 0 {
		return Split{P: 1, Q: 1}
	}
	both := slices.Concat(old, new)
	slices.Sort(both)
	sorted := [2][]float64{slices.Sorted(slices.Values(old)), slices.Sorted(slices.Values(new))}
	counted := func(k int) bool { return k == len(both) || both[k-1] < both[k] } // not within a tie
	var d float64
	for k := 1; k <= len(both); k++ {
		if counted(k) {
			d = max(d, math.Abs(share(sorted[0], both[k-1])-share(sorted[1], both[k-1])))
		}
	}
	p := 1 - nearer(m, n, d, counted)
	return Split{D: d, P: p, Q: p}
}

// share is the part of sorted values that are not above v.
func share(sorted []float64, v float64) float64 {
	i, _ := slices.BinarySearchFunc(sorted, v, func(x, v float64) int {
		if x <= v {
			return -1
		}
		return 1
	})
	return float64(i) / float64(len(sorted))
}

// nearer is the probability that m and n values of one distribution are less than d apart wherever it counts:
// the share of the orders, as paths from (0, 0) to (m, n), that stay nearer to the diagonal.
func nearer(m, n int, d float64, counted func(int) bool) float64 {
	const rounding = 1e-9
	row := make([]float64, n+1)
	for i := 0; i <= m; i++ {
		for j := 0; j <= n; j++ {
			switch {
			case i == 0 && j == 0:
				row[0] = 1
				continue
			case counted(i+j) && math.Abs(float64(i)/float64(m)-float64(j)/float64(n)) >= d-rounding:
				row[j] = 0
				continue
			}
			// Of the i+j values so far the last is old with i of i+j.
			old := row[j] * float64(i) / float64(i+j)
			if j > 0 {
				old += row[j-1] * float64(j) / float64(i+j)
			}
			row[j] = old
		}
	}
	return row[n]
}
