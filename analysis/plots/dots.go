package plots

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

const (
	dotsTitle   = "Every attempt: when it was to start, how long it took"
	dotsCaption = "Each mark is a call: how long after its intended start it was connected or, for those that were not, given up; the " +
		"upright axis is logarithmic. Crosses are lost calls, in the colour of their outcome; rings were served late, after a SYN that was sent again.%s%s%s"
	// mostDots of a storm are drawn: of more the common ones are thinned.
	mostDots = 2000
)

// dotRow is the median storm of a cell.
type dotRow struct {
	label    string
	repeats  int
	attempts int
	lost     int
	dots     []series.Dot
}

func newDotRow(c *analysis.Cell) dotRow {
	r := dotRow{label: c.Label, repeats: len(c.Repeats)}
	if storm := MedianStorm(c); storm != nil {
		r.attempts, r.lost, r.dots = len(storm.Raw.Attempts), storm.Lost, series.DotsOf(storm.Raw, mostDots)
	}
	return r
}

// mark is what dots are drawn alike by.
type mark struct {
	outcome record.Outcome
	late    bool
}

func markOf(d series.Dot) mark { return mark{d.Outcome, d.Late} }

func (m mark) String() string {
	switch {
	case m.late:
		return string(m.outcome) + " late"
	case m.outcome.Served():
		return string(m.outcome) + " in time"
	case m.outcome.Lost():
		return "lost: " + string(m.outcome)
	}
	return "not sent: " + string(m.outcome)
}

// marksOf are the marks that occur, in the order of the outcomes.
func marksOf(rows []dotRow) []mark {
	seen := map[mark]bool{}
	for i := range rows {
		for _, d := range rows[i].dots {
			seen[markOf(d)] = true
		}
	}
	var marks []mark
	for m := range seen {
		marks = append(marks, m)
	}
	slices.SortFunc(marks, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), strings.Compare(string(a.outcome), string(b.outcome)))
	})
	return marks
}

// rank of a mark among all, as tables and figures order the outcomes; those that this version does not know come last.
func (m mark) rank() int {
	i := slices.Index(record.Outcomes, m.outcome)
	if i < 0 {
		i = len(record.Outcomes)
	}
	if m.late {
		return 2*i + 1
	}
	return 2 * i
}

func (r *dotRow) notes() []note {
	switch {
	case r.repeats == 0:
		return []note{{"no storm was finished", false, soft}}
	case len(r.dots) == 0:
		return []note{{"not recorded", false, soft}}
	}
	notes := []note{{"none lost", true, relief}}
	if r.lost > 0 {
		notes[0] = note{analysis.Count(r.lost) + " of " + analysis.Count(r.attempts) + " lost", true, alarm}
	}
	if slowest, ok := r.slowest(); ok {
		notes = append(notes, note{"slowest served: " + analysis.Duration(slowest), false, ink})
	}
	if len(r.dots) < r.attempts {
		notes = append(notes, note{fmt.Sprintf("%s of %s drawn", analysis.Count(len(r.dots)), analysis.Count(r.attempts)), false, soft})
	}
	return notes
}

// slowest is the longest time to connect of a served call; false without one.
func (r *dotRow) slowest() (took time.Duration, ok bool) {
	for _, d := range r.dots {
		if d.Outcome.Served() {
			took, ok = max(took, d.Took), true
		}
	}
	return took, ok
}

// dotPlot is the figure's axes.
type dotPlot struct {
	frame *frame
	rows  []dotRow
	marks []mark
	// starts are the different intended starts, end is the last; low and high are the ends of the upright axis, in microseconds.
	starts    []time.Duration
	end       time.Duration
	low, high float64
	// inOrder puts the calls side by side in their order: they were to start at the same few instants.
	inOrder bool
}

// dotsPicture is nil without the record of a storm.
func dotsPicture(s *analysis.Summary) *picture {
	p := &dotPlot{frame: &frame{title: dotsTitle + bySetting(s, ", by setting"), subtitle: subtitle(s), rowHeight: 104, gap: 18}}
	alt := "Dots of all attempts" + bySetting(s, ", one panel for each setting") + "."
	for _, c := range Chosen(s) {
		r := newDotRow(c)
		p.rows = append(p.rows, r)
		p.frame.rows = append(p.frame.rows, row{label: r.label, notes: r.notes()})
		alt += sentence(r.label, r.notes())
	}
	p.marks = marksOf(p.rows)
	if len(p.marks) == 0 {
		return nil
	}
	for _, m := range p.marks {
		p.frame.keys = append(p.frame.keys, key{m.String(), func(s *sheet, b box) {
			m.draw(s, []point{{b.left + 4, (b.top + b.bottom) / 2}, {b.right - 4, (b.top + b.bottom) / 2}})
		}})
	}
	p.frame.layout()
	p.fit()
	caption := fmt.Sprintf(dotsCaption, p.orderWords(), p.thinWords(), whichStorms(s))
	return &picture{name: "dots", caption: caption, frame: p.frame, alt: alt, paint: p.draw}
}

// fit sets the axes to what all rows hold.
func (p *dotPlot) fit() {
	least, most := math.Inf(1), 0.0
	storms := make([][]series.Dot, len(p.rows))
	for i := range p.rows {
		storms[i] = p.rows[i].dots
		for _, d := range storms[i] {
			us := float64(d.Took) / float64(time.Microsecond)
			least, most = min(least, us), max(most, us)
		}
	}
	p.starts, p.inOrder = series.InOrder(storms...)
	p.end = p.starts[len(p.starts)-1]
	p.low = math.Pow(10, math.Floor(math.Log10(max(least, 1))))
	p.high = max(most*1.6, p.low*10)
}

