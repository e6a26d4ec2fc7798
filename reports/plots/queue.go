package plots

import (
	"fmt"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/series"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

const (
	queueCaption = "Connections that the kernel had made and the server had not yet accepted%s. Along the " +
		"dashed line the queue is full (one more than the effective backlog), and every SYN that " +
		"arrives is dropped. A short mark is a moment at which the kernel's ListenOverflows had " +
		"grown (sampled every 10 ms).%s"
	// nearby is how many times the peak the capacity may be to be drawn.
	nearby = 3
	// queueRoom is how many settings the figure shows; of more it shows those that the other figures
	// over time do.
	queueRoom = 8
	// depthSteps of a storm are two per point of the picture; all other storms share otherSteps.
	depthSteps = 1000
	otherSteps = 12000
)

// queueFigure returns nil if no accept queue was sampled.
func queueFigure(s *analysis.Summary) *frame {
	f := newFrame(s, "queue", "Accept queue over time", "Depth of the accept queue over time", 66, 18)
	f.upright = "upright: connections queued"
	plot := &Plot{Numbers: Numbers{
		Heads: []string{"setting", "deepest", "it holds", "full for", "overflowed from", "until"},
	}}
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
		return row{notes: queueNotes(c, storm, p.Near), y: countAxis("", p.Top, 3), paint: p.drawQueue}
	})
	if len(plot.Panels) == 0 {
		return nil
	}
	end := series.End(all...)
	plot.End = end.Microseconds()
	f.x = secondsAxis(end + end/50)
	f.keys = queueKeys(plot.Panels)
	scales := bySetting(s, ", each panel on a scale of its own")
	f.caption = fmt.Sprintf(queueCaption, scales, sharedCounters(s)+whichStorms(s, queueRoom))
	f.addPlot(plot)
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
func queueNotes(c *analysis.Cell, storm *analysis.Repeat, near bool) []note {
	q := storm.Queue
	if q.WasFull() {
		when := ""
		if q.Full > 0 {
			when = " for " + words.Duration(q.Full)
		}
		return fullNotes(q, when)
	}
	for i := range c.Repeats {
		if other := c.Repeats[i].Queue; other != nil && other.WasFull() {
			return fullNotes(other, " in some storms")
		}
	}
	notes := []note{{"never full", true, relief}, {"peak " + words.Count(q.Peak), false, soft}}
	if !near {
		notes = append(
			notes,
			note{"full at " + words.Capacity(q.Limit), false, soft},
			note{"(off the scale)", false, soft},
		)
	}
	return notes
}

// fullNotes returns the notes of a queue that was full; one that no sample saw full has overflowed
// all the same.
func fullNotes(q *metric.Queue, when string) []note {
	if q.Unseen() {
		return []note{{"overflowed" + when, true, alarm}, {"deepest seen " + words.Count(q.Seen), false, soft}}
	}
	return []note{{"full" + when, true, alarm}, {"peak " + words.Count(q.Peak), false, soft}}
}

func queueNumbers(q *metric.Queue, overflows []time.Duration) []string {
	first, last := absent, absent
	if n := len(overflows); n > 0 {
		first, last = "+"+words.Duration(overflows[0]), "+"+words.Duration(overflows[n-1])
	}
	return []string{words.Count(q.Peak), words.Capacity(q.Limit), words.FullFor(q), first, last}
}

// queueKeys explains only what is there.
func queueKeys(panels []Panel) []Key {
	keys := []Key{newKey(formLine, ink, "connections queued")}
	for _, k := range []struct {
		key Key
		has func(Panel) bool
	}{
		{newKey(formLine, outline, "in the other storms"), func(p Panel) bool { return len(p.Others) > 0 }},
		{newKey(formDash, alarm, "full: SYNs are dropped"), func(p Panel) bool { return p.Near }},
		{newKey(formTick, alarm, "overflows counted"), func(p Panel) bool { return len(p.Overflows) > 0 }},
	} {
		if slices.ContainsFunc(panels, k.has) {
			keys = append(keys, k.key)
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
		s.text(at.right-2, y-3.5, tickText.coloured(alarm).aligned(right), "full at "+words.Count(p.Full))
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
