package plots

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"agistorm/reports/lists"
)

// pngDPI gives two pixels a point.
const pngDPI = 144

// longestStroke is how many points one stroke may have: the rasteriser's time grows with
// their square.
const longestStroke = 256

// point is a place on the page, in points from its top left corner.
type point struct{ x, y float64 }

// box is a rectangle on the page; right and bottom are not less than left and top.
type box struct{ left, top, right, bottom float64 }

// pen is how a line is drawn.
type pen struct {
	width  float64
	colour color.NRGBA
	dashes []vg.Length
}

var dashed = []vg.Length{4, 3}

// sheet is a page to draw on, counted from its top left corner.
type sheet struct {
	canvas draw.Canvas
	height float64
	theme  theme
	// grounds are the themes in which the page must look the same but for its colours; nil for only its own.
	grounds []theme
	// widths of the texts that were written, in their order.
	widths []float64
}

func renderPNG(width, height float64, dpi int, paint func(*sheet)) ([]byte, error) {
	canvas := vgimg.NewWith(vgimg.UseWH(vg.Length(width), vg.Length(height)), vgimg.UseDPI(dpi))
	paint(&sheet{canvas: draw.New(canvas), height: height})
	var out bytes.Buffer
	// Most of a figure's time is its compression: the fastest makes it 3 % larger.
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&out, canvas.Image()); err != nil {
		return nil, fmt.Errorf("PNG: %w", err)
	}
	return out.Bytes(), nil
}

// place returns a point of the canvas, exact to a tenth of a point: more digits would only make the
// SVG longer.
func (s *sheet) place(p point) vg.Point {
	return vg.Point{X: tenths(p.x), Y: tenths(s.height - p.y)}
}

func tenths(v float64) vg.Length { return vg.Length(math.Round(v*10) / 10) }

// text writes on the baseline y.
func (s *sheet) text(x, y float64, l lettering, text string) {
	if text = printable(text); text == "" {
		return
	}
	width := l.width(text)
	s.widths = append(s.widths, width)
	x -= width * float64(l.align) / 2
	s.canvas.SetColor(s.theme.tint(l.colour))
	s.canvas.FillString(l.face(), s.place(point{x, y}), text)
}

// fill fills boxes, all in one path.
func (s *sheet) fill(c color.NRGBA, boxes ...box) { s.shapes(c, lists.Map(boxes, box.corners)...) }

// corners of the box, in their order.
func (b box) corners() []point {
	return []point{{b.left, b.top}, {b.right, b.top}, {b.right, b.bottom}, {b.left, b.bottom}}
}

// area fills what lies between a line and its base.
func (s *sheet) area(c color.NRGBA, base float64, line []point) {
	if n := len(line); n > 1 {
		s.shapes(c, slices.Concat([]point{{line[0].x, base}}, line, []point{{line[n-1].x, base}}))
	}
}

// shapes fills outlines, all in one path.
func (s *sheet) shapes(c color.NRGBA, outlines ...[]point) {
	var path vg.Path
	for _, corners := range outlines {
		s.trace(&path, corners)
		path.Close()
	}
	if len(path) > 0 {
		s.canvas.SetColor(s.theme.tint(c))
		s.canvas.Fill(path)
	}
}

// trace adds a line through points to a path.
func (s *sheet) trace(path *vg.Path, points []point) {
	path.Move(s.place(points[0]))
	for _, p := range points[1:] {
		path.Line(s.place(p))
	}
}

// line draws through the points.
func (s *sheet) line(p pen, points ...point) {
	s.stroke(p, lists.Map(strokes(points), func(part []point) [][]point { return [][]point{part} }))
}

// dashes draws short lines, many in a path.
func (s *sheet) dashes(p pen, lines [][2]point) {
	all := lists.Map(lines, func(l [2]point) []point { return l[:] })
	s.stroke(p, slices.Collect(slices.Chunk(all, longestStroke/8)))
}

// stroke draws paths, each of several lines.
func (s *sheet) stroke(p pen, paths [][][]point) {
	s.canvas.SetLineStyle(draw.LineStyle{Color: s.theme.tint(p.colour), Width: vg.Length(p.width), Dashes: p.dashes})
	for _, lines := range paths {
		var path vg.Path
		for _, points := range lines {
			s.trace(&path, points)
		}
		s.canvas.Stroke(path)
	}
}

// swatch fills a box, and draws its edge if it hardly stands out.
func (s *sheet) swatch(c color.NRGBA, b box) {
	s.fill(c, b)
	if edge, ok := s.edge(c); ok {
		s.line(pen{0.6, edge, nil}, append(b.corners(), point{b.left, b.top})...)
	}
}

// edge returns the colour of the edge around a colour that hardly stands out on a ground. On another ground of the
// same picture the edge is there too, and has the colour itself.
func (s *sheet) edge(c color.NRGBA) (color.NRGBA, bool) {
	if s.theme.faint(c) {
		return soft, true
	}
	return c, slices.ContainsFunc(s.grounds, func(t theme) bool { return t.faint(c) })
}

// strokes cuts a line into parts that are short enough, each beginning where the one before ends.
func strokes(points []point) [][]point {
	var parts [][]point
	for len(points) > 1 {
		n := min(longestStroke, len(points))
		parts = append(parts, points[:n])
		points = points[n-1:]
	}
	return parts
}

// diagonals returns the rising lines at 45 degrees inside b, gap apart along its bottom. They
// hang together over boxes that lie side by side.
func diagonals(b box, gap float64) [][2]point {
	var lines [][2]point
	height := b.bottom - b.top
	for foot := math.Floor((b.left-height)/gap) * gap; foot < b.right; foot += gap {
		from := point{foot, b.bottom}
		to := point{foot + height, b.top}
		if cut := b.left - from.x; cut > 0 {
			from = point{b.left, b.bottom - cut}
		}
		if cut := to.x - b.right; cut > 0 {
			to = point{b.right, b.top + cut}
		}
		if from.x < to.x {
			lines = append(lines, [2]point{from, to})
		}
	}
	return lines
}
