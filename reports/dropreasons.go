package reports

import (
	"maps"
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/document"
	"agistorm/reports/words"
)

// reasonsSection says with which reasons the kernel dropped packets, if a storm was to count them.
func reasonsSection(s *analysis.Summary) document.Section {
	section := document.Section{ID: "drop-reasons", Title: words.TitleReasons, Nav: words.TitleReasons}
	for c := range analysis.Each(s.Cells) {
		counted, missing, lost := reasonsIn(c)
		if len(counted) > 0 {
			section.Blocks = append(section.Blocks, reasonsTable(c, counted))
		}
		for _, text := range words.DropReasons(len(counted), len(reasonNames(counted)), lost, missing) {
			section.Blocks = append(section.Blocks, document.Paragraph{Text: document.Plain(text), Class: "legend"})
		}
	}
	return section
}

// reasonsIn returns the counts of the storms that have them, why others have none, and how many events were lost.
func reasonsIn(c *analysis.Cell) (counted []record.DropReasons, missing *record.Note, lost uint64) {
	for r := range analysis.Each(c.Repeats) {
		switch d := r.DropReasons; {
		case d == nil:
		case d.Missing != nil:
			missing = d.Missing
		default:
			counted, lost = append(counted, *d), lost+d.Lost
		}
	}
	return counted, missing, lost
}

// reasonNames are the reasons that any of them has.
func reasonNames(counted []record.DropReasons) []string {
	all := map[string]uint64{}
	for _, d := range counted {
		maps.Copy(all, d.By)
	}
	return slices.Sorted(maps.Keys(all))
}

// reasonsTable has a row for each reason; empty where no storm had one.
func reasonsTable(c *analysis.Cell, counted []record.DropReasons) document.Table {
	t := document.Table{
		Label:   c.Label + ": " + words.TitleReasons,
		Columns: document.Columns(1, "drop reason", "packets per storm", "what that is"),
	}
	t.Columns[1].Ranges, t.Columns[2].Left, t.Columns[2].Wrap = true, true, true
	for _, name := range reasonNames(counted) {
		var numbers []float64
		for _, d := range counted {
			numbers = append(numbers, float64(d.By[name]))
		}
		spread := stats.SpreadOf(numbers)
		t.Add(document.Row{text(name), written(&spread, words.Whole), text(words.DropReason(name))})
	}
	return t
}

// dropReasonRows show them storm by storm.
func dropReasonRows(c *analysis.Cell) document.Group {
	counted, _, _ := reasonsIn(c)
	var numbers []number
	for _, name := range reasonNames(counted) {
		numbers = append(numbers, number{name, func(r *analysis.Repeat) value {
			if r.DropReasons == nil || r.DropReasons.Missing != nil {
				return text(unknown)
			}
			return text(words.Count(r.DropReasons.By[name]))
		}})
	}
	return group(words.TitleReasons, c, numbers...)
}
