package plots

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"agistorm/analysis/watch"
	"agistorm/reports/words"
)

const (
	// MostWatched listeners have a picture.
	MostWatched = 6
	// watchHeight is that of the queue, dropsHeight that of the drops below it.
	watchHeight = 150.0
	dropsHeight = 40.0
	// leastBand is the least width of what would be too short to be seen.
	leastBand = 1.6
	// watchColumns are as many steps as can be told apart.
	watchColumns = 204
)

// WatchName is the name of the N-th figure of a watch, from 1 on.
func WatchName(n int) string { return fmt.Sprintf("%s-%d", words.FigureWatch.Name, n) }

// DescribeWatch returns a figure for each of the worst listeners at whose queue something was seen, without their
// pictures.
func DescribeWatch(r *watch.Report) (figures []Figure) {
	w := words.NewWatch(r)
	for _, l := range w.Worst {
		if len(figures) == MostWatched {
			break
		}
		if len(l.Timeline.Slots) == 0 || l.Peak.Depth == 0 && l.KnownDrops() == 0 {
			continue
		}
		c := watchCard(w, l)
		c.layout()
		figures = append(figures, Figure{
			Name: WatchName(len(figures) + 1), Title: c.title, Alt: c.alt, Caption: c.caption,
			drawing: c,
		})
	}
	return figures
}

// DrawWatch returns what DescribeWatch does, with the pictures.
func DrawWatch(r *watch.Report) ([]Figure, error) {
	if r == nil {
		return nil, errors.New("there is no watch to draw")
	}
	return drawAll(DescribeWatch(r), drawnDPI)
}

// watched is a listener as it is drawn.
type watched struct {
	words.PlottedListener
	from, to time.Time
	// shown is the timeline in few enough steps.
	shown watch.Timeline
}

func watchCard(w words.Watch, l *watch.Listener) *card {
	q := watched{words.PlottedListener{Listener: l, Watch: w}, w.From, w.To, joinSlots(l.Timeline, watchColumns)}
	q.Slot = q.shown.Slot
	full := float64(l.Holds())
	top := max(1.1*float64(l.Peak.Depth), 1)
	if q.Near = full <= nearby*max(float64(l.Peak.Depth), 1); q.Near {
		top = max(top, full*1.25) // room above the line for its label
	}
	q.Gaps = slices.ContainsFunc(l.Timeline.Slots, func(s watch.Slot) bool { return !s.Seen })
	c := newCard(&words.FigureWatch, q.PlottedListener)
	c.x = clockAxis(q.from, q.to)
	c.panels = []panel{{height: watchHeight, y: countAxis(top, 5), paint: q.draw}}
	c.keys = q.keys(c)
	if most := q.mostDrops(); most > 0 {
		c.panels = append(c.panels, panel{
			title: c.words.Label("drops", nil), height: dropsHeight, y: linearAxis(most*1.1, most, 1, words.Whole),
			paint: q.drawDrops,
		})
	}
	c.say(c.words.NotesOf(q.PlottedListener))
	return c
}

// joinSlots joins slots until there are no more than so many. Of a part that was not seen it has what was.
func joinSlots(t watch.Timeline, most int) watch.Timeline {
	each := (len(t.Slots) + most - 1) / most
	if each < 2 {
		return t
	}
	out := watch.Timeline{Slot: t.Slot * time.Duration(each)}
	for part := range slices.Chunk(t.Slots, each) {
		var joined watch.Slot
		seen := 0
		for _, one := range part {
			joined.Peak, joined.Drops = max(joined.Peak, one.Peak), joined.Drops+one.Drops
			if one.Seen {
				joined.Mean, seen = joined.Mean+one.Mean, seen+1
			}
		}
		joined.Mean, joined.Seen = joined.Mean/float64(max(seen, 1)), seen > 0
		out.Slots = append(out.Slots, joined)
	}
	return out
}

func (q watched) keys(c *card) []Key {
	all := []Key{
		newKey(formSwatch, shade, c.words.Label("peak", nil)), newKey(formLine, ink, c.words.Label("mean", nil)),
	}
	if len(q.Overflows) > 0 {
		all = append(all, newKey(formSwatch, lostPaper, c.words.Label("overflow", nil)))
	}
	if q.Gaps {
		all = append(all, newKey(formGap, outline, c.words.Label("gap", nil)))
	}
	return all
}

