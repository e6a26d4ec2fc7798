// Package stats measures how sure a number is: pure numbers in and out. A result that rests on too few
// values is marked, and claims nothing.
package stats

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"
)

const (
	// Confidence of every interval here.
	Confidence = 0.95
	// Alpha is the level of significance: how often two alike samples may pass for different.
	Alpha = 0.05
	// LeastCompared is how many values each side of a comparison needs: with fewer even samples that do not
	// overlap at all have P above Alpha (Mann and Whitney 1947: 2 of 20 orders of 3 and 3).
	LeastCompared = 4
	// LeastInterval is how many values an interval of the median needs: with fewer the whole range is surer
	// of less than Confidence (1 - 2/2^n).
	LeastInterval = 6
)

// z of a two-sided 95 % interval.
const z = 1.959963984540054

// Proportion is a share of N with its Wilson interval.
type Proportion struct {
	K int `json:"k"`
	N int `json:"n"`
	// Share is K/N, and Low to High its 95 % interval, all from 0 to 1; 0 to 1 where N is 0.
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Wilson gives k of n its score interval (Wilson 1927), which holds at 0 and n too: none lost of 2000 may be
// up to 0.19 % lost. It takes each of n for an independent trial; calls of one storm are not quite.
func Wilson(k, n int) Proportion {
	p := Proportion{K: k, N: n, High: 1}
	if n <= 0 {
		return p
	}
	trials := float64(n)
	p.Share = float64(k) / trials
	scale := 1 + z*z/trials
	middle := (p.Share + z*z/(2*trials)) / scale
	reach := z / scale * math.Sqrt(p.Share*(1-p.Share)/trials+z*z/(4*trials*trials))
	p.Low, p.High = max(middle-reach, 0), min(middle+reach, 1)
	// At the ends the formula's rounding must not exclude what was seen.
	if k == 0 {
		p.Low = 0
	}
	if k == n {
		p.High = 1
	}
	return p
}

// Spread is one number over several storms. What has no end, as the wait of a lost call, is null in JSON.
type Spread struct {
	N int `json:"n"`
	// Median of an even number of values is the mean of the two in the middle, as in benchstat: a number that
	// perhaps no storm had. It has no end where one of the two has none.
	Median float64 `json:"median" jsonschema:"nullable"`
	Min    float64 `json:"min" jsonschema:"nullable"`
	Max    float64 `json:"max" jsonschema:"nullable"`
	// Low to High is the 95 % interval of the median, by order statistics; nil below LeastInterval (6) values.
	Low  *float64 `json:"low,omitempty" jsonschema:"nullable"`
	High *float64 `json:"high,omitempty" jsonschema:"nullable"`
}

// MarshalJSON writes what has no end as null.
func (s Spread) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		N      int     `json:"n"`
		Median Number  `json:"median"`
		Min    Number  `json:"min"`
		Max    Number  `json:"max"`
		Low    *Number `json:"low,omitempty"`
		High   *Number `json:"high,omitempty"`
	}{s.N, Number(s.Median), Number(s.Min), Number(s.Max), (*Number)(s.Low), (*Number)(s.High)})
}

// SpreadOf leaves values as they are. Without values all of it is 0.
func SpreadOf(values []float64) Spread {
	n := len(values)
	if n == 0 {
		return Spread{}
	}
	summary := benchmath.AssumeNothing.Summary(sample(values), Confidence)
	s := Spread{N: n, Median: summary.Center, Min: slices.Min(values), Max: slices.Max(values)}
	if n >= LeastInterval && !math.IsInf(summary.Lo, 0) && !math.IsInf(summary.Hi, 0) {
		s.Low, s.High = &summary.Lo, &summary.Hi
	}
	return s
}

// Deviation is the sample standard deviation; NoEnd where a value has no end, and 0 for fewer than two values.
func Deviation(values []float64) float64 {
	n := float64(len(values))
	if n < 2 {
		return 0
	}
	if slices.ContainsFunc(values, Endless) {
		return NoEnd
	}
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	for _, v := range values {
		squares += (v - sum/n) * (v - sum/n)
	}
	return math.Sqrt(squares / (n - 1))
}

