package plots

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		if got := c.s.at(c.v); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLinearTicks(t *testing.T) {
	for _, c := range []struct {
		top       float64
		intervals int
		want      []float64
		step      float64
	}{
		{2000, 6, []float64{0, 500, 1000, 1500, 2000}, 500},
		{1.37, 10, []float64{0, 0.2, 0.4, 0.6, 0.8, 1, 1.2}, 0.2},
		{0.3, 3, []float64{0, 0.1, 0.2, 0.3}, 0.1},
		{0, 4, []float64{0}, 1},
	} {
		got, step := linearTicks(c.top, c.intervals)
		if diff := cmp.Diff(c.want, got, nearly); diff != "" || math.Abs(step-c.step) > 1e-9 {
			t.Errorf("linearTicks(%v, %d): step %v, want %v (-want +got):\n%s", c.top, c.intervals, step, c.step, diff)
		}
	}
}

func TestWholeTicks(t *testing.T) {
	for _, c := range []struct {
		top  float64
		want []float64
	}{
		{1, []float64{0, 1}},
		{1.3, []float64{0, 1}},
		{2.2, []float64{0, 1, 2}},
		{167.7, []float64{0, 100}},
		{5326, []float64{0, 2000, 4000}},
	} {
		if diff := cmp.Diff(c.want, wholeTicks(c.top, 3), nearly); diff != "" {
			t.Errorf("wholeTicks(%v) (-want +got):\n%s", c.top, diff)
		}
	}
}

func TestTickLabels(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{secondsLabel(0, 0.2), "0.0"},
		{secondsLabel(1.2, 0.2), "1.2"},
		{secondsLabel(0.15, 0.05), "0.15"},
		{secondsLabel(40, 20), "40"},
		{decadeLabel(0), "1 µs"},
		{decadeLabel(2), "100 µs"},
		{decadeLabel(4), "10 ms"},
		{decadeLabel(6), "1 s"},
		{decadeLabel(9), "1000 s"},
		{percent(0), "0 %"},
		{percent(0.001), "1 %"},
		{percent(0.234), "23 %"},
		{percent(0.9999), "99 %"},
		{percent(1), "100 %"},
		{whole(1532.5), "1,533"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
