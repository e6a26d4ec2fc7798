package plots

import (
	"slices"
	"time"

	"agistorm/analysis"
)

const (
	queueTitle   = "Accept queue over time"
	queueCaption = "Connections that the kernel had made and the server had not yet accepted, each panel on a scale of its own. " +
		"Dark: the repeat whose deepest queue is the median one; grey: the other repeats. Along the dashed line the queue is full " +
		"(one more than the effective backlog), and every SYN that arrives is dropped."
	// nearby is how many times the peak the capacity may be to be drawn.
	nearby = 3
	// columns are one a point: finer detail would not be seen.
	columns = int(plotRight - plotLeft)
)

// queueRow is one cell's queue; traces is empty where it was not watched.
type queueRow struct {
	label   string
	repeats int
	traces  []trace
}

func (r queueRow) watched() bool { return len(r.traces) > 0 }

// top of the row's scale, and whether the capacity is on it.
func (r queueRow) top() (depth float64, limited bool) {
	peak := float64(r.traces[len(r.traces)-1].peak)
	capacity := typical(r.traces).capacity()
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
	t := typical(r.traces)
	peak := "peak " + analysis.Count(int(t.peak))
	if float64(t.peak) >= t.capacity() {
		full := "full"
		if d := t.full(); d > 0 {
			full += " for " + analysis.Duration(d)
		}
		return []note{{full, true, alarm}, {peak, false, soft}}
	}
	if last := r.traces[len(r.traces)-1]; float64(last.peak) >= last.capacity() {
		return []note{{"full in some storms", true, alarm}, {"peak " + analysis.Count(int(last.peak)), false, soft}}
	}
	notes := []note{{"never full", true, relief}, {peak, false, soft}}
	if _, limited := r.top(); !limited {
		notes = append(notes, note{"full at " + whole(t.capacity()), false, soft}, note{"(off the scale)", false, soft})
	}
	return notes
}

// queuePicture is nil where no accept queue was watched.
func queuePicture(s *analysis.Summary) *picture {
	f := &frame{title: queueTitle + bySetting(s, " by setting"), subtitle: subtitle(s), rowHeight: 66, gap: 16}
	rows, busy := queueRows(s.Cells)
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
	end := extent(busy)
	return &picture{name: "queue", caption: queueCaption, frame: f, alt: alt, paint: func(s *sheet) {
		x := scale{max: end.Seconds(), from: plotLeft, to: plotRight}
		queueAxis(s, f, x)
		for i, r := range rows {
			r.draw(s, end, x, f.rows[i].plot)
		}
	}}
}

// queueRows also tells when the last queue was empty for good.
func queueRows(cells []analysis.Cell) (rows []queueRow, busy time.Duration) {
	for i := range cells {
		r := queueRow{label: cells[i].Label, repeats: len(cells[i].Repeats), traces: traces(&cells[i])}
		for _, t := range r.traces {
			busy = max(busy, t.busy())
		}
		rows = append(rows, r)
	}
	return rows, busy
}

// extent of the time axis: a little more than the time in which something was queued.
func extent(busy time.Duration) time.Duration {
	if busy <= 0 {
		return time.Second
	}
	busy = min(busy, 24*time.Hour)
	return busy + busy/25
}

func queueKeys(rows []queueRow) []key {
	most := 0
	for i := range rows {
		most = max(most, len(rows[i].traces))
	}
	if most < 2 {
		return nil
	}
	sample := func(p pen) func(*sheet, box) {
		return func(s *sheet, b box) {
			y := (b.top + b.bottom) / 2
			s.line(p, point{b.left, y}, point{b.right, y})
		}
	}
	return []key{
		{"storm of median peak", sample(typicalPen)},
		{"other storms", sample(otherPen)},
		{"full: SYNs are dropped", sample(fullPen)},
	}
}

var (
	typicalPen = pen{1.3, ink, nil}
	otherPen   = pen{0.8, axis, nil}
	fullPen    = pen{1.1, alarm, dashed}
)

func queueAxis(s *sheet, f *frame, x scale) {
	values, step := linearTicks(x.max, 10)
	for _, v := range values {
		f.upright(s, pen{0.7, rule, nil}, x.at(v))
		f.tickLabel(s, x.at(v), secondsLabel(v, step))
	}
	f.axisTitle(s, "seconds since the storm began")
	s.text(margin, f.bottom+16, tickText, "upright: connections queued")
}

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
		capacity := typical(r.traces).capacity()
		at := y.at(capacity)
		s.line(fullPen, point{plot.left, at}, point{plot.right, at})
		s.text(plot.right-2, at-3.5, tickText.in(alarm).to(right), "full at "+whole(capacity))
	}
}

// drawTraces draws the typical repeat last, over the others.
func (r queueRow) drawTraces(s *sheet, end time.Duration, x, y scale) {
	line := func(t trace) []point { return stairs(thin(t.samples, end, columns), end, x, y) }
	chosen := line(typical(r.traces))
	s.area(shade, y.from, chosen)
	for i, t := range r.traces {
		if i != typicalIndex(r.traces) {
			s.line(otherPen, line(t)...)
		}
	}
	s.line(typicalPen, chosen...)
}
