package record

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ms = time.Millisecond

func TestMergeLags(t *testing.T) {
	a := &Lag{Count: 3, Sum: 9 * ms, Max: 5 * ms, Brackets: []LagBracket{{2 * ms, 1}, {6 * ms, 2}}}
	b := &Lag{Count: 2, Sum: 4 * ms, Max: 3 * ms, Brackets: []LagBracket{{2 * ms, 1}, {4 * ms, 1}}}
	want := &Lag{Count: 5, Sum: 13 * ms, Max: 5 * ms, Brackets: []LagBracket{{2 * ms, 2}, {4 * ms, 1}, {6 * ms, 2}}}
	if diff := cmp.Diff(want, MergeLags(a, nil, b)); diff != "" {
		t.Error(diff)
	}
	if got := MergeLags(nil, nil); got != nil {
		t.Errorf("the lags of nothing are %+v, want nil", got)
	}
}

func TestLagQuantile(t *testing.T) {
	l := &Lag{Count: 100, Max: 41 * ms, Brackets: []LagBracket{{ms, 98}, {10 * ms, 1}, {42 * ms, 1}}}
	for q, want := range map[float64]time.Duration{0: ms, 0.5: ms, 0.98: ms, 0.99: 10 * ms, 1: 41 * ms} {
		if got, ok := l.Quantile(q); !ok || got != want {
			t.Errorf("quantile %v: %v, %v; want %v", q, got, ok, want)
		}
	}
	for _, none := range []*Lag{nil, {}} {
		if _, ok := none.Quantile(0.5); ok {
			t.Errorf("%+v has a quantile", none)
		}
	}
}
