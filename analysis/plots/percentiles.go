package plots

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

const (
	percentilesTitle   = "Percentiles of the waiting time"
	percentilesCaption = "How long a call waited for %s, from when it was meant to start: each curve goes through all calls%s, the fastest at " +
		"the left; the axis stretches the slowest, so that each label is ten times rarer than the one before. A curve ends where the lost " +
		"calls begin: they waited in vain.%s"
	// nearestCorner is how far apart the corners of a curve are at least, in points.
	nearestCorner = 0.7
	// mostCurves of other settings are drawn behind each curve.
	mostCurves = 8
)

// rank is a place on a curve: the share of all calls that waited no longer, 0 to 1, and how long, in microseconds.
type rank struct{ share, us float64 }

// percentileRow is one cell's curve, of the calls of all its storms together.
type percentileRow struct {
	label           string
	repeats         int
	offered, served float64
	success         record.Outcome
	curve           []rank
}

func newPercentileRow(c *analysis.Cell, success record.Outcome) percentileRow {
	r := percentileRow{
		label:   c.Label,
		repeats: len(c.Repeats),
		offered: inAll(c, func(r *analysis.Repeat) int { return r.Offered }),
		served:  ended(c, success),
		success: success,
	}
	r.curve = ranks(waiting(c, success).Histogram, r.served, r.offered)
	return r
}

// waiting is what the callers felt: until the first command, or for a client that only connects until the connection.
func waiting(c *analysis.Cell, success record.Outcome) analysis.Latency {
	if success == record.Connected {
		return c.Latencies.Connect
	}
	return c.Latencies.FirstCommand
}

// ranks of the served calls among all that were offered: nil without either. The last of n calls has the share 1 - 1/2n.
func ranks(h *hdrhistogram.Histogram, served, offered float64) []rank {
	if h == nil || h.TotalCount() == 0 || served <= 0 || offered < served {
		return nil
	}
	var curve []rank
	sum := 0.0
	for _, b := range h.Distribution() {
		if b.Count == 0 || sum >= served {
			continue
		}
		us := float64(b.From+b.To+1) / 2
		curve = append(curve, rank{(sum + 0.5) / offered, us})
		sum = min(sum+float64(b.Count), served)
		curve = append(curve, rank{(sum - 0.5) / offered, us})
	}
	return curve
}

// lost are the calls beyond the curve's end.
func (r *percentileRow) lost() float64 { return r.offered - r.served }

func (r *percentileRow) notes() []note {
	switch {
	case r.repeats == 0:
		return []note{{"no storm was finished", false, soft}}
	case r.offered == 0:
		return []note{{"no call was offered", true, alarm}}
	}
	var notes []note
	if r.lost() > 0 {
		notes = []note{{"ends at " + percent(r.served/r.offered) + ": rest lost", true, alarm}}
	}
	if len(r.curve) == 0 {
		return append(notes, r.nowhere()...)
	}
	for _, share := range []float64{0.5, 0.99, 0.999} {
		if us, ok := r.at(share); ok && analysis.Enough(int64(r.offered), 100*share) {
			notes = append(notes, note{percentLabel(share) + " within " + microseconds(us), share == 0.99, ink})
		}
	}
	if !analysis.Enough(int64(r.offered), 99) {
		notes = append(notes, note{"slowest: " + microseconds(r.curve[len(r.curve)-1].us), true, ink})
	}
	return notes
}

// nowhere says why there is no curve; what is lost has been said.
func (r *percentileRow) nowhere() []note {
	if r.served == 0 {
		return nil
	}
	return []note{{"waits not known", false, soft}}
}

func microseconds(us float64) string {
	return analysis.Duration(time.Duration(us * float64(time.Microsecond)))
}

// at is how long that share of the calls waited at most; false beyond the end of the curve.
func (r *percentileRow) at(share float64) (us float64, ok bool) {
	for _, k := range r.curve {
		if k.share+0.5/r.offered >= share-1e-12 {
			return k.us, true
		}
	}
	return 0, false
}

// stretch is where a share of the calls lies on the axis: the number of nines.
func stretch(share float64) float64 { return -math.Log10(1 - min(share, 1-1e-12)) }

func percentLabel(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e8)/1e6, 'f', -1, 64) + " %"
}

type percentilePlot struct {
	frame *frame
	rows  []percentileRow
	x     scale
	// low and high are the ends of the vertical axis, in microseconds.
	low, high float64
}

func percentilesPicture(s *analysis.Summary) *picture {
	p := newPercentilePlot(s)
	alt := "Curves of waiting time by percentile" + bySetting(s, ", one for each setting") + "."
	for i := range p.rows {
		alt += sentence(p.rows[i].label, p.rows[i].notes())
	}
	what := "its first command"
	if analysis.Success(s.Run) == record.Connected {
		what = "its connection"
	}
	behind := ""
	if p.others() {
		behind = " Grey: the other settings."
	}
	caption := fmt.Sprintf(percentilesCaption, what, allStorms(s, " of all storms%s"), behind)
	return &picture{name: "percentiles", caption: caption, frame: p.frame, alt: alt, paint: p.draw}
}

// others tells whether the other settings' curves are drawn behind each.
func (p *percentilePlot) others() bool { return len(p.rows) > 1 && len(p.rows) <= mostCurves }

