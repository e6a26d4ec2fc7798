package document

import (
	"slices"
	"sort"
	"strings"
)

// The smallest screen that a glance is laid out for. Of its lines one is the prompt's.
const (
	ScreenWidth = 80
	ScreenLines = 24
)

// leastRows stay of a table, however little room there is.
const leastRows = 2

// fitted returns a glance with no more than so many lines on a screen of 80 columns, if it can be had: the rows of its
// tables that matter least are left out. Wherever it is shown it has the same rows.
func fitted(d *Document, lines int) *Document {
	for i := range d.Sections {
		for j, b := range d.Sections[i].Blocks {
			if t, is := b.(Table); is && lines > 0 && LinesOf(d) > lines {
				d = withTable(d, i, j, fittingRows(t, func(shorter Table) bool {
					return LinesOf(withTable(d, i, j, shorter)) <= lines
				}))
			}
		}
	}
	for lines > 0 && LinesOf(d) > lines {
		shorter, ok := withoutSpare(d)
		if !ok {
			break
		}
		d = shorter
	}
	return unpacked(d)
}

// withoutSpare returns the document without its last Spare; false where it has none.
func withoutSpare(d *Document) (*Document, bool) {
	for i := len(d.Sections) - 1; i >= 0; i-- {
		blocks := d.Sections[i].Blocks
		for j := len(blocks) - 1; j >= 0; j-- {
			if _, is := blocks[j].(Spare); is {
				out := *d
				out.Sections = slices.Clone(d.Sections)
				out.Sections[i].Blocks = slices.Delete(slices.Clone(blocks), j, j+1)
				return &out, true
			}
		}
	}
	return d, false
}

// unpacked returns the document with the blocks of each Spare in its place.
func unpacked(d *Document) *Document {
	out := *d
	out.Sections = nil
	for _, s := range d.Sections {
		var blocks []Block
		for _, b := range s.Blocks {
			if spare, is := b.(Spare); is {
				blocks = append(blocks, spare.Blocks...)
			} else {
				blocks = append(blocks, b)
			}
		}
		if s.Blocks = blocks; len(blocks) > 0 {
			out.Sections = append(out.Sections, s)
		}
	}
	return &out
}

// fittingRows returns as much of a table as fits.
func fittingRows(t Table, fits func(Table) bool) Table {
	if len(t.Order) <= leastRows {
		return t
	}
	over := sort.Search(len(t.Order)-leastRows, func(n int) bool { return !fits(t.first(leastRows + 1 + n)) })
	return t.first(leastRows + over)
}

// withTable returns the document with another table in one place.
func withTable(d *Document, section, block int, t Table) *Document {
	out := *d
	out.Sections = slices.Clone(d.Sections)
	s := &out.Sections[section]
	s.Blocks = slices.Clone(s.Blocks)
	s.Blocks[block] = t
	return &out
}

// LinesOf counts the lines that a document, as it is, takes on a screen of 80 columns.
func LinesOf(d *Document) int {
	var text strings.Builder
	if writeText(&text, unpacked(d), TextOptions{Width: ScreenWidth}) != nil {
		return 0 // a strings.Builder takes everything
	}
	return strings.Count(text.String(), "\n")
}

// first returns the table with its most important rows only, in their old order.
func (t Table) first(n int) Table {
	kept := slices.Sorted(slices.Values(t.Order[:n]))
	out, rows := t, t.Rows()
	out.Groups, out.Order = nil, nil
	out.omitted += len(rows) - n
	for _, place := range kept {
		out.Add(rows[place])
	}
	for _, place := range t.Order[:n] {
		at, _ := slices.BinarySearch(kept, place)
		out.Order = append(out.Order, at)
	}
	return out
}

// Explained explains the rows that are there; empty where there is nothing to explain.
func (t Table) Explained() string {
	if t.Legend == nil {
		return ""
	}
	return t.Legend(t)
}

// Omitted says how many rows are left out; empty where all are there.
func (t Table) Omitted() string {
	if t.omitted == 0 || t.Left == nil {
		return ""
	}
	return t.Left(t.omitted)
}
