package plots

import (
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

const (
	// nearestCorner is how far apart the corners of a curve are at least, in points.
	nearestCorner = 0.7
	// mostCurves of other settings are drawn behind each curve.
	mostCurves = 8
)

// rank is a place on a curve: the share of all calls that waited no longer, 0 to 1, and how long,
// in microseconds.
type rank struct{ share, us float64 }

// percentileRow is one cell's curve, of the calls of all its storms together.
type percentileRow struct {
	words.PlottedCalls
	curve []rank
}

func newPercentileRow(c *analysis.Cell, success record.Outcome) percentileRow {
	r := percentileRow{PlottedCalls: pooled(c, success)}
	r.Lost = r.Offered - r.Served
	r.curve = ranks(waiting(c, success).Histogram, r.Served, r.Offered)
	r.WaitsKnown = len(r.curve) > 0
	for _, share := range []float64{0.5, 0.99, 0.999} {
		if us, ok := r.waitOf(share); ok && metric.Enough(int64(r.Offered), 100*share) {
			r.Waits = append(r.Waits, words.PlottedWait{Share: share, Wait: microseconds(us)})
		}
	}
	if n := len(r.curve); r.WaitsKnown && !metric.Enough(int64(r.Offered), 99) {
		r.Slowest = microseconds(r.curve[n-1].us)
	}
	return r
}

func microseconds(us float64) time.Duration { return time.Duration(us * float64(time.Microsecond)) }

// waiting returns what the callers felt: until the first command, or for a client that only
// connects until the connection.
func waiting(c *analysis.Cell, success record.Outcome) metric.Latency {
	if success == record.Connected {
		return c.Latencies.Connect
	}
	return c.Latencies.FirstCommand
}

// ranks returns those of the served calls among all that were offered: nil without either. The last
// of n calls has the share 1 - 1/2n.
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

// waitOf returns how long that share of the calls waited at most; false beyond the end of the
// curve.
func (r *percentileRow) waitOf(share float64) (us float64, ok bool) {
	for _, k := range r.curve {
		if k.share+0.5/r.Offered >= share-1e-12 {
			return k.us, true
		}
	}
	return 0, false
}

// stretch returns where a share of the calls lies on the axis: the number of nines.
func stretch(share float64) float64 { return -math.Log10(1 - min(share, 1-1e-12)) }

// evenFrom is the part of a setting's calls that, when lost, would cover most of a stretched axis.
const evenFrom = 0.05

// even returns where a share of the calls lies on an axis that has the same room for each.
func even(share float64) float64 { return share }

type percentilePlot struct {
	*frame
	rows []percentileRow
	// place puts a share on the axis: even or stretched.
	place func(share float64) float64
}

var _ = declare(&words.FigurePercentiles, percentilesFigure)

func percentilesFigure(s *analysis.Summary) *frame {
	p := &percentilePlot{frame: newFrame(s, &words.FigurePercentiles, 74, 16)}
	most, least, slowest := 10.0, math.Inf(1), 0.0
	for i := range s.Cells {
		r := newPercentileRow(&s.Cells[i], p.shown.Success)
		most = max(most, r.Offered)
		for _, k := range r.curve {
			least, slowest = min(least, k.us), max(slowest, k.us)
		}
		p.rows = append(p.rows, r)
	}
	if slowest == 0 {
		least, slowest = 1e3, 1e6
	}
	for i := range p.rows {
		paint := func(s *sheet, at strip) { p.drawRow(s, i, at) }
		p.add(&s.Cells[i], row{notes: p.words.NotesOf(p.rows[i]), y: waitAxis(least, slowest), paint: paint})
	}
	p.x, p.place, p.headroom = rarityAxis(most), stretch, 10
	if p.shown.Even = slices.ContainsFunc(p.rows, func(r percentileRow) bool {
		return r.Lost >= evenFrom*max(r.Offered, 1)
	}); p.shown.Even {
		p.x, p.place = evenAxis(), even
	}
	p.shown.Others = len(p.rows) > 1 && len(p.rows) <= mostCurves
	return p.frame
}

// evenAxis shows all calls.
func evenAxis() axis {
	a := axis{max: 1}
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		a.ticks = append(a.ticks, tick{at: share, label: words.Nines(share)})
	}
	return a
}

// rarityAxis shows shares of so many calls: 0, half, and one for each nine that fits.
func rarityAxis(calls float64) axis {
	a := axis{max: stretch(1 - 0.5/calls)}
	for _, share := range []float64{0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999, 0.9999999} {
		if at := stretch(share); at <= a.max+1e-9 {
			a.ticks = append(a.ticks, tick{at: at, label: words.Nines(share)})
		}
	}
	return a
}

// drawRow draws one curve over those of the other settings.
func (p *percentilePlot) drawRow(s *sheet, i int, at strip) {
	for j := range p.rows {
		if j != i && p.shown.Others {
			drawCurve(s, pen{0.8, outline, nil}, p.corners(p.rows[j].curve, at))
		}
	}
	r := &p.rows[i]
	if r.Lost > 0 {
		r.drawLost(s, at, p.place(r.Served/r.Offered))
	}
	drawCurve(s, pen{1.8, ink, nil}, p.corners(r.curve, at))
}

// drawCurve draws a curve without extent, of a single call perhaps, as a dot.
func drawCurve(s *sheet, p pen, line []point) {
	far := func(q point) bool { return !near(line[0], q) }
	if len(line) > 0 && !slices.ContainsFunc(line, far) {
		at, half := line[0], 1.4*p.width
		s.fill(p.colour, box{at.x - half, at.y - half, at.x + half, at.y + half})
		return
	}
	s.line(p, line...)
}

// near reports whether two points are nearer than can be seen.
func near(p, q point) bool {
	return math.Abs(p.x-q.x) < nearestCorner && math.Abs(p.y-q.y) < nearestCorner
}

// drawLost covers what is beyond the curve's end, behind a wall, and says how many calls that is.
func (r *percentileRow) drawLost(s *sheet, at strip, from float64) {
	x := at.x.pos(from)
	s.fill(lostPaper, box{x, at.top, at.right, at.bottom})
	s.line(pen{1.8, alarm, nil}, point{x, at.top}, point{x, at.bottom})
	text := words.FigurePercentiles.Label("lost", r)
	l := noteText.coloured(alarm)
	if width := l.width(text); x+6+width < at.right {
		s.text(x+6, (at.top+at.bottom)/2, l, text)
	} else {
		s.text(x-6, at.bottom-6, l.aligned(right), text)
	}
}

// corners returns those of a curve, no two nearer than can be seen.
func (p *percentilePlot) corners(curve []rank, at strip) []point {
	return corners(curve, p.place, at.x, at.y)
}

func corners(curve []rank, place func(float64) float64, x, y scale) []point {
	var line []point
	for i, k := range curve {
		p := point{x.pos(place(k.share)), y.pos(k.us)}
		if n := len(line); n > 0 && i < len(curve)-1 && near(p, line[n-1]) {
			continue
		}
		line = append(line, p)
	}
	return line
}
