package reports

import (
	"slices"
	"testing"

	"agistorm/analysis"
)

// TestOthers: the ways that a page has no room for are summed up, so that its calls add up.
func TestOthers(t *testing.T) {
	cell := analysis.Cell{Label: "max"}
	for n := 6; n > 0; n-- {
		cell.Chains = append(cell.Chains, analysis.Chain{Words: "dropped", Count: 100 * n, Late: n == 1})
	}
	s := &analysis.Summary{Cells: []analysis.Cell{cell}}
	for most, want := range map[int]string{6: "100 late", 5: "100 late", 4: "200 lost, 100 late", 3: "500 lost, 100 late"} {
		all := reasons(s, most)
		if last := all[len(all)-1]; last.Calls != want || len(all) != min(most+1, 6) || last.Lost != (most < 5) {
			t.Errorf("%d: %d rows, the last %+v, want %q", most, len(all), last, want)
		}
	}
	want := []string{"600 lost: dropped", "500 lost: dropped", "400 lost: dropped",
		"500 lost, 100 late: 3 other ways; summary.json has all, and --explain tells them"}
	if got := whyLines(s); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
