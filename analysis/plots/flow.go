package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/series"
)

const (
	flowTitle   = "Arrivals, accepts and drops"
	flowCaption = "How many calls were to arrive, how many connections the server accepted, and how many packets its listening socket " +
		"dropped (the kernel's ListenDrops: the SYN or the last ACK of a call, which may be dropped more than once), each %s.%s%s"
	// flowBins of series.Step are 17 minutes; in a longer storm they are wider.
	flowBins = 100_000
	// flowColumns are two points wide.
	flowColumns = int(plotRight-plotLeft) / 2
	// laneGap lies between two lanes of a row.
	laneGap = 5
	// drops is the lane that nobody wants.
	drops = "drops"
)

// lane is one of the three numbers of a storm, each Step.
type lane struct {
	name   string
	colour color.NRGBA
	// perStep is nil where nobody counted, and absent says so.
	perStep []float64
	absent  string
}

func (l lane) counted() bool { return l.perStep != nil }

func (l lane) most() (most float64) {
	for _, n := range l.perStep {
		most = max(most, n)
	}
	return most
}

// flowRow is the median storm of a cell.
type flowRow struct {
	label   string
	repeats int
	// width of what was counted together.
	width time.Duration
	lanes []lane
}

func newFlowRow(c *analysis.Cell) flowRow {
	r := flowRow{label: c.Label, repeats: len(c.Repeats)}
	storm := MedianStorm(c)
	if storm == nil {
		return r
	}
	f := series.FlowOf(storm.Raw, flowBins)
	r.width = f.Width
	per := float64(f.Width / series.Step)
	r.lanes = []lane{
		{"arrivals", bar, each(f.Arrivals, per), ""},
		{"accepts", lateStain, each(f.Accepts, per), "not known: only the built-in server tells"},
		{drops, alarm, each(f.Drops, per), "not counted"},
	}
	return r
}

// each divides all counts, and leaves nil as it is.
func each(counts []float64, by float64) []float64 {
	if counts == nil {
		return nil
	}
	out := make([]float64, len(counts))
	for i, n := range counts {
		out[i] = n / by
	}
	return out
}

func (r *flowRow) known() bool { return r.lanes != nil }

// end of the last bin.
func (r *flowRow) end() time.Duration {
	if !r.known() {
		return 0
	}
	return time.Duration(len(r.lanes[0].perStep)) * r.width
}

func (r *flowRow) notes() []note {
	switch {
	case r.repeats == 0:
		return []note{{"no storm was finished", false, soft}}
	case !r.known():
		return []note{{"not recorded", false, soft}}
	}
	var notes []note
	for _, l := range r.lanes {
		text := "no " + l.name
		switch most := l.most(); {
		case !l.counted():
			text = l.name + " not known"
		case most > 0:
			text = "up to " + analysis.Count(int(math.Ceil(most))) + " " + l.name
		}
		n := note{text, l.name == drops && l.most() > 0, l.colour}
		if l.most() == 0 {
			n.colour = soft
		}
		notes = append(notes, n)
	}
	return notes
}

// flowPicture is nil without the record of a storm, and where all happened at once.
func flowPicture(s *analysis.Summary) *picture {
	f := &frame{title: flowTitle + bySetting(s, " by setting"), subtitle: subtitle(s), rowHeight: 96, gap: 20}
	alt := "Arrivals, accepts and drops of a storm " + perStep(nil) + bySetting(s, ", one panel for each setting") + "."
	var rows []flowRow
	var end time.Duration
	for _, c := range Chosen(s) {
		r := newFlowRow(c)
		rows = append(rows, r)
		end = max(end, r.end())
		f.rows = append(f.rows, row{label: r.label, notes: r.notes()})
		alt += sentence(r.label, r.notes())
	}
	if end <= series.Step {
		return nil
	}
	f.layout()
	together := togetherFor(rows, end)
	caption := fmt.Sprintf(flowCaption, perStep(rows)+togetherWords(together), bySetting(s, " All panels have the same scales."), CountersOf(s)+whichStorms(s))
	return &picture{name: "flow", caption: caption, frame: f, alt: alt, paint: func(s *sheet) {
		x := scale{max: end.Seconds(), from: plotLeft, to: plotRight}
		f.secondsAxis(s, x)
		s.text(margin, f.bottom+16, tickText, "upright: "+perStep(nil))
		for i := range rows {
			rows[i].draw(s, x, f.rows[i].plot, mostOf(rows), together)
		}
	}}
}

// togetherFor is how many bins share a column: as many as the longest storm needs.
func togetherFor(rows []flowRow, end time.Duration) int {
	width := end
	for i := range rows {
		if rows[i].known() {
			width = min(width, rows[i].width)
		}
	}
	return int(end/width)/flowColumns + 1
}

func togetherWords(together int) string {
	if together < 2 {
		return ""
	}
	return fmt.Sprintf(" (a column is the greatest of %d)", together)
}

// perStep says what is counted: where a storm was too long for single steps, a mean.
func perStep(rows []flowRow) string {
	text := "per " + millis(series.Step)
	for i := range rows {
		if rows[i].width > series.Step {
			return text + " (the mean over " + millis(rows[i].width) + ")"
		}
	}
	return text
}

// peaks are the greatest numbers of so many at a time.
func peaks(numbers []float64, together int) []float64 {
	var out []float64
	for part := range slices.Chunk(numbers, together) {
		out = append(out, slices.Max(part))
	}
	return out
}

// millis writes a width, a multiple of series.Step.
func millis(d time.Duration) string { return analysis.Count(int(d.Milliseconds())) + " ms" }

// mostOf is the greatest number of each lane over all rows, at least 1.
func mostOf(rows []flowRow) []float64 {
	most := []float64{1, 1, 1}
	for i := range rows {
		for j, l := range rows[i].lanes {
			most[j] = max(most[j], l.most())
		}
	}
	return most
}

func (r *flowRow) draw(s *sheet, x scale, plot box, most []float64, together int) {
	height := (plot.bottom-plot.top+laneGap)/3 - laneGap
	for i, l := range r.lanes {
		top := plot.top + float64(i)*(height+laneGap)
		l.perStep = peaks(l.perStep, together)
		l.draw(s, x, box{plot.left, top, plot.right, top + height}, most[i], r.width*time.Duration(together))
	}
}

func (l lane) draw(s *sheet, x scale, b box, most float64, width time.Duration) {
	middle := (b.top + b.bottom) / 2
	s.text(b.left-6, middle+3.2, tickText.in(l.colour).to(right), l.name)
	if !l.counted() {
		s.text(b.left+6, middle+3.2, tickText, l.absent)
	}
	y := scale{max: most, from: b.bottom, to: b.top}
	var bars []box
	for i, n := range l.perStep {
		if n > 0 {
			from := time.Duration(i) * width
			// A single packet of thousands stays in sight.
			bars = append(bars, box{x.at(from.Seconds()), min(y.at(n), b.bottom-1), x.at((from + width).Seconds()), b.bottom})
		}
	}
	s.fill(l.colour, bars...)
	s.line(pen{0.6, axis, nil}, point{b.left, b.bottom}, point{b.right, b.bottom})
}
