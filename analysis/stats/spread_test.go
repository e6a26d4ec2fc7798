package stats

import (
	"slices"
	"testing"
)

func TestSpread(t *testing.T) {
	values := []float64{7, 1, 4}
	if got, want := SpreadOf(values), (Spread{N: 3, Median: 4, Min: 1, Max: 7}); got != want {
		t.Errorf("odd: got %+v, want %+v", got, want)
	}
	if !slices.Equal(values, []float64{7, 1, 4}) {
		t.Errorf("spread sorted its argument: %v", values)
	}
	if got, want := SpreadOf([]float64{4, 1}), (Spread{N: 2, Median: 2.5, Min: 1, Max: 4}); got != want {
		t.Errorf("even: got %+v, want %+v", got, want)
	}
	if got := SpreadOf(nil); got != (Spread{}) {
		t.Errorf("nothing: got %+v", got)
	}
}
