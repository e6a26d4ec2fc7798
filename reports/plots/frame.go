package plots

import (
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// The page, in points. Every figure has the same columns: labels, plot, notes.
const (
	pageWidth  = 900.0
	margin     = 18.0
	labelWidth = 150.0
	plotLeft   = 210.0
	plotRight  = 700.0
	notesLeft  = 722.0
	notesWidth = pageWidth - margin - notesLeft
	// shortLabel is how many lines a label has before it is cut to where it differs from the others,
	// mostLines how many it may have at all.
	shortLabel  = 4
	mostLines   = 10
	footHeight  = 46.0
	keyHeight   = 17.0
	swatchWidth = 18.0
)

// tones are how notes are written, by what they mean.
var tones = map[string]lettering{
	"bad": strongText.coloured(alarm), "good": strongText.coloured(relief), "main": strongText,
	"plain": noteText.coloured(ink), "faint": noteText, "warning": noteText.coloured(alarm),
	// Those of the flow's lanes; drops ought not to happen.
	"arrivals": noteText.coloured(bar), "accepts": noteText.coloured(lateStain), "drops": strongText.coloured(alarm),
}

// row is one cell's strip of a figure.
type row struct {
	label string
	notes []words.RowNote
	// y is the row's own axis; paint draws what the row shows.
	y     axis
	paint func(*sheet, strip)
	// plot is the row's plotting area, once the frame is laid out.
	plot box

	labels []string
	lines  []words.RowNote
	// noteAt are the places of the notes between label and plot; nil where they stand beside it.
	noteAt []point
}

// strip is where a row draws: its area, and the scales on it.
type strip struct {
	box
	x, y scale
}

// frame describes a figure, whatever draws it: its words, its axes and what stands in its rows.
type frame struct {
	words *words.Figure
	// shown is what the words depend on.
	shown words.Plotted
	// title to axis are written when all else is there. alt ends with what the rows say.
	title, subtitle, caption, alt, axis, upright string

	x    axis
	keys []Key
	rows []row
	// rowHeight is the least height of a row's plotting area, gap what lies between two.
	rowHeight, gap float64
	// headroom lies above the first row's plot, foot below the last row; tail is what the horizontal axis leaves free
	// at the right of the plot.
	headroom, foot, tail float64
	// narrow: the figure is laid out for a telephone.
	narrow bool
	// overlay is drawn over all rows; nil for most figures.
	overlay func(*sheet)
	// plot holds the data of a figure over time; nil for the others.
	plot *Plot

	titles, subtitles []string
	keyAt             []point
	bottom            float64
}

// newFrame returns a frame without rows.
func newFrame(s *analysis.Summary, w *words.Figure, rowHeight, gap float64) *frame {
	f := &frame{
		words: w, shown: words.PlottedOf(s), rowHeight: rowHeight, gap: gap, foot: footHeight,
	}
	_, f.shown.Recommended = recommended(s, byEffective(s.Cells))
	return f
}

// write gives the figure its words.
func (f *frame) write() {
	of := func(p words.Phrase) string { return p.With(f.shown) }
	f.title, f.subtitle, f.caption = of(f.words.Title), of(f.words.Below()), of(f.words.Caption)
	f.caption = words.Capital(words.SimulatedIf(f.shown.Run, "", ". ")) + f.caption
	f.axis, f.upright, f.alt = of(f.words.Axis), of(f.words.Upright), of(f.words.Alt)+f.alt
	f.alt = words.Capital(words.SimulatedIf(f.shown.Run, "", ". ")) + f.alt
	if f.plot != nil {
		f.plot.Figure, f.plot.Title, f.plot.Keys = f.words.Name, f.axis, f.keys
	}
}

// add adds the row of a cell; the notes of a cell without storms say only that.
func (f *frame) add(c *analysis.Cell, r row) {
	r.label = c.Label
	if len(c.Repeats) == 0 {
		r.notes = words.NoStorm
	}
	f.say(r.label, r.notes)
	f.rows = append(f.rows, r)
}

// say adds notes to the alternative text.
func (f *frame) say(label string, notes []words.RowNote) {
	texts := lists.Map(notes, func(n words.RowNote) string { return n.Text })
	f.alt += " " + label + ": " + strings.Join(texts, ", ") + "."
}

// addStorms adds a row for each cell, of its median storm if one has what is to be shown.
func (f *frame) addStorms(
	cells []*analysis.Cell, has func(*analysis.Repeat) bool, show func(*analysis.Cell, *analysis.Repeat) row,
) {
	for _, c := range cells {
		r := row{notes: words.NotRecorded}
		if storm := medianStorm(c, has); storm != nil {
			r = show(c, storm)
		}
		f.add(c, r)
	}
}

// layout gives everything its place. It must run before height and draw.
func (f *frame) layout() {
	f.cutLabels()
	width, edge := f.width(), f.edge()
	f.titles = wrap(printable(f.title), width-2*edge, 3, titleText.width)
	f.subtitles = wrap(printable(f.subtitle), width-2*edge, 4, plainText.width)
	y := edge + titleText.size + float64(len(f.titles)-1)*titleText.leading() +
		float64(len(f.subtitles))*plainText.leading() + 10
	widths := lists.Map(f.keys, func(k Key) float64 { return swatchWidth + 6 + plainText.width(k.Text) + 18 })
	f.keyAt = flow(widths, edge, width-edge+18, y)
	if n := len(f.keyAt); n > 0 {
		y = f.keyAt[n-1].y + keyHeight + 8
	}
	if f.narrow {
		f.layoutNarrow(y)
		return
	}
	y += f.headroom
	for i := range f.rows {
		y = f.rows[i].layout(y, f.rowHeight) + f.gap
	}
	f.bottom = y - f.gap
}

// cutLabels moves what all labels have in common into the subtitle if one of them is long: what is
// left distinguishes the rows.
func (f *frame) cutLabels() {
	parts := make([][]string, len(f.rows))
	long := false
	for i, r := range f.rows {
		parts[i] = strings.Split(r.label, analysis.LabelSeparator)
		long = long || len(wrap(printable(r.label), labelWidth, mostLines, labelText.width)) > shortLabel
	}
	shared := inCommon(parts)
	if len(f.rows) < 2 || !long || len(shared) == 0 {
		return
	}
	f.subtitle += " · " + words.FigureCommon.With(strings.Join(shared, analysis.LabelSeparator))
	for i := range f.rows {
		own := slices.DeleteFunc(parts[i], func(p string) bool { return slices.Contains(shared, p) })
		f.rows[i].label = strings.Join(own, analysis.LabelSeparator)
	}
}

// inCommon returns the parts that are in all of several, in the order of the first; none if that
// would leave nothing of one.
func inCommon(all [][]string) []string {
	var shared []string
	for i, parts := range all {
		if i == 0 {
			shared = slices.Clone(parts)
		}
		shared = slices.DeleteFunc(shared, func(p string) bool { return !slices.Contains(parts, p) })
	}
	if slices.ContainsFunc(all, func(parts []string) bool { return len(parts) == len(shared) }) {
		return nil
	}
	return shared
}

// flow puts things of the given widths side by side, breaking lines at right.
func flow(widths []float64, left, right, y float64) []point {
	at := make([]point, len(widths))
	x := left
	for i, w := range widths {
		if x > left && x+w > right {
			x, y = left, y+keyHeight
		}
		at[i] = point{x, y}
		x += w
	}
	return at
}

// layout returns where the row ends.
func (r *row) layout(top, least float64) float64 {
	r.labels = wrap(printable(r.label), labelWidth, mostLines, labelText.width)
	r.lines, r.noteAt = nil, nil
	for _, n := range r.notes {
		for _, text := range wrap(printable(n.Text), notesWidth, 3, tones[n.Tone].width) {
			r.lines = append(r.lines, words.RowNote{Tone: n.Tone, Text: text})
		}
	}
	height := max(least, float64(len(r.labels))*labelText.leading(), notesHeight(r.lines))
	r.plot = box{plotLeft, top, plotRight, top + height}
	return top + height
}

func notesHeight(notes []words.RowNote) float64 {
	height := 0.0
	for _, n := range notes {
		height += tones[n.Tone].leading()
	}
	return height
}

// height returns that of the whole page.
func (f *frame) height() float64 {
	if f.narrow {
		return f.bottom + narrowFoot
	}
	return f.bottom + f.foot
}

func (f *frame) size() (width, height float64) { return f.width(), f.height() }

func (f *frame) draw(s *sheet) {
	y := f.edge() + titleText.size
	for i, line := range f.titles {
		y += min(float64(i), 1) * titleText.leading()
		s.text(f.edge(), y-2, titleText, line)
	}
	for _, line := range f.subtitles {
		y += plainText.leading()
		s.text(f.edge(), y, plainText, line)
	}
	for i, k := range f.keys {
		at := f.keyAt[i]
		k.Form.sample(s, k.colour, box{at.x, at.y + 2, at.x + swatchWidth, at.y + 13})
		s.text(at.x+swatchWidth+6, at.y+11.5, plainText.coloured(ink), k.Text)
	}
	f.drawAxis(s)
	for i := range f.rows {
		f.rows[i].draw(s, f.xScale())
	}
	if f.overlay != nil {
		f.overlay(s)
	}
}

// drawAxis draws the horizontal axis through all rows; a label that would run into the one before
// is left out with its line.
func (f *frame) drawAxis(s *sheet) {
	x, free := f.xScale(), 0.0
	for _, t := range f.x.ticks {
		at, half := x.pos(t.at), tickText.width(t.label)/2
		switch {
		case t.minor:
			s.line(pen{0.7, outline, nil}, point{at, f.bottom}, point{at, f.bottom + 2.5})
		case at-half > free:
			f.through(s, pen{0.7, rule, nil}, at)
			s.text(at, f.bottom+16, tickText.aligned(centre), t.label)
			free = at + half + 5
		}
	}
	if f.narrow {
		s.text(f.edge(), f.bottom+34, plainText, f.axis)
		s.text(f.edge(), f.bottom+48, tickText, f.upright)
		return
	}
	s.text((plotLeft+plotRight)/2, f.bottom+34, plainText.aligned(centre), f.axis)
	s.text(margin, f.bottom+16, tickText, f.upright)
}

// xScale is the horizontal axis on the page.
func (f *frame) xScale() scale {
	left, right := f.sides()
	return f.x.scale(left, right-f.tail)
}

// through draws a line through all rows.
func (f *frame) through(s *sheet, p pen, x float64) {
	for _, r := range f.rows {
		s.line(p, point{x, r.plot.top}, point{x, r.plot.bottom})
	}
}

// draw draws a row's label and notes, and its plot.
func (r *row) draw(s *sheet, x scale) {
	if r.noteAt != nil {
		r.drawNarrow(s)
	} else {
		r.drawBeside(s)
	}
	p := strip{r.plot, x, r.y.scale(r.plot.bottom, r.plot.top)}
	for _, t := range r.y.ticks {
		at := p.y.pos(t.at)
		s.line(pen{0.5, rule, nil}, point{p.left, at}, point{x.to, at})
		s.text(p.left-5, at+3.2, tickText.aligned(right), t.label)
	}
	if r.paint != nil {
		r.paint(s, p)
	}
	if r.y.max > 0 {
		s.line(pen{0.9, outline, nil}, point{p.left, p.bottom}, point{x.to, p.bottom})
	}
}

// drawBeside centres label and notes on the row's height.
func (r *row) drawBeside(s *sheet) {
	middle := (r.plot.top + r.plot.bottom) / 2
	y := middle - float64(len(r.labels))*labelText.leading()/2
	for _, line := range r.labels {
		y += labelText.leading()
		s.text(margin, y-0.3*labelText.size, labelText, line)
	}
	y = middle - notesHeight(r.lines)/2
	for _, n := range r.lines {
		l := tones[n.Tone]
		y += l.leading()
		s.text(notesLeft, y-0.3*l.size, l, n.Text)
	}
}
