package plots

import (
	"maps"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

const (
	// neverWidth is the column of the calls that never connected.
	neverWidth = 26.0
	neverGap   = 12.0
)

// latencyRow is what the figure shows of one cell.
type latencyRow struct {
	words.PlottedCalls
	// fates are the outcomes of those that never connected.
	fates  []segment
	counts map[int]float64
}

// pooled counts the calls of all storms of a cell together: so no number is a mean or a median.
func pooled(c *analysis.Cell, success record.Outcome) words.PlottedCalls {
	return words.PlottedCalls{
		Storms: len(c.Repeats), Success: success, Served: ended(c, success),
		Offered: inAll(c, func(r *analysis.Repeat) int { return r.Offered }),
	}
}

func newLatencyRow(c *analysis.Cell, success record.Outcome) latencyRow {
	r := latencyRow{pooled(c, success), neverConnected(c), binned(c.Latencies.Connect.Histogram)}
	r.Connect = c.Latencies.Connect.Quantiles
	for _, f := range r.fates {
		r.Never += f.calls
	}
	for bin, calls := range r.counts {
		if bin >= binOf(1e6) {
			r.Slow += calls
		}
	}
	return r
}

// neverConnected returns the calls of all storms that were lost without a connection.
func neverConnected(c *analysis.Cell) (fates []segment) {
	for _, o := range []record.Outcome{record.ConnectTimeout, record.Refused, record.Unreachable} {
		if n := ended(c, o); n > 0 {
			fates = append(fates, segment{outcome: o, calls: n})
		}
	}
	return fates
}

// ended returns how many attempts of all storms ended so.
func ended(c *analysis.Cell, o record.Outcome) float64 {
	return inAll(c, func(r *analysis.Repeat) int { return r.Outcomes[o] })
}

// inAll adds up a number of all storms.
func inAll(c *analysis.Cell, number func(*analysis.Repeat) int) float64 {
	sum := 0
	for i := range c.Repeats {
		sum += number(&c.Repeats[i])
	}
	return float64(sum)
}

// latencyPlot is the figure's axes and what marks them.
type latencyPlot struct {
	*frame
	rows []latencyRow
	// most calls on the vertical axis.
	most    float64
	limit   time.Duration
	retries []time.Duration
}

var _ = declare(&words.FigureLatency, latencyFigure)

func latencyFigure(s *analysis.Summary) *frame {
	p := &latencyPlot{frame: newFrame(s, &words.FigureLatency, 66, 14), most: 10}
	p.limit = min(max(p.shown.Run.Scenario.ConnectLimit, 0), time.Hour)
	least, slowest := bounds(s.Cells)
	p.x = latencyAxis(least, slowest, p.limit)
	end := max(p.limit, time.Duration(slowest)*time.Microsecond)
	p.retries = retransmissions(linearRetries(s.Cells), max(end, time.Second+1))
	for i := range s.Cells {
		r := newLatencyRow(&s.Cells[i], p.shown.Success)
		p.most = max(p.most, r.Never, slices.Max(append(slices.Collect(maps.Values(r.counts)), 0)))
		p.rows = append(p.rows, r)
	}
	for i := range p.rows {
		r := &p.rows[i]
		// There is room for one call below, and above the highest bar.
		y := decadeAxis(0.5, p.most*1.25, words.Whole)
		paint := func(s *sheet, at strip) { p.drawRow(s, r, at) }
		p.add(&s.Cells[i], row{notes: p.words.NotesOf(r), y: y, paint: paint})
	}
	p.keys = latencyKeys(p.rows)
	p.headroom, p.tail, p.overlay = 34, neverWidth+neverGap, p.drawMarks
	return p.frame
}

// latencyKeys explains the colours if there is more than one.
func latencyKeys(rows []latencyRow) []Key {
	var keys []Key
	if slices.ContainsFunc(rows, func(r latencyRow) bool { return r.Slow > 0 }) {
		keys = append(keys, newKey(formHatched, latePaper, words.FigureLatency.Label("late", nil)))
	}
	for _, o := range record.Outcomes {
		has := func(f segment) bool { return f.outcome == o }
		if slices.ContainsFunc(rows, func(r latencyRow) bool { return slices.ContainsFunc(r.fates, has) }) {
			keys = append(keys, newKey(formSwatch, outcomeColour(o), words.FigureLatency.Label("lost", o)))
		}
	}
	return keys
}

func (p *latencyPlot) drawRow(s *sheet, r *latencyRow, at strip) {
	var inTime []box
	for _, bin := range slices.Sorted(maps.Keys(r.counts)) {
		b := box{at.x.pos(binEdge(bin)), at.y.pos(r.counts[bin]), at.x.pos(binEdge(bin + 1)), at.bottom}
		if bin < binOf(1e6) {
			inTime = append(inTime, b)
		} else {
			lateBar(s, b)
		}
	}
	s.fill(bar, inTime...)
	// Side by side: on a logarithmic axis the upper part of a stack would seem less than it is.
	width := neverWidth / float64(max(len(r.fates), 1))
	for i, f := range r.fates {
		left := at.right - neverWidth + float64(i)*width
		s.fill(outcomeColour(f.outcome), box{left, at.y.pos(f.calls), left + width, at.bottom})
	}
	s.line(pen{0.9, outline, nil}, point{at.right - neverWidth, at.bottom}, point{at.right, at.bottom})
}

// drawMarks draws the SYN retransmissions and the connect timeout through all rows, with their
// labels on two lines above.
func (p *latencyPlot) drawMarks(s *sheet) {
	_, right := p.sides()
	s.text(right-neverWidth/2, p.bottom+16, tickText.aligned(centre), p.words.Label("never", nil))
	x := p.xScale()
	top := p.frame.rows[0].plot.top
	free, label := 0.0, "retry"
	for _, retry := range p.retries {
		at := x.pos(micro(retry))
		p.through(s, pen{1, alarm, dashed}, at)
		s.line(pen{1, alarm, nil}, point{at, top - 6}, point{at, top})
		free = retryLabel(s, at, top-9, free, words.Timeout(retry), p.words.Label(label, retry))
		label = "again"
	}
	if p.limit > 0 {
		at := x.pos(micro(p.limit))
		p.through(s, pen{1.2, ink, nil}, at)
		s.line(pen{1.2, ink, nil}, point{at, top - 18}, point{at, top})
		s.text(at, top-22, tickText.coloured(ink).aligned(centre), p.words.Label("limit", p.limit))
	}
}

// micro returns a time in microseconds.
func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// retryLabel writes a label over x if the one before it, which ends at free, leaves room. It
// returns where it ends itself. The time that ends the label is centred on x; what is before it, in the
// first one, hangs out at the left.
func retryLabel(s *sheet, x, y, free float64, time, label string) float64 {
	l := tickText.coloured(alarm)
	half := l.width(time) / 2
	if x-half < free+4 {
		return free
	}
	s.text(x+half, y, l.aligned(right), label)
	return x + half
}
