package plots

import (
	"image/color"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/series"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

const (
	// nearby is how many times the peak the capacity may be to be drawn.
	nearby = 3
	// queueRoom is how many settings the figure shows; of more it shows those that the other figures
	// over time do.
	queueRoom = 8
	// depthSteps of a storm are two per point of the picture; all other storms share otherSteps.
	depthSteps = 1000
	otherSteps = 12000
)

var _ = declare(&words.FigureQueue, queueFigure)

// queueFigure returns nil if no accept queue was sampled.
func queueFigure(s *analysis.Summary) *frame {
	f := newFrame(s, &words.FigureQueue, 66, 18)
	plot := f.addPlot(queueRoom)
	cells := chosen(s, queueRoom)
	others := 1
	for _, c := range cells {
		others += len(c.Repeats)
	}
	var all []series.Depth
	f.addStorms(cells, sampledQueue, func(c *analysis.Cell, storm *analysis.Repeat) row {
		p, depths := newQueuePanel(c, storm, min(depthSteps/3, otherSteps/others))
		all = append(all, depths...)
		plot.addStorm(c, storm, p, queueNumbers(storm.Queue, depths[0].Overflows))
		return row{notes: queueNotes(c, storm, p.Near), y: countAxis(p.Top, 3), paint: p.drawQueue}
	})
	if len(plot.Panels) == 0 {
		return nil
	}
	end := series.End(all...)
	plot.End = end.Microseconds()
	f.x = secondsAxis(end + end/50)
	f.keys = queueKeys(plot.Panels)
	return f
}

// sampledQueue reports whether the queue of a storm was sampled.
func sampledQueue(r *analysis.Repeat) bool { return len(r.Raw.Queue) > 0 && r.Queue != nil }

// newQueuePanel returns the panel of a storm and the queues in it: its own, and those of the
// setting's other storms.
func newQueuePanel(c *analysis.Cell, storm *analysis.Repeat, otherSteps int) (p Panel, depths []series.Depth) {
	own, _ := series.DepthOf(storm.Raw, depthSteps)
	p.Steps, p.Overflows, depths = stepsOf(own), micros(own.Overflows), []series.Depth{own}
	peak := 0.0
	for i := range c.Repeats {
		r := &c.Repeats[i]
		if r.Raw == nil || !sampledQueue(r) {
			continue
		}
		peak = max(peak, float64(r.Queue.Peak))
		if d, _ := series.DepthOf(r.Raw, otherSteps); r != storm {
			p.Others, depths = append(p.Others, stepsOf(d)), append(depths, d)
		}
	}
	p.Full = int64(own.Limit) + 1
	p.Top, p.Near = max(peak*1.1, 1), float64(p.Full) <= nearby*max(peak, 1)
	if p.Near {
		p.Top = max(p.Top, float64(p.Full)*1.3) // room above the line for its label
	}
	return p, depths
}

func stepsOf(d series.Depth) Steps { return Steps{micros(d.At), d.Depth} }

// queueNotes says whether the shown storm's queue was full, or that of another storm.
func queueNotes(c *analysis.Cell, storm *analysis.Repeat, near bool) []words.RowNote {
	q := words.PlottedQueue{Queue: storm.Queue, Near: near}
	for i := range c.Repeats {
		if other := c.Repeats[i].Queue; !q.WasFull() && other != nil && other.WasFull() {
			q.Queue, q.Another = other, true
		}
	}
	return words.FigureQueue.NotesOf(q)
}

func queueNumbers(q *metric.Queue, overflows []time.Duration) []string {
	first, last := words.Unknown, words.Unknown
	if n := len(overflows); n > 0 {
		first, last = "+"+words.Duration(overflows[0]), "+"+words.Duration(overflows[n-1])
	}
	return []string{words.Count(q.Peak), words.Capacity(q.Limit), words.FullFor(q), first, last}
}

// queueKeys explains only what is there.
func queueKeys(panels []Panel) (keys []Key) {
	for _, k := range []struct {
		form   form
		colour color.NRGBA
		label  string
		has    func(Panel) bool
	}{
		{formLine, ink, "queued", func(Panel) bool { return true }},
		{formLine, outline, "others", func(p Panel) bool { return len(p.Others) > 0 }},
		{formDash, alarm, "full", func(p Panel) bool { return p.Near }},
		{formTick, alarm, "overflows", func(p Panel) bool { return len(p.Overflows) > 0 }},
	} {
		if slices.ContainsFunc(panels, k.has) {
			keys = append(keys, newKey(k.form, k.colour, words.FigureQueue.Label(k.label, nil)))
		}
	}
	return keys
}

// drawQueue draws the chosen storm last, over the others.
func (p Panel) drawQueue(s *sheet, at strip) {
	shown := stairs(p.Steps, at)
	s.area(shade, at.bottom, shown)
	for _, other := range p.Others {
		s.line(pen{0.8, outline, nil}, stairs(other, at)...)
	}
	s.line(pen{1.3, ink, nil}, shown...)
	s.dashes(pen{1.2, alarm, nil}, lists.Map(p.Overflows, func(us int64) [2]point {
		x := at.x.pos(float64(us))
		return [2]point{{x, at.bottom + 1.5}, {x, at.bottom + 7}}
	}))
	if p.Near {
		y := at.y.pos(float64(p.Full))
		s.line(pen{1.1, alarm, dashed}, point{at.left, y}, point{at.right, y})
		label := words.FigureQueue.Label("limit", int(p.Full))
		s.text(at.right-2, y-3.5, tickText.coloured(alarm).aligned(right), label)
	}
}

// stairs turns steps into the corners of a line: each depth holds until the next step.
func stairs(steps Steps, at strip) []point {
	var line []point
	to := func(us int64, depth uint32) {
		p := point{at.x.pos(float64(us)), at.y.pos(float64(depth))}
		if n := len(line); n > 1 && line[n-1].y == p.y && line[n-2].y == p.y {
			line[n-1] = p // a flat run needs its two ends only
			return
		}
		line = append(line, p)
	}
	for i, us := range steps.At {
		if i > 0 {
			to(us, steps.Depth[i-1])
		}
		to(us, steps.Depth[i])
	}
	return line
}
