package plots

import (
	"slices"

	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// A figure for a telephone, in points: its words are as large as those of the wide one, and stand above the plots.
const (
	narrowWidth = 384.0
	narrowEdge  = 8.0
	narrowLeft  = 50.0 // with labels on an upright axis
	narrowFoot  = 56.0
	// narrowGap lies between the notes of a row and its plot.
	narrowGap = 6.0
)

// width of the whole figure.
func (f *frame) width() float64 {
	if f.narrow {
		return narrowWidth
	}
	return pageWidth
}

// edge is what is left free around it.
func (f *frame) edge() float64 {
	if f.narrow {
		return narrowEdge
	}
	return margin
}

// sides of the plots.
func (f *frame) sides() (left, right float64) {
	switch {
	case !f.narrow:
		return plotLeft, plotRight
	case slices.ContainsFunc(f.rows, func(r row) bool { return len(r.y.ticks) > 0 }):
		return narrowLeft, narrowWidth - narrowEdge - 6
	}
	return narrowEdge, narrowWidth - narrowEdge - 6
}

// narrowed lays the figure out for a telephone, or again for a page.
func (f *frame) narrowed(is bool) {
	f.narrow = is
	f.layout()
}

// layoutNarrow puts label and notes of each row above its plot.
func (f *frame) layoutNarrow(y float64) {
	left, right := f.sides()
	for i := range f.rows {
		r := &f.rows[i]
		r.labels = wrap(printable(r.label), narrowWidth-2*narrowEdge, mostLines, labelText.width)
		r.lines = r.notes
		y += float64(len(r.labels)) * labelText.leading()
		widths := lists.Map(r.lines, func(n words.RowNote) float64 {
			return tones[n.Tone].width(printable(n.Text)) + 12
		})
		r.noteAt = append([]point{}, flow(widths, narrowEdge, narrowWidth-narrowEdge+12, y)...)
		if n := len(r.noteAt); n > 0 {
			y = r.noteAt[n-1].y + keyHeight
		}
		y += narrowGap
		if i == 0 {
			y += f.headroom
		}
		r.plot = box{left, y, right, y + f.rowHeight}
		y += f.rowHeight + f.gap
	}
	f.bottom = y - f.gap
}

// drawNarrow draws label and notes above the plot.
func (r *row) drawNarrow(s *sheet) {
	y := r.plot.top
	if len(r.noteAt) > 0 {
		y = r.noteAt[0].y
	}
	y -= float64(len(r.labels)) * labelText.leading()
	for _, line := range r.labels {
		y += labelText.leading()
		s.text(narrowEdge, y-0.3*labelText.size, labelText, line)
	}
	for i, at := range r.noteAt {
		l := tones[r.lines[i].Tone]
		s.text(at.x, at.y+0.9*l.size, l, l.cut(printable(r.lines[i].Text), narrowWidth-2*narrowEdge))
	}
}
