package analysis

import (
	"math"
	"strings"
	"testing"

	"agistorm/analysis/record"
)

// TestBrokenCount: a record that claims more SYNs than any kernel sends is told as shortly as another, and at once.
func TestBrokenCount(t *testing.T) {
	for n, want := range map[uint32]string{6: "and 1 more time, given up", 7: "and 2 more times, given up", math.MaxUint32: "and 4,294,967,290 more times, given up"} {
		a := call(0, 12*ms)
		a.SYNRetransmits, a.Outcome, a.Limit, a.Done = p(n), record.ConnectTimeout, "connect", 2012*ms
		_, told := storyOf(t, joined([]record.Attempt{a}))
		if !strings.Contains(told, want) || len(told) > 300 {
			t.Errorf("%d: %d bytes, want %q", n, len(told), want)
		}
	}
}
