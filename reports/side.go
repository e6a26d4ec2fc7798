package reports

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/document"
)

// The documents of two runs beside each other.
const (
	sideHTMLFile     = "comparison.html"
	sideMarkdownFile = "comparison.md"
	sideJSONFile     = "comparison.json"
)

// WriteSide writes every document of a comparison into a directory, each whole or not at all. It tries
// all of them and joins the errors.
func WriteSide(dir string, s *analysis.SideBySide) error {
	into := record.Dir(dir)
	return errors.Join(
		write(into, sideHTMLFile, func(w io.Writer) error { return SideHTML(w, s) }),
		write(into, sideMarkdownFile, func(w io.Writer) error { return SideMarkdown(w, s) }),
		write(into, sideJSONFile, func(w io.Writer) error { return SideJSON(w, s) }))
}

// sideDocument is what a comparison says, in this order in every form.
func sideDocument(s *analysis.SideBySide) *document.Document {
	const title = "Setting by setting"
	status := sideStatus(s)
	d := &document.Document{
		Title: "agistorm: " + s.Old.Name + " and " + s.New.Name, Class: status.Class, Status: status.Words,
		Sections: []document.Section{
			{ID: "differs", Title: "They differ in", Class: "notice", Blocks: listOf(unlikeLines(s))},
			{ID: "damage", Title: "Not whole", Class: "notice", Blocks: listOf(damageLines(s))},
			{ID: "unmatched", Title: "Not compared", Class: "notice", Blocks: listOf(s.Unmatched)},
			{
				ID:     "settings",
				Title:  title,
				Blocks: append(blocks{sideTable(title, sideGroups(s))}, document.Legends(sideLegend(s))...),
			},
		},
	}
	runs := document.Facts{Class: "terms"}
	for _, side := range []analysis.Side{s.Old, s.New} {
		d.Meta = append(d.Meta, side.Name+": "+utc(side.Started))
		runs.Items = append(runs.Items, document.Fact{Name: side.Name, Text: side.Verdict})
	}
	d.Sections = append(
		d.Sections,
		document.Section{ID: "runs", Title: "What each run alone says", Depth: document.Full, Blocks: blocks{runs}},
	)
	d.Lead, d.Rest = leadOf(s.Verdict, s.Old.Name, s.New.Name)
	return d
}

// sideTable has a row for each metric, grouped by the settings.
func sideTable(label string, groups []document.Group) document.Table {
	t := document.Table{
		Class:     "sides",
		Label:     label,
		GroupHead: "setting",
		Columns:   document.Columns(1, "metric", "old", "new", "change", "p", "finding"),
		Groups:    groups,
	}
	t.Columns[len(t.Columns)-1].Left = true
	return t
}

func sideGroups(s *analysis.SideBySide) []document.Group {
	var groups []document.Group
	for i := range s.Settings {
		groups = append(groups, newSideGroup(s.Settings[i].Old, s.Settings[i].Contrast))
	}
	return groups
}

func newSideGroup(setting string, metrics []analysis.Contrast) document.Group {
	g := document.Group{Name: setting}
	for i := range metrics {
		g.Rows = append(g.Rows, newSideRow(&metrics[i]))
	}
	return g
}

// newSideRow is one metric of one setting.
func newSideRow(c *analysis.Contrast) document.Row {
	change, finding := unknown, value{Text: string(c.Finding)}
	if by, ok := c.Change(); ok {
		change = fmt.Sprintf("%+.0f %%", math.Round(100*by)+0) // plus 0: no "-0"
	}
	switch {
	case c.Finding == analysis.Differs && c.Better:
		finding = value{Text: "better", Mark: good}
	case c.Finding == analysis.Differs:
		finding = value{Text: "worse", Mark: bad}
	case c.Finding == analysis.Undecided && c.Better:
		finding.Text = "perhaps better: " + finding.Text
	case c.Finding == analysis.Undecided:
		finding.Text = "perhaps worse: " + finding.Text
	}
	return append(
		document.Cells(c.Metric, middle(c, c.Old), middle(c, c.New), change, strconv.FormatFloat(c.Q, 'f', 3, 64)),
		finding,
	)
}

// middle is the median, with its interval where there is one.
func middle(c *analysis.Contrast, m stats.Middle) string {
	if m.N == 0 {
		return unknown
	}
	if m.Low == nil {
		return c.Value(m.Median)
	}
	return fmt.Sprintf("%s (%s to %s)", c.Value(m.Median), c.Value(*m.Low), c.Value(*m.High))
}

// sideLegend explains the table.
func sideLegend(s *analysis.SideBySide) string {
	return fmt.Sprintf("old is %s, new is %s. ", s.Old.Name, s.New.Name) + testLegend()
}

// testLegend says what a comparison shows.
func testLegend() string {
	return fmt.Sprintf(
		"old and new: the median of the storms of a setting, with its 95 %% interval from %d "+
			"storms on. p: how likely storms of one and the "+
			"same setting differ so much (Mann-Whitney U test, corrected for the number of settings by "+
			"Benjamini and Hochberg). A difference is claimed at "+
			"p ≤ %.2f, from %d storms on either side, and where it is as large as the least that matters: "+
			"1 %% of the calls, 5 %% and 4 ms of a latency, 5 %% of "+
			"the calls served; the more settings, the more storms that takes. Latencies are of all offered calls: "+
			"where so many were lost that the wait has no end, there is no row.",
		stats.LeastInterval,
		stats.Alpha,
		stats.LeastCompared,
	)
}

// unlikeLines say what differs. What has commas of its own stands in quotes.
func unlikeLines(s *analysis.SideBySide) []string {
	var all []string
	for _, d := range s.Differs {
		all = append(all, fmt.Sprintf("%s: %s, then %s", d.Name, quoted(d.Old), quoted(d.New)))
	}
	return all
}

// damageLines say which of the runs is not whole, and what is missing or broken.
func damageLines(s *analysis.SideBySide) []string {
	var all []string
	for _, side := range []analysis.Side{s.Old, s.New} {
		if side.Partial != "" {
			all = append(all, side.Name+" is partial: "+side.Partial)
		}
		for _, w := range side.Damage {
			all = append(all, side.Name+": "+w)
		}
	}
	return all
}

func quoted(s string) string {
	switch {
	case s == "":
		return "none"
	case strings.Contains(s, ","):
		return `"` + s + `"`
	}
	return s
}

func sideStatus(s *analysis.SideBySide) status {
	worse, better := false, false
	for i := range s.Settings {
		for _, c := range s.Settings[i].Shown() {
			worse, better = worse || !c.Better, better || c.Better
		}
	}
	switch {
	case len(s.Withheld) > 0 || len(s.Settings) == 0:
		return status{"doubt", "Not comparable"}
	case worse && better:
		return status{"bad", "Worse and better"}
	case worse:
		return status{"bad", "Worse"}
	case better:
		return status{"good", "Better"}
	case s.Inconclusive():
		return status{"doubt", "Too few storms"}
	default:
		return status{"doubt", "No difference shown"}
	}
}