// Difference is what a comparison of two samples shows.
type Difference struct {
	Old Spread `json:"old"`
	New Spread `json:"new"`
	// P is how likely samples from one distribution are to differ this much (Mann-Whitney U test, two-sided);
	// 1 where all are equal.
	P float64 `json:"p"`
	// Q is P corrected for the comparisons that were made together (see Correct); P where it was made alone.
	Q float64 `json:"q"`
	// Enough values on both sides to show any difference; without that nothing is Significant.
	Enough bool `json:"enough"`
	// Significant: Enough, and Q is not above Alpha.
	Significant bool `json:"significant"`
	// Suspected: Enough and not Significant, though it would be if it had been made alone. More values would
	// settle it.
	Suspected bool `json:"suspected,omitempty"`

	constant bool
}

// Compare tests whether two samples come from one distribution, without assuming its form. It leaves them as
// they are.
func Compare(old, new []float64) Difference {
	d := Difference{Old: SpreadOf(old), New: SpreadOf(new), P: 1, Q: 1}
	d.Enough = min(len(old), len(new)) >= LeastCompared
	if len(old) == 0 || len(new) == 0 {
		return d
	}
	d.constant = max(d.Old.Max, d.New.Max) == min(d.Old.Min, d.New.Min)
	d.P = min(benchmath.AssumeNothing.Compare(sample(old), sample(new)).P, 1)
	d.correct(d.P)
	return d
}

// Constant reports whether all values of both are one: no order of them could show a difference.
func (d *Difference) Constant() bool { return d.constant }

// unlike reports whether the samples differ, if this comparison was made alone.
func (d *Difference) unlike() bool { return d.Enough && d.P <= Alpha }

func (d *Difference) correct(q float64) {
	d.Q = q
	d.Significant = d.Enough && d.Q <= Alpha
	d.Suspected = d.unlike() && !d.Significant
}

// Correct makes comparisons that were made together claim falsely no more often than one alone: of many, one
// in twenty has a P below Alpha by chance. It is the procedure of Benjamini and Hochberg (1995): of what
// stays Significant at most Alpha is expected to be false. Comparisons that could not have shown a difference
// claim nothing, and do not count (Tarone 1990): those of too few values, and those whose values are all the
// same.
func Correct(together []*Difference) {
	var all []*Difference
	for _, d := range together {
		if d.Enough && !d.constant {
			all = append(all, d)
		}
	}
	p := make([]float64, len(all))
	for i, d := range all {
		p[i] = d.P
	}
	for i, q := range Corrected(p) {
		all[i].correct(q)
	}
}

// Corrected are the Ps of tests that were made together, each corrected for the others (Benjamini and Hochberg 1995).
func Corrected(p []float64) []float64 {
	order, corrected := make([]int, len(p)), make([]float64, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	q := 1.0
	for i, at := range order { // from the greatest P down
		q = min(q, p[at]*float64(len(p))/float64(len(p)-i))
		corrected[at] = q
	}
	return corrected
}

// Needed is how many values each side of so many comparisons needs, LeastCompared at least, so that one of
// them whose samples do not overlap is Significant though the others show nothing: the least P of n and n
// values is 2 of their (2n)!/(n!)² orders (Mann and Whitney 1947).
func Needed(comparisons int) int {
	n, orders := 1, 2.0
	for n < LeastCompared || 2/orders*float64(comparisons) > Alpha {
		n++
		orders *= 2 * float64(2*n-1) / float64(n)
	}
	return n
}

// Change is New over Old less 1: 0.5 is half as much again. False where Old is 0.
func (d Difference) Change() (float64, bool) {
	if d.Old.Median == 0 {
		return 0, false
	}
	return d.New.Median/d.Old.Median - 1, true
}

// sample copies: benchmath sorts what it is given.
func sample(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}
