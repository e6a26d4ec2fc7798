package plots

import (
	"cmp"
	"fmt"
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
	dotsCaption = "Each mark is a call: how long after its intended start it was connected or given up, on a" +
		" logarithmic axis. Crosses are lost calls, in the colour of their outcome; rings were " +
		"served late, after a retransmitted SYN.%s%s%s"
	inOrderWords = " The calls had the same one or few intended starts: they stand side by side, in their order."
	thinnedWords = " Of more than %s calls the common ones are thinned; rare outcomes and the slowest calls " +
		"are all there."
	// mostDots of a storm are drawn: of more the common ones are thinned.
	mostDots = 2000
)

// mark is what dots are drawn alike by.
type mark struct {
	outcome record.Outcome
	late    bool
}

func markOf(d series.Dot) mark { return mark{d.Outcome, d.Late} }

// key returns the mark's entry in the legend.
func (m mark) key() Key {
	k := newKey(formCross, outcomeColour(m.outcome), "not sent: "+string(m.outcome))
	switch {
	case m.late:
		k = newKey(formRing, lateStain, string(m.outcome)+" late")
	case m.outcome.Served():
		k.Form, k.Text = formDisc, string(m.outcome)+" in time"
	case m.outcome.Lost():
		k.Text = "lost: " + string(m.outcome)
	}
	k.Took = "connected after"
	switch m.outcome {
	case record.ConnectTimeout, record.Refused, record.Unreachable, record.LocalExhaustion, record.NotOffered:
		k.Took = "no connection, given up after"
	}
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

func dotNotes(storm *analysis.Repeat, dots []series.Dot) []note {
	attempts := len(storm.Raw.Attempts)
	notes := []note{{"none lost", true, relief}}
	if storm.Lost > 0 {
		notes[0] = note{words.Count(storm.Lost) + " of " + words.Count(attempts) + " lost", true, alarm}
	}
	slowest := time.Duration(-1)
	for _, d := range dots {
		if d.Outcome.Served() {
			slowest = max(slowest, d.Took)
		}
	}
	if slowest >= 0 {
		notes = append(notes, note{"slowest served: " + words.Duration(slowest), false, ink})
	}
	if len(dots) < attempts {
		notes = append(notes, note{words.Count(len(dots)) + " of " + words.Count(attempts) + " drawn", false, soft})
	}
	return notes
}

// dotsFigure returns nil without the record of a storm.
func dotsFigure(s *analysis.Summary) *frame {
	f := newFrame(s, "dots", "Start and duration of every attempt", "Dots of all attempts", 104, 18)
	f.upright = "upright: time to connect (log)"
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
	y := waitAxis(micro(slices.MinFunc(all, byTook).Took), micro(slices.MaxFunc(all, byTook).Took))
	starts, inOrder := series.InOrder(all)
	plot := &Plot{
		End: starts[len(starts)-1].Microseconds(), Range: [2]float64{y.min, y.max},
		Numbers: Numbers{Heads: []string{"setting", "outcome", "calls", "quickest", "slowest"}},
	}
	f.x = secondsAxis(max(starts[len(starts)-1], 1))
	order, thinned := "", ""
	if inOrder {
		f.x, order = plot.orderAxis(starts, attempts), inOrderWords
	}
	if attempts > mostDots {
		thinned = fmt.Sprintf(thinnedWords, words.Count(mostDots))
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
	f.caption = fmt.Sprintf(dotsCaption, order, thinned, whichStorms(s, handful))
	f.addPlot(plot)
	return f
}

// orderAxis puts the calls in their order, not in time. The most attempts of any storm are so many.
func (p *Plot) orderAxis(starts []time.Duration, attempts int) axis {
	p.Starts, p.Room = micros(starts), roomFor(attempts, starts)
	p.End = int64(len(starts) * p.Room)
	if len(starts) == 1 {
		return countAxis("calls in their order, all with the same intended start", float64(p.End), 10)
	}
	a := axis{max: float64(p.End), title: "calls in their order, by their intended start"}
	for i, start := range starts {
		a.ticks = append(a.ticks, tick{at: float64(i * p.Room), label: seconds(start)})
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
		k.Form.marks(s, k.colour, places[kind])
	}
}
