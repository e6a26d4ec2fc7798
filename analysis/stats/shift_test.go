package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The values of R's ?wilcox.test (Hollander and Wolfe 1973, 69f.).
var permeability = []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
var early = []float64{1.15, 0.88, 0.90, 0.74, 1.21}

func TestShiftOf(t *testing.T) {
	s := ShiftOf(early, permeability)
	// Hollander and Wolfe give 0.305 as the estimate; P(U <= 8) of 10 and 5 values is 0.0200, P(U <= 9) 0.0276.
	if math.Abs(s.Estimate-0.305) > 1e-9 {
		t.Errorf("estimate %v, want 0.305", s.Estimate)
	}
	if got := leastAccepted(10, 5); got != 9 {
		t.Errorf("least accepted U of 10 and 5: %d, want 9", got)
	}
	if s.Low == nil || s.High == nil || *s.Low >= 0 || *s.High <= s.Estimate {
		t.Errorf("interval %v to %v", s.Low, s.High)
	}
}

func TestShiftOfFourIsTheWholeRange(t *testing.T) {
	s := ShiftOf([]float64{10, 11, 12, 13}, []float64{10, 12, 14, 20})
	if s.Low == nil || *s.Low != -3 || *s.High != 10 || s.Estimate != 1.5 {
		t.Errorf("got %+v: want 1.5, from -3 to 10", s)
	}
	if s.Excludes(10) || !s.Excludes(10.5) {
		t.Error("Excludes is wrong about the upper end")
	}
	if few := ShiftOf([]float64{1, 2, 3}, []float64{1, 2, 3, 4}); few.High != nil || few.Excludes(100) {
		t.Errorf("3 values have an interval: %+v", few)
	}
	if none := ShiftOf(nil, []float64{1}); none != (Shift{}) {
		t.Errorf("no values: %+v", none)
	}
}

// The numbers of orders are those of Mann and Whitney: 70 of 4 and 4, one of them with U = 0.
func TestOrders(t *testing.T) {
	want := []float64{1, 1, 2, 3, 5, 5, 7, 7, 8, 7, 7, 5, 5, 3, 2, 1, 1}
	for u, c := range orders(4, 4) {
		if c != want[u] {
			t.Errorf("U = %d: %v orders, want %v", u, c, want[u])
		}
	}
	for n, want := range map[int]int{4: 1, 5: 3, 6: 6, 8: 14, 10: 24, 20: 128} {
		if got := leastAccepted(n, n); got != want {
			t.Errorf("least accepted U of %d and %d: %d, want %d", n, n, got, want)
		}
	}
}

func TestIntervalHoldsTheShiftInNinetyFivePercent(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const trials = 4000
	held := 0
	for range trials {
		old, new := make([]float64, 7), make([]float64, 9)
		for i := range old {
			old[i] = random.ExpFloat64()
		}
		for i := range new {
			new[i] = random.ExpFloat64() + 3
		}
		if s := ShiftOf(old, new); *s.Low <= 3 && 3 <= *s.High {
			held++
		}
	}
	if share := float64(held) / trials; share < 0.945 || share > 0.975 {
		t.Errorf("the interval held the shift in %.1f %%, want 95 %% or a little more", 100*share)
	}
}

// SplitOf agrees with R's ks.test(exact = TRUE).
func TestSplitOf(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new []float64
		d, p     float64
	}{
		{"apart", []float64{1, 2, 3, 4}, []float64{5, 6, 7, 8}, 1, 2.0 / 70},
		{"equal", []float64{1, 1, 1}, []float64{1, 1, 1}, 0, 1},
		{"three and three", []float64{1, 2, 3}, []float64{4, 5, 6}, 1, 0.1},
		{"none", nil, []float64{1}, 0, 1},
	} {
		if s := SplitOf(c.old, c.new); math.Abs(s.D-c.d) > 1e-9 || math.Abs(s.P-c.p) > 1e-9 {
			t.Errorf("%s: D %v, P %v: want %v, %v", c.name, s.D, s.P, c.d, c.p)
		}
	}
}

// Two clusters whose median is that of one cluster: the median's test is blind to it.
func TestSplitOfClusters(t *testing.T) {
	one, two := make([]float64, 20), make([]float64, 20)
	for i := range one {
		one[i] = 790 + float64(i)
		two[i] = 646 + float64(i)
		if i%2 == 0 {
			two[i] += 296
		}
	}
	if d := Compare(one, two); d.P < 0.2 {
		t.Errorf("the test of the median sees it already: P %v", d.P)
	}
	if s := SplitOf(one, two); s.P > 0.02 {
		t.Errorf("P %v of two clusters beside one: want it below 0.02", s.P)
	}
}

// The exact P is the share of the orders that are as far apart.
func TestSplitIsExact(t *testing.T) {
	values := []float64{1, 2, 2, 3, 5, 5, 8} // with ties
	const old = 3
	seen := SplitOf([]float64{1, 2, 5}, []float64{2, 3, 5, 8})
	as, all := 0, 0
	for mask := range 1 << len(values) {
		var a, b []float64
		for i, v := range values {
			if mask&(1<<i) != 0 {
				a = append(a, v)
			} else {
				b = append(b, v)
			}
		}
		if len(a) != old {
			continue
		}
		all++
		if SplitOf(a, b).D >= seen.D-1e-9 {
			as++
		}
	}
	if want := float64(as) / float64(all); math.Abs(seen.P-want) > 1e-9 {
		t.Errorf("P %v, want %d of %d", seen.P, as, all)
	}
}
