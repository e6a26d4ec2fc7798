package plots

import (
	"cmp"
	"slices"

	"agistorm/analysis"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// handful is how many settings a figure of single storms shows, and of more settings than it has
// room for: more would drown the page.
const handful = 4

// chosen returns the cells whose storms are shown one by one, in the order of the run: all if there
// is room for them, else those that say most (the shortest queue, the recommended one and the one
// below it, the longest; without a recommendation evenly between).
func chosen(s *analysis.Summary, room int) []*analysis.Cell {
	order := byEffective(s.Cells)
	if last := len(order) - 1; last >= room {
		low, high := last/3, 2*last/3
		if best, ok := recommended(s, order); ok {
			low, high = max(best-1, 0), best
		}
		order = []int{order[0], order[low], order[high], order[last]}
	}
	slices.Sort(order)
	return lists.Map(slices.Compact(order), func(i int) *analysis.Cell { return &s.Cells[i] })
}

// Note says what the figures of single storms have in common: which storms and settings they show.
func Note(s *analysis.Summary) string {
	shown := words.PlottedOf(s)
	_, shown.Recommended = recommended(s, byEffective(s.Cells))
	shown.Room = handful
	return words.FiguresNote.With(shown)
}

// byEffective returns the positions of the cells, the shortest queue first.
func byEffective(cells []analysis.Cell) []int {
	order := make([]int, len(cells))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cells[a].Effective, cells[b].Effective) })
	return order
}

// recommended returns the place in the order of the least setting that has the recommended backlog.
func recommended(s *analysis.Summary, order []int) (int, bool) {
	if s.Recommendation == nil {
		return 0, false
	}
	i := slices.IndexFunc(order, func(i int) bool { return s.Cells[i].Effective >= s.Recommendation.Backlog })
	return i, i >= 0
}

// recorded reports whether the attempts of a storm are there.
func recorded(r *analysis.Repeat) bool { return len(r.Raw.Attempts) > 0 }

// medianStorm returns the storm of a cell with the median number of lost calls, of late calls among
// equals, the worse of two, of those storms that have what is to be shown; nil without one. Storms
// without a record are not asked.
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
