package reports

import (
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/plots"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

// Bounds of what one panel holds, so that the page stays small however large the storm was; all panels of the queue share queueSteps.
const (
	panelDots  = 2000
	panelBins  = 400
	panelSteps = 1500
	queueSteps = 12000 // and as many for the storms behind
)

// pagePlots are the data of the plots that can be zoomed, as the page's script reads them. Every time is in microseconds from the
// storm's start.
type pagePlots struct {
	// Kinds of dots, by their position.
	Kinds []dotKind  `json:"kinds"`
	Plots []timePlot `json:"plots"`
}

// dotKind is an outcome with its colours on a light and on a dark ground.
type dotKind struct {
	Outcome string `json:"outcome"`
	Light   string `json:"light"`
	Dark    string `json:"dark"`
	// Faint tells on which of the two grounds it needs an edge to be seen.
	Faint struct {
		Light bool `json:"light"`
		Dark  bool `json:"dark"`
	} `json:"faint"`
	// Took says what the time until then was.
	Took string `json:"took"`
	Mark string `json:"mark"`
}

// Marks of dots; they differ in form, since not everybody sees colours.
const (
	markServed = "disc"
	markLate   = "ring"
	markLost   = "cross"
)

// timePlot takes the place of a figure's picture.
type timePlot struct {
	// Figure is the name of the figure, which says what its panels are of.
	Figure string `json:"figure"`
	// End of the time axis.
	End    int64   `json:"end"`
	Panels []panel `json:"panels"`
	// Starts are the few instants at which calls were to start together: then they stand in their order, not on the time axis.
	Starts []int64 `json:"starts,omitempty"`

	// Caption for the plot; Table are its numbers for those who cannot see it.
	Caption string        `json:"-"`
	Table   *numbersTable `json:"-"`
}

// panel is one storm; what another figure needs is left out.
type panel struct {
	Label string `json:"label"`
	Storm string `json:"storm,omitempty"`
	// At are the steps of the queue or the starts of the calls.
	At []int64 `json:"at,omitempty"`
	// Depth of the queue from each of At on; it holds Full connections. Overflows are when it took none.
	Depth []uint32 `json:"depth,omitempty"`
	Full  int64    `json:"full,omitempty"`
	// Peak of the queue in any storm of the setting, which an overflow proves though nobody saw it; see analysis.Queue.
	Peak      uint32  `json:"peak,omitempty"`
	Overflows []int64 `json:"overflows,omitempty"`
	// Others are the queues of the setting's other storms.
	Others []steps `json:"others,omitempty"`
	// Width of the bins of Arrivals, Accepts and Drops; the last two are absent where nobody counted.
	Width    int64     `json:"width,omitempty"`
	Arrivals []float64 `json:"arrivals,omitempty"`
	Accepts  []float64 `json:"accepts,omitempty"`
	Drops    []float64 `json:"drops,omitempty"`
	// Took is how long each call of At took, Kind what became of it.
	Took []int64 `json:"took,omitempty"`
	Kind []int   `json:"kind,omitempty"`
}

// steps are a queue over time.
type steps struct {
	At    []int64  `json:"at"`
	Depth []uint32 `json:"depth"`
}

// plotBuilders make the plots by the names of their figures; nil where there is nothing to plot.
var plotBuilders = map[string]func(*analysis.Summary) *timePlot{"queue": queuePlot, "flow": flowPlot, "dots": dotsPlot}

// plotsFor are the plots of those figures that have one; nil without any.
func plotsFor(s *analysis.Summary, figures []plots.Figure) *pagePlots {
	p := &pagePlots{Kinds: dotKinds()}
	for _, f := range figures {
		build := plotBuilders[f.Name]
		if build == nil {
			continue
		}
		if plot := build(s); plot != nil {
			p.Plots = append(p.Plots, *plot)
		}
	}
	if len(p.Plots) == 0 {
		return nil
	}
	return p
}

// of is the plot of a figure, nil where it has none.
func (p *pagePlots) of(figure string) *timePlot {
	if p == nil {
		return nil
	}
	i := slices.IndexFunc(p.Plots, func(t timePlot) bool { return t.Figure == figure })
	if i < 0 {
		return nil
	}
	return &p.Plots[i]
}

func queuePlot(s *analysis.Summary) *timePlot {
	cells := queueCells(s)
	most, others := min(panelSteps, queueSteps/max(len(cells), 1)), min(panelSteps/3, queueSteps/max(othersOf(cells), 1))
	var all []series.Depth
	plot := newPlot("queue", queueWords+plots.CountersOf(s)+whichStorm(s), queueScales, queueHeads, cells, func(plot *timePlot, storm shownStorm) {
		depth, ok := series.DepthOf(storm.repeat.Raw, most)
		if !ok {
			return
		}
		p := storm.panel()
		p.At, p.Depth, p.Full, p.Overflows = micros(depth.At), depth.Depth, int64(depth.Limit)+1, micros(depth.Overflows)
		for i := range storm.cell.Repeats {
			if q := storm.cell.Repeats[i].Queue; q != nil {
				p.Peak = max(p.Peak, q.Peak)
			}
		}
		all = append(all, depth)
		for _, d := range storm.others(others) {
			p.Others = append(p.Others, steps{micros(d.At), d.Depth})
			all = append(all, d)
		}
		plot.add(p, 0)
		plot.Table.queueRow(storm, &depth)
	})
	if plot != nil {
		plot.End = series.End(all...).Microseconds()
	}
	return plot
}

// othersOf counts the storms beside those that stand for their settings.
func othersOf(cells []*analysis.Cell) (n int) {
	for _, c := range cells {
		n += max(len(c.Repeats)-1, 0)
	}
	return n
}

// others are the queues of the setting's other storms, each in at most so many steps; those that were not watched are left out.
func (s shownStorm) others(most int) (all []series.Depth) {
	for i := range s.cell.Repeats {
		r := &s.cell.Repeats[i]
		if r == s.repeat || r.Raw == nil {
			continue
		}
		if d, ok := series.DepthOf(r.Raw, most); ok {
			all = append(all, d)
		}
	}
	return all
}

func flowPlot(s *analysis.Summary) *timePlot {
	return newPlot("flow", flowWords+plots.CountersOf(s)+whichStorm(s), flowScales, flowHeads, plots.Chosen(s), func(plot *timePlot, storm shownStorm) {
		flow := series.FlowOf(storm.repeat.Raw, panelBins)
		p := storm.panel()
		p.Width, p.Arrivals, p.Accepts, p.Drops = flow.Width.Microseconds(), flow.Arrivals, flow.Accepts, flow.Drops
		plot.add(p, p.Width*int64(len(p.Arrivals)))
		plot.Table.flowRow(storm, &flow)
	})
}

func dotsPlot(s *analysis.Summary) *timePlot {
	var storms [][]series.Dot
	plot := newPlot("dots", dotsWords, "", dotsHeads, plots.Chosen(s), func(plot *timePlot, storm shownStorm) {
		dots := series.DotsOf(storm.repeat.Raw, panelDots)
		storms = append(storms, dots)
		p := storm.panel()
		for i := range dots {
			p.At = append(p.At, dots[i].At.Microseconds())
			p.Took = append(p.Took, dots[i].Took.Microseconds())
			p.Kind = append(p.Kind, kindOf(&dots[i]))
		}
		plot.add(p, slices.Max(p.At)) // a storm that stands for its setting has attempts
		plot.Table.dotRows(storm, dots)
	})
	if plot == nil {
		return nil
	}
	if starts, inOrder := series.InOrder(storms...); inOrder {
		plot.Starts = micros(starts)
		plot.Caption += plots.InOrderWords
	}
	plot.Caption += whichStorm(s)
	return plot
}

// newPlot adds what is to be seen of each storm; nil without anything. The caption of several panels ends with their scales.
func newPlot(figure, caption, scales string, heads []string, cells []*analysis.Cell, show func(*timePlot, shownStorm)) *timePlot {
	plot := &timePlot{Figure: figure, Caption: caption, Table: &numbersTable{Heads: heads}}
	for _, storm := range stormsOf(cells) {
		show(plot, storm)
	}
	switch len(plot.Panels) {
	case 0:
		return nil
	case 1:
	default:
		plot.Caption += scales
	}
	return plot
}

func (s shownStorm) panel() panel { return panel{Label: s.cell.Label, Storm: s.name()} }

// add adds a panel of which something is to be seen until end, in microseconds.
func (t *timePlot) add(p panel, end int64) {
	t.Panels = append(t.Panels, p)
	t.End = max(t.End, end)
}

// dotKinds are the outcomes, each in time and late; one that this version does not know comes last.
func dotKinds() []dotKind {
	var kinds []dotKind
	for _, o := range append(slices.Clone(record.Outcomes), "of an unknown outcome") {
		kind, late := dotKind{Outcome: string(o), Took: tookWords(o), Mark: markLost}, dotKind{Outcome: "late", Took: tookWords(o), Mark: markLate}
		if o.Served() {
			kind.Mark = markServed
		}
		kind.shade(plots.Shades(o))
		late.shade(plots.LateShades())
		kinds = append(kinds, kind, late)
	}
	return kinds
}

func (k *dotKind) shade(onLight, onDark plots.Shade) {
	k.Light, k.Dark = onLight.Hex, onDark.Hex
	k.Faint.Light, k.Faint.Dark = onLight.Faint, onDark.Faint
}

func kindOf(d *series.Dot) int {
	kind := slices.Index(record.Outcomes, d.Outcome)
	if kind < 0 {
		kind = len(record.Outcomes)
	}
	if d.Late {
		return 2*kind + 1
	}
	return 2 * kind
}

// tookWords say what a dot's height is: without a connection it is the time until the call was given up.
func tookWords(o record.Outcome) string {
	switch o {
	case record.ConnectTimeout, record.Refused, record.Unreachable, record.LocalExhaustion, record.NotOffered:
		return "no connection, given up after"
	}
	return "connected after"
}

func micros(all []time.Duration) []int64 {
	out := make([]int64, len(all))
	for i, d := range all {
		out[i] = d.Microseconds()
	}
	return out
}
