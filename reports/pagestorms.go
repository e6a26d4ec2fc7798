package reports

import (
	"fmt"

	"agistorm/analysis"
	"agistorm/analysis/plots"
)

// manyPanels is how many settings the plot of the queue shows; of more it shows those of the other plots.
const manyPanels = 8

// shownStorm is a storm that stands for its setting.
type shownStorm struct {
	cell   *analysis.Cell
	repeat *analysis.Repeat
}

// name of the storm among those of its setting, empty for the only one.
func (s shownStorm) name() string {
	if len(s.cell.Repeats) < 2 {
		return ""
	}
	return fmt.Sprintf("storm %d of %d", s.repeat.N, len(s.cell.Repeats))
}

// stormsOf are the storms of these cells that stand for their settings, the same as in the pictures; cells whose storms are not
// recorded are left out.
func stormsOf(cells []*analysis.Cell) []shownStorm {
	var all []shownStorm
	for _, c := range cells {
		if r := plots.MedianStorm(c); r != nil {
			all = append(all, shownStorm{c, r})
		}
	}
	return all
}

// queueCells are all cells, or of very many those that the other plots show.
func queueCells(s *analysis.Summary) []*analysis.Cell {
	if len(s.Cells) > manyPanels {
		return plots.Chosen(s)
	}
	all := make([]*analysis.Cell, len(s.Cells))
	for i := range s.Cells {
		all[i] = &s.Cells[i]
	}
	return all
}
