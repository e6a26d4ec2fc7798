package reports

import (
	"slices"
	"testing"

	"agistorm/analysis"
)

// TestWorstSetting: where no call was lost or late, it is the one in which most calls waited.
func TestWorstSetting(t *testing.T) {
	cell := func(label string, chains ...analysis.Chain) analysis.Cell {
		return analysis.Cell{Label: label, Chains: chains}
	}
	s := &analysis.Summary{Cells: []analysis.Cell{
		cell("128"), cell("256", analysis.Chain{Suffered: analysis.SufferedSlowness, Count: 3}),
		cell("512", analysis.Chain{Suffered: analysis.SufferedRevival, Count: 2}, analysis.Chain{Suffered: analysis.SufferedSlowness, Count: 2}),
	}}
	if c := worst(s); c == nil || c.Label != "512" {
		t.Errorf("%+v", c)
	}
	s.Cells[1].Late.Median = 1
	if c := worst(s); c.Label != "256" {
		t.Errorf("one with a late call: %+v", c)
	}
}

// TestOthers: the ways that a page has no room for are summed up, so that its calls add up.
func TestOthers(t *testing.T) {
	cell := analysis.Cell{Label: "max"}
	for n := 6; n > 0; n-- {
		suffered := analysis.SufferedLoss
		if n == 1 {
			suffered = analysis.SufferedLateness
		}
		cell.Chains = append(cell.Chains, analysis.Chain{Words: "dropped", Count: 100 * n, Suffered: suffered})
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
