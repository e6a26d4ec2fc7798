package reports

import (
	"strings"
	"unicode/utf8"

	"agistorm/analysis"
	"agistorm/reports/plain"
)

// gap is between two columns of the terminal's table.
const gap = 2

// textColumn is a column laid out: heading, rows and the width that they need.
type textColumn struct {
	head  [2]string
	rows  []string
	marks []mark
	width int
	left  bool
}

func (c *textColumn) measure() *textColumn {
	for _, s := range append(c.rows[:len(c.rows):len(c.rows)], c.head[0], c.head[1]) {
		c.width = max(c.width, utf8.RuneCountInString(s))
	}
	return c
}

func (c *textColumn) pad(s string) string {
	blank := strings.Repeat(" ", max(c.width-utf8.RuneCountInString(s), 0))
	if c.left {
		return s + blank
	}
	return blank + s
}

// table writes the settings' table; no column is ever left out: those that do not fit the
// width go into a further block below.
func (t *terminal) table(s *analysis.Summary) {
	if len(s.Cells) == 0 {
		return
	}
	labels, rest := layOut(s)
	for _, block := range blocks(labels, rest, t.Width) {
		t.line("")
		t.block(block, len(s.Cells))
	}
	t.line("")
	for _, l := range legend(s, shortRanges) {
		for _, wrapped := range wrap(l, t.Width) {
			t.line(wrapped)
		}
	}
}

func layOut(s *analysis.Summary) (labels *textColumn, rest []*textColumn) {
	labels = &textColumn{head: [2]string{"", "setting"}, left: true}
	for i := range s.Cells {
		labels.rows = append(labels.rows, plain.Line(shownLabel(s, &s.Cells[i])))
		labels.marks = append(labels.marks, neutral)
	}
	for _, c := range columns(s) {
		col := &textColumn{head: [2]string{c.over, c.name}}
		if c.name == "" {
			col.head = [2]string{"", c.over}
		}
		for i := range s.Cells {
			v := c.of(&s.Cells[i])
			shown := v.short()
			if c.main {
				shown = v.String()
			}
			col.rows, col.marks = append(col.rows, shown), append(col.marks, v.Mark)
		}
		rest = append(rest, col.measure())
	}
	return labels.measure(), rest
}

// blocks fills lines of at most width with columns, each block beginning with the labels.
func blocks(labels *textColumn, rest []*textColumn, width int) [][]*textColumn {
	block, used := []*textColumn{labels}, labels.width
	var all [][]*textColumn
	for _, c := range rest {
		if width > 0 && len(block) > 1 && used+gap+c.width > width {
			all = append(all, block)
			block, used = []*textColumn{labels}, labels.width
		}
		block, used = append(block, c), used+gap+c.width
	}
	return append(all, block)
}

func (t *terminal) block(columns []*textColumn, rows int) {
	for _, i := range []int{0, 1} {
		var heads []string
		for _, c := range columns {
			heads = append(heads, c.pad(c.head[i]))
		}
		t.line(t.paint("bold", strings.TrimRight(strings.Join(heads, strings.Repeat(" ", gap)), " ")))
	}
	for i := range rows {
		var cells []string
		for _, c := range columns {
			cells = append(cells, t.paint(string(c.marks[i]), c.pad(c.rows[i])))
		}
		t.line(strings.Join(cells, strings.Repeat(" ", gap)))
	}
}
