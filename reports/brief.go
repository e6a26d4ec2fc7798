package reports

import (
	"cmp"
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/words"
)

// doubtSection says at a glance of what the run is not sure.
func doubtSection(s *analysis.Summary) document.Section {
	return document.Section{Depth: document.Glance, Blocks: blocks{paragraph(words.Doubted(s))}}
}

// glanceSection has the settings that decide, the pace of the one that matters most, and how sure all that is.
func glanceSection(s *analysis.Summary) document.Section {
	section := document.Section{Depth: document.Glance}
	c := deciding(s)
	if c == nil {
		return section
	}
	if t := glanceTable(s); len(t.Rows()) > 0 {
		t.Legend = func(shown document.Table) string { return glanceLegend(s, &shown) }
		section.Blocks = blocks{t}
	}
	pace := document.Spare{Blocks: blocks{paragraph(words.Pace(s, c, success(s)))}}
	section.Blocks = append(section.Blocks, pace, paragraph(words.Sure(s)))
	return section
}

// glanceTable has at most six columns; those that no setting knows are left out.
func glanceTable(s *analysis.Summary) document.Table {
	empty := func(col column) bool { return !filled(s, col) }
	t := cellTable(s, words.TitleSettings, slices.DeleteFunc(glanceColumns(s), empty))
	t.Columns[0].Wrap, t.Order, t.Left = true, rowOrder(s), words.Left
	return t
}

// glanceColumns are those of a glance: of slow calls and of the 99th percentile the one that says more.
func glanceColumns(s *analysis.Summary) []column {
	wait := column{over: "first", name: "command p99", of: metricOf("p99(first-command)")}
	switch {
	case success(s) == record.Connected:
		wait = column{over: "connect", name: "p99", of: metricOf("p99(connect)")}
	case anyCell(s, slow):
		wait = column{name: "slow", of: metricOf("slow")}
	}
	lost := column{name: "lost", of: metricOf("lost")}
	if n, same := offered(s); same {
		lost.over, lost.name = "lost", "of "+words.Count(n)
	}
	return []column{
		{name: string(success(s)), of: metricOf(string(success(s)))},
		lost,
		{name: "late", of: metricOf("late")},
		wait,
		{over: "deepest", name: "queue", of: func(c *analysis.Cell) value { return text(peak(c)) }},
	}
}

func metricOf(name string) func(*analysis.Cell) value {
	m := metric.Named(name)
	return func(c *analysis.Cell) value { return measured(m, c) }
}

// glanceLegend explains what occurs in the table.
func glanceLegend(s *analysis.Summary, t *document.Table) string {
	storms, has := 0, func(text string) bool {
		return slices.ContainsFunc(t.Rows(), func(r document.Row) bool {
			return slices.ContainsFunc(r, func(c document.Cell) bool { return c.Text == text })
		})
	}
	for i := range s.Cells {
		storms = max(storms, len(s.Cells[i].Repeats))
	}
	return tableOf(s, false).Brief(storms, has(words.LostWait), has(unknown))
}

// rowOrder has the settings in the order in which they decide: the recommended one, the worst, those next to the
// recommended one, then those that lose or delay calls.
func rowOrder(s *analysis.Summary) []int {
	chosen, worst := decidingPlace(s), worstPlace(s)
	order := make([]int, len(s.Cells))
	for i := range s.Cells {
		order[i] = i
	}
	rank := func(i int) int {
		switch {
		case i == chosen, i == worst, s.Cells[i].ID == words.FirstHarmed(s):
			return 0
		case inDoubt(s, &s.Cells[i]):
			return 1
		case chosen >= 0 && (i == chosen-1 || i == chosen+1):
			return 2
		case s.Cells[i].Lost.Max > 0:
			return 3
		case s.Cells[i].Late.Max > 0:
			return 4
		}
		return 5
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rank(a), rank(b)) })
	return order
}

// worstPlace is the place of the setting that lost most, else of the one that had most late, else most that waited;
// -1 without settings.
func worstPlace(s *analysis.Summary) int {
	worst := -1
	for i := range s.Cells {
		if worst < 0 || worse(&s.Cells[i], &s.Cells[worst]) > 0 {
			worst = i
		}
	}
	return worst
}

// deciding is the setting whose pace a glance shows; nil where no storm was recorded.
func deciding(s *analysis.Summary) *analysis.Cell {
	if i := decidingPlace(s); i >= 0 {
		return &s.Cells[i]
	}
	return nil
}

// decidingPlace is the place of the setting that is recommended, or of the first with the fewest lost and late calls;
// -1 where no storm was recorded.
func decidingPlace(s *analysis.Summary) int {
	best := -1
	for i := range s.Cells {
		c := &s.Cells[i]
		if len(c.Repeats) == 0 {
			continue
		}
		if rec := s.Recommendation; rec != nil && c.Effective == cmp.Or(rec.Tried, rec.Backlog) && c.Lost.Max == 0 {
			return i
		}
		if best < 0 || worse(c, &s.Cells[best]) < 0 {
			best = i
		}
	}
	return best
}
