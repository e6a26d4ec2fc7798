package plots

import (
	"math"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

const (
	curveHeight = 120.0
	// fewDecades have ticks between the powers of ten.
	fewDecades = 2.5
)

// The colours of a plan's curves; what they are is written beside them.
var (
	lostTone = outcomeColour(record.ConnectTimeout)
	waitTone = outcomeColour(record.Reset)
)

// curve is simulated settings that differ in one number.
type curve struct {
	points []capacity.Point
	at     func(capacity.Setting) int
	// least is enough, and more than useful of no use; nil where there is none.
	least, useful *int
	// handlers: the number is that of handlers, not a backlog.
	handlers bool
	// timeout is what p99 of the wait is held against.
	timeout time.Duration
}

var (
	_ = declarePlan(&words.FigurePlanBacklog, backlogCard)
	_ = declarePlan(&words.FigurePlanHandlers, handlersCard)
)

// backlogCard returns nil unless several backlogs were simulated.
func backlogCard(a *capacity.Answer) *card {
	c := &curve{points: a.ByBacklog, at: func(s capacity.Setting) int { return s.Backlog }, least: a.Backlog,
		timeout: a.Question.FirstCommandTimeout}
	if a.Useful != nil {
		c.useful = &a.Useful.Backlog
	}
	if len(c.points) < 2 {
		return nil
	}
	first, last := c.ends()
	return c.card(&words.FigurePlanBacklog, a, logAxis(max(first, 1), last, func(v float64) string {
		return words.Backlog(int(v))
	}))
}

// handlersCard returns nil unless several numbers of handlers were simulated.
func handlersCard(a *capacity.Answer) *card {
	c := &curve{points: a.ByHandlers, at: func(s capacity.Setting) int { return s.Handlers }, handlers: true,
		timeout: a.Question.FirstCommandTimeout}
	if a.Handlers > 0 {
		c.least = &a.Handlers
	}
	if len(c.points) < 2 {
		return nil
	}
	first, last := c.ends()
	x := axis{min: first, max: last}
	step := max(roundStep((last-first)/6), 1)
	for v := math.Ceil(first/step) * step; v <= last; v += step {
		x.ticks = append(x.ticks, tick{at: v, label: words.Whole(v)})
	}
	return c.card(&words.FigurePlanHandlers, a, x)
}

// ends are the first and the last value.
func (c *curve) ends() (first, last float64) {
	values := lists.Map(c.points, func(p capacity.Point) int { return c.at(p.Setting) })
	return float64(slices.Min(values)), float64(slices.Max(values))
}

// logAxis has ticks at 1, 2 and 5 times the powers of ten, or at these alone where there are many.
func logAxis(low, high float64, label func(float64) string) axis {
	a := axis{min: low, max: max(high, low+1), log: true}
	steps := []float64{1, 2, 5}
	if math.Log10(a.max/low) > fewDecades {
		steps = steps[:1]
	}
	for power := math.Pow(10, math.Floor(math.Log10(low))); power <= a.max; power *= 10 {
		for _, m := range steps {
			if v := m * power; v >= low && v <= a.max {
				a.ticks = append(a.ticks, tick{at: v, label: label(v)})
			}
		}
	}
	return a
}

// card shows lost calls above the wait.
func (c *curve) card(w *words.Figure, a *capacity.Answer, x axis) *card {
	out := newCard(w, words.Plan{Answer: a})
	out.x = x
	out.panels = []panel{
		{title: w.Label("lost", nil), height: curveHeight, y: c.lostAxis(), paint: c.drawLost},
		{title: w.Label("wait", nil), height: curveHeight, y: c.waitAxis(), paint: c.drawWait},
	}
	out.keys = c.legend(w)
	if c.least != nil {
		out.marks = append(out.marks, bound{float64(*c.least), w.Label("least", *c.least)})
	}
	if c.useful != nil && float64(*c.useful) <= x.max {
		out.marks = append(out.marks, bound{float64(*c.useful), w.Label("useful", *c.useful)})
	}
	out.say(w.NotesOf(c.facts()))
	return out
}

func (c *curve) legend(w *words.Figure) (keys []Key) {
	some := func(is func(capacity.Point) bool) bool { return slices.ContainsFunc(c.points, is) }
	if some(c.holds) {
		keys = append(keys, newKey(formDisc, relief, w.Label("holds", nil)))
	}
	if some(func(p capacity.Point) bool { return !c.holds(p) }) {
		keys = append(keys, newKey(formCross, ink, w.Label("fails", nil)))
	}
	if some(func(p capacity.Point) bool { return p.LostMin != p.LostMax }) {
		keys = append(keys, newKey(formWhisker, ink, w.Label("range", nil)))
	}
	return append(keys, newKey(formDash, alarm, w.Label("limit", c.timeout)))
}

// holds reports whether a setting is enough. One below the least may have held the limits in most storms only.
func (c *curve) holds(p capacity.Point) bool {
	return p.Holds && (c.least == nil || c.at(p.Setting) >= *c.least)
}

// wait is the 99th percentile of all calls.
func wait(p capacity.Point) *time.Duration { return words.OfAll(p.P99, p.Lost) }

// facts of the notes.
func (c *curve) facts() words.PlottedCurve {
	f := words.PlottedCurve{Least: c.least, Useful: c.useful, Handlers: c.handlers}
	if c.least == nil {
		return f
	}
	for _, p := range c.points {
		if n := c.at(p.Setting); n < *c.least && p.Lost > 0 {
			f.Below, f.BelowLost = &n, p.Lost
		}
	}
	return f
}

// lostAxis is in percent.
func (c *curve) lostAxis() axis {
	top := 0.0
	for _, p := range c.points {
		top = max(top, 100*p.LostMax, 100*p.Lost)
	}
	top = min(max(top*1.1, 1), 105)
	step := roundStep(top / 4)
	return linearAxis(top, step, 8, func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) })
}

