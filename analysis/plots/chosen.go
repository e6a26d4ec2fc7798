package plots

import (
	"cmp"
	"fmt"
	"slices"

	"agistorm/analysis"
)

// handful is how many settings a figure of single storms shows: more would drown the page.
const handful = 4

// Chosen are the cells whose storms are shown one by one, in the order of the run: all of a few, else those that tell most (the
// shortest queue, the recommended one and the one below it, the longest; without a recommendation evenly between).
func Chosen(s *analysis.Summary) []*analysis.Cell {
	keep := map[int]bool{}
	for _, i := range telling(s) {
		keep[i] = true
	}
	var cells []*analysis.Cell
	for i := range s.Cells {
		if keep[i] {
			cells = append(cells, &s.Cells[i])
		}
	}
	return cells
}

// telling are the positions of Chosen.
func telling(s *analysis.Summary) []int {
	order := byEffective(s.Cells)
	last := len(order) - 1
	if last < handful {
		return order
	}
	if best, ok := recommended(s, order); ok {
		return []int{order[0], order[max(best-1, 0)], order[best], order[last]}
	}
	return []int{order[0], order[last/3], order[2*last/3], order[last]}
}

// byEffective are the positions of the cells, the shortest queue first.
func byEffective(cells []analysis.Cell) []int {
	order := make([]int, len(cells))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cells[a].Effective, cells[b].Effective) })
	return order
}

// recommended is the place in the order of the least setting that has the recommended backlog.
func recommended(s *analysis.Summary, order []int) (int, bool) {
	if s.Recommendation == nil {
		return 0, false
	}
	i := slices.IndexFunc(order, func(i int) bool { return s.Cells[i].Effective >= s.Recommendation.Backlog })
	return i, i >= 0
}

// MedianStorm is the recorded storm of a cell with the median number of lost calls, of late calls among equals, the worse of two: the
// same one in every figure of single storms. Nil without one.
func MedianStorm(c *analysis.Cell) *analysis.Repeat { return medianStorm(c, recorded) }

// recorded tells whether the attempts of a storm are there.
func recorded(r *analysis.Repeat) bool { return len(r.Raw.Attempts) > 0 }

// medianStorm is MedianStorm of those storms that have what is to be shown; those without a record are not asked.
func medianStorm(c *analysis.Cell, has func(*analysis.Repeat) bool) *analysis.Repeat {
	var storms []*analysis.Repeat
	for i := range c.Repeats {
		if r := &c.Repeats[i]; r.Raw != nil && has(r) {
			storms = append(storms, r)
		}
	}
	if len(storms) == 0 {
		return nil
	}
	slices.SortStableFunc(storms, func(a, b *analysis.Repeat) int {
		return cmp.Or(cmp.Compare(a.Lost, b.Lost), cmp.Compare(a.Late, b.Late))
	})
	return storms[len(storms)/2]
}

// whichStorms is the sentence of a caption that says what was chosen, with a blank before it; empty where there was no choice.
func whichStorms(s *analysis.Summary) string {
	text := ""
	if most := mostRepeats(s); most > 1 {
		text = fmt.Sprintf(" Of %d storms%s that with the median number of lost calls is drawn (the worse of two in the middle).", most, bySetting(s, " of each setting"))
	}
	if n := len(s.Cells); n > handful {
		which := "from the shortest queue to the longest"
		if _, ok := recommended(s, byEffective(s.Cells)); ok {
			which = "the shortest queue, the recommended one and the one below it, and the longest"
		}
		text += fmt.Sprintf(" Of the %d settings these are shown: %s.", n, which)
	}
	return text
}

func mostRepeats(s *analysis.Summary) int {
	most := 0
	for i := range s.Cells {
		most = max(most, len(s.Cells[i].Repeats))
	}
	return most
}

// CountersOf is the sentence of a caption that says what the kernel's counters count beside the storm, with a blank before it; empty
// where the storm was alone in its network namespace.
func CountersOf(s *analysis.Summary) string {
	if s.Run == nil || s.Run.Isolation.Own() {
		return ""
	}
	return " The kernel counts for all listeners of the server's network namespace together."
}
