package capacity

import (
	"context"
	"math"
	"slices"
)

// Parts of a number at which curves and map have points.
var (
	backlogParts = []float64{0, 1. / 16, 1. / 8, 1. / 4, 1. / 2, 3. / 4, 1, 1.5, 2, 4}
	handlerParts = []float64{1. / 2, 3. / 4, 7. / 8, 1, 1.25, 1.5, 2}
)

// parts of n from least to most, ascending, each once.
func parts(n int, all []float64, least, most int) (list []int) {
	for _, part := range all {
		list = append(list, min(max(int(math.Round(float64(n)*part)), least), most))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// axes of the curves: backlogs around the recommended one, with both bounds, and handlers around theirs.
func (p *planner) axes() (backlogs, handlers []int) {
	a := p.answer
	backlogs = parts(*a.Backlog, backlogParts, 0, maxBacklog)
	if a.Useful != nil {
		backlogs = append(backlogs, a.Useful.Backlog, min(2*a.Useful.Backlog, maxBacklog))
	}
	slices.Sort(backlogs)
	if p.Question.Planned {
		handlers = parts(a.Handlers, handlerParts, 1, p.Question.MostHandlers)
	}
	return slices.Compact(backlogs), handlers
}

// pointStorms and mapStorms are how many storms a point of a curve and of the map has at least.
const (
	pointStorms = 4
	mapStorms   = 2
)

func (p *planner) curves(ctx context.Context) error {
	a := p.answer
	if a.Backlog == nil {
		return nil
	}
	backlogs, handlers := p.axes()
	for _, backlog := range backlogs {
		point, err := p.point(ctx, Setting{a.Handlers, backlog})
		if err != nil {
			return err
		}
		a.ByBacklog = append(a.ByBacklog, point)
	}
	for _, n := range handlers {
		point, err := p.point(ctx, Setting{n, *a.Backlog})
		if err != nil {
			return err
		}
		a.ByHandlers = append(a.ByHandlers, point)
	}
	return nil
}

func (p *planner) point(ctx context.Context, setting Setting) (Point, error) {
	calls := p.Question.Calls
	t, err := p.more(ctx, key{setting, calls}, pointStorms)
	if err != nil {
		return Point{}, err
	}
	o := t.outcome(calls)
	return Point{
		Setting: setting, Lost: o.Share, LostMin: o.Lost.Min / float64(calls), LostMax: o.Lost.Max / float64(calls),
		P99: o.P99, Storms: o.Storms, Holds: t.mostly(),
	}, nil
}

// mostly reports whether a key holds as far as is known: as decided, else in more than half of the storms.
func (t *tally) mostly() bool {
	if t.decided {
		return t.holds
	}
	return t.heldStorms() > len(t.storms)/2
}

// fillMap simulates handlers × backlogs.
func (p *planner) fillMap(ctx context.Context) error {
	a := p.answer
	if a.Backlog == nil || !p.Question.Planned {
		return nil
	}
	m := &Map{}
	m.Backlogs, m.Handlers = p.axes()
	m.Lost, m.Holds = make([][]*float64, len(m.Handlers)), make([][]bool, len(m.Handlers))
	a.Map = m
	for i := range m.Handlers {
		m.Lost[i], m.Holds[i] = make([]*float64, len(m.Backlogs)), make([]bool, len(m.Backlogs))
	}
	for i, handlers := range m.Handlers {
		for j, backlog := range m.Backlogs {
			t, err := p.more(ctx, key{Setting{handlers, backlog}, p.Question.Calls}, mapStorms)
			if err != nil {
				return err
			}
			share := t.outcome(p.Question.Calls).Share
			m.Lost[i][j], m.Holds[i][j] = &share, t.mostly()
		}
	}
	return nil
}
