package plots

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

const (
	latencyCaption = "How long a call waited for its connection, from its intended start; both axes are " +
		"logarithmic%s. A peak just beyond a dashed line is calls whose SYN was dropped and " +
		"retransmitted; calls that never connected are at the right."
	// neverWidth is the column of the calls that never connected.
	neverWidth = 26.0
	binsRight  = plotRight - neverWidth - 12
)

// latencyRow is what the figure says about one cell, in calls of all its storms together: so no
// number is a mean or a median.
type latencyRow struct {
	label   string
	repeats int
	// served calls got all that they came for; success is the word for it.
	offered, served, never float64
	success                record.Outcome
	// slow calls connected, but only after the first SYN retransmission's time.
	slow float64
	// fates are the outcomes of those that never connected.
	fates    []segment
	counts   map[int]float64
	quantile metric.Quantiles
}

func newLatencyRow(c *analysis.Cell, success record.Outcome) latencyRow {
	r := latencyRow{
		label:    c.Label,
		repeats:  len(c.Repeats),
		offered:  inAll(c, func(r *analysis.Repeat) int { return r.Offered }),
		served:   ended(c, success),
		success:  success,
		counts:   binned(c.Latencies.Connect.Histogram),
		quantile: c.Latencies.Connect.Quantiles,
	}
	r.fates = neverConnected(c)
	for _, f := range r.fates {
		r.never += f.calls
	}
	for bin, calls := range r.counts {
		if bin >= binOf(1e6) {
			r.slow += calls
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

func (r *latencyRow) notes() []note {
	notes := []note{{"all connected", true, relief}}
	switch {
	case r.never > 0:
		notes[0] = note{words.Whole(r.never) + " never connected", true, alarm}
	case r.served < r.offered:
		notes[0] = note{"all connected", false, soft} // which saved not all of them
	}
	if r.offered > 0 {
		share := fmt.Sprintf("%s of %s %s", words.Whole(r.served), words.Whole(r.offered), r.success)
		if r.served < r.offered {
			share += " (" + percent(r.served/r.offered) + ")"
		}
		notes = append(notes, note{share, false, soft})
	}
	if q := r.quantile; q.Count > 0 {
		if r.slow > 0 {
			notes = append(notes, note{words.Whole(r.slow) + " waited 1 s or more", false, ink})
		}
		text := quantileWords(q)
		if r.never > 0 {
			text = "the others: " + text
		}
		return append(notes, note{text, false, soft})
	}
	if r.never == 0 {
		notes[0] = note{"none connected", true, alarm}
	}
	return notes
}

// quantileWords leave out percentiles of too few calls.
func quantileWords(q metric.Quantiles) string {
	high := "slowest " + words.Duration(q.Max)
	if metric.Enough(q.Count, 99) {
		high = "99 % in " + words.Duration(q.P99)
	}
	if !metric.Enough(q.Count, 50) {
		return high
	}
	return "half in " + words.Duration(q.P50) + ", " + high
}

// percent rounds, but calls nothing 0 % or 100 % that is not.
func percent(share float64) string {
	p := math.Round(100 * share)
	if share > 0 {
		p = max(p, 1)
	}
	if share < 1 {
		p = min(p, 99)
	}
	return strconv.Itoa(int(p)) + " %"
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

func latencyFigure(s *analysis.Summary) *frame {
	const alt = "Histograms of connect latency on logarithmic axes"
	p := &latencyPlot{frame: newFrame(s, "latency", "Connect latency", alt, 66, 14), most: 10}
	if s.Run != nil {
		p.limit = min(max(s.Run.Scenario.ConnectLimit, 0), time.Hour)
	}
	least, slowest := bounds(s.Cells)
	p.x = latencyAxis(least, slowest, p.limit)
	end := max(p.limit, time.Duration(slowest)*time.Microsecond)
	p.retries = retransmissions(linearRetries(s.Cells), max(end, time.Second+1))
	for i := range s.Cells {
		r := newLatencyRow(&s.Cells[i], calls.Success(s.Run))
		p.most = max(p.most, r.never, slices.Max(append(slices.Collect(maps.Values(r.counts)), 0)))
		p.rows = append(p.rows, r)
	}
	for i := range p.rows {
		r := &p.rows[i]
		// There is room for one call below, and above the highest bar.
		y := decadeAxis(0.5, p.most*1.25, words.Whole)
		p.add(&s.Cells[i], row{notes: r.notes(), y: y, paint: func(s *sheet, at strip) { p.drawRow(s, r, at) }})
	}
	p.keys = latencyKeys(p.rows)
	p.headroom, p.right, p.overlay = 34, binsRight, p.drawMarks
	p.upright = "upright: calls (logarithmic)"
	p.caption = fmt.Sprintf(latencyCaption, allStorms(s, "; the calls of all storms%s are counted together"))
	return p.frame
}

// latencyKeys explains the colours if there is more than one.
func latencyKeys(rows []latencyRow) []Key {
	var keys []Key
	if slices.ContainsFunc(rows, func(r latencyRow) bool { return r.slow > 0 }) {
		keys = append(keys, newKey(formHatched, latePaper, "connected 1 s or more late"))
	}
	for _, o := range record.Outcomes {
		has := func(f segment) bool { return f.outcome == o }
		if slices.ContainsFunc(rows, func(r latencyRow) bool { return slices.ContainsFunc(r.fates, has) }) {
			keys = append(keys, newKey(formSwatch, outcomeColour(o), "lost: "+string(o)))
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
	// Side by side: on a logarithmic axis the upper part of a stack would look like less than it is.
	width := neverWidth / float64(max(len(r.fates), 1))
	for i, f := range r.fates {
		left := plotRight - neverWidth + float64(i)*width
		s.fill(outcomeColour(f.outcome), box{left, at.y.pos(f.calls), left + width, at.bottom})
	}
	s.line(pen{0.9, outline, nil}, point{plotRight - neverWidth, at.bottom}, point{plotRight, at.bottom})
}

// drawMarks draws the SYN retransmissions and the connect timeout through all rows, with their
// labels on two lines above.
func (p *latencyPlot) drawMarks(s *sheet) {
	s.text(plotRight-neverWidth/2, p.bottom+16, tickText.aligned(centre), "never")
	x := p.x.scale(plotLeft, p.right)
	top := p.frame.rows[0].plot.top
	free := 0.0
	for i, retry := range p.retries {
		at := x.pos(micro(retry))
		p.through(s, pen{1, alarm, dashed}, at)
		s.line(pen{1, alarm, nil}, point{at, top - 6}, point{at, top})
		free = retryLabel(s, at, top-9, free, seconds(retry), i == 0)
	}
	if p.limit > 0 {
		at := x.pos(micro(p.limit))
		p.through(s, pen{1.2, ink, nil}, at)
		s.line(pen{1.2, ink, nil}, point{at, top - 18}, point{at, top})
		s.text(at, top-22, tickText.coloured(ink).aligned(centre), "client gives up: "+seconds(p.limit))
	}
}

// micro returns a time in microseconds.
func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// retryLabel writes a label over x if the one before it, which ends at free, leaves room. It
// returns where it ends itself. The first one says what they all are.
func retryLabel(s *sheet, x, y, free float64, text string, first bool) float64 {
	l := tickText.coloured(alarm)
	half := l.width(text) / 2
	switch {
	case first:
		s.text(x+half, y, l.aligned(right), "SYN retransmitted: "+text)
	case x-half < free+4:
		return free
	default:
		s.text(x, y, l.aligned(centre), text)
	}
	return x + half
}

// seconds writes a limit as it was set: "2 s", "0.5 s".
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}