// InOrderWords is the sentence of a caption for calls that do not stand on an axis of time, with a blank before it.
const InOrderWords = " The calls were to start together at one or a few instants: so they stand side by side, in their order."

func (p *dotPlot) orderWords() string {
	if !p.inOrder {
		return ""
	}
	return InOrderWords
}

func (p *dotPlot) thinWords() string {
	for i := range p.rows {
		if len(p.rows[i].dots) < p.rows[i].attempts {
			return fmt.Sprintf(" Of more than %s calls the common ones are thinned; rare outcomes and the slowest calls are all there.", analysis.Count(mostDots))
		}
	}
	return ""
}

func (p *dotPlot) draw(s *sheet) {
	x := scale{max: max(p.end.Seconds(), 1e-9), from: plotLeft, to: plotRight}
	if p.inOrder {
		p.orderAxis(s)
	} else {
		p.frame.secondsAxis(s, x)
	}
	s.text(margin, p.frame.bottom+16, tickText, "upright: time to connect (log)")
	for i := range p.rows {
		plot := p.frame.rows[i].plot
		y := scale{min: p.low, max: p.high, from: plot.bottom, to: plot.top, log: true}
		decades(s, y, plot)
		s.line(pen{0.9, axis, nil}, point{plot.left, plot.bottom}, point{plot.right, plot.bottom})
		for m, at := range p.places(p.rows[i].dots, x, y) {
			m.draw(s, at)
		}
	}
}

// orderAxis marks where the calls of each intended start begin.
func (p *dotPlot) orderAxis(s *sheet) {
	if len(p.starts) < 2 {
		p.countAxis(s)
		p.frame.axisTitle(s, "calls in their order, all to start at once")
		return
	}
	free := 0.0
	for k, at := range p.starts {
		x := p.order(k, 0)
		if x < free {
			continue
		}
		p.frame.upright(s, pen{0.7, rule, nil}, x)
		text := seconds(at)
		p.frame.tickLabel(s, x, text)
		free = x + tickText.width(text) + 12
	}
	p.frame.axisTitle(s, "calls in their order, by when they were to start")
}

// countAxis counts the calls of one burst, where all storms had as many.
func (p *dotPlot) countAxis(s *sheet) {
	calls := p.rows[0].attempts
	if slices.ContainsFunc(p.rows, func(r dotRow) bool { return r.attempts != calls }) {
		return
	}
	x := scale{max: float64(calls), from: plotLeft, to: plotRight}
	for _, v := range wholeTicks(x.max, 10) {
		p.frame.upright(s, pen{0.7, rule, nil}, x.at(v))
		p.frame.tickLabel(s, x.at(v), analysis.Count(int(v)))
	}
}

// order is the place of the calls with start k, and within it of a share of them, 0 to 1.
func (p *dotPlot) order(k int, share float64) float64 {
	return plotLeft + (float64(k)+share)/float64(len(p.starts))*(plotRight-plotLeft)
}

// places of the dots, by their mark.
func (p *dotPlot) places(dots []series.Dot, x, y scale) iter.Seq2[mark, []point] {
	at := map[mark][]point{}
	together := map[time.Duration]int{}
	for _, d := range dots {
		together[d.At]++
	}
	passed := map[time.Duration]int{}
	for _, d := range dots {
		left := x.at(d.At.Seconds())
		if p.inOrder {
			k, _ := slices.BinarySearch(p.starts, d.At)
			left = p.order(k, (float64(passed[d.At])+0.5)/float64(together[d.At]))
			passed[d.At]++
		}
		at[markOf(d)] = append(at[markOf(d)], point{left, y.at(float64(d.Took) / float64(time.Microsecond))})
	}
	return func(yield func(mark, []point) bool) {
		for _, m := range p.marks {
			if !yield(m, at[m]) {
				return
			}
		}
	}
}

// draw draws the same mark at many places: a dot, a ring for a late call, a cross for a lost one.
func (m mark) draw(s *sheet, at []point) {
	c := outcomeColour(m.outcome)
	switch faint := s.theme.faint(c); {
	case m.late:
		s.dashes(pen{3.6, lateStain, nil}, bits(at, 1.8))
		s.dashes(pen{1.8, white, nil}, bits(at, 0.9))
	case m.outcome.Served():
		if faint {
			s.dashes(pen{3.4, soft, nil}, bits(at, 1.7))
		}
		s.dashes(pen{2.4, c, nil}, bits(at, 1.2))
	default:
		if faint {
			s.dashes(pen{2.2, soft, nil}, crosses(at, 2.4))
		}
		s.dashes(pen{1.1, c, nil}, crosses(at, 2))
	}
}

// bits are short flat lines about the points, which a pen of twice the length makes squares of.
func bits(at []point, half float64) [][2]point {
	lines := make([][2]point, len(at))
	for i, p := range at {
		lines[i] = [2]point{{p.x - half, p.y}, {p.x + half, p.y}}
	}
	return lines
}

func crosses(at []point, half float64) [][2]point {
	lines := make([][2]point, 0, 2*len(at))
	for _, p := range at {
		lines = append(lines, [2]point{{p.x - half, p.y - half}, {p.x + half, p.y + half}}, [2]point{{p.x - half, p.y + half}, {p.x + half, p.y - half}})
	}
	return lines
}
