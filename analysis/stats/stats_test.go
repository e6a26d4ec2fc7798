package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The expected bounds of the first four are those of Newcombe, "Two-sided confidence intervals for the single
// proportion" (1998), table I, method 3.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
		{29, 29, 0.8830, 1},
		{0, 2000, 0, 0.0019},
		{0, 0, 0, 1},
	} {
		p := Wilson(c.k, c.n)
		if math.Abs(p.Low-c.low) > 5e-5 || math.Abs(p.High-c.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.k, c.n, p.Low, p.High, c.low, c.high)
		}
		if p.Share < p.Low || p.Share > p.High {
			t.Errorf("%d of %d: share %v is not between %v and %v", c.k, c.n, p.Share, p.Low, p.High)
		}
	}
}

func TestSpreadOf(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3, 6}
	m := SpreadOf(values)
	if m.Median != 3.5 || m.Low == nil || *m.Low != 1 || *m.High != 6 {
		t.Errorf("six values: %+v, want 3.5 and the whole range", m)
	}
	if !slices.Equal(values, []float64{5, 1, 4, 2, 3, 6}) {
		t.Errorf("the values were sorted: %v", values)
	}
	if m := SpreadOf(values[:5]); m.Low != nil || m.High != nil || m.N != 5 || m.Median != 3 {
		t.Errorf("five values: %+v, want a median and no interval", m)
	}
	if m := SpreadOf(nil); m != (Spread{}) {
		t.Errorf("none: %+v", m)
	}
}

func TestCompareNeedsFourEach(t *testing.T) {
	low, high := []float64{1, 2, 3, 4}, []float64{11, 12, 13, 14}
	if d := Compare(low, high); !d.Enough || !d.Significant || math.Abs(d.P-2.0/70) > 1e-9 {
		t.Errorf("4 and 4 apart: %+v, want P 2/70", d)
	}
	if d := Compare(low[:3], high); d.Enough || d.Significant {
		t.Errorf("3 and 4 apart: %+v, want too few", d)
	}
	many := make([]float64, 60)
	for i := range many {
		many[i] = 100 + float64(i)
	}
	if d := Compare(low[:3], many); d.P > Alpha || d.Significant {
		t.Errorf("3 and 60 apart: %+v, want a small P and yet no claim", d)
	}
}

func TestCompareWithoutADifference(t *testing.T) {
	same := []float64{7, 7, 7, 7, 7}
	if d := Compare(same, same); d.P != 1 || d.Significant || !d.Enough {
		t.Errorf("all equal: %+v", d)
	}
	if d := Compare(nil, same); d.P != 1 || d.Enough {
		t.Errorf("none against five: %+v", d)
	}
	if d := Compare([]float64{1, 3, 5, 7}, []float64{2, 4, 6, 8}); d.Significant {
		t.Errorf("interleaved: %+v", d)
	}
}

// Two samples of one distribution may pass for different in 1 of 20 trials, not more.
func TestCompareClaimsFalselyNotMoreOftenThanAlpha(t *testing.T) {
	const trials = 4000
	r := rand.New(rand.NewPCG(1, 2))
	draw := func() []float64 {
		values := make([]float64, 5)
		for i := range values {
			values[i] = math.Exp(r.NormFloat64())
		}
		return values
	}
	claims := 0
	for range trials {
		if Compare(draw(), draw()).Significant {
			claims++
		}
	}
	// Four standard deviations above 5 %; of 5 and 5 the next possible level is 3.2 %.
	if limit := int(trials*Alpha + 4*math.Sqrt(trials*Alpha*(1-Alpha))); claims == 0 || claims > limit {
		t.Errorf("%d of %d comparisons of alike samples claim a difference, want 1 to %d", claims, trials, limit)
	}
}

