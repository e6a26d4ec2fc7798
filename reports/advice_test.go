package reports

import (
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// TestTightNote: what just fits is said beside the line, with the next longer queue if that helps and was
// tried without a loss.
func TestTightNote(t *testing.T) {
	cell := func(effective int, lost float64) analysis.Cell {
		return analysis.Cell{
			Cell:    record.Cell{Effective: effective},
			Repeats: make([]analysis.Repeat, 1),
			Lost:    analysis.Spread{N: 1, Max: lost},
		}
	}
	for name, tt := range map[string]struct {
		margin float64
		cells  []analysis.Cell
		want   string
	}{
		"room enough": {0.2, []analysis.Cell{cell(400, 0), cell(512, 0)}, ""},
		"a longer one": {0.04, []analysis.Cell{cell(1024, 0), cell(256, 9), cell(400, 0), cell(512, 0)},
			"leaves 4 % of the queue free; 512 leaves more"},
		"none that is longer": {0.04, []analysis.Cell{cell(256, 9), cell(400, 0), cell(400, 0)},
			"leaves 4 % of the queue free"},
		"the longer one loses too": {0, []analysis.Cell{cell(400, 0), cell(512, 0), cell(512, 1), cell(1024, 0)},
			"leaves 0 % of the queue free"},
		"not in this order either": {0, []analysis.Cell{cell(512, 1), cell(512, 0), cell(400, 0)},
			"leaves 0 % of the queue free"},
		"not one that can be set": {0.1, []analysis.Cell{cell(400, 0), cell(largest, 0)}, "leaves 10 % of the queue free"},
		"one without a storm": {0.1, []analysis.Cell{cell(400, 0), {Cell: record.Cell{Effective: 512}}},
			"leaves 10 % of the queue free"},
	} {
		if got := advise(&analysis.Summary{Cells: tt.cells, Recommendation: &analysis.Recommendation{Backlog: 400,
			Margin: &tt.margin}}).Note; got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
