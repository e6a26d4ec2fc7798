package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

const (
	latencyTitle   = "Connect latency"
	latencyCaption = "How long a call waited for its connection, from when it was meant to start; both axes are logarithmic%s. " +
		"A peak just beyond a dashed line is calls whose SYN was dropped and sent again; those that never connected stand at the right."
	// neverWidth is the column of the calls that never connected.
	neverWidth = 26.0
	binsRight  = plotRight - neverWidth - 12
)

// latencyRow is what the figure says about one cell, in calls of all its storms together: so no number is a mean or a median.
type latencyRow struct {
	label   string
	repeats int
	// served calls got all that they came for: success is the word for it.
	offered, served, never float64
	success                record.Outcome
	// slow calls connected, but only after the first SYN retransmission's time.
	slow float64
	// fates are the outcomes of those that never connected.
	fates    []segment
	counts   []float64
	quantile analysis.Quantiles
}

func newLatencyRow(c *analysis.Cell, success record.Outcome, p span) latencyRow {
	r := latencyRow{
		label:    c.Label,
		repeats:  len(c.Repeats),
		offered:  inAll(c, func(r *analysis.Repeat) int { return r.Offered }),
		served:   ended(c, success),
		success:  success,
		counts:   p.count(c.Latencies.Connect.Histogram),
		quantile: c.Latencies.Connect.Quantiles,
	}
	r.fates = neverConnected(c)
	for _, f := range r.fates {
		r.never += f.calls
	}
	for i := p.bin(1e6); i < p.bins; i++ {
		r.slow += r.counts[i]
	}
	return r
}

// neverConnected are the calls of all storms that were lost without a connection.
func neverConnected(c *analysis.Cell) (fates []segment) {
	for _, o := range []record.Outcome{record.ConnectTimeout, record.Refused, record.Unreachable} {
		if n := ended(c, o); n > 0 {
			fates = append(fates, segment{outcome: o, calls: n})
		}
	}
	return fates
}

// ended is how many attempts of all storms ended so.
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
	if r.repeats == 0 {
		return []note{{"no storm was finished", false, soft}}
	}
	notes := []note{{"all connected", true, relief}}
	switch {
	case r.never > 0:
		notes[0] = note{whole(r.never) + " never connected", true, alarm}
	case r.served < r.offered:
		notes[0] = note{"all connected", false, soft} // which saved not all of them
	}
	if r.offered > 0 {
		share := fmt.Sprintf("%s of %s %s", whole(r.served), whole(r.offered), r.success)
		if r.served < r.offered {
			share += " (" + percent(r.served/r.offered) + ")"
		}
		notes = append(notes, note{share, false, soft})
	}
	if q := r.quantile; q.Count > 0 {
		if r.slow > 0 {
			notes = append(notes, note{whole(r.slow) + " waited 1 s or more", false, ink})
		}
		words := quantileWords(q)
		if r.never > 0 {
			words = "the others: " + words
		}
		return append(notes, note{words, false, soft})
	}
	if r.never == 0 {
		notes[0] = note{"none connected", true, alarm}
	}
	return notes
}

// quantileWords leave out what so few calls cannot tell.
func quantileWords(q analysis.Quantiles) string {
	high := "slowest " + analysis.Duration(q.Max)
	if analysis.Enough(q.Count, 99) {
		high = "99 % in " + analysis.Duration(q.P99)
	}
	if !analysis.Enough(q.Count, 50) {
		return high
	}
	return "half in " + analysis.Duration(q.P50) + ", " + high
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
	frame *frame
	rows  []latencyRow
	span  span
	x     scale
	// most calls on the vertical axis.
	most    float64
	limit   time.Duration
	retries []time.Duration
}