func TestChange(t *testing.T) {
	d := Compare([]float64{10}, []float64{15})
	if change, ok := d.Change(); !ok || math.Abs(change-0.5) > 1e-12 {
		t.Errorf("10 to 15: %v %v, want 0.5", change, ok)
	}
	if _, ok := Compare([]float64{0}, []float64{15}).Change(); ok {
		t.Error("0 to 15 has a change")
	}
}

// P of n and n values that do not overlap is 2/C(2n,n): 2/70 for 4, 2/252 for 5, 2/924 for 6, 2/3432 for 7.
func TestNeeded(t *testing.T) {
	for comparisons, want := range map[int]int{0: 4, 1: 4, 2: 5, 6: 5, 7: 6, 23: 6, 24: 7, 85: 7, 86: 8} {
		if got := Needed(comparisons); got != want {
			t.Errorf("%d comparisons need %d values each, want %d", comparisons, got, want)
		}
		apart := func(n int) *Difference {
			var low, high []float64
			for i := range n {
				low, high = append(low, float64(i)), append(high, float64(i+n))
			}
			d := Compare(low, high)
			return &d
		}
		with := func(n int) *Difference {
			all := []*Difference{apart(n)}
			for len(all) < comparisons {
				d := Compare([]float64{1, 3, 5, 7, 9}, []float64{2, 4, 6, 8, 10})
				all = append(all, &d)
			}
			Correct(all)
			return all[0]
		}
		if d := with(want); !d.Significant || d.Suspected {
			t.Errorf("%d apart among %d: %+v, want it significant", want, comparisons, d)
		}
		if d := with(want - 1); want > LeastCompared && (d.Significant || !d.Suspected) {
			t.Errorf("%d apart among %d: %+v, want it suspected", want-1, comparisons, d)
		}
	}
}

// The values are the example of Benjamini and Hochberg (1995), section 3.2: of 15 hypotheses the first four
// are rejected.
func TestCorrect(t *testing.T) {
	p := []float64{
		0.0001,
		0.0004,
		0.0019,
		0.0095,
		0.0201,
		0.0278,
		0.0298,
		0.0344,
		0.0459,
		0.3240,
		0.4262,
		0.5719,
		0.6528,
		0.7590,
		1,
	}
	var all []*Difference
	for i := range p {
		all = append(all, &Difference{P: p[len(p)-1-i], Enough: true})
	}
	few := &Difference{P: 0.00001}
	Correct(append(all, few))
	for _, d := range all {
		if want := d.P <= 0.0095; d.Significant != want {
			t.Errorf("P %v: significant %v, want %v (Q %v)", d.P, d.Significant, want, d.Q)
		}
		if d.Q < d.P || d.Q > 1 {
			t.Errorf("P %v became %v", d.P, d.Q)
		}
	}
	if got := all[len(all)-1].Q; math.Abs(got-0.0015) > 1e-12 {
		t.Errorf("the least P became %v, want 15 times 0.0001", got)
	}
	one, same := Compare(
		[]float64{1, 2, 3, 4},
		[]float64{5, 6, 7, 8},
	), Compare(
		[]float64{7, 7, 7, 7},
		[]float64{7, 7, 7, 7},
	)
	if Correct([]*Difference{&one, &same}); one.Q != one.P || same.Significant {
		t.Errorf("beside one whose values are all the same: %+v, want it as if it were alone", one)
	}
	if few.Significant || few.Q != 0 {
		t.Errorf("too few values: %+v, want it untouched", few)
	}
}

// TestAlphaIsSignificant: the level itself is not above it.
func TestAlphaIsSignificant(t *testing.T) {
	d := Difference{Enough: true, P: Alpha}
	if d.correct(Alpha); !d.Significant || d.Suspected {
		t.Errorf("q = alpha: %+v", d)
	}
	if d.correct(Alpha * 1.001); d.Significant || !d.Suspected {
		t.Errorf("p = alpha, q above: %+v", d)
	}
	d.P = Alpha * 1.001
	if d.correct(Alpha * 1.001); d.Significant || d.Suspected {
		t.Errorf("p above alpha: %+v", d)
	}
}
