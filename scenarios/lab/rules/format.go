package rules

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Widths of a line, in characters.
const (
	leastWidth   = 80
	defaultWidth = 132
	mostWidth    = 180
)

// Text writes the report as a table of the width (0 for the default), with one line that sums it up at the end.
func (r *Report) Text(w io.Writer, width int) error {
	if width == 0 {
		width = defaultWidth
	}
	width = min(max(width, leastWidth), mostWidth)
	t := newTable(width)
	var b strings.Builder
	t.row(&b, "", "rule", "expected", "measured")
	for _, result := range r.Rules {
		t.row(&b, string(result.Verdict), result.Rule+" ["+result.Name+"]", result.Expected, measured(result))
	}
	fmt.Fprintf(&b, "\n%s\n", r.Line())
	_, err := io.WriteString(w, b.String())
	return err
}

// measured is what was measured, or why it was not.
func measured(r Result) string {
	text := r.Measured + r.Reason
	if r.Tries > 1 {
		text += fmt.Sprintf(" (at try %d)", r.Tries)
	}
	return text
}

// Line sums the report up.
func (r *Report) Line() string {
	c := r.Counts
	line := fmt.Sprintf("%s, %d %s not, %d could not be checked", plural(c.Hold, "rule holds", "rules hold"), c.Fail, are(c.Fail, "does", "do"), c.Unchecked)
	if c.Lacking > 0 {
		line += fmt.Sprintf(", %d cannot be had here", c.Lacking)
	}
	line += fmt.Sprintf(" on %s, in %.0f s", r.System, r.Seconds)
	if r.Reason != "" && c.Unchecked > 0 {
		line += "\n" + r.Reason
	}
	return line
}

func plural(n int, one, many string) string { return fmt.Sprintf("%d %s", n, are(n, one, many)) }

func are(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// List writes the names of rules with what they say.
func List(w io.Writer, list []Rule) {
	for _, r := range list {
		fmt.Fprintf(w, "%-26s %s\n", r.Name, r.Says)
	}
}

// table has four columns: the verdict's, and three that share the rest of the width.
type table struct{ widths [4]int }

const (
	verdictWidth = len("does not hold")
	gap          = 2
)

func newTable(width int) table {
	rest := width - verdictWidth - 3*gap
	rule := rest * 2 / 5
	expected := (rest - rule) / 2
	return table{[4]int{verdictWidth, rule, expected, rest - rule - expected}}
}

// row writes one row, of as many lines as its longest cell needs.
func (t table) row(b *strings.Builder, cells ...string) {
	var columns [4][]string
	lines := 0
	for i, cell := range cells {
		columns[i] = wrap(cell, t.widths[i])
		lines = max(lines, len(columns[i]))
	}
	for n := range lines {
		var line strings.Builder
		for i, column := range columns {
			text := ""
			if n < len(column) {
				text = column[n]
			}
			line.WriteString(text + strings.Repeat(" ", max(0, t.widths[i]-utf8.RuneCountInString(text))+gap))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// wrap breaks a text at blanks into lines of at most the width; a longer word has a line of its own.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