func newPercentilePlot(s *analysis.Summary) *percentilePlot {
	p := &percentilePlot{frame: &frame{title: percentilesTitle + bySetting(s, " by setting"), subtitle: subtitle(s), rowHeight: 74, gap: 16}}
	most, least, slowest := 10.0, math.Inf(1), 0.0
	for i := range s.Cells {
		r := newPercentileRow(&s.Cells[i], analysis.Success(s.Run))
		most = max(most, r.offered)
		for _, k := range r.curve {
			least, slowest = min(least, k.us), max(slowest, k.us)
		}
		p.rows = append(p.rows, r)
		p.frame.rows = append(p.frame.rows, row{label: r.label, notes: r.notes()})
	}
	if slowest == 0 {
		least, slowest = 1e3, 1e6
	}
	p.low = math.Pow(10, math.Floor(math.Log10(max(least, 1))))
	p.high = max(slowest*1.5, p.low*10)
	p.x = scale{max: stretch(1 - 0.5/most), from: plotLeft, to: plotRight}
	p.frame.layout()
	return p
}

func (p *percentilePlot) draw(s *sheet) {
	for _, share := range p.ticks() {
		x := p.x.at(stretch(share))
		p.frame.upright(s, pen{0.7, rule, nil}, x)
		p.frame.tickLabel(s, x, percentLabel(share))
	}
	p.frame.axisTitle(s, "calls that waited no longer")
	s.text(margin, p.frame.bottom+16, tickText, "upright: waiting time (logarithmic)")
	for i := range p.rows {
		p.drawRow(s, i, p.frame.rows[i].plot)
	}
}

// ticks are 0, half, and one for each nine that fits.
func (p *percentilePlot) ticks() []float64 {
	shares := []float64{0, 0.5}
	for nines := 1; float64(nines) <= p.x.max && nines < 8; nines++ {
		shares = append(shares, 1-math.Pow(10, -float64(nines)))
	}
	return shares
}

// y is the scale of a panel.
func (p *percentilePlot) y(plot box) scale {
	return scale{min: p.low, max: p.high, from: plot.bottom, to: plot.top, log: true}
}

// drawRow draws one curve over those of the other settings.
func (p *percentilePlot) drawRow(s *sheet, i int, plot box) {
	r, y := &p.rows[i], p.y(plot)
	decades(s, y, plot)
	for j := range p.rows {
		if j != i && p.others() {
			drawCurve(s, otherPen, corners(p.rows[j].curve, p.x, y))
		}
	}
	if r.lost() > 0 {
		p.drawLost(s, r, plot)
	}
	drawCurve(s, pen{1.8, ink, nil}, corners(r.curve, p.x, y))
	s.line(pen{0.9, axis, nil}, point{plot.left, plot.bottom}, point{plot.right, plot.bottom})
}

// drawCurve draws a curve without extent, of a single call perhaps, as a dot.
func drawCurve(s *sheet, p pen, line []point) {
	if len(line) > 0 && pointlike(line) {
		at, half := line[0], 1.4*p.width
		s.fill(p.colour, box{at.x - half, at.y - half, at.x + half, at.y + half})
		return
	}
	s.line(p, line...)
}

// pointlike tells whether all points of a line are nearer to the first than can be seen.
func pointlike(line []point) bool {
	return !slices.ContainsFunc(line, func(p point) bool {
		return math.Abs(p.x-line[0].x) >= nearestCorner || math.Abs(p.y-line[0].y) >= nearestCorner
	})
}

// drawLost covers what is beyond the curve's end, behind a wall, and says how many calls that is.
func (p *percentilePlot) drawLost(s *sheet, r *percentileRow, plot box) {
	x := p.x.at(stretch(r.served / r.offered))
	s.fill(lostPaper, box{x, plot.top, plot.right, plot.bottom})
	s.line(pen{1.8, alarm, nil}, point{x, plot.top}, point{x, plot.bottom})
	text := whole(r.lost()) + " of " + whole(r.offered) + " calls lost"
	l := noteText.in(alarm)
	if width := l.width(text); x+6+width < plot.right {
		s.text(x+6, (plot.top+plot.bottom)/2, l, text)
	} else {
		s.text(x-6, plot.bottom-6, l.to(right), text)
	}
}

// decades are the lines and labels of a logarithmic axis in microseconds.
func decades(s *sheet, y scale, plot box) {
	stride := int(math.Log10(y.max/y.min))/4 + 1
	for n, e := 0, int(math.Round(math.Log10(y.min))); math.Pow(10, float64(e)) <= y.max; n, e = n+1, e+1 {
		at := y.at(math.Pow(10, float64(e)))
		s.line(pen{0.5, rule, nil}, point{plot.left, at}, point{plot.right, at})
		if n%stride == 0 {
			s.text(plot.left-5, at+3.2, tickText.to(right), decadeLabel(e))
		}
	}
}

// corners of a curve, no two nearer than can be seen.
func corners(curve []rank, x, y scale) []point {
	var line []point
	for i, k := range curve {
		p := point{x.at(stretch(k.share)), y.at(k.us)}
		if n := len(line); n > 0 && i < len(curve)-1 && math.Abs(p.x-line[n-1].x) < nearestCorner && math.Abs(p.y-line[n-1].y) < nearestCorner {
			continue
		}
		line = append(line, p)
	}
	return line
}
