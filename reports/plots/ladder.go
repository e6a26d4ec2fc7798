package plots

import (
	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

const (
	// mostBars are as many bars as can be compared at a glance; of more settings of one thing the
	// columns stand on an axis of it.
	mostBars     = 8
	ladderHeight = 250.0
	// unboundedSlot is the place of the greatest setting, which would be decades away.
	unboundedSlot = 52.0
	widestColumn  = 34.0
)

// ladderPlot is lost calls against one thing that was swept, on a logarithmic axis.
type ladderPlot struct {
	name string
	rows []lostRow
	// values of the settings, ascending as the cells are; at is where they stand.
	values []int
	at     []float64
	// width of a column; most calls per storm.
	width, most float64
}

// newLadderPlot returns false if the bars of lostFigure serve better, and if the settings are not
// those of one number.
func newLadderPlot(s *analysis.Summary) (*ladderPlot, bool) {
	axes := sweptAxes(s.Cells)
	if len(s.Cells) <= mostBars || len(axes) != 1 || !axes[0].queue {
		return nil, false
	}
	p := &ladderPlot{name: axes[0].name, most: 1}
	for _, i := range byEffective(s.Cells) {
		c := &s.Cells[i]
		if n := len(p.values); n > 0 && c.Effective <= p.values[n-1] || c.Effective < 1 {
			return nil, false // two in one place, or none on the axis
		}
		p.values = append(p.values, c.Effective)
		p.rows = append(p.rows, newLostRow(c, calls.Success(s.Run)))
		p.most = max(p.most, p.rows[len(p.rows)-1].Offered)
	}
	p.at, p.width = columnsOf(p.values)
	return p, true
}

// columnsOf returns the middles of the columns, and how wide they may be.
func columnsOf(values []int) (at []float64, width float64) {
	last := len(values) - 1
	x := scale{
		min: float64(values[0]), max: float64(values[last]), log: true,
		from: plotLeft + widestColumn/2, to: plotRight - widestColumn/2,
	}
	unbounded := values[last] == record.MaxBacklog
	if unbounded {
		x.max, x.to = float64(values[last-1]), x.to-unboundedSlot
	}
	width = widestColumn
	for i, v := range values {
		at = append(at, x.pos(float64(v)))
		if unbounded && i == last {
			at[i] += unboundedSlot
		}
		if i > 0 {
			width = min(width, 0.8*(at[i]-at[i-1]))
		}
	}
	return at, max(width, 1)
}

var _ = declare(&words.FigureLadder, ladderFigure)

// ladderFigure returns nil if there are bars.
func ladderFigure(s *analysis.Summary) *frame {
	p, ok := newLadderPlot(s)
	if !ok {
		return nil
	}
	f := newFrame(s, &words.FigureLadder, ladderHeight, 0)
	f.shown.Rows, f.headroom = p.name, 16
	f.x = axis{min: plotLeft, max: plotRight}
	for i := range p.rows {
		f.say(p.rows[i].label, p.rows[i].notes())
		f.x.ticks = append(f.x.ticks, tick{at: p.at[i], label: p.label(i)})
	}
	f.rows = []row{{notes: p.notes(), y: countAxis(p.most, 5), paint: p.draw}}
	f.explainLost(p.rows)
	if x, broken := p.axisBreak(); broken {
		f.overlay = func(s *sheet) { drawBreak(s, f.xScale().pos(x), f.bottom) }
	}
	return f
}

// notes say from which setting on calls are no longer lost, or late.
func (p *ladderPlot) notes() []words.RowNote {
	lossFree := p.from(func(r *lostRow) bool { return r.Most == 0 })
	timely := p.from(func(r *lostRow) bool { return r.Most == 0 && r.LateKnown && r.MostLate == 0 })
	facts, last := words.PlottedLadder{}, len(p.rows)-1
	if lossFree > last {
		return append(words.FigureLadder.NotesOf(facts), p.rows[last].notes()...)
	}
	if facts.LossFree = p.label(lossFree); lossFree > 0 {
		below := &p.rows[lossFree-1]
		facts.Below, facts.Most, facts.Offered = p.label(lossFree-1), below.Most, below.Offered
	}
	if timely > lossFree && timely <= last {
		facts.Timely = p.label(timely)
	}
	return words.FigureLadder.NotesOf(facts)
}

// from returns the first setting from which on all are good, one beyond the last if there is none.
func (p *ladderPlot) from(good func(*lostRow) bool) int {
	at := len(p.rows)
	for at > 0 && p.rows[at-1].Storms > 0 && good(&p.rows[at-1]) {
		at--
	}
	return at
}

func (p *ladderPlot) label(i int) string { return words.Backlog(p.values[i]) }

// axisBreak returns where the axis ends before the greatest setting, which has a slot of its own;
// false without one.
func (p *ladderPlot) axisBreak() (x float64, broken bool) {
	last := len(p.values) - 1
	return (p.at[last] + p.at[last-1]) / 2, p.values[last] == record.MaxBacklog
}

// drawBreak cuts an axis in two.
func drawBreak(s *sheet, x, y float64) {
	s.fill(white, box{x - 2.5, y - 2, x + 2.5, y + 2})
	for _, at := range []float64{x - 2.5, x + 2.5} {
		s.line(pen{0.9, outline, nil}, point{at - 2, y + 4}, point{at + 2, y - 4})
	}
}

// draw stacks each setting's calls, the lost ones below.
func (p *ladderPlot) draw(s *sheet, at strip) {
	width := p.width * (at.right - at.left) / (plotRight - plotLeft)
	for i := range p.rows {
		r, x, sum := &p.rows[i], at.x.pos(p.at[i]), 0.0
		for _, b := range r.bands() {
			b.texts = nil
			column := box{x - width/2, at.y.pos(sum + b.calls), x + width/2, at.y.pos(sum)}
			column.top = min(column.top, column.bottom-leastBar)
			b.draw(s, column)
			sum += b.calls
		}
		if r.Varies() {
			from, to := point{x, at.y.pos(r.Least)}, point{x, at.y.pos(r.Most)}
			s.line(pen{4, white, nil}, from, to)
			s.line(pen{1.6, ink, nil}, from, to)
		}
		if text := words.Part(r.Lost / max(r.Offered, 1)); r.Lost > 0 && tickText.width(text) < width+4 {
			s.text(x, at.y.pos(r.Offered)-4, tickText.coloured(alarm).aligned(centre), text)
		}
	}
}
