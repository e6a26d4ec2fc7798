package plots

import (
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
	"agistorm/reports/words"
)

// stormBins are how many intervals the figure has at most.
const stormBins = 120

// stormPlot is one storm as a whole: what came in, what waited, what came out.
type stormPlot struct {
	*frame
	width    float64 // of a bin, in microseconds
	arrivals []float64
	ends     series.Ends
	queue    Panel
}

var _ = declare(&words.FigureWhole, stormFigure)

// stormFigure shows the storm of the setting that lost most. It returns nil without the record of one and of its queue.
func stormFigure(s *analysis.Summary) *frame {
	c, storm := worstStorm(s)
	if storm == nil {
		return nil
	}
	p := &stormPlot{frame: newFrame(s, &words.FigureWhole, 78, 22)}
	end := max(series.LastEnd(storm.Raw), series.LastOf(storm.Raw), series.Step)
	p.shown.Per = series.WidthFor(end, stormBins)
	p.width = micro(p.shown.Per)
	bins := int(end/p.shown.Per) + 1
	p.arrivals = series.FlowOf(storm.Raw, p.shown.Per).Arrivals
	p.arrivals = append(p.arrivals, make([]float64, bins-len(p.arrivals))...)
	p.ends = series.EndsOf(storm.Raw, p.shown.Per)
	p.queue, _ = newQueuePanel(c, storm, 1)
	p.queue.Others, p.queue.Overflows = nil, nil
	facts := words.PlottedStorm{
		Setting: c.Label, N: storm.N, Of: len(c.Repeats),
		Calls: len(storm.Raw.Attempts), Lost: storm.Lost, Late: storm.Late,
		Served: storm.Outcomes[p.shown.Success], Queue: storm.Queue, Drops: int(storm.Counters[record.ListenDrops]),
		Within: lastStart(storm.Raw),
	}
	p.shown.Storm = &facts
	p.x = secondsAxis(p.shown.Per * time.Duration(len(p.arrivals))) // the last bin is whole
	p.bands(facts)
	p.explainStorm()
	return p.frame
}

// worstStorm returns the setting that lost most, or else delayed most, and its median storm.
func worstStorm(s *analysis.Summary) (c *analysis.Cell, storm *analysis.Repeat) {
	for i := range s.Cells {
		one := &s.Cells[i]
		has := func(r *analysis.Repeat) bool { return recorded(r) && sampledQueue(r) }
		if r := medianStorm(one, has); r != nil && (storm == nil || moreLost(r, storm)) {
			c, storm = one, r
		}
	}
	return c, storm
}

// lastStart returns when the last call was to start.
func lastStart(r *record.Repeat) (last time.Duration) {
	for i := range r.Attempts {
		last = max(last, r.Attempts[i].Intended)
	}
	return last
}

func moreLost(r, than *analysis.Repeat) bool {
	return r.Lost > than.Lost || r.Lost == than.Lost && r.Late > than.Late
}

// bands are the three rows, one time axis below all.
func (p *stormPlot) bands(facts words.PlottedStorm) {
	most := 0.0
	for i := range p.ends.Lost {
		most = max(most, p.ends.InTime[i]+p.ends.Late[i]+p.ends.Lost[i])
	}
	for _, band := range []struct {
		name  string
		y     axis
		paint func(*sheet, strip)
	}{
		{"in", countAxis(max(slices.Max(p.arrivals), 1)*1.05, 3), p.drawArrivals},
		{"queue", countAxis(p.queue.Top, 3), p.queue.drawQueue},
		{"out", countAxis(max(most, 1)*1.05, 3), p.drawEnds},
	} {
		r := row{label: p.words.Label(band.name, facts), y: band.y, paint: band.paint,
			notes: words.NotesIn(p.words.Label(band.name+" notes", facts))}
		p.say(r.label, r.notes)
		p.rows = append(p.rows, r)
	}
}

// explainStorm adds the legend, of only what is there.
func (p *stormPlot) explainStorm() {
	label := func(name string) string { return p.words.Label(name, p.shown.Success) }
	p.keys = []Key{newKey(formSwatch, bar, label("arrived"))}
	if p.queue.Near {
		p.keys = append(p.keys, newKey(formDash, alarm, label("full")))
	}
	for _, k := range []struct {
		key    Key
		counts []float64
	}{
		{newKey(formSwatch, relief, label("in time")), p.ends.InTime},
		{newKey(formHatched, latePaper, label("late")), p.ends.Late},
		{newKey(formSwatch, alarm, label("lost")), p.ends.Lost},
	} {
		if maxOf(k.counts) > 0 {
			p.keys = append(p.keys, k.key)
		}
	}
}

func (p *stormPlot) drawArrivals(s *sheet, at strip) {
	s.fill(bar, p.boxes(at, nil, p.arrivals)...)
}

// drawEnds stacks what came out: in time below, lost above.
func (p *stormPlot) drawEnds(s *sheet, at strip) {
	s.fill(relief, p.boxes(at, nil, p.ends.InTime)...)
	for _, b := range p.boxes(at, p.ends.InTime, p.ends.Late) {
		lateBar(s, b)
	}
	below := slices.Clone(p.ends.InTime)
	for i, n := range p.ends.Late {
		below[i] += n
	}
	s.fill(alarm, p.boxes(at, below, p.ends.Lost)...)
}

// boxes are the bars of what was counted, each upon what is below it.
func (p *stormPlot) boxes(at strip, below, counts []float64) (all []box) {
	for i, n := range counts {
		if n == 0 {
			continue
		}
		foot := 0.0
		if below != nil {
			foot = below[i]
		}
		b := box{at.x.pos(float64(i) * p.width), at.y.pos(foot + n), at.x.pos(float64(i+1) * p.width), at.y.pos(foot)}
		b.top = min(b.top, b.bottom-1) // a single call of thousands stays in sight
		all = append(all, b)
	}
	return all
}