func (c *curve) waitAxis() axis {
	least, most := micro(c.timeout), micro(c.timeout)
	for _, p := range c.points {
		if d := wait(p); d != nil {
			least, most = min(least, micro(*d)), max(most, micro(*d))
		}
	}
	return waitAxis(least, most)
}

// drawEnough is the ground of what is enough, and still of use.
func (c *curve) drawEnough(s *sheet, at strip) {
	if c.least == nil {
		return
	}
	left, right := at.x.pos(float64(*c.least)), at.right
	if c.useful != nil {
		right = max(at.x.pos(float64(*c.useful)), left)
	}
	s.fill(inTime, box{left, at.top, right, at.bottom})
}

func (c *curve) drawLost(s *sheet, at strip) {
	c.drawEnough(s, at)
	var line []point
	for _, p := range c.points {
		x := at.x.pos(float64(c.at(p.Setting)))
		line = append(line, point{x, at.y.pos(100 * p.Lost)})
		if p.LostMin != p.LostMax {
			drawPost(s, x, at.y.pos(100*p.LostMax), at.y.pos(100*p.LostMin))
		}
	}
	s.line(pen{1.8, lostTone, nil}, line...)
	c.drawPoints(s, line)
}

// drawPost is an upright whisker.
func drawPost(s *sheet, x, top, bottom float64) {
	p := pen{1.1, ink, nil}
	s.line(p, point{x, top}, point{x, bottom})
	for _, y := range []float64{top, bottom} {
		s.line(p, point{x - 2.5, y}, point{x + 2.5, y})
	}
}

// drawPoints marks settings that are enough by a square, and those that are not by a cross.
func (c *curve) drawPoints(s *sheet, line []point) {
	var holds, fails []point
	for i, p := range c.points {
		if c.holds(p) {
			holds = append(holds, line[i])
		} else {
			fails = append(fails, line[i])
		}
	}
	s.dashes(pen{8, white, nil}, bits(holds, 4))
	s.dashes(pen{6, relief, nil}, bits(holds, 3))
	s.dashes(pen{3.4, white, nil}, crosses(fails, crossHalf))
	s.dashes(pen{1.6, ink, nil}, crosses(fails, crossHalf))
}

// crossHalf is half the width of a cross.
const crossHalf = 3.2

func (c *curve) drawWait(s *sheet, at strip) {
	c.drawEnough(s, at)
	limit := at.y.pos(micro(c.timeout))
	s.line(pen{1.2, alarm, dashed}, point{at.left, limit}, point{at.right, limit})
	line := make([]point, len(c.points))
	var part []point
	for i, p := range c.points {
		line[i] = point{at.x.pos(float64(c.at(p.Setting))), at.top}
		d := wait(p)
		if d == nil {
			s.line(pen{1.8, waitTone, nil}, part...)
			part = nil
			continue
		}
		line[i].y = at.y.pos(micro(*d))
		part = append(part, line[i])
	}
	s.line(pen{1.8, waitTone, nil}, part...)
	c.drawPoints(s, line)
}
