package plots

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/series"
)

const (
	queueTitle   = "Accept queue over time"
	queueCaption = "Connections that the kernel had made and the server had not yet accepted%s. Along the dashed line the queue is full " +
		"(one more than the effective backlog), and every SYN that arrives is dropped; the marks below are the moments at which the " +
		"kernel's ListenOverflows had grown (looked at every 10 ms).%s"
	// nearby is how many times the peak the capacity may be to be drawn.
	nearby = 3
)

// queueRow is one cell's queue; shown is nil where it was not watched.
type queueRow struct {
	label   string
	repeats int
	shown   *trace
	others  []trace
}

func newQueueRow(c *analysis.Cell) queueRow {
	r := queueRow{label: c.Label, repeats: len(c.Repeats)}
	median := medianStorm(c, func(r *analysis.Repeat) bool { return len(r.Raw.Queue) > 0 })
	for i := range c.Repeats {
		repeat := &c.Repeats[i]
		switch {
		case repeat.Raw == nil:
		case repeat == median:
			if t, ok := newTrace(repeat, traceSteps); ok {
				r.shown = &t
			}
		default:
			if t, ok := newTrace(repeat, traceSteps/3); ok {
				r.others = append(r.others, t)
			}
		}
	}
	return r
}

func (r queueRow) watched() bool { return r.shown != nil }

// deepest is the greatest peak of all storms.
func (r queueRow) deepest() trace {
	return slices.MaxFunc(append([]trace{*r.shown}, r.others...), func(a, b trace) int { return cmp.Compare(a.peak, b.peak) })
}

// top of the row's scale, and whether the capacity is on it.
func (r queueRow) top() (depth float64, limited bool) {
	peak := float64(r.deepest().peak)
	capacity := r.shown.capacity()
	if capacity <= nearby*max(peak, 1) {
		// Room above the line for its label.
		return max(peak*1.1, capacity*1.3), true
	}
	return max(peak*1.1, 1), false
}

func (r queueRow) notes() []note {
	switch {
	case r.repeats == 0:
		return []note{{"no storm was finished", false, soft}}
	case !r.watched():
		return []note{{"not watched", false, soft}}
	}
	t := r.shown
	if t.wasFull() {
		full := ""
		if t.full > 0 {
			full = " for " + analysis.Duration(t.full)
		}
		return t.fullNotes(full)
	}
	if last := r.deepest(); last.wasFull() {
		return last.fullNotes(" in some storms")
	}
	notes := []note{{"never full", true, relief}, {"peak " + analysis.Count(int(t.peak)), false, soft}}
	if _, limited := r.top(); !limited {
		notes = append(notes, note{"full at " + t.holds(), false, soft}, note{"(off the scale)", false, soft})
	}
	return notes
}

// fullNotes are of a queue that was full; one that nobody saw full has overflowed all the same.
func (t trace) fullNotes(when string) []note {
	if t.seen < t.peak {
		return []note{{"overflowed" + when, true, alarm}, {"deepest seen " + analysis.Count(int(t.seen)), false, soft}}
	}
	return []note{{"full" + when, true, alarm}, {"peak " + analysis.Count(int(t.peak)), false, soft}}
}

// queuePicture is nil where no accept queue was watched.
func queuePicture(s *analysis.Summary) *picture {
	f := &frame{title: queueTitle + bySetting(s, " by setting"), subtitle: subtitle(s), rowHeight: 66, gap: 18}
	var rows []queueRow
	for _, c := range Chosen(s) {
		rows = append(rows, newQueueRow(c))
	}
	if !slices.ContainsFunc(rows, queueRow.watched) {
		return nil
	}
	alt := "Depth of the accept queue over time" + bySetting(s, ", one panel for each setting") + "."
	for _, r := range rows {
		f.rows = append(f.rows, row{label: r.label, notes: r.notes()})
		alt += sentence(r.label, r.notes())
	}
	f.keys = queueKeys(rows)
	f.layout()
	end := extent(rows)
	caption := fmt.Sprintf(queueCaption, bySetting(s, ", each panel on a scale of its own"), CountersOf(s)+whichStorms(s))
	return &picture{name: "queue", caption: caption, frame: f, alt: alt, paint: func(s *sheet) {
		x := scale{max: end.Seconds(), from: plotLeft, to: plotRight}
		f.secondsAxis(s, x)
		s.text(margin, f.bottom+16, tickText, "upright: connections queued")
		for i, r := range rows {
			r.draw(s, end, x, f.rows[i].plot)
		}
	}}
}

