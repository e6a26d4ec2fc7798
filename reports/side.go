package reports

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// The documents of two runs beside each other.
const (
	sideHTMLFile     = "comparison.html"
	sideMarkdownFile = "comparison.md"
	sideJSONFile     = "comparison.json"
)

// WriteSide writes every document of a comparison into a directory, each whole or not at all. It tries
// all of them and joins the errors.
func WriteSide(dir string, s *comparison.SideBySide) error {
	into := record.Dir(dir)
	return errors.Join(
		write(into, sideHTMLFile, func(w io.Writer) error { return SideHTML(w, s) }),
		write(into, sideMarkdownFile, func(w io.Writer) error { return SideMarkdown(w, s) }),
		write(into, sideJSONFile, func(w io.Writer) error { return SideJSON(w, s) }))
}

// sideDocument is what a comparison says, in this order in every form.
func sideDocument(s *comparison.SideBySide) *document.Document {
	const title = words.TitleCompared
	status := sideStatus(s)
	d := &document.Document{
		Title: "agistorm: " + s.Old.Name + " and " + s.New.Name, Class: status.Class, Status: status.Words,
		Sections: []document.Section{
			{
				ID:     "differs",
				Title:  words.TitleDiffers,
				Class:  "notice",
				Blocks: listOf(lists.Map(s.Differs, words.Unlike)),
			},
			{ID: "damage", Title: words.TitleDamage, Class: "notice", Blocks: listOf(damageLines(s))},
			{
				ID:     "unmatched",
				Title:  words.TitleUnmatched,
				Class:  "notice",
				Blocks: listOf(lists.Map(s.Unmatched, words.OnlyIn)),
			},
			{
				ID:    "settings",
				Title: title,
				Blocks: append(
					blocks{sideTable(title, sideGroups(s))},
					document.Legends(words.SideLegend(s.Old.Name, s.New.Name))...),
			},
		},
	}
	runs := document.Facts{Class: "facts"}
	for _, side := range []comparison.Side{s.Old, s.New} {
		mark := words.SimulatedIf(side.Summary.Run, ", ", "")
		d.Meta = append(d.Meta, side.Name+": "+words.UTC(side.Started)+mark)
		runs.Items = append(runs.Items, document.Fact{Name: side.Name, Text: words.Verdict(side.Summary)})
	}
	d.Sections = append(
		d.Sections,
		document.Section{ID: "runs", Title: words.TitleAlone, Depth: document.Full, Blocks: blocks{runs}},
		termsSection(),
	)
	d.Lead, d.Rest = leadOf(words.Comparison(s), s.Old.Name, s.New.Name)
	d.Headline = words.Short(d.Lead, d.Status+".")
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

func sideGroups(s *comparison.SideBySide) []document.Group {
	return lists.Map(s.Settings, func(c analysis.Comparison) document.Group { return newSideGroup(c.Old, c.Contrast) })
}

func newSideGroup(setting string, metrics []analysis.Contrast) document.Group {
	return document.Group{Name: setting, Rows: lists.Map(metrics, newSideRow)}
}

// newSideRow is one metric of one setting.
func newSideRow(c analysis.Contrast) document.Row {
	change, claim := unknown, value{Text: words.Claim(c.Finding, c.Better)}
	if by, ok := c.Change(); ok {
		change = fmt.Sprintf("%+.0f %%", math.Round(100*by)+0) // plus 0: no "-0"
	}
	if c.Finding == analysis.Differs {
		claim.Mark = markOf(c.Better)
	}
	return append(document.Cells(metric.Named(c.Metric).Title(), middle(c.Unit, c.Old), middle(c.Unit, c.New), change,
		strconv.FormatFloat(c.Q, 'f', 3, 64)), claim)
}

// middle is the median, with its interval where there is one.
func middle(unit string, m stats.Spread) string {
	if m.N == 0 {
		return unknown
	}
	if m.Low == nil {
		return words.Number(unit, m.Median)
	}
	return fmt.Sprintf("%s (%s to %s)",
		words.Number(unit, m.Median), words.Number(unit, *m.Low), words.Number(unit, *m.High))
}

// damageLines say which of the runs is not whole, and what is missing or broken.
func damageLines(s *comparison.SideBySide) []string {
	var all []string
	for _, side := range []comparison.Side{s.Old, s.New} {
		if side.Partial != nil {
			all = append(all, side.Name+": "+words.Partial(side.Partial))
		}
		for _, text := range words.LabelsOf(side.Summary).Sentences(side.Damage) {
			all = append(all, side.Name+": "+text)
		}
	}
	return all
}

func sideStatus(s *comparison.SideBySide) status {
	worse, better, split := false, false, false
	for i := range s.Settings {
		split = split || comparison.DistributionDiffers(&s.Settings[i])
		for _, c := range comparison.Shown(&s.Settings[i]) {
			worse, better = worse || !c.Better, better || c.Better
		}
	}
	switch {
	case len(s.Withheld) > 0 || len(s.Settings) == 0:
		return status{"doubt", words.StatusNotComparable}
	case worse && better:
		return status{"bad", words.StatusBoth}
	case worse:
		return status{"bad", words.StatusWorse}
	case better:
		return status{"good", words.StatusBetter}
	case split:
		return status{"doubt", words.StatusSpread}
	case s.Inconclusive():
		return status{"doubt", words.StatusTooFew}
	default:
		return status{"doubt", words.StatusNoDifference}
	}
}
