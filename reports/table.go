package reports

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/words"
)

// column is one number of every cell.
type column struct {
	// over and name are the two lines of the heading.
	over, name string
	of         func(*analysis.Cell) value
	// main is a column of which even a terminal shows the ranges.
	main bool
	// outcome that it counts, empty if it counts something else.
	outcome record.Outcome
}

// heading is how the column is headed and laid out.
func (c column) heading() document.Column {
	return document.Column{Over: c.over, Name: c.name, Swatch: string(c.outcome), Ranges: c.main}
}

// columnOf shows a metric, each setting with the median and the range of its storms.
func columnOf(m *metric.Metric) column {
	return column{over: m.Head[0], name: m.Head[1], outcome: m.Outcome, of: func(c *analysis.Cell) value { return measured(m, c) }}
}

// columns are those that this run can fill, the cell's label apart.
func columns(s *analysis.Summary) []column {
	cols := []column{{over: "effective", name: "backlog", of: func(c *analysis.Cell) value { return text(effective(c)) }}}
	calls, same := offered(s)
	if !same {
		cols = append(cols, columnOf(metric.Named("offered")))
	}
	for _, m := range metric.All() {
		if m.Table != metric.MainTable && (m.Table != metric.MainTableIfAny || m.Outcome != success(s) && !occurs(s, m)) {
			continue
		}
		col := columnOf(m)
		if col.main = m.Name == "lost"; col.main && same {
			col.name = "of " + words.Count(calls)
		}
		cols = append(cols, col)
	}
	return append(cols, column{over: "deepest", name: "queue", of: func(c *analysis.Cell) value { return text(peak(c)) }})
}

// occurs reports whether any storm of the run has some of the metric.
func occurs(s *analysis.Summary, m *metric.Metric) bool {
	return slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return c.Metrics[m.Name].Max > 0 })
}

// anySlow reports whether any setting let calls wait for their first command.
func anySlow(s *analysis.Summary) bool {
	return slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return c.Slow.Max > 0 })
}

// offered is the number of calls that every storm offered; false where they differ or there is no storm.
func offered(s *analysis.Summary) (int, bool) {
	n, same := 0, false
	for i := range s.Cells {
		for j := range s.Cells[i].Repeats {
			r := &s.Cells[i].Repeats[j]
			if same && r.Offered != n {
				return 0, false
			}
			n, same = r.Offered, true
		}
	}
	return n, same
}

// Two ways to show the numbers of calls.
const (
	fullRanges  = "Median of a setting's storms, and (least–most) where they differ. "
	shortRanges = "Median of a setting's storms; lost calls also with (least–most). "
)

// legend explains the table in one line each.
func legend(s *analysis.Summary, ranges string) []string {
	if len(s.Cells) == 0 {
		return nil
	}
	lines := []string{
		ranges + "connect: the wait of all offered calls; " + lostWait + " where so many were lost that it has no end. p99 needs 100 calls. " +
			unknown + " is not known.",
		"late: " + string(success(s)) + ", but only after a lost SYN, so 1 s or more late. phantoms: connected for the client, never accepted by the server.",
	}
	if anySlow(s) {
		lines = append(lines, "slow: answered, but connected for 1 s or more before the first command came.")
	}
	if slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return inDoubt(s, &c) }) {
		lines = append(lines, "? after a setting: what it shows is inconclusive, for the reason given above.")
	}
	for i := range s.Cells {
		if s.Cells[i].Effective >= largest {
			return append(lines, "max: 2,147,483,647.")
		}
	}
	return lines
}
