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
	return column{
		over:    m.Head[0],
		name:    m.Head[1],
		outcome: m.Outcome,
		of:      func(c *analysis.Cell) value { return measured(m, c) },
	}
}

// columns are those that this run can fill, the cell's label apart.
func columns(s *analysis.Summary) []column {
	cols := []column{
		{over: "effective", name: "backlog", of: func(c *analysis.Cell) value { return text(effective(c)) }},
	}
	calls, same := offered(s)
	if !same {
		cols = append(cols, columnOf(metric.Named("offered")))
	}
	for _, m := range metric.All() {
		if m.Table != metric.MainTable &&
			(m.Table != metric.MainTableIfAny || m.Outcome != success(s) && !occurs(s, m)) {
			continue
		}
		col := columnOf(m)
		if col.main = m.Name == "lost"; col.main && same {
			col.name = "of " + words.Count(calls)
		}
		cols = append(cols, col)
	}
	cols = append(
		cols,
		column{over: "deepest", name: "queue", of: func(c *analysis.Cell) value { return text(peak(c)) }},
	)
	if !anyCell(s, func(c *analysis.Cell) bool { return len(c.Repeats) > 0 }) {
		return cols
	}
	return slices.DeleteFunc(cols, func(col column) bool { return !filled(s, col) })
}

// filled reports whether a column has anything that is known.
func filled(s *analysis.Summary, col column) bool {
	return anyCell(s, func(c *analysis.Cell) bool { return col.of(c).Text != unknown })
}

// occurs reports whether any storm of the run has some of the metric.
func occurs(s *analysis.Summary, m *metric.Metric) bool {
	return anyCell(s, func(c *analysis.Cell) bool { return c.Metrics[m.Name].Max > 0 })
}

// anyCell reports whether it is so in any of the settings.
func anyCell(s *analysis.Summary, is func(*analysis.Cell) bool) bool {
	return slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return is(&c) })
}

// bounded reports whether the table has a lower bound of the setting.
func bounded(c *analysis.Cell) bool {
	return slices.ContainsFunc(metric.All(), func(m *metric.Metric) bool {
		least, ok := c.AtLeast(m)
		return ok && least > 0 && (m.Table == metric.MainTable || m.Table == metric.MainTableIfAny)
	})
}

func slow(c *analysis.Cell) bool { return c.Slow.Max > 0 }

// offered is the number of calls that every storm offered; false where they differ or there is no storm.
func offered(s *analysis.Summary) (int, bool) {
	n, same := 0, false
	for _, r := range s.Storms() {
		if same && r.Offered != n {
			return 0, false
		}
		n, same = r.Offered, true
	}
	return n, same
}

// legend explains the table in one line each.
func legend(s *analysis.Summary, ranges bool) []string {
	if len(s.Cells) == 0 {
		return nil
	}
	return tableOf(s, ranges).Legend()
}

// shows reports whether a text stands in a cell of the table.
func shows(s *analysis.Summary, text string) bool {
	return slices.ContainsFunc(columns(s), func(col column) bool {
		return anyCell(s, func(c *analysis.Cell) bool { return col.of(c).Text == text })
	})
}

// tableOf says what of the table needs an explanation.
func tableOf(s *analysis.Summary, ranges bool) words.Table {
	return words.Table{
		Success: success(s), Ranges: ranges, Slow: anyCell(s, slow),
		Bounds:    anyCell(s, bounded),
		Late:      occurs(s, metric.Named("late")),
		Phantoms:  occurs(s, metric.Named("phantom")),
		LostWaits: shows(s, words.LostWait), Unknown: shows(s, unknown),
		Unaccepted: occurs(s, metric.Named("unaccepted")),
		Doubted:    anyCell(s, func(c *analysis.Cell) bool { return inDoubt(s, c) }),
		Max:        anyCell(s, func(c *analysis.Cell) bool { return c.Effective >= largest }),
	}
}
