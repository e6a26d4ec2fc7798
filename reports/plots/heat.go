package plots

import (
	"image/color"
	"math"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
	"agistorm/reports/words"
	axes "agistorm/scenarios/axis"
)

// mostColumns fit the page.
const mostColumns = 8

// sweptAxis is one axis on which the cells differ.
type sweptAxis struct {
	name string
	// queue axes give the length of the accept queue.
	queue bool
	// values in order.
	values []string
	of     func(record.Cell) string
}

// sweptAxes returns the axes on which the cells differ.
func sweptAxes(cells []analysis.Cell) (all []sweptAxis) {
	values := lists.Map(cells, func(c analysis.Cell) axes.Values { return c.Axes() })
	for _, name := range axes.Differing(values...) {
		declared := axes.Named(name)
		a := sweptAxis{name: declared.Heading(), queue: declared.Queue}
		a.of = func(c record.Cell) string { return c.Axes()[name] }
		a.values = lists.Map(values, func(v axes.Values) string { return v[name] })
		slices.SortFunc(a.values, axes.Compare)
		a.values = slices.Compact(a.values)
		all = append(all, a)
	}
	return all
}

// heatGrid are the cells by row and column: the rows are of the first axis.
type heatGrid struct {
	rows, columns sweptAxis
	cells         [][]*analysis.Cell
}

// newHeatGrid returns false unless the cells are every combination of the values of two things.
func newHeatGrid(cells []analysis.Cell) (heatGrid, bool) {
	axes := sweptAxes(cells)
	if len(axes) != 2 || len(cells) != len(axes[0].values)*len(axes[1].values) {
		return heatGrid{}, false
	}
	g := heatGrid{rows: axes[0], columns: axes[1]}
	if len(g.columns.values) > len(g.rows.values) && len(g.columns.values) > mostColumns {
		g.rows, g.columns = g.columns, g.rows
	}
	for range g.rows.values {
		g.cells = append(g.cells, make([]*analysis.Cell, len(g.columns.values)))
	}
	for i := range cells {
		row, column := g.place(cells[i].Cell)
		if g.cells[row][column] != nil {
			return heatGrid{}, false
		}
		g.cells[row][column] = &cells[i]
	}
	return g, true
}

func (g *heatGrid) place(c record.Cell) (row, column int) {
	return slices.Index(g.rows.values, g.rows.of(c)), slices.Index(g.columns.values, g.columns.of(c))
}

// heatField is what is written in one field.
type heatField struct {
	// share of the lost calls, 0 to 1; false where there is no number.
	share float64
	known bool
	text  string
	small string
}

func newHeatField(c *analysis.Cell) heatField {
	facts := words.PlottedCalls{
		Storms: len(c.Repeats), Offered: offered(c), Lost: amount(c.Lost.Median), Most: amount(c.Lost.Max),
	}
	text := words.FigureHeat.NotesOf(facts)[0]
	known := facts.Storms > 0 && facts.Offered > 0
	h := heatField{known: known, text: text.Tone, small: text.Text}
	if known {
		h.share = min(facts.Lost/facts.Offered, 1)
	}
	return h
}

var _ = declare(&words.FigureHeat, heatFigure)

// heatFigure returns nil if the cells are not the product of two things.
func heatFigure(s *analysis.Summary) *frame {
	g, ok := newHeatGrid(s.Cells)
	if !ok {
		return nil
	}
	f := newFrame(s, &words.FigureHeat, 44, 3)
	f.shown.Rows, f.shown.Columns = g.rows.name, g.columns.name
	f.headroom, f.foot = 34, margin // there is no axis below
	for i, value := range g.rows.values {
		fields := make([]heatField, len(g.columns.values))
		for j, column := range g.columns.values {
			fields[j] = newHeatField(g.cells[i][j])
			setting := g.rows.name + " " + value + ", " + g.columns.name + " " + column
			f.say(setting, []words.RowNote{{Text: strings.TrimSpace(fields[j].text + " " + fields[j].small)}})
		}
		f.rows = append(f.rows, row{label: g.rows.name + " " + value, paint: func(s *sheet, at strip) {
			for j, field := range fields {
				field.draw(s, g.column(j, at.box))
			}
		}})
	}
	f.overlay = func(s *sheet) { g.drawHeads(s, f.rows[0].plot) }
	return f
}

// column returns the place of a field in a row; fields reach over the notes, of which there are
// none.
func (g *heatGrid) column(j int, b box) box {
	width := (pageWidth - margin - plotLeft) / float64(len(g.columns.values))
	b.left += float64(j) * width
	b.right = b.left + width - 3
	return b
}

func (g *heatGrid) drawHeads(s *sheet, first box) {
	s.text(plotLeft, first.top-22, tickText, g.columns.name)
	for j, value := range g.columns.values {
		b := g.column(j, first)
		s.text((b.left+b.right)/2, first.top-7, labelText.aligned(centre), labelText.cut(value, b.right-b.left-1))
	}
}

func (h heatField) draw(s *sheet, b box) {
	ground := h.ground(s.theme)
	s.fill(ground, b)
	l := strongText.coloured(s.theme.inkOn(ground)).aligned(centre)
	x, y := (b.left+b.right)/2, (b.top+b.bottom)/2
	small := noteText.coloured(l.colour).aligned(centre)
	text := fitting(small, b.right-b.left, h.small)
	if text == "" {
		y += 6
	}
	s.text(x, y-2, l, fitting(l, b.right-b.left, h.text))
	s.text(x, y+13, small, text)
}

// ground returns the colour of a field: the more is lost the further from the page's own.
func (h heatField) ground(t theme) color.NRGBA {
	switch {
	case !h.known:
		return rule
	case h.share == 0 && h.small == "":
		return inTime
	}
	// The root spreads small shares, which matter most.
	return between(t.tint(leastHeat), t.tint(mostHeat), math.Sqrt(h.share))
}
