package document

import (
	"slices"
	"strings"

	"agistorm/reports/lists"
)

// Table is rows of cells, in groups.
type Table struct {
	Class, Caption string
	// Label names it for a screen reader.
	Label   string
	Columns []Column
	Groups  []Group
	// GroupHead is the heading of the groups' names where these stand in a column of their own.
	GroupHead string
	// Head is the column that names a row. A terminal too narrow for all columns repeats those up to it.
	Head int
	// Order has the places of the rows, the most important first, for where there is no room for all of them; Left
	// says then how many are left out. Without it every row is shown.
	Order []int
	Left  func(rows int) string
	// Legend explains the rows that are shown; nil where legends of their own do.
	Legend func(Table) string
	// omitted rows for lack of room.
	omitted int
}

// Column is the heading of the cells below it, and how they are laid out.
type Column struct {
	// Over and Name are the two lines of the heading.
	Over, Name string
	// Swatch is the outcome whose colour stands with the heading; empty without one.
	Swatch string
	// Left is a column of words: they are flush left, and a mark makes them bold where there is no colour.
	Left bool
	// Ranges are shown even on a terminal.
	Ranges bool
	// Wrap breaks long texts into lines where there is no room.
	Wrap bool
}

// Title returns the heading in one line.
func (c Column) Title() string {
	if strings.HasSuffix(c.Over, "-") {
		return c.Over + c.Name
	}
	return strings.TrimSpace(c.Over + " " + c.Name)
}

// Group is rows that belong together; without a name it is just rows.
type Group struct {
	Name string
	Rows []Row
	// Screen: a page never prints them.
	Screen bool
}

// Row is a cell for each column.
type Row []Cell

// Mark says whether something is good news: good, bad, or the status of a gate. Every mark goes with
// words or a number, so that colour is never the only sign.
type Mark string

// Cell is one number or text.
type Cell struct {
	Text string
	// Range goes with it in small: the range of the repeats, empty where they agree, or an example.
	Range string
	Mark  Mark
	// Sign follows the text where there are no notes; Notes stand below it on a page.
	Sign  string
	Notes []string
	// Link is the anchor that it leads to.
	Link string
	// Code is to be typed.
	Code bool
}

// String returns the cell in a line.
func (c Cell) String() string {
	if c.Range == "" {
		return c.Text + c.Sign
	}
	return c.Text + c.Sign + " (" + c.Range + ")"
}

// Short leaves the range out, but for a median of 0: that alone would say that it never happened.
func (c Cell) Short() string {
	if c.Text == "0" {
		return c.String()
	}
	return c.Text + c.Sign
}

// Cells returns a row of texts.
func Cells(texts ...string) Row {
	return lists.Map(texts, func(t string) Cell { return Cell{Text: t} })
}

// Columns returns columns of one-line headings; the first left of them are words.
func Columns(left int, names ...string) (all []Column) {
	for i, name := range names {
		all = append(all, Column{Name: name, Left: i < left})
	}
	return all
}

// Add adds a row to the last group.
func (t *Table) Add(r Row) {
	if len(t.Groups) == 0 {
		t.Groups = make([]Group, 1)
	}
	last := &t.Groups[len(t.Groups)-1]
	last.Rows = append(last.Rows, r)
}

// Without returns the table without the columns of these names.
func (t Table) Without(names ...string) Table {
	dropped := lists.Map(t.Columns, func(c Column) bool { return slices.Contains(names, c.Title()) })
	out := t
	out.Columns, out.Groups = without(t.Columns, dropped), nil
	for _, g := range t.Groups {
		g.Rows = lists.Map(g.Rows, func(r Row) Row { return without(r, dropped) })
		out.Groups = append(out.Groups, g)
	}
	return out
}

// without returns what is not dropped.
func without[T any](all []T, dropped []bool) (kept []T) {
	for i, one := range all {
		if !dropped[i] {
			kept = append(kept, one)
		}
	}
	return kept
}

func (t Table) empty() bool {
	return len(t.Rows()) == 0
}

// Flat returns the table with its groups' names in a column of their own, in every row or only in the
// first of each group.
func (t Table) Flat(every bool) Table {
	if t.GroupHead == "" {
		return t
	}
	out := t
	out.Columns = append([]Column{{Name: t.GroupHead, Left: true}}, t.Columns...)
	out.Head, out.Groups = t.Head+1, nil
	for _, g := range t.Groups {
		name := g.Name
		for _, r := range g.Rows {
			out.Add(append(Cells(name), r...))
			if !every {
				name = ""
			}
		}
	}
	return out
}

// Rows returns the rows of all groups.
func (t Table) Rows() (all []Row) {
	for _, g := range t.Groups {
		all = append(all, g.Rows...)
	}
	return all
}

// Span is how many columns follow the one that names a row.
func (t Table) Span() int { return len(t.Columns) - 1 }
