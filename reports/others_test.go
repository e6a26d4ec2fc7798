package reports

import (
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/causes"
	"agistorm/analysis/finding"
)

// TestWorstSetting: where no call was lost or late, it is the one in which most calls waited.
func TestWorstSetting(t *testing.T) {
	cell := func(label string, chains ...causes.Chain) analysis.Cell {
		return analysis.Cell{Label: label, Chains: chains}
	}
	s := &analysis.Summary{Cells: []analysis.Cell{
		cell("128"), cell("256", causes.Chain{Impairment: calls.ImpairedSlow, Count: 3}),
		cell(
			"512",
			causes.Chain{Impairment: calls.ImpairedRevived, Count: 2},
			causes.Chain{Impairment: calls.ImpairedSlow, Count: 2},
		),
	}}
	if at := worstPlace(s); at != 2 {
		t.Errorf("the worst is setting %d, want the third", at)
	}
	s.Cells[1].Late.Median = 1
	if at := worstPlace(s); at != 1 {
		t.Errorf("one with a late call: the worst is setting %d", at)
	}
}

// TestOthers: the ways that a page has no room for are summed up, so that its calls add up.
func TestOthers(t *testing.T) {
	cell, refused := analysis.Cell{Label: "max"}, []finding.Step{{Code: finding.ServerFull}}
	for n := 6; n > 0; n-- {
		impairment := calls.ImpairedLost
		if n == 1 {
			impairment = calls.ImpairedLate
		}
		cell.Chains = append(cell.Chains, causes.Chain{Steps: refused, Count: 100 * n, Impairment: impairment})
	}
	s := &analysis.Summary{Cells: []analysis.Cell{cell}}
	for most, want := range map[int]string{6: "100 late", 5: "100 late", 4: "200 lost, 100 late",
		3: "500 lost, 100 late"} {
		all := reasons(s, most)
		if last := all[len(all)-1]; last.Calls != want || len(all) != min(most+1, 6) || last.Lost != (most < 5) {
			t.Errorf("%d: %d rows, the last %+v, want %q", most, len(all), last, want)
		}
	}
}
