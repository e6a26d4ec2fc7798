package causes

import (
	"math"
	"testing"
	"time"

	"agistorm/analysis/record"
)

// TestRetransmissionBounds: no timer is longer than 2 minutes, and a count that no kernel reaches takes no
// longer than the largest one.
func TestRetransmissionBounds(t *testing.T) {
	s := &explainer{}
	for n, want := range map[int]time.Duration{7: 127 * time.Second, 8: 247 * time.Second,
		9: 367 * time.Second} { // 1, 2, 4 … 64, 120, 120
		if got := s.retransmission(n); got != want+want/50 {
			t.Errorf("SYN %d is retransmitted after %v, want %v and a fiftieth", n, got, want)
		}
	}
	if got := s.retransmission(math.MaxInt32); got != s.retransmission(record.MaxSYNs) || got < time.Hour {
		t.Errorf("2,147,483,647 SYNs: %v", got)
	}
}
