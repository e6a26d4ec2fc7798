package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// storms draws the lost calls of n storms, shifted.
type storms func(r *rand.Rand, n int, shift float64) []float64

func drawn(one func(*rand.Rand) float64) storms {
	return func(r *rand.Rand, n int, shift float64) []float64 {
		all := make([]float64, n)
		for i := range all {
			all[i] = one(r) + shift
		}
		return all
	}
}

// Lost calls of 2,000 as storms have them.
var (
	oneCluster  = drawn(func(r *rand.Rand) float64 { return 500 + 40*r.NormFloat64() })
	skewed      = drawn(func(r *rand.Rand) float64 { return 300 + 60*r.ExpFloat64() })
	twoClusters = drawn(func(r *rand.Rand) float64 { return 646 + 296*float64(r.IntN(2)) + 4*r.NormFloat64() })
)

// As many values as Deciding asks for decide in most cases, whether nothing changed or much did.
func TestDecidingDecides(t *testing.T) {
	for name, c := range map[string]struct {
		draw         storms
		first        int
		limit, shift float64
		most         int
	}{
		"unchanged":                     {oneCluster, 5, 40, 0, 40},
		"unchanged, 10 at first":        {oneCluster, 10, 30, 0, 60},
		"unchanged, skewed":             {skewed, 6, 30, 0, 50},
		"unchanged, two clusters":       {twoClusters, 8, 40, 0, 60},
		"twice the limit":               {oneCluster, 5, 20, 40, 60},
		"twice the limit, skewed":       {skewed, 5, 20, 40, 60},
		"two clusters, worse by a half": {twoClusters, 8, 40, 150, 60},
	} {
		random := rand.New(rand.NewPCG(3, uint64(len(name))))
		decided, open, sum := 0, 0, 0
		for range 200 {
			old, now := c.draw(random, c.first, 0), c.draw(random, c.first, c.shift)
			if decides(old, now, c.limit) {
				continue
			}
			n := Deciding(old, now, c.limit)
			if n < LeastCompared || n > MostDeciding {
				t.Fatalf("%s: %d storms", name, n)
			}
			open++
			sum += n
			if decides(c.draw(random, n, 0), c.draw(random, n, c.shift), c.limit) {
				decided++
			}
		}
		t.Logf("%s: %d of %d decided with %d storms on average", name, decided, open, sum/max(open, 1))
		if open < 15 || 10*decided < 7*open {
			t.Errorf("%s: %d of %d decided, want 7 of 10 or more", name, decided, open)
		}
		if sum > c.most*open {
			t.Errorf("%s: %d storms on average, want %d or fewer", name, sum/open, c.most)
		}
	}
}

// decides reports whether the new values are shown to be worse by less than the limit, or to be greater.
func decides(old, now []float64, limit float64) bool {
	s := ShiftOf(old, now)
	return s.Excludes(limit) || s.Estimate >= limit && s.Low != nil && *s.Low > 0
}

func TestDecidingIsBounded(t *testing.T) {
	apart := []float64{1, 2, 3, 4}
	if n := Deciding(apart, []float64{100, 200, 300, 400}, 1); n != LeastCompared {
		t.Errorf("%d values where no order is open, want %d", n, LeastCompared)
	}
	if n := Deciding(apart, slices.Clone(apart), 0); n != MostDeciding {
		t.Errorf("%d values for no limit, want %d", n, MostDeciding)
	}
}

func TestCorrected(t *testing.T) {
	got, want := Corrected([]float64{0.04, 0.01, 0.03}), []float64{0.04, 0.03, 0.04}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestQuarters(t *testing.T) {
	one, two := []float64{790, 791, 792, 793, 794, 795}, []float64{646, 646, 647, 942, 942, 943}
	if got := Quarters(one, two); got != 148 {
		t.Errorf("got %v, want 148", got)
	}
	if got := Quarters(one, []float64{795, 790, 793, 794, 791, 792}); got != 0 {
		t.Errorf("the same values: %v", got)
	}
}
