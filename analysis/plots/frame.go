package plots

import (
	"image/color"
	"slices"
	"strings"

	"agistorm/analysis"
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
	// shortLabel is how many lines a label has before it is cut to what tells it from the others, mostLines how many it may have at all.
	shortLabel  = 4
	mostLines   = 10
	footHeight  = 46.0
	keyHeight   = 17.0
	swatchWidth = 18.0
)

// note is one statement beside a row.
type note struct {
	text   string
	strong bool
	colour color.NRGBA
}

// key is one entry of the legend.
type key struct {
	text   string
	sample func(s *sheet, b box)
}

// row is one cell's strip of a figure.
type row struct {
	label string
	notes []note
	// plot is the row's plotting area, once the frame is laid out.
	plot box

	labels []string
	lines  []note
}

// frame is all that figures have in common: heading, legend, labels, notes.
type frame struct {
	title, subtitle string
	keys            []key
	rows            []row
	// rowHeight is the least height of a row's plotting area, gap what lies between two.
	rowHeight, gap float64
	// headroom lies between the legend and the first row.
	headroom float64

	subtitles []string
	keyAt     []point
	bottom    float64
}

// layout gives everything its place. It must run before height and draw.
func (f *frame) layout() {
	f.cutLabels()
	f.subtitles = wrap(printable(f.subtitle), pageWidth-2*margin, 3, plainText.width)
	y := margin + titleText.size + float64(len(f.subtitles))*plainText.leading() + 10
	widths := make([]float64, len(f.keys))
	for i, k := range f.keys {
		widths[i] = swatchWidth + 6 + plainText.width(k.text) + 18
	}
	f.keyAt = flow(widths, margin, pageWidth-margin, y)
	if n := len(f.keyAt); n > 0 {
		y = f.keyAt[n-1].y + keyHeight + 8
	}
	y += f.headroom
	for i := range f.rows {
		y = f.rows[i].layout(y, f.rowHeight) + f.gap
	}
	f.bottom = y - f.gap
}

// cutLabels moves what all labels have in common into the subtitle where one of them is long: what is left tells the rows apart.
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
	f.subtitle += " · all with " + strings.Join(shared, analysis.LabelSeparator)
	for i := range f.rows {
		own := slices.DeleteFunc(parts[i], func(p string) bool { return slices.Contains(shared, p) })
		f.rows[i].label = strings.Join(own, analysis.LabelSeparator)
	}
}

// inCommon are the parts that are in all of several, in the order of the first; none where that would leave nothing of one.
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
	r.lines = nil
	for _, n := range r.notes {
		for _, text := range wrap(printable(n.text), notesWidth, 3, n.lettering().width) {
			r.lines = append(r.lines, note{text, n.strong, n.colour})
		}
	}
	height := max(least, float64(len(r.labels))*labelText.leading(), notesHeight(r.lines))
	r.plot = box{plotLeft, top, plotRight, top + height}
	return top + height
}

func (n note) lettering() lettering {
	if n.strong {
		return strongText.in(n.colour)
	}
	return noteText.in(n.colour)
}

func notesHeight(notes []note) float64 {
	height := 0.0
	for _, n := range notes {
		height += n.lettering().leading()
	}
	return height
}

// height of the whole page.
func (f *frame) height() float64 { return f.bottom + footHeight }

func (f *frame) draw(s *sheet) {
	y := margin + titleText.size
	s.text(margin, y-2, titleText, f.title)
	for _, line := range f.subtitles {
		y += plainText.leading()
		s.text(margin, y, plainText, line)
	}
	for i, k := range f.keys {
		at := f.keyAt[i]
		k.sample(s, box{at.x, at.y + 2, at.x + swatchWidth, at.y + 13})
		s.text(at.x+swatchWidth+6, at.y+11.5, plainText.in(ink), k.text)
	}
	for i := range f.rows {
		f.rows[i].draw(s)
	}
}

// draw centres label and notes on the row's height.
func (r *row) draw(s *sheet) {
	middle := (r.plot.top + r.plot.bottom) / 2
	y := middle - float64(len(r.labels))*labelText.leading()/2
	for _, line := range r.labels {
		y += labelText.leading()
		s.text(margin, y-0.3*labelText.size, labelText, line)
	}
	y = middle - notesHeight(r.lines)/2
	for _, n := range r.lines {
		l := n.lettering()
		y += l.leading()
		s.text(notesLeft, y-0.3*l.size, l, n.text)
	}
}

// axisTitle stands below the ticks at the foot of the page.
func (f *frame) axisTitle(s *sheet, text string) {
	s.text((plotLeft+plotRight)/2, f.bottom+34, plainText.to(centre), text)
}

// tickLabel stands below the last row.
func (f *frame) tickLabel(s *sheet, x float64, text string) {
	s.text(x, f.bottom+16, tickText.to(centre), text)
}

// upright draws a line through all rows.
func (f *frame) upright(s *sheet, p pen, x float64) {
	for _, r := range f.rows {
		s.line(p, point{x, r.plot.top}, point{x, r.plot.bottom})
	}
}

// secondsAxis is the time since the storm began, for all rows.
func (f *frame) secondsAxis(s *sheet, x scale) {
	values, step := linearTicks(x.max, 10)
	for _, v := range values {
		f.upright(s, pen{0.7, rule, nil}, x.at(v))
		f.tickLabel(s, x.at(v), secondsLabel(v, step))
	}
	f.axisTitle(s, "seconds since the storm began")
}

// swatch is a filled sample for the legend.
func swatch(c color.NRGBA) func(*sheet, box) {
	return func(s *sheet, b box) {
		s.fill(c, b)
		if s.theme.faint(c) {
			s.edge(pen{0.6, soft, nil}, b)
		}
	}
}
