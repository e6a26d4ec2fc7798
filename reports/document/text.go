package document

import (
	"cmp"
	_ "embed"
	"io"
	"slices"
	"strings"
	"text/template"
	"unicode/utf8"

	"agistorm/reports/lists"
	"agistorm/reports/plain"
)

// TextOptions says how WriteText lays a document out.
type TextOptions struct {
	// Colour with ANSI sequences; what they say stands in words too.
	Colour bool
	// Width of the terminal in columns; 0 or less is no limit.
	Width int
	// Explain shows what a glance leaves out.
	Explain bool
	// Lines is how many lines a glance may have on a screen of 80 columns; 0 or less is no limit.
	Lines int
}

//go:embed text.tmpl
var textSource string

// textTemplate shows a title over a list only: a table or a text says itself what it is.
var textTemplate = template.Must(
	template.New("text").Funcs(template.FuncMap{"kind": Kind, "printable": printable}).Parse(textSource),
)

// WriteText lays the document out for a terminal: wrapped to its width, tables in as many blocks as the width needs.
func WriteText(w io.Writer, d *Document, o TextOptions) error {
	if o.Explain {
		return writeText(w, d.At(Explained), o)
	}
	return writeText(w, fitted(d.At(Glance), o.Lines), o)
}

func writeText(w io.Writer, d *Document, o TextOptions) error {
	return textTemplate.Execute(w, struct {
		*Document
		Terminal terminal
	}{d, terminal{o}})
}

// terminal is what a text is laid out for.
type terminal struct{ TextOptions }

// ANSI colours, and the end of one.
var ansi = map[string]string{
	"good": "\x1b[32m", "bad": "\x1b[31m", "doubt": "\x1b[33m", "bold": "\x1b[1m",
	"passed": "\x1b[32m", "failed": "\x1b[31m", "inconclusive": "\x1b[33m",
}

const ansiEnd = "\x1b[0m"

// Paint returns a text in the colour of its kind.
func (t terminal) Paint(kind, s string) string {
	if !t.Colour || ansi[kind] == "" || s == "" {
		return s
	}
	return ansi[kind] + s + ansiEnd
}

// Lines returns a text as lines, with what begins the first of them and those that follow.
func (t terminal) Lines(kind, first, rest, text string) string {
	lines := []string{first + plain.Line(text)}
	if t.Width > 0 {
		lines = wrap(lines[0], t.Width, len(rest))
	}
	var out strings.Builder
	for i, l := range lines {
		if i > 0 {
			l = rest + l
		}
		out.WriteString(t.Paint(kind, l) + "\n")
	}
	return out.String()
}

// wrap breaks text between words into lines of at most width characters, of which the indent of all
// but the first takes some; a longer word gets a line of its own. Blanks that begin the text stay.
func wrap(text string, width, indent int) []string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return []string{text}
	}
	words[0] = text[:len(text)-len(strings.TrimLeft(text, " "))] + words[0]
	return lists.Wrap(words, func(line string, n int) bool {
		return min(n, 1)*indent+utf8.RuneCountInString(line) <= width
	})
}

// gap is between two columns.
const gap = 2

// column is a column laid out: its heading, its rows, each of one line or more, and the width that they need.
type column struct {
	Column
	rows  [][]string
	marks []Mark
	width int
}

func newColumn(t *Table, i int) *column {
	c := &column{Column: t.Columns[i]}
	if c.Name == "" {
		c.Over, c.Name = "", c.Over
	}
	c.width = max(utf8.RuneCountInString(c.Over), utf8.RuneCountInString(c.Name))
	for _, r := range t.Rows() {
		shown := r[i].Short()
		if c.Ranges {
			shown = r[i].String()
		}
		shown = plain.Line(shown)
		c.rows, c.marks = append(c.rows, []string{shown}), append(c.marks, r[i].Mark)
		c.width = max(c.width, utf8.RuneCountInString(shown))
	}
	return c
}

// pad returns the first of these lines, if there is any, as wide as the column.
func (c *column) pad(lines ...string) string {
	s := ""
	if len(lines) > 0 {
		s = lines[0]
	}
	blank := strings.Repeat(" ", max(c.width-utf8.RuneCountInString(s), 0))
	if c.Left {
		return s + blank
	}
	return blank + s
}

// Table returns every column: those that do not fit the width go into a further block below.
func (t terminal) Table(table Table) string {
	table = table.Flat(false)
	var columns []*column
	for i := range table.Columns {
		columns = append(columns, newColumn(&table, i))
	}
	t.squeeze(columns)
	names := columns[:table.Head+1]
	block, used := slices.Clone(names), taken(names)
	var blocks []string
	for _, c := range columns[len(names):] {
		if t.Width > 0 && len(block) > len(names) && used+gap+c.width > t.Width {
			blocks = append(blocks, t.rows(block))
			block, used = slices.Clone(names), taken(names)
		}
		block, used = append(block, c), used+gap+c.width
	}
	return strings.Join(append(blocks, t.rows(block)), "\n")
}

// taken is the width of columns beside each other.
func taken(columns []*column) int {
	n := -gap
	for _, c := range columns {
		n += gap + c.width
	}
	return n
}

// leastWidth of a column whose texts are broken into lines.
const leastWidth = 12

// squeeze breaks the texts of the columns that can be broken so that all fit the width; narrow ones
// keep their width.
func (t terminal) squeeze(columns []*column) {
	left := t.Width - taken(columns)
	var wide []*column
	for _, c := range columns {
		if c.Wrap {
			wide, left = append(wide, c), left+c.width
		}
	}
	if t.Width <= 0 {
		return
	}
	slices.SortStableFunc(wide, func(a, b *column) int { return cmp.Compare(a.width, b.width) })
	for i, c := range wide {
		c.width = min(c.width, max(left/(len(wide)-i), leastWidth))
		left -= c.width
		for j := range c.rows {
			c.rows[j] = wrap(c.rows[j][0], c.width, 0)
		}
	}
}

// rows returns columns beside each other, each row of as many lines as its longest cell needs.
func (t terminal) rows(columns []*column) string {
	over := joinCells(columns, func(c *column) string { return c.pad(c.Over) })
	out := t.Paint("bold", joinCells(columns, func(c *column) string { return c.pad(c.Name) })) + "\n"
	if over != "" {
		out = t.Paint("bold", over) + "\n" + out
	}
	for i := range columns[0].rows {
		for n, more := 0, true; more; n++ {
			more = false
			out += joinCells(columns, func(c *column) string {
				more = more || n+1 < len(c.rows[i])
				return t.Paint(string(c.marks[i]), c.pad(c.rows[i][min(n, len(c.rows[i])):]...))
			}) + "\n"
		}
	}
	return out
}

// joinCells returns a line, with a cell of each column.
func joinCells(columns []*column, cell func(*column) string) string {
	return strings.TrimRight(strings.Join(lists.Map(columns, cell), strings.Repeat(" ", gap)), " ")
}
