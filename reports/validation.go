package reports

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strings"

	"agistorm/analysis/metric"
	"agistorm/analysis/stats"
	"agistorm/analysis/validation"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/words"
	"agistorm/scenarios/axis"
)

// ValidationText writes the validation of the simulator for a terminal.
func ValidationText(w io.Writer, r *validation.Report, o TextOptions) error {
	return document.WriteText(w, validationDocument(r), o)
}

// ValidationMarkdown writes it for a pull request or a document.
func ValidationMarkdown(w io.Writer, r *validation.Report) error {
	return document.WriteMarkdown(w, validationDocument(r), document.Digest)
}

// ValidationJSON writes it as one indented JSON object whose first key is the verdict.
func ValidationJSON(w io.Writer, r *validation.Report) error {
	return document.WriteJSON(w, struct {
		Verdict string `json:"verdict"`
		*validation.Report
	}{words.Validation(r), r})
}

func validationDocument(r *validation.Report) *document.Document {
	return &document.Document{
		Title: "agistorm plan --validate", Lead: words.Validation(r),
		Class: map[validation.Status]string{
			validation.Passed: "good", validation.Failed: "bad", validation.Inconclusive: "doubt",
		}[r.Status],
		Sections: []document.Section{
			{Blocks: lists.Map(words.ValidationNotes(r), func(s string) document.Block { return paragraph(s) })},
			{Title: words.TitleCells, Blocks: blocks{validationTable(r)}},
			{Blocks: legendIf(r)},
		},
	}
}

func legendIf(r *validation.Report) blocks {
	if len(r.Cells) == 0 {
		return nil
	}
	return document.Legends(words.ValidationLegend()...)
}

// pairColumns are the headings over the measured and the simulated number of each metric after the lost calls.
var pairColumns = []struct{ metric, head string }{
	{"late", "late"}, {"phantom", "phantoms"}, {"max(queue)", "deepest queue"},
	{"p99(first-command)", "first command p99"},
}

// validationTable has a row for each setting, the worst of each class first.
func validationTable(r *validation.Report) document.Table {
	t := document.Table{Label: words.TitleCells, Head: 1, Columns: []document.Column{
		{Name: "", Left: true}, {Name: "setting", Left: true, Wrap: true},
		{Over: "lost", Name: "measured", Ranges: true}, {Over: "lost", Name: "sim."}, {Over: "lost", Name: "planned"},
		{Over: "", Name: "error"},
	}}
	for _, p := range pairColumns {
		t.Columns = append(t.Columns, document.Column{Over: p.head, Name: "measured"}, document.Column{Name: "sim."})
	}
	t.Columns = append(t.Columns, document.Column{Name: "why", Left: true, Wrap: true})
	for _, class := range []validation.Class{validation.Pool, validation.Other} {
		group := document.Group{Name: words.ValidationClass[class]}
		for _, c := range worstFirst(r.Cells, class) {
			group.Rows = append(group.Rows, validationRow(&c))
		}
		if len(group.Rows) > 0 {
			t.Groups = append(t.Groups, group)
		}
	}
	return t
}

func worstFirst(cells []validation.Cell, class validation.Class) []validation.Cell {
	some := slices.DeleteFunc(slices.Clone(cells), func(c validation.Cell) bool { return c.Class != class })
	slices.SortStableFunc(some, func(a, b validation.Cell) int {
		return cmp.Compare(math.Abs(b.Actual.Error), math.Abs(a.Actual.Error))
	})
	return some
}

func validationRow(c *validation.Cell) document.Row {
	right := document.Cell{Text: "✗ wrong", Mark: bad}
	if c.Actual.Right {
		right = document.Cell{Text: "✓ right", Mark: good}
	}
	if c.HeldOut {
		right.Sign = " ○"
	}
	lost := numberOfCell(c, "lost")
	row := document.Row{
		right, text(ownValues(c)), writtenAs("lost", &lost.Measured), short("lost", &lost.Actual),
		short("lost", &lost.Planned), text(words.SignedPoints(c.Actual.Error)),
	}
	for _, p := range pairColumns {
		n := numberOfCell(c, p.metric)
		row = append(row, short(p.metric, &n.Measured), short(p.metric, &n.Actual))
	}
	return append(row, text(words.ValidationWhy(c)))
}

// numberOfCell is empty for a metric that is not known.
func numberOfCell(c *validation.Cell, name string) (none validation.Number) {
	if i := slices.IndexFunc(c.Numbers, func(n validation.Number) bool { return n.Metric == name }); i >= 0 {
		return c.Numbers[i]
	}
	return none
}

func writtenAs(name string, s *stats.Spread) value { return written(s, writerOf(metric.Named(name))) }

// short leaves the range out.
func short(name string, s *stats.Spread) value { return text(writtenAs(name, s).Text) }

// ownValues names a setting by the values that are its own.
func ownValues(c *validation.Cell) string {
	var parts []string
	for _, name := range axis.Names(c.Given) {
		switch a := axis.Named(name); {
		case name == "somaxconn":
		case a.Plain || name == "behaviour" || name == "arrival":
			parts = append(parts, c.Given[name])
		default:
			parts = append(parts, a.Label(c.Given[name]))
		}
	}
	return strings.Join(parts, ", ")
}
