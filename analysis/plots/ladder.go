package plots

import (
	"fmt"
	"image/color"
	"math"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

const (
	// mostBars are as many bars as can be compared at a glance; of more settings of one thing the columns stand on an axis of it.
	mostBars     = 8
	ladderHeight = 250.0
	// unboundedSlot is the place of the greatest setting, which would be decades away.
	unboundedSlot = 52.0
	widestColumn  = 34.0
)

// ladderPlot is lost calls against one thing that was swept, on a logarithmic axis.
type ladderPlot struct {
	frame *frame
	name  string
	rows  []lostRow
	// values of the settings, ascending where the cells are; at is where they stand.
	values []int
	at     []float64
	// width of a column; most calls a storm.
	width, most float64
}

// newLadderPlot is false where the bars of lostPicture serve better, and where the settings are not those of one number.
func newLadderPlot(s *analysis.Summary) (*ladderPlot, bool) {
	axes := sweptAxes(s.Cells)
	if len(s.Cells) <= mostBars || len(axes) != 1 || axes[0].name != "somaxconn" && axes[0].name != "backlog" {
		return nil, false
	}
	p := &ladderPlot{name: axes[0].name, most: 1}
	for _, i := range byEffective(s.Cells) {
		c := &s.Cells[i]
		if n := len(p.values); n > 0 && c.Effective <= p.values[n-1] || c.Effective < 1 {
			return nil, false // two in one place, or none on the axis
		}
		p.values = append(p.values, c.Effective)
		p.rows = append(p.rows, newLostRow(c, analysis.Success(s.Run)))
		p.most = max(p.most, p.rows[len(p.rows)-1].offered)
	}
	p.at, p.width = columnsOf(p.values)
	return p, true
}

// columnsOf are the middles of the columns, and how wide they may be.
func columnsOf(values []int) (at []float64, width float64) {
	last := len(values) - 1
	x := scale{min: float64(values[0]), max: float64(values[last]), from: plotLeft + widestColumn/2, to: plotRight - widestColumn/2, log: true}
	unbounded := values[last] == math.MaxInt32
	if unbounded {
		x.max, x.to = float64(values[last-1]), x.to-unboundedSlot
	}
	width = widestColumn
	for i, v := range values {
		at = append(at, x.at(float64(v)))
		if unbounded && i == last {
			at[i] += unboundedSlot
		}
		if i > 0 {
			width = min(width, 0.8*(at[i]-at[i-1]))
		}
	}
	return at, max(width, 1)
}

func ladderPicture(s *analysis.Summary, p *ladderPlot) *picture {
	success := analysis.Success(s.Run)
	p.frame = &frame{title: lostTitle + " against " + p.name, subtitle: subtitle(s), rowHeight: ladderHeight, headroom: 16}
	p.frame.keys = lostKeys(p.rows, string(success))
	p.frame.rows = []row{{notes: p.notes()}}
	p.frame.layout()
	alt := "Columns of calls a storm, one for each " + p.name + "."
	for i := range p.rows {
		alt += sentence(p.rows[i].label, p.rows[i].notes())
	}
	return &picture{name: "lost", caption: lostWords(s, p.rows, success), frame: p.frame, alt: alt, paint: p.draw}
}

// notes say where it ends.
func (p *ladderPlot) notes() []note {
	lossFree := p.from(func(r *lostRow) bool { return r.most == 0 })
	timely := p.from(func(r *lostRow) bool { return r.most == 0 && r.lateKnown && r.mostLate == 0 })
	last := len(p.rows) - 1
	if lossFree > last {
		return append([]note{{"not even the greatest is enough", false, soft}}, p.rows[last].notes()...)
	}
	notes := []note{{"none lost", true, relief}}
	if lossFree > 0 {
		below := &p.rows[lossFree-1]
		notes = []note{
			{"none lost from " + p.label(lossFree) + " on", true, relief},
			{fmt.Sprintf("up to %s of %s lost with %s", whole(below.most), whole(below.offered), p.label(lossFree-1)), false, soft},
		}
	}
	if timely > lossFree && timely <= last {
		notes = append(notes, note{"none late from " + p.label(timely) + " on", false, ink})
	}
	return notes
}

// from is the first setting from which on all are good; one beyond the last where that is not.
func (p *ladderPlot) from(good func(*lostRow) bool) int {
	at := len(p.rows)
	for at > 0 && p.rows[at-1].repeats > 0 && good(&p.rows[at-1]) {
		at--
	}
	return at
}

func (p *ladderPlot) label(i int) string {
	if p.values[i] == math.MaxInt32 {
		return record.BacklogMax
	}
	return analysis.Count(p.values[i])
}

func (p *ladderPlot) draw(s *sheet) {
	plot := p.frame.rows[0].plot
	y := scale{max: p.most, from: plot.bottom, to: plot.top}
	for _, v := range wholeTicks(p.most, 5) {
		s.line(pen{0.7, rule, nil}, point{plot.left, y.at(v)}, point{plot.right, y.at(v)})
		s.text(plot.left-5, y.at(v)+3.2, tickText.to(right), analysis.Count(int(v)))
	}
	s.text(margin, p.frame.bottom+16, tickText, "upright: calls a storm")
	free := 0.0
	for i := range p.rows {
		p.drawColumn(s, i, y)
		if half := tickText.width(p.label(i)) / 2; p.at[i]-half > free {
			p.frame.tickLabel(s, p.at[i], p.label(i))
			free = p.at[i] + half + 5
		}
	}
	s.line(pen{0.9, axis, nil}, point{plot.left, plot.bottom}, point{plot.right, plot.bottom})
	if x, broken := p.axisBreak(); broken {
		drawBreak(s, x, plot.bottom)
	}
	p.frame.axisTitle(s, p.name+" (logarithmic)")
}

// axisBreak is where the axis ends before the greatest setting, which has a slot of its own; false without one.
func (p *ladderPlot) axisBreak() (x float64, broken bool) {
	last := len(p.values) - 1
	return (p.at[last] + p.at[last-1]) / 2, p.values[last] == math.MaxInt32
}

// drawBreak cuts an axis in two.
func drawBreak(s *sheet, x, y float64) {
	s.fill(white, box{x - 2.5, y - 2, x + 2.5, y + 2})
	for _, at := range []float64{x - 2.5, x + 2.5} {
		s.line(pen{0.9, axis, nil}, point{at - 2, y + 4}, point{at + 2, y - 4})
	}
}

// drawColumn stacks a setting's calls, the lost ones below.
func (p *ladderPlot) drawColumn(s *sheet, i int, y scale) {
	r := &p.rows[i]
	if r.repeats == 0 {
		return
	}
	left, top := p.at[i]-p.width/2, 0.0
	stack := func(calls float64, fill func(box)) {
		if calls > 0 {
			b := box{left, y.at(top + calls), left + p.width, y.at(top)}
			b.top = min(b.top, b.bottom-leastBar)
			fill(b)
			top += calls
		}
	}
	paper := func(c color.NRGBA) func(box) { return func(b box) { s.fill(c, b) } }
	for _, g := range r.segments {
		stack(g.calls, paper(outcomeColour(g.outcome)))
	}
	stack(min(r.late, r.offered-top), func(b box) { lateBar(s, b) })
	stack(min(r.slow, r.offered-top), paper(slowPaper))
	stack(r.offered-top, paper(inTime))
	if r.varies() {
		from, to := point{p.at[i], y.at(r.least)}, point{p.at[i], y.at(r.most)}
		s.line(pen{4, white, nil}, from, to)
		s.line(pen{1.6, ink, nil}, from, to)
	}
	if text := percent(r.lost / max(r.offered, 1)); r.lost > 0 && tickText.width(text) < p.width+4 {
		s.text(p.at[i], y.at(r.offered)-4, tickText.in(alarm).to(centre), text)
	}
}
