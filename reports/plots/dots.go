package plots

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

const (
	// mostDots of a storm are drawn: of more the common ones are thinned.
	mostDots = 2000
	// lift of the lost calls, in points: given up at the same time they would hide those that were served late. The
	// page's script has the same.
	lift = 7
)

// mark is what dots are drawn alike by.
type mark struct {
	outcome record.Outcome
	late    bool
}

func markOf(d series.Dot) mark { return mark{d.Outcome, d.Late} }

// key returns the mark's entry in the legend.
func (m mark) key() Key {
	form, label, colour := formCross, "unsent", outcomeColour(m.outcome)
	switch {
	case m.late:
		form, label, colour = formRing, "late", lateStain
	case m.outcome.Served():
		form, label = formDisc, "in time"
	case m.outcome.Lost():
		label = "lost"
	}
	k, took := newKey(form, colour, words.FigureDots.Label(label, m.outcome)), "served"
	switch m.outcome {
	case record.ConnectTimeout, record.Refused, record.Unreachable, record.LocalExhaustion, record.NotOffered:
		took = "given up"
	}
	k.Took = words.FigureDots.Label(took, nil)
	return k
}

// marksOf returns the marks that occur, in the order of the outcomes; those that this version does
// not know come last.
func marksOf(dots []series.Dot) []mark {
	marks := map[mark]bool{}
	for _, d := range dots {
		marks[markOf(d)] = true
	}
	return slices.SortedFunc(maps.Keys(marks), func(a, b mark) int {
		return cmp.Or(cmp.Compare(rankOf(a.outcome), rankOf(b.outcome)), strings.Compare(a.key().Text, b.key().Text))
	})
}

// rankOf returns the place of an outcome in tables and legends.
func rankOf(o record.Outcome) int {
	if i := slices.Index(record.Outcomes, o); i >= 0 {
		return i
	}
	return len(record.Outcomes)
}

func dotNotes(storm *analysis.Repeat, dots []series.Dot) []words.RowNote {
	facts := words.PlottedDots{Lost: storm.Lost, Calls: len(storm.Raw.Attempts), Drawn: len(dots)}
	for _, d := range dots {
		if d.Outcome.Served() && (facts.Slowest == nil || d.Took > *facts.Slowest) {
			facts.Slowest = &d.Took
		}
	}
	return words.FigureDots.NotesOf(facts)
}

var _ = declare(&words.FigureDots, dotsFigure)

// dotsFigure returns nil without the record of a storm.
func dotsFigure(s *analysis.Summary) *frame {
	f := newFrame(s, &words.FigureDots, 104, 18)
	cells := chosen(s, handful)
	dots, attempts := map[*analysis.Repeat][]series.Dot{}, 0
	for _, c := range cells {
		if storm := medianStorm(c, recorded); storm != nil {
			dots[storm] = series.DotsOf(storm.Raw, mostDots)
			attempts = max(attempts, len(storm.Raw.Attempts))
		}
	}
	if attempts == 0 {
		return nil
	}
	all := slices.Concat(slices.Collect(maps.Values(dots))...)
	marks := marksOf(all)
	f.keys = lists.Map(marks, mark.key)
	byTook := func(a, b series.Dot) int { return cmp.Compare(a.Took, b.Took) }
	// Room above for what is lifted.
	y := waitAxis(micro(slices.MinFunc(all, byTook).Took), 2*micro(slices.MaxFunc(all, byTook).Took))
	starts, inOrder := series.InOrder(all)
	plot := f.addPlot(handful)
	plot.End, plot.Range = starts[len(starts)-1].Microseconds(), [2]float64{y.min, y.max}
	f.x = secondsAxis(max(starts[len(starts)-1], 1))
	if inOrder {
		f.x, f.shown.Starts = plot.orderAxis(starts, attempts), len(starts)
	}
	if attempts > mostDots {
		f.shown.Dots = mostDots
	}
	f.addStorms(cells, recorded, func(c *analysis.Cell, storm *analysis.Repeat) row {
		p := newDotPanel(dots[storm], marks)
		if inOrder {
			p.X = series.Places(dots[storm], starts, plot.Room, roomFor(len(storm.Raw.Attempts), starts))
		}
		plot.addStorm(c, storm, p, dotNumbers(storm, dots[storm])...)
		paint := func(s *sheet, at strip) { p.drawDots(s, at, f.keys) }
		return row{notes: dotNotes(storm, dots[storm]), y: y, paint: paint}
	})
	return f
}

// orderAxis puts the calls in their order, not in time. The most attempts of any storm are so many.
func (p *Plot) orderAxis(starts []time.Duration, attempts int) axis {
	p.Starts, p.Room = micros(starts), roomFor(attempts, starts)
	p.End = int64(len(starts) * p.Room)
	if len(starts) == 1 {
		return countAxis(float64(p.End), 10)
	}
	a := axis{max: float64(p.End)}
	for i, start := range starts {
		a.ticks = append(a.ticks, tick{at: float64(i * p.Room), label: words.Timeout(start)})
	}
	return a
}

// roomFor returns how many calls stand side by side for each start.
func roomFor(attempts int, starts []time.Duration) int {
	return (attempts + len(starts) - 1) / len(starts)
}

func newDotPanel(dots []series.Dot, marks []mark) (p Panel) {
	p.At = lists.Map(dots, func(d series.Dot) int64 { return d.At.Microseconds() })
	p.Took = lists.Map(dots, func(d series.Dot) int64 { return d.Took.Microseconds() })
	p.Kind = lists.Map(dots, func(d series.Dot) int { return slices.Index(marks, markOf(d)) })
	return p
}

// dotNumbers has a row for each outcome that occurred: dots keep the extremes of each.
func dotNumbers(storm *analysis.Repeat, dots []series.Dot) (rows [][]string) {
	for _, o := range record.Outcomes {
		var took []time.Duration
		for _, d := range dots {
			if d.Outcome == o {
				took = append(took, d.Took)
			}
		}
		if len(took) > 0 {
			quickest, slowest := words.Duration(slices.Min(took)), words.Duration(slices.Max(took))
			rows = append(rows, []string{string(o), words.Count(storm.Outcomes[o]), quickest, slowest})
		}
	}
	return rows
}

// drawDots draws the marks of a panel, those of a kind together.
func (p Panel) drawDots(s *sheet, at strip, keys []Key) {
	places := make([][]point, len(keys))
	for i, kind := range p.Kind {
		x := float64(p.At[i])
		if p.X != nil {
			x = p.X[i]
		}
		places[kind] = append(places[kind], point{at.x.pos(x), at.y.pos(float64(p.Took[i]))})
	}
	for kind, k := range keys {
		if k.Form == formCross {
			places[kind] = lists.Map(places[kind], func(p point) point { return point{p.x, p.y - lift} })
		}
		k.Form.marks(s, k.colour, places[kind])
	}
}
