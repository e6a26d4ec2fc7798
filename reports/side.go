package reports

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/plain"
	"agistorm/reports/words"
)

// The documents of two runs beside each other.
const (
	sideHTMLFile     = "comparison.html"
	sideMarkdownFile = "comparison.md"
	sideJSONFile     = "comparison.json"
)

//go:embed templates/comparison.html
var sideSource string

var sideTemplate = template.Must(template.New("comparison").Parse(sideSource))

// WriteSide writes every document of a comparison into a directory, each whole or not at all. It tries all of them and joins the errors.
func WriteSide(dir string, s *analysis.SideBySide) error {
	into := record.Dir(dir)
	return errors.Join(
		write(into, sideHTMLFile, func(w io.Writer) error { return SideHTML(w, s) }),
		write(into, sideMarkdownFile, func(w io.Writer) error { return SideMarkdown(w, s) }),
		write(into, sideJSONFile, func(w io.Writer) error { return SideJSON(w, s) }))
}

// sideDocument puts the verdict before everything else, as document does.
type sideDocument struct {
	Verdict string `json:"verdict"`
	*analysis.SideBySide
}

// SideJSON writes a comparison as one indented JSON object whose first key is the verdict.
func SideJSON(w io.Writer, s *analysis.SideBySide) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	words.FillSide(s)
	return enc.Encode(sideDocument{words.Comparison(s), s})
}

// sideRow is one metric of one setting.
type sideRow struct {
	Setting, Metric, Old, New, Change, P, Finding string
	Mark                                          mark
}

var sideHeads = []string{"setting", "metric", "old", "new", "change", "p", "finding"}

func (r sideRow) fields() []string {
	return []string{r.Setting, r.Metric, r.Old, r.New, r.Change, r.P, r.Finding}
}

func sideRows(s *analysis.SideBySide) []sideRow { return rowsOf(sideGroups(s)) }

func rowsOf(groups []sideGroup) []sideRow {
	var rows []sideRow
	for _, g := range groups {
		rows = append(rows, g.Rows...)
	}
	return rows
}

func newSideRow(setting string, c *analysis.Contrast) sideRow {
	r := sideRow{
		Setting: setting, Metric: c.Metric, Old: middle(c, c.Old), New: middle(c, c.New), Change: unknown,
		P: strconv.FormatFloat(c.Q, 'f', 3, 64), Finding: words.Claim(c.Finding, c.Better),
	}
	if change, ok := c.Change(); ok {
		r.Change = fmt.Sprintf("%+.0f %%", math.Round(100*change)+0) // plus 0: no "-0"
	}
	switch {
	case c.Finding == analysis.Differs && c.Better:
		r.Mark = good
	case c.Finding == analysis.Differs:
		r.Mark = bad
	}
	return r
}

// middle is the median, with its interval where there is one.
func middle(c *analysis.Contrast, m stats.Middle) string {
	if m.N == 0 {
		return unknown
	}
	if m.Low == nil {
		return words.Number(c.Unit, m.Median)
	}
	return fmt.Sprintf("%s (%s to %s)", words.Number(c.Unit, m.Median), words.Number(c.Unit, *m.Low),
		words.Number(c.Unit, *m.High))
}

// sideLegend explains the table.
func sideLegend(s *analysis.SideBySide) string {
	return fmt.Sprintf("old is %s, new is %s. ", s.Old.Name, s.New.Name) + words.TestLegend()
}

// unlikeLines say what differs.
func unlikeLines(s *analysis.SideBySide) []string {
	var all []string
	for _, d := range s.Differs {
		all = append(all, words.Unlike(d))
	}
	return all
}

// unmatchedLines name the settings that only one of the runs has.
func unmatchedLines(s *analysis.SideBySide) (all []string) {
	for _, u := range s.Unmatched {
		all = append(all, words.OnlyIn(u))
	}
	return all
}

