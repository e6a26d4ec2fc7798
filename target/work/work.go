// Package work computes how long a handler is busy with each call: a pure function of the call's number and
// a seed.
package work

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Work is a distribution of durations. The zero value is no work.
type Work struct {
	text string
	// quantile gives the duration that a share u of all calls, 0 < u < 1, takes at most.
	quantile func(u float64) time.Duration
}

// Max is the longest work of a call: what a distribution gives beyond is cut to it.
const Max = 10 * time.Minute

// Form is what Parse takes.
const Form = `a time such as "5ms", "exponential 5ms", "lognormal 5ms p99 200ms" or "file PATH"`

// Constant is the same work for every call, from 0 to Max.
func Constant(d time.Duration) Work {
	return Work{d.String(), func(float64) time.Duration { return d }}
}

// Parse takes Form: a constant; an exponential distribution with its mean; a lognormal one with
// its median and its 99th percentile; or a file of durations, of which each call draws one, read by open.
func Parse(s string, open Open) (Work, error) {
	words := strings.Fields(s)
	w, err := Work{}, error(nil)
	switch {
	case len(words) == 1:
		w, err = parseConstant(words[0])
	case len(words) == 2 && words[0] == "exponential":
		w, err = parseExponential(words[1])
	case len(words) == 4 && words[0] == "lognormal" && words[2] == "p99":
		w, err = parseLognormal(words[1], words[3])
	case len(words) >= 2 && words[0] == "file":
		w, err = parseFile(strings.TrimSpace(strings.TrimSpace(s)[len("file"):]), open)
	default:
		err = fmt.Errorf("want %s", Form)
	}
	if err != nil {
		return Work{}, fmt.Errorf("work %q: %w", s, err)
	}
	w.text = strings.Join(words, " ")
	return w, nil
}

// String is what Parse takes.
func (w Work) String() string {
	if w.quantile == nil {
		return "0s"
	}
	return w.text
}

// None reports whether no call has any work.
func (w Work) None() bool { return w.quantile == nil || w.quantile(0.5) == 0 && w.quantile(0.999) == 0 }

// At is the work of a call, the same for the same seed.
func (w Work) At(seed, call uint64) time.Duration {
	if w.quantile == nil {
		return 0
	}
	return min(max(w.quantile(uniform(seed, call)), 0), Max)
}

// uniform is a number above 0 and below 1, by SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func uniform(seed, call uint64) float64 {
	z := seed*0xd1342543de82ef95 + (call+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return (float64(z>>12) + 0.5) / (1 << 52) // one bit more would round to 1
}

// parseTime reads a time from 0 to Max.
func parseTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > Max {
		return 0, fmt.Errorf("%s: want a time from 0s to %v, such as 5ms", s, Max)
	}
	return d, nil
}

func parseConstant(s string) (Work, error) {
	if _, err := time.ParseDuration(s); err != nil {
		return Work{}, fmt.Errorf("want %s", Form)
	}
	d, err := parseTime(s)
	return Constant(d), err
}

func parseExponential(s string) (Work, error) {
	mean, err := parseTime(s)
	return Work{quantile: func(u float64) time.Duration { return scaled(float64(mean), -math.Log(1-u)) }}, err
}

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

func parseLognormal(median, p99 string) (Work, error) {
	m, err := parseTime(median)
	if err != nil {
		return Work{}, err
	}
	high, err := parseTime(p99)
	if err != nil {
		return Work{}, err
	}
	if m == 0 || high < m {
		return Work{}, fmt.Errorf("want a median above 0s and a 99th percentile that is no less")
	}
	sigma := math.Log(float64(high)/float64(m)) / z99
	return Work{quantile: func(u float64) time.Duration {
		return scaled(float64(m), math.Exp(sigma*math.Sqrt2*math.Erfinv(2*u-1)))
	}}, nil
}

// scaled is unit times factor, cut to Max.
func scaled(unit, factor float64) time.Duration {
	return time.Duration(min(unit*factor, float64(Max)))
}