func latencyPicture(s *analysis.Summary) *picture {
	p := newLatencyPlot(s)
	alt := "Histograms of connect latency on logarithmic axes" + bySetting(s, ", one for each setting") + "."
	for i := range p.rows {
		alt += sentence(p.rows[i].label, p.rows[i].notes())
	}
	return &picture{name: "latency", caption: fmt.Sprintf(latencyCaption, allStorms(s, "; the calls of all storms%s are counted together")), frame: p.frame, alt: alt, paint: p.draw}
}

// allStorms is a text about all storms where there are several, with "of a setting" in its place where there are several of those.
func allStorms(s *analysis.Summary, format string) string {
	if mostRepeats(s) < 2 {
		return ""
	}
	return fmt.Sprintf(format, bySetting(s, " of a setting"))
}

func newLatencyPlot(s *analysis.Summary) *latencyPlot {
	p := &latencyPlot{frame: &frame{title: latencyTitle + bySetting(s, " by setting"), subtitle: subtitle(s), rowHeight: 66, gap: 14, headroom: 34}}
	if s.Run != nil {
		p.limit = min(max(s.Run.Scenario.ConnectLimit, 0), time.Hour)
	}
	least, most := bounds(s.Cells)
	p.span = latencySpan(least, most, p.limit)
	p.x = scale{min: float64(p.span.low), max: p.span.high(), from: plotLeft, to: binsRight}
	end := max(p.limit, time.Duration(most)*time.Microsecond)
	p.retries = retransmissions(linearRetries(s.Cells), max(end, time.Second+1))
	p.most = 10
	for i := range s.Cells {
		r := newLatencyRow(&s.Cells[i], analysis.Success(s.Run), p.span)
		p.most = max(p.most, r.never)
		for _, n := range r.counts {
			p.most = max(p.most, n)
		}
		p.rows = append(p.rows, r)
		p.frame.rows = append(p.frame.rows, row{label: r.label, notes: r.notes()})
	}
	p.frame.keys = latencyKeys(p.rows)
	p.frame.layout()
	return p
}

// latencyKeys explain the colours where there is more than one.
func latencyKeys(rows []latencyRow) []key {
	var keys []key
	if slices.ContainsFunc(rows, func(r latencyRow) bool { return r.slow > 0 }) {
		keys = append(keys, key{"connected 1 s or more late", lateBar})
	}
	for _, o := range record.Outcomes {
		if slices.ContainsFunc(rows, func(r latencyRow) bool {
			return slices.ContainsFunc(r.fates, func(f segment) bool { return f.outcome == o })
		}) {
			keys = append(keys, key{"lost: " + string(o), swatch(outcomeColour(o))})
		}
	}
	return keys
}

// time takes a latency to its place.
func (p *latencyPlot) time(d time.Duration) float64 {
	return p.x.at(math.Log10(max(float64(d)/float64(time.Microsecond), 1e-3)))
}

// y has room for one call below, and for the highest bar above.
func (p *latencyPlot) y(plot box) scale {
	return scale{min: 0.5, max: p.most * 1.25, from: plot.bottom, to: plot.top, log: true}
}

func (p *latencyPlot) draw(s *sheet) {
	p.drawTimes(s)
	for i := range p.rows {
		p.drawRow(s, &p.rows[i], p.frame.rows[i].plot)
	}
	p.drawMarks(s)
	p.frame.axisTitle(s, "time from the intended start to the connection (logarithmic)")
	s.text(plotRight-neverWidth/2, p.frame.bottom+16, tickText.to(centre), "never")
	s.text(margin, p.frame.bottom+16, tickText, "upright: calls (logarithmic)")
}

// drawTimes draws the horizontal axis: a line at each decade, a tick at each of 2 to 9.
func (p *latencyPlot) drawTimes(s *sheet) {
	for e := p.span.low; float64(e) <= p.span.high(); e++ {
		p.frame.upright(s, pen{0.7, rule, nil}, p.x.at(float64(e)))
		// A label at the very end would run into that of the calls that never connected.
		if x := p.x.at(float64(e)); x < binsRight-8 {
			p.frame.tickLabel(s, x, decadeLabel(e))
		}
		for m := 1; m <= 9; m++ {
			p.drawTick(s, float64(e)+math.Log10(float64(m)), m == 1)
		}
	}
}

