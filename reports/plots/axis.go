package plots

import (
	"math"
	"strconv"
	"time"

	"agistorm/reports/words"
)

// axis describes one direction of a figure: which values it shows and where it is labelled.
type axis struct {
	min, max float64
	log      bool
	ticks    []tick
}

// tick is a labelled line; a minor one is a short mark without a label.
type tick struct {
	at    float64
	label string
	minor bool
}

// scale returns the scale that puts the axis between two places on the page.
func (a axis) scale(from, to float64) scale {
	return scale{min: a.min, max: a.max, from: from, to: to, log: a.log}
}

// scale takes values to points on the page. A value outside [min, max] goes to the nearer end.
type scale struct {
	min, max float64
	// from and to are where min and max lie, in points.
	from, to float64
	log      bool
}

// pos returns where v lies. A scale without extent has everything at from.
func (s scale) pos(v float64) float64 {
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

// roundStep returns the least of 1, 2 or 5 times a power of ten that is at least v.
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

// linearAxis returns an axis from 0 to top, with at most so many steps.
func linearAxis(top, step float64, most int, label func(float64) string) axis {
	a := axis{max: top}
	for i := 0; i <= most && float64(i)*step <= top*(1+1e-9); i++ {
		a.ticks = append(a.ticks, tick{at: float64(i) * step, label: label(float64(i) * step)})
	}
	return a
}

// countAxis returns an axis that shows what can only be counted, from 0 to top.
func countAxis(top float64, intervals int) axis {
	return linearAxis(top, max(roundStep(top/float64(intervals)), 1), intervals, words.Whole)
}

// secondsAxis returns an axis that shows the time since the storm began, in microseconds.
func secondsAxis(end time.Duration) axis {
	step := roundStep(end.Seconds() / 10)
	digits := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	return linearAxis(micro(end), step*1e6, 10, func(us float64) string {
		return strconv.FormatFloat(us/1e6, 'f', digits, 64)
	})
}

// decadeAxis returns a logarithmic axis; at most about four of its powers of ten have a label.
func decadeAxis(low, high float64, label func(float64) string) axis {
	a := axis{min: low, max: high, log: true}
	stride := int(math.Log10(high/max(low, 1)))/4 + 1
	v := math.Pow(10, math.Ceil(math.Log10(low)-1e-9))
	for n := 0; v <= high; n++ {
		t := tick{at: v}
		if n%stride == 0 {
			t.label = label(v)
		}
		a.ticks = append(a.ticks, t)
		v *= 10
	}
	return a
}

// waitAxis returns a decadeAxis of times in microseconds that shows all from the least to the most.
func waitAxis(least, most float64) axis {
	low := math.Pow(10, math.Floor(math.Log10(max(least, 1))))
	return decadeAxis(low, max(most*1.6, low*10), microsLabel)
}

// microsLabel writes a power of ten of microseconds.
func microsLabel(us float64) string {
	units := []string{" µs", " ms", " s"}
	for ; us >= 1000 && len(units) > 1; units = units[1:] {
		us /= 1000
	}
	return strconv.FormatFloat(us, 'f', -1, 64) + units[0]
}