func (q watched) mostDrops() (most float64) {
	for _, s := range q.shown.Slots {
		most = max(most, float64(s.Drops))
	}
	return most
}

// span is where a slot of a timeline lies on the axis.
func span(at strip, t watch.Timeline, slot int) (from, to float64) {
	width := micro(t.Slot)
	return at.x.pos(float64(slot) * width), at.x.pos(float64(slot+1) * width)
}

func (q watched) draw(s *sheet, at strip) {
	peaks := q.lines(at, func(one watch.Slot) float64 { return float64(one.Peak) })
	for _, line := range peaks {
		s.area(shade, at.bottom, line)
	}
	for _, o := range q.Overflows {
		from, to := at.x.pos(micro(o.From.Sub(q.from))), at.x.pos(micro(o.To.Sub(q.from)))
		s.fill(lostPaper, box{from, at.top, max(to, from+leastBand), at.bottom})
	}
	for _, line := range peaks {
		s.line(pen{0.9, outline, nil}, line...)
	}
	for _, line := range q.lines(at, func(one watch.Slot) float64 { return one.Mean }) {
		s.line(pen{1.3, ink, nil}, line...)
	}
	q.drawGaps(s, at)
	if q.Near {
		y := at.y.pos(float64(q.Holds()))
		s.line(pen{1.2, alarm, dashed}, point{at.left, y}, point{at.right, y})
		s.text(at.right, y-4, cardTick.coloured(alarm).aligned(right), words.FigureWatch.Label("full", q.Holds()))
	}
}

// lines are stairs over the slots, one for each time without a gap.
func (q watched) lines(at strip, value func(watch.Slot) float64) (all [][]point) {
	open := false
	for i, one := range q.shown.Slots {
		if !one.Seen {
			open = false
			continue
		}
		if !open {
			all, open = append(all, nil), true
		}
		from, to := span(at, q.shown, i)
		y := at.y.pos(value(one))
		last := len(all) - 1
		all[last] = append(all[last], point{from, y}, point{to, y})
	}
	return all
}

// drawGaps hatches the times in which nothing was seen.
func (q watched) drawGaps(s *sheet, at strip) {
	slots := q.Timeline.Slots
	for i := 0; i < len(slots); i++ {
		if slots[i].Seen {
			continue
		}
		from, to := span(at, q.Timeline, i)
		for i+1 < len(slots) && !slots[i+1].Seen {
			i++
			_, to = span(at, q.Timeline, i)
		}
		hatch(s, outline, box{from, at.top, max(to, from+leastBand), at.bottom})
	}
}

func (q watched) drawDrops(s *sheet, at strip) {
	for i, one := range q.shown.Slots {
		if one.Drops == 0 {
			continue
		}
		from, to := span(at, q.shown, i)
		top := min(at.y.pos(float64(one.Drops)), at.bottom-1) // a single packet of thousands stays in sight
		s.fill(alarm, box{from, top, max(to, from+leastBand), at.bottom})
	}
}

// clockSteps are the distances between labels of a clock.
var clockSteps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour,
	12 * time.Hour,
}

// clockAxis returns an axis of the time of day, in microseconds since the first of two moments, with about six labels.
// Midnight has its date.
func clockAxis(from, to time.Time) axis {
	const most, day = 6, 24 * time.Hour
	length := to.Sub(from)
	step := (length + most*day - 1) / (most * day) * day
	for _, s := range slices.Backward(clockSteps) {
		if length <= most*s {
			step = s
		}
	}
	a := axis{max: max(micro(length), 1)}
	if step <= 0 {
		return a
	}
	layout := "15:04"
	if step < time.Minute {
		layout = time.TimeOnly
	}
	for at := from.UTC().Truncate(min(step, day)); !at.After(to); at = at.Add(step) {
		if at.Before(from) {
			continue
		}
		label := at.Format(layout)
		if at.Equal(at.Truncate(day)) {
			label = at.Format("Jan 2")
		}
		a.ticks = append(a.ticks, tick{at: micro(at.Sub(from)), label: label})
	}
	return a
}
