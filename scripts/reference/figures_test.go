//go:build linux

package reference

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"agistorm/scripts/reference/measure"
)

// turn is what each contestant did when it was its turn, by name.
type turn map[string]measure.Result

func perSecond(r measure.Result) float64 { return float64(r.Sessions) / float64(r.WallNS) * 1e9 }
func cpuMicros(r measure.Result) float64 { return float64(r.CPUNS) / float64(r.Sessions) / 1e3 }
func mebibytes(r measure.Result) float64 { return float64(r.MaxRSS) / (1 << 20) }

// median of a figure over the turns.
func median[T any](turns []T, figure func(T) float64) float64 {
	var all []float64
	for _, t := range turns {
		all = append(all, figure(t))
	}
	return middle(all)
}

// middle is the median of the values, which it leaves as they are. It is NaN if one of them is: a
// turn lacks that value.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values)) // NaN comes first
	if math.IsNaN(sorted[0]) {
		return math.NaN()
	}
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ratio of two contestants' figures: the median of the turns' own ratios, for within a turn
// they played right after each other, under the same load from others.
func ratio(turns []turn, figure func(measure.Result) float64, of, to string) float64 {
	return median(turns, func(t turn) float64 { return figure(t[of]) / figure(t[to]) })
}

// target is a figure and what it should be.
type target struct {
	name, unit  string // in the table, and of the benchmark's metric
	value, want float64
	atLeast     bool // or at most
}

// missed reports whether the value is beyond its bound. A value that was not measured (NaN) is.
func (t target) missed() bool {
	held := t.value <= t.want
	if t.atLeast {
		held = t.value >= t.want
	}
	return !held
}

func (t target) String() string {
	bound, verdict := "at most", "held"
	if t.atLeast {
		bound = "at least"
	}
	if t.missed() {
		verdict = "MISSED"
	}
	return fmt.Sprintf("%-52s %8.5g   want %-8s %6.5g   %s", t.name, t.value, bound, t.want, verdict)
}

// report logs a table with its targets, and reports them as metrics.
func report(b *testing.B, table string, targets []target) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // a whole comparison's time says nothing
	for _, t := range targets {
		b.ReportMetric(t.value, t.unit)
		table += t.String() + "\n"
	}
	b.Log(strings.TrimRight(table, "\n")) // of more than ten lines the testing package prints ten
}

func TestMiddle(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := middle(test.values); got != test.want {
			t.Errorf("median of %v: %v, want %v", test.values, got, test.want)
		}
	}
	if got := middle([]float64{1, math.NaN(), 3}); !math.IsNaN(got) {
		t.Errorf("median of values of which one is missing: %v, want NaN", got)
	}
}

func TestRatio(t *testing.T) {
	// Twice as fast in two turns of three, whatever the turns had in common.
	turns := []turn{
		{inC: {Sessions: 10, WallNS: 10e9}, agistorm: {Sessions: 10, WallNS: 5e9}},
		{inC: {Sessions: 10, WallNS: 100e9}, agistorm: {Sessions: 10, WallNS: 50e9}},
		{inC: {Sessions: 10, WallNS: 10e9}, agistorm: {Sessions: 10, WallNS: 100e9}},
	}
	if got := ratio(turns, perSecond, agistorm, inC); got != 2 {
		t.Errorf("ratio %v, want 2", got)
	}
}

func TestTarget(t *testing.T) {
	for _, test := range []struct {
		target target
		missed bool
	}{
		{target{value: 0.95, want: 0.95, atLeast: true}, false},
		{target{value: 0.94, want: 0.95, atLeast: true}, true},
		{target{value: 1.05, want: 1.05}, false},
		{target{value: 1.06, want: 1.05}, true},
		{target{value: math.NaN(), want: 1.05}, true},
		{target{value: math.NaN(), want: 0.95, atLeast: true}, true},
	} {
		if got := test.target.missed(); got != test.missed {
			t.Errorf("%v: missed is %v", test.target, got)
		}
	}
}
