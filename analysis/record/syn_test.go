package record

import (
	"testing"
	"time"
)

// TestSYNRetransmission: the first intervals are equal with tcp_syn_linear_timeouts, the others double up to
// 2 minutes.
func TestSYNRetransmission(t *testing.T) {
	for _, c := range []struct{ n, linear, seconds int }{{0, 0, 0}, {1, 0, 1}, {3, 0, 7}, {4, 4, 4}, {8, 4, 19},
		{8, 0, 247}} {
		if got := SYNRetransmission(c.n, c.linear); got != time.Duration(c.seconds)*time.Second {
			t.Errorf("SYN %d with %d linear timeouts: %v, want %d s", c.n, c.linear, got, c.seconds)
		}
	}
}
