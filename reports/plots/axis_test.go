package plots

import (
	"cmp"
	"math"
	"strings"
	"testing"
	"time"

	"agistorm/reports/words"

	"github.com/google/go-cmp/cmp/cmpopts"
)

var nearly = cmpopts.EquateApprox(1e-9, 1e-9)

func TestScale(t *testing.T) {
	linear := scale{min: 0, max: 200, from: 100, to: 500}
	upright := scale{min: 1, max: 1000, from: 90, to: 30, log: true}
	for _, c := range []struct {
		name string
		s    scale
		v    float64
		want float64
	}{
		{"a quarter", linear, 50, 200},
		{"below", linear, -5, 100},
		{"above", linear, 1e9, 500},
		{"not a number", linear, math.NaN(), 100},
		{"no extent", scale{from: 7, to: 9}, 3, 7},
		{"one decade of three", upright, 10, 70},
		{"zero on a logarithmic axis", upright, 0, 90},
		{"logarithmic from zero", scale{max: 10, from: 3, to: 5, log: true}, 1, 3},
	} {
		if got := c.s.pos(c.v); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// ticksOf are the labels of an axis; a line without one is "-", a short mark ".".
func ticksOf(a axis) string {
	var all []string
	for _, t := range a.ticks {
		switch {
		case t.minor:
			all = append(all, ".")
		default:
			all = append(all, cmp.Or(t.label, "-"))
		}
	}
	return strings.Join(all, " ")
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		name string
		a    axis
		want string
	}{
		{"counts", countAxis(2000, 6), "0 500 1,000 1,500 2,000"},
		{"one", countAxis(1, 3), "0 1"},
		{"nothing between", countAxis(1.3, 3), "0 1"},
		{"a few", countAxis(2.2, 3), "0 1 2"},
		{"two only", countAxis(167.7, 3), "0 100"},
		{"three", countAxis(5326, 3), "0 2,000 4,000"},
		{"none", countAxis(0, 4), "0"},
		{"seconds", secondsAxis(1370 * ms), "0.0 0.2 0.4 0.6 0.8 1.0 1.2"},
		{"parts of a second", secondsAxis(300 * ms), "0.00 0.05 0.10 0.15 0.20 0.25 0.30"},
		{"no time", secondsAxis(0), "0"},
		{"long", secondsAxis(150 * time.Second), "0 20 40 60 80 100 120 140"},
		{"decades of calls", decadeAxis(0.5, 1.25e5, words.Whole), "1 - 100 - 10,000 -"},
		{"decades of time", waitAxis(20e3, 20e3), "10 ms 100 ms"},
		{"no wait", waitAxis(0, 0), "1 µs 10 µs"},
		{"latencies", latencyAxis(20e3, 1e6, 0), "10 ms . . . . . . . . 100 ms . . . . . . . . 1 s"},
	} {
		if got := ticksOf(c.a); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if a := waitAxis(20e3, 20e3); a.min != 1e4 || a.max != 1e5 {
		t.Errorf("20 ms on an axis from %v to %v µs, want 10 ms to a decade more", a.min, a.max)
	}
}

func TestTickLabels(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{microsLabel(1), "1 µs"},
		{microsLabel(100), "100 µs"},
		{microsLabel(1e4), "10 ms"},
		{microsLabel(1e6), "1 s"},
		{microsLabel(1e9), "1000 s"},
		{words.Part(0), "0 %"},
		{words.Part(0.001), "1 %"},
		{words.Part(0.234), "23 %"},
		{words.Part(0.9999), "99 %"},
		{words.Part(1), "100 %"},
		{words.Whole(1532.5), "1,533"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
