package series

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

// TestThinColumns: equal columns of time keep four samples each, its first, least deep, deepest and last; the
// last sample
// of all belongs to the last column.
func TestThinColumns(t *testing.T) {
	var samples []record.QueueSample
	depths := []uint32{5, 9, 1, 6, 4} // of each quarter: first, deepest, least deep, one more, last
	for i := range 20 {
		at := time.Duration(i) * ms
		if i == 19 {
			at = 20 * ms
		}
		samples = append(samples, record.QueueSample{At: at, Depth: depths[i%5] + 10*uint32(i/5)})
	}
	var want []uint32
	for quarter := range uint32(4) {
		want = append(want, 5+10*quarter, 9+10*quarter, 1+10*quarter, 4+10*quarter)
	}
	var got []uint32
	for _, s := range thin(samples, 16) {
		got = append(got, s.Depth)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := thin(samples, 3); len(got) != 1 || got[0].Depth != 39 {
		t.Errorf("too few for a column: %v, want the deepest", got)
	}
}
