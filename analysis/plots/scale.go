package plots

import (
	"math"
	"strconv"
)

// scale takes values to points on the page. A value outside [min, max] goes to the nearer end.
type scale struct {
	min, max float64
	// from and to are where min and max lie, in points.
	from, to float64
	log      bool
}

// at is where v lies. It never panics: a scale without extent has everything at from.
func (s scale) at(v float64) float64 {
	// Written so that NaN goes to min too.
	if !(v > s.min) {
		v = s.min
	}
	v = math.Min(v, s.max)
	lo, hi := s.min, s.max
	if s.log {
		lo, hi, v = math.Log10(lo), math.Log10(hi), math.Log10(v)
	}
	share := (v - lo) / (hi - lo)
	if math.IsNaN(share) || math.IsInf(share, 0) {
		return s.from
	}
	return s.from + share*(s.to-s.from)
}

// roundStep is the least of 1, 2 or 5 times a power of ten that is at least v.
func roundStep(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		// The tolerance keeps 0.30000000000000004 from jumping a step.
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// linearTicks are the round values from 0 to at most top, at most intervals+1 of them.
func linearTicks(top float64, intervals int) (values []float64, step float64) {
	step = roundStep(top / float64(intervals))
	for i := 0; i <= intervals; i++ {
		v := float64(i) * step
		if v > top*(1+1e-9) {
			break
		}
		values = append(values, v)
	}
	return values, step
}

// wholeTicks are linearTicks for what can only be counted.
func wholeTicks(top float64, intervals int) []float64 {
	values, step := linearTicks(top, intervals)
	if step >= 1 {
		return values
	}
	values = nil
	for v := 0.0; v <= top; v++ {
		values = append(values, v)
	}
	return values
}

// secondsLabel writes a tick with the digits that its step needs.
func secondsLabel(v, step float64) string {
	digits := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// decadeLabel writes 10^exponent microseconds.
func decadeLabel(exponent int) string {
	units := []string{"µs", "ms", "s"}
	unit := min(max(exponent/3, 0), len(units)-1)
	return strconv.FormatFloat(math.Pow(10, float64(exponent-3*unit)), 'f', -1, 64) + " " + units[unit]
}