// damageLines say which of the runs is not whole, and what is missing or broken.
func damageLines(s *analysis.SideBySide) []string {
	var all []string
	for _, side := range []analysis.Side{s.Old, s.New} {
		if side.Partial != nil {
			all = append(all, side.Name+": "+words.Partial(side.Partial))
		}
		for _, text := range words.LabelsOf(side.Summary).Sentences(side.Damage) {
			all = append(all, side.Name+": "+text)
		}
	}
	return all
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

// SideText writes a comparison for a terminal.
func SideText(w io.Writer, s *analysis.SideBySide, o TextOptions) error {
	t := &terminal{TextOptions: o}
	for _, l := range wrap(plain.Line(words.Comparison(s)), t.Width) {
		t.line(t.paint(sideStatus(s).Class, l))
	}
	t.bullets("They differ in:", unlikeLines(s))
	t.bullets("Not whole:", damageLines(s))
	t.bullets("Not compared:", unmatchedLines(s))
	t.sideTable(sideRows(s))
	t.paragraphs("", []string{sideLegend(s)})
	_, err := io.WriteString(w, t.out.String())
	return err
}

// sideTable names a setting on its first row only.
func (t *terminal) sideTable(rows []sideRow) {
	if len(rows) == 0 {
		return
	}
	cols := make([]*textColumn, len(sideHeads))
	for i, head := range sideHeads {
		cols[i] = &textColumn{head: [2]string{"", head}, left: i < 2 || i == len(sideHeads)-1}
	}
	last := ""
	for _, r := range rows {
		fields := r.fields()
		if fields[0] == last {
			fields[0] = ""
		} else {
			last = fields[0]
		}
		for i, f := range fields {
			cols[i].rows = append(cols[i].rows, plain.Line(f))
			cols[i].marks = append(cols[i].marks, neutral)
		}
		cols[len(cols)-1].marks[len(cols[0].rows)-1] = r.Mark
	}
	for _, c := range cols {
		c.measure()
	}
	t.block(cols, len(rows)) // its first line is empty
}

// SideMarkdown writes a comparison for a pull request.
func SideMarkdown(w io.Writer, s *analysis.SideBySide) error {
	m := &markdown{}
	m.line(plain.Markdown(words.Comparison(s)))
	m.list("They differ in", unlikeLines(s))
	m.list("Not whole", damageLines(s))
	m.list("Not compared", unmatchedLines(s))
	m.sideTable(sideRows(s))
	m.line("", "<sub>"+plain.Markdown(sideLegend(s))+"</sub>")
	_, err := io.WriteString(w, m.out.String())
	return err
}

func (m *markdown) sideTable(rows []sideRow) {
	if len(rows) == 0 {
		return
	}
	m.line("")
	m.row(sideHeads)
	m.row([]string{":--", ":--", "--:", "--:", "--:", "--:", ":--"})
	for _, r := range rows {
		fields := r.fields()
		for i := range fields {
			fields[i] = plain.Markdown(fields[i])
		}
		if r.Mark != neutral {
			fields[len(fields)-1] = "**" + fields[len(fields)-1] + "**"
		}
		m.row(fields)
	}
}

// sideGroup is the rows of one setting.
type sideGroup struct {
	Setting string
	Rows    []sideRow
}

func sideGroups(s *analysis.SideBySide) []sideGroup {
	var groups []sideGroup
	for i := range s.Settings {
		groups = append(groups, newSideGroup(s.Settings[i].Old, s.Settings[i].Contrast))
	}
	return groups
}

func newSideGroup(setting string, metrics []analysis.Contrast) sideGroup {
	g := sideGroup{Setting: setting}
	for i := range metrics {
		g.Rows = append(g.Rows, newSideRow(setting, &metrics[i]))
	}
	return g
}

// sideRun is what the page says of one of the runs.
type sideRun struct{ Name, Started, Verdict string }

// sidePage is what the template shows.
type sidePage struct {
	Title, Policy, Lead, Rest, Legend string
	Style                             template.CSS
	Status                            status
	Sides                             []sideRun
	Heads, Differs, Damage, Unmatched []string
	Span                              int
	Groups                            []sideGroup
}

// SideHTML writes a comparison as one page that needs nothing beside it.
func SideHTML(w io.Writer, s *analysis.SideBySide) error {
	p := &sidePage{
		Title: "agistorm: " + s.Old.Name + " and " + s.New.Name, Policy: policy(style), Style: template.CSS(style),
		Status: sideStatus(s), Legend: sideLegend(s), Differs: unlikeLines(s), Damage: damageLines(s), Unmatched: unmatchedLines(s),
		Heads: sideHeads[1:], Span: len(sideHeads) - 2, Groups: sideGroups(s),
	}
	p.Lead, p.Rest = leadOf(words.Comparison(s), s.Old.Name, s.New.Name)
	for _, side := range []analysis.Side{s.Old, s.New} {
		p.Sides = append(p.Sides, sideRun{side.Name, utc(side.Started), words.Verdict(side.Summary)})
	}
	return sideTemplate.Execute(w, p)
}
