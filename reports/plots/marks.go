package plots

import (
	"image/color"

	"agistorm/reports/lists"
)

// form is the shape that goes with a colour, since colour must not be the only sign. The page's script
// draws some of the forms by their names.
type form string

// The forms.
const (
	formSwatch  form = "swatch"
	formHatched form = "hatched"
	formWhisker form = "whisker"
	formLine    form = "line"
	formDash    form = "dash"
	formTick    form = "tick"
	formDisc    form = "disc"
	formRing    form = "ring"
	formCross   form = "cross"
	formGap     form = "gap"
)

// newKey returns a legend's entry.
func newKey(f form, c color.NRGBA, text string) Key { return Key{Form: f, Text: text, Tone: toneOf(c)} }

// sample draws a form for the legend.
func (f form) sample(s *sheet, c color.NRGBA, b box) {
	middle := (b.top + b.bottom) / 2
	left, right := point{b.left, middle}, point{b.right, middle}
	switch f {
	case formSwatch:
		s.swatch(c, b)
	case formHatched:
		lateBar(s, b)
	case formGap:
		hatch(s, c, b)
	case formWhisker:
		drawWhisker(s, left, right)
	case formLine:
		s.line(pen{1.3, c, nil}, left, right)
	case formDash:
		s.line(pen{1.1, c, dashed}, left, right)
	case formTick:
		for x := b.left + 3; x < b.right; x += 5 {
			s.line(pen{1.2, c, nil}, point{x, b.top + 2}, point{x, b.bottom - 2})
		}
	default:
		f.marks(s, c, []point{{b.left + 4, middle}, {b.right - 4, middle}})
	}
}

// marks draws the same mark at many places: a disc, a ring or a cross, over its edge if it hardly
// stands out.
func (f form) marks(s *sheet, c color.NRGBA, at []point) {
	shape, widths := bits(at, 1.2), []float64{3.4, 2.4}
	switch f {
	case formRing:
		shape, widths = bits(at, 1.8), []float64{5, 3.6}
	case formCross:
		shape, widths = crosses(at, 2), []float64{2.2, 1.1}
	}
	if edge, ok := s.edge(c); ok {
		s.dashes(pen{widths[0], edge, nil}, shape)
	}
	s.dashes(pen{widths[1], c, nil}, shape)
	if f == formRing {
		s.dashes(pen{1.8, white, nil}, bits(at, 0.9))
	}
}

// bits returns short flat lines about the points, which a pen of twice the length makes squares of.
func bits(at []point, half float64) [][2]point {
	return lists.Map(at, func(p point) [2]point { return [2]point{{p.x - half, p.y}, {p.x + half, p.y}} })
}

// crosses returns the two lines of a cross at each point.
func crosses(at []point, half float64) [][2]point {
	lines := make([][2]point, 0, 2*len(at))
	for _, p := range at {
		lines = append(lines, [2]point{{p.x - half, p.y - half}, {p.x + half, p.y + half}},
			[2]point{{p.x - half, p.y + half}, {p.x + half, p.y - half}})
	}
	return lines
}

// lateBar draws a bar that is hatched, so that it differs from a lost call in any print.
func lateBar(s *sheet, b box) {
	s.fill(latePaper, b)
	s.dashes(pen{1, lateStain, nil}, diagonals(b, 5))
}

// hatch shows where nothing is known.
func hatch(s *sheet, c color.NRGBA, b box) { s.dashes(pen{0.8, c, nil}, diagonals(b, 6)) }

// drawWhisker spans from the least to the most; it is flat, between two posts.
func drawWhisker(s *sheet, from, to point) {
	p := pen{1.4, ink, nil}
	s.line(p, from, to)
	for _, end := range []point{from, to} {
		s.line(p, point{end.x, end.y - 3}, point{end.x, end.y + 3})
	}
}
