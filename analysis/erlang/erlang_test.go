package erlang

import (
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

// TestSmall: worked out by hand from the sums of the formulae.
func TestSmall(t *testing.T) {
	for _, c := range []struct {
		servers int
		load    float64
		b, c    float64
	}{
		{1, 0.5, 1. / 3, 0.5},   // B = a/(1+a); C of one server is its utilisation
		{2, 1, 1. / 5, 1. / 3},  // B = (1/2)/(1+1+1/2); C = 2(1/2)/(1+1+2(1/2))
		{2, 0, 0, 0},            // no call
		{3, 2, 4. / 19, 4. / 9}, // B = (8/6)/(1+2+2+8/6); C = 3(8/6)/(1+2+2+3(8/6))
		{1, 1, 1. / 2, 1},       // as much load as servers
		{2, 5, 25. / 37, 1},     // B = (25/2)/(1+5+25/2)
		{0, 3, 1, 1},            // no server
	} {
		if b, w := B(c.servers, c.load), C(c.servers, c.load); !near(b, c.b) || !near(w, c.c) {
			t.Errorf("%d servers, %v Erlangs: B %v, want %v; C %v, want %v", c.servers, c.load, b, c.b, w, c.c)
		}
	}
}

// TestLarge: a thousand servers neither overflow nor lose their order.
func TestLarge(t *testing.T) {
	b, c := B(1000, 990), C(1000, 990)
	if !(0 < b && b < c && c < 1) || !(B(1001, 990) < b) || !(C(1000, 991) > c) {
		t.Errorf("B %v, C %v", b, c)
	}
}