// extent of the time axis: a little more than there is to see.
func extent(rows []queueRow) time.Duration {
	var all []series.Depth
	for _, r := range rows {
		for _, t := range r.others {
			all = append(all, t.Depth)
		}
		if r.watched() {
			all = append(all, r.shown.Depth)
		}
	}
	end := min(series.End(all...), 24*time.Hour)
	return end + end/25
}

// queueKeys explains only what is there.
func queueKeys(rows []queueRow) []key {
	others, limited, overflows := false, false, false
	for _, r := range rows {
		if r.watched() {
			_, full := r.top()
			limited = limited || full
			others = others || len(r.others) > 0
			overflows = overflows || len(r.shown.Overflows) > 0
		}
	}
	var keys []key
	add := func(there bool, text string, sample func(*sheet, box)) {
		if there {
			keys = append(keys, key{text, sample})
		}
	}
	add(others, "storm with the median of lost calls", flatLine(typicalPen))
	add(others, "other storms", flatLine(otherPen))
	add(limited, "full: SYNs are dropped", flatLine(fullPen))
	add(overflows, "overflows counted", func(s *sheet, b box) {
		for x := b.left + 3; x < b.right; x += 5 {
			s.line(overflowPen, point{x, b.top + 2}, point{x, b.bottom - 2})
		}
	})
	return keys
}

// flatLine is a sample of a pen for the legend.
func flatLine(p pen) func(*sheet, box) {
	return func(s *sheet, b box) {
		y := (b.top + b.bottom) / 2
		s.line(p, point{b.left, y}, point{b.right, y})
	}
}

var (
	typicalPen = pen{1.1, ink, nil}
	otherPen   = pen{0.8, axis, nil}
	fullPen    = pen{1.1, alarm, dashed}
	// overflowPen marks a moment.
	overflowPen = pen{1.2, alarm, nil}
)

func (r queueRow) draw(s *sheet, end time.Duration, x scale, plot box) {
	floor := func() {
		s.line(pen{0.9, axis, nil}, point{plot.left, plot.bottom}, point{plot.right, plot.bottom})
	}
	if !r.watched() {
		floor()
		return
	}
	top, limited := r.top()
	y := scale{max: top, from: plot.bottom, to: plot.top}
	for _, v := range wholeTicks(top, 3) {
		s.line(pen{0.5, rule, nil}, point{plot.left, y.at(v)}, point{plot.right, y.at(v)})
		s.text(plot.left-5, y.at(v)+3.2, tickText.to(right), analysis.Count(int(v)))
	}
	r.drawTraces(s, end, x, y)
	floor()
	if limited {
		capacity := r.shown.capacity()
		at := y.at(capacity)
		s.line(fullPen, point{plot.left, at}, point{plot.right, at})
		s.text(plot.right-2, at-3.5, tickText.in(alarm).to(right), "full at "+whole(capacity))
	}
}

// drawTraces draws the chosen storm last, over the others.
func (r queueRow) drawTraces(s *sheet, end time.Duration, x, y scale) {
	shown := stairs(r.shown.Depth, end, x, y)
	s.area(shade, y.from, shown)
	for _, t := range r.others {
		s.line(otherPen, stairs(t.Depth, end, x, y)...)
	}
	s.line(typicalPen, shown...)
	var marks [][2]point
	for _, at := range r.shown.Overflows {
		if at <= end {
			marks = append(marks, [2]point{{x.at(at.Seconds()), y.from + 1.5}, {x.at(at.Seconds()), y.from + 7}})
		}
	}
	s.dashes(overflowPen, marks)
}
