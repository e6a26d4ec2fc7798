package loadgen

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

func TestStolenBetween(t *testing.T) {
	got := stolenBetween(&record.Steal{Time: time.Second, CPUs: 2}, &record.Steal{Time: 3 * time.Second, CPUs: 2})
	if diff := cmp.Diff(&record.Steal{Time: 2 * time.Second, CPUs: 2}, got); diff != "" ||
		stolenBetween(nil, got) != nil {
		t.Error(diff)
	}
}

// TestNewPauses: one pause of up to 10 µs, two of up to 1 ms, one beyond the last edge.
func TestNewPauses(t *testing.T) {
	edges := []float64{0, 1e-5, 1e-3, 1e-2, math.Inf(1)}
	got := newPauses(edges, []uint64{5, 1, 0, 0}, []uint64{6, 3, 0, 1})
	want := &record.Pauses{Count: 4, Longest: 10 * time.Millisecond,
		Total: 10*time.Microsecond + 2*time.Millisecond + 10*time.Millisecond}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&record.Pauses{}, newPauses(edges, []uint64{1, 2, 3, 4}, []uint64{1, 2, 3, 4})); diff != "" {
		t.Errorf("nothing happened: %s", diff)
	}
}
