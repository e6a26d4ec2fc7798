package plots

import (
	"image/color"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/series"
	"agistorm/reports/words"
)

const (
	// flowBins of series.Step are 4 s; in a longer storm they are wider.
	flowBins = 400
	// laneGap lies between two lanes of a row.
	laneGap = 5
)

// lanes are the three numbers of a storm, from above.
var lanes = []struct {
	name   string
	colour color.NRGBA
	counts func(series.Flow) []float64
}{
	{"arrivals", bar, func(f series.Flow) []float64 { return f.Arrivals }},
	{"accepts", lateStain, func(f series.Flow) []float64 { return f.Accepts }},
	{"drops", alarm, func(f series.Flow) []float64 { return f.Drops }},
}

var _ = declare(&words.FigureFlow, flowFigure)

// flowFigure returns nil without the record of a storm, and if all happened at once.
func flowFigure(s *analysis.Summary) *frame {
	cells := chosen(s, handful)
	var end time.Duration
	for _, c := range cells {
		if storm := medianStorm(c, recorded); storm != nil {
			end = max(end, series.LastOf(storm.Raw))
		}
	}
	if end < series.Step {
		return nil
	}
	f := newFrame(s, &words.FigureFlow, 96, 20)
	f.shown.Per = series.WidthFor(end, flowBins)
	plot := f.addPlot(handful)
	plot.Width = f.shown.Per.Microseconds()
	most := make([]float64, len(lanes))
	f.addStorms(cells, recorded, func(c *analysis.Cell, storm *analysis.Repeat) row {
		p, values := newFlowPanel(series.FlowOf(storm.Raw, f.shown.Per))
		for i, counts := range p.Counts {
			most[i] = max(most[i], maxOf(counts))
		}
		plot.End = max(plot.End, plot.Width*int64(len(p.Counts[0])))
		plot.addStorm(c, storm, p, values)
		return row{notes: flowNotes(p.Counts), paint: func(s *sheet, at strip) { p.drawFlow(s, at, plot) }}
	})
	for i, l := range lanes {
		plot.Numbers.Heads = append(plot.Numbers.Heads, l.name, f.words.Label("most", f.shown))
		plot.Lanes = append(plot.Lanes, Lane{l.name, max(most[i], 1)})
		f.keys = append(f.keys, newKey(formSwatch, l.colour, f.words.Label("lane", struct {
			words.Plotted
			Lane words.PlottedLane
		}{f.shown, words.PlottedLane{Name: l.name, Most: &most[i]}})))
	}
	f.x = secondsAxis(time.Duration(plot.End) * time.Microsecond)
	return f
}

// newFlowPanel returns the lanes of a storm, and of each its sum and its most.
func newFlowPanel(flow series.Flow) (p Panel, values []string) {
	for _, l := range lanes {
		counts, sum := l.counts(flow), 0.0
		p.Counts = append(p.Counts, counts)
		if counts == nil {
			values = append(values, words.Unknown, words.Unknown)
			continue
		}
		for _, n := range counts {
			sum += n
		}
		values = append(values, words.Whole(sum), words.Whole(maxOf(counts)))
	}
	return p, values
}

// maxOf returns the greatest of counts, 0 without any.
func maxOf(counts []float64) float64 { return slices.Max(append([]float64{0}, counts...)) }

func flowNotes(all [][]float64) []words.RowNote {
	var facts []words.PlottedLane
	for i, l := range lanes {
		lane := words.PlottedLane{Name: l.name}
		if most := maxOf(all[i]); all[i] != nil {
			lane.Most = &most
		}
		facts = append(facts, lane)
	}
	return words.FigureFlow.NotesOf(facts)
}

// drawFlow draws the lanes of a panel, each on the scale that it has in all panels.
func (p Panel) drawFlow(s *sheet, at strip, plot *Plot) {
	height := (at.bottom-at.top+laneGap)/3 - laneGap
	for i, l := range lanes {
		b := box{at.left, at.top + float64(i)*(height+laneGap), at.right, 0}
		b.bottom = b.top + height
		middle := (b.top+b.bottom)/2 + 3.2
		s.text(b.left-6, middle, tickText.coloured(l.colour).aligned(right), l.name)
		if p.Counts[i] == nil {
			s.text(b.left+6, middle, tickText, words.FigureFlow.Label("uncounted", nil))
		}
		y := scale{max: plot.Lanes[i].Most, from: b.bottom, to: b.top}
		var line []point
		for bin, n := range p.Counts[i] {
			top := y.pos(n)
			if n > 0 {
				top = min(top, b.bottom-1) // a single packet of thousands stays in sight
			}
			from := float64(int64(bin) * plot.Width)
			line = append(line, point{at.x.pos(from), top}, point{at.x.pos(from + float64(plot.Width)), top})
		}
		s.area(l.colour, b.bottom, line)
		s.line(pen{0.6, outline, nil}, point{b.left, b.bottom}, point{b.right, b.bottom})
	}
}
