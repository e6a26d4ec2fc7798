package engine

import (
	"testing"
	"time"
)

// TestBracketsHoldTheirTimes: each time is below its bracket's end, and by no more than a sixteenth.
func TestBracketsHoldTheirTimes(t *testing.T) {
	for us := time.Duration(0); us < 1<<34; us = us*9/8 + 1 {
		d := us * time.Microsecond
		end := BracketEnd(Bracket(d))
		if end <= d || end-d > d/perOctave+time.Microsecond {
			t.Errorf("%v is in the bracket that ends at %v", d, end)
		}
	}
	if got, want := Bracket(1000*time.Hour), Brackets-1; got != want {
		t.Errorf("bracket %d for a time beyond all, want the last, %d", got, want)
	}
}

func TestLags(t *testing.T) {
	var a, b Lags
	a.Add(3 * time.Microsecond)
	a.Add(-time.Second) // clocks that disagree
	b.Add(7 * time.Millisecond)
	a.Merge(&b)
	if a.Count != 3 || a.Sum != 7*time.Millisecond+3*time.Microsecond || a.Max != 7*time.Millisecond {
		t.Errorf("%d lags, sum %v, max %v; want 3, 7.003ms, 7ms", a.Count, a.Sum, a.Max)
	}
	if a.Counts[0] != 1 || a.Counts[3] != 1 || a.Counts[Bracket(7*time.Millisecond)] != 1 {
		t.Error("a lag is not in its bracket")
	}
}

func TestLagOfAHangUp(t *testing.T) {
	for _, c := range []struct {
		hangUpAfter, due, until, want time.Duration
	}{
		{0, 10, 40, 30},  // never
		{20, 10, 40, 15}, // the caller left at 25
		{20, 25, 40, 15}, // it was due when the caller had left
		{20, 10, 20, 10}, // before the caller left
		{0, 40, 10, 0},   // the server had closed before it was due
	} {
		p := Plan{HangUpAfter: c.hangUpAfter}
		if got := p.Lag(5, c.due, c.until); got != c.want {
			t.Errorf("%+v: a lag of %v", c, got)
		}
	}
}