func (p *latencyPlot) drawTick(s *sheet, exponent float64, major bool) {
	if exponent > p.span.high() {
		return
	}
	length := 2.5
	if major {
		length = 5
	}
	x := p.x.at(exponent)
	s.line(pen{0.7, axis, nil}, point{x, p.frame.bottom}, point{x, p.frame.bottom + length})
}

func (p *latencyPlot) drawRow(s *sheet, r *latencyRow, plot box) {
	y := p.y(plot)
	for v, n := 1.0, 0; v <= y.max; v, n = v*10, n+1 {
		s.line(pen{0.5, rule, nil}, point{plotLeft, y.at(v)}, point{binsRight, y.at(v)})
		if n%decadeStride(y.max) == 0 {
			s.text(plotLeft-5, y.at(v)+3.2, tickText.to(right), analysis.Count(int(v)))
		}
	}
	first := p.span.bin(1e6)
	s.fill(bar, p.bars(r.counts, 0, first, y)...)
	for _, b := range p.bars(r.counts, first, p.span.bins, y) {
		lateBar(s, b)
	}
	// Side by side: on a logarithmic axis the upper part of a stack would look like less than it is.
	width := neverWidth / float64(max(len(r.fates), 1))
	for i, f := range r.fates {
		left := plotRight - neverWidth + float64(i)*width
		s.fill(outcomeColour(f.outcome), box{left, y.at(f.calls), left + width, plot.bottom})
	}
	s.line(pen{0.9, axis, nil}, point{plotLeft, plot.bottom}, point{binsRight, plot.bottom})
	s.line(pen{0.9, axis, nil}, point{plotRight - neverWidth, plot.bottom}, point{plotRight, plot.bottom})
}

// bars of the bins from first up to end.
func (p *latencyPlot) bars(counts []float64, first, end int, y scale) []box {
	var bars []box
	for i := first; i < end; i++ {
		if n := counts[i]; n > 0 {
			bars = append(bars, box{p.x.at(p.span.exponent(i)), y.at(n), p.x.at(p.span.exponent(i + 1)), y.from})
		}
	}
	return bars
}

// decadeStride leaves out tick labels so that at most four stand on a panel.
func decadeStride(most float64) int {
	return int(math.Floor(math.Log10(max(most, 1))))/4 + 1
}

// drawMarks draws the SYN retransmissions and the connect limit through all rows, with
// their labels on two lines above.
func (p *latencyPlot) drawMarks(s *sheet) {
	top := p.frame.rows[0].plot.top
	free := 0.0
	for i, at := range p.retries {
		x := p.time(at)
		p.frame.upright(s, pen{1, alarm, dashed}, x)
		s.line(pen{1, alarm, nil}, point{x, top - 6}, point{x, top})
		free = retryLabel(s, x, top-9, free, seconds(at), i == 0)
	}
	if p.limit > 0 {
		x := p.time(p.limit)
		p.frame.upright(s, pen{1.2, ink, nil}, x)
		s.line(pen{1.2, ink, nil}, point{x, top - 18}, point{x, top})
		s.text(x, top-22, tickText.in(ink).to(centre), "client gives up: "+seconds(p.limit))
	}
}

// retryLabel writes a label over x where the one before it, which ends at free, leaves
// room. It returns where it ends itself. The first one says what they all are.
func retryLabel(s *sheet, x, y, free float64, text string, first bool) float64 {
	l := tickText.in(alarm)
	half := l.width(text) / 2
	switch {
	case first:
		s.text(x+half, y, l.to(right), "SYN sent again: "+text)
	case x-half < free+4:
		return free
	default:
		s.text(x, y, l.to(centre), text)
	}
	return x + half
}

// seconds writes a limit as it was set: "2 s", "0.5 s".
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}
