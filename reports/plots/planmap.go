package plots

import (
	"slices"

	"agistorm/analysis/capacity"
	"agistorm/reports/words"
)

const (
	mapRow = 24.0
	// mapBoundary is the width of the line around what holds.
	mapBoundary = 2.4
)

var _ = declarePlan(&words.FigurePlanMap, mapCard)

// planMap is drawn with the most handlers on top.
type planMap struct{ *capacity.Map }

// mapCard returns nil unless several handlers and backlogs were simulated.
func mapCard(a *capacity.Answer) *card {
	if a.Map == nil || len(a.Map.Handlers) < 2 || len(a.Map.Backlogs) < 2 {
		return nil
	}
	m := planMap{a.Map}
	c := newCard(&words.FigurePlanMap, words.Plan{Answer: a})
	c.x = axis{max: float64(len(m.Backlogs))}
	for i, n := range m.Backlogs {
		c.x.ticks = append(c.x.ticks, tick{at: float64(i) + 0.5, label: words.Backlog(n), minor: true})
	}
	y := axis{max: float64(len(m.Handlers))}
	for i, n := range m.Handlers {
		y.ticks = append(y.ticks, tick{at: float64(i) + 0.5, label: words.Count(n)})
	}
	c.panels = []panel{{title: c.upright, height: mapRow * y.max, y: y, paint: m.draw}}
	label := func(name string) string { return c.words.Label(name, nil) }
	c.keys = []Key{newKey(formLine, ink, label("boundary")), newKey(formSwatch, inTime, label("least")),
		newKey(formSwatch, mostHeat, label("most"))}
	facts := m.facts()
	if a.Backlog != nil && a.Handlers > 0 {
		facts = words.PlottedMap{Handlers: &a.Handlers, Backlog: a.Backlog}
	}
	c.say(c.words.NotesOf(facts))
	return c
}

// facts are the least handlers with which some backlog holds the limits, and the least such backlog.
func (m planMap) facts() (f words.PlottedMap) {
	for i, row := range m.Holds {
		if j := slices.Index(row, true); j >= 0 {
			return words.PlottedMap{Handlers: &m.Handlers[i], Backlog: &m.Backlogs[j]}
		}
	}
	return f
}

func (m planMap) draw(s *sheet, at strip) {
	for i := range m.Handlers {
		for j := range m.Backlogs {
			m.drawField(s, m.field(at, i, j), i, j)
		}
	}
	m.drawBoundary(s, at)
}

func (m planMap) field(at strip, row, column int) box {
	return box{at.x.pos(float64(column)), at.y.pos(float64(row + 1)), at.x.pos(float64(column + 1)),
		at.y.pos(float64(row))}
}

func (m planMap) drawField(s *sheet, b box, row, column int) {
	lost := m.Lost[row][column]
	field := heatField{known: lost != nil}
	text := ""
	if lost != nil {
		field.share = *lost
		switch {
		case *lost > 0:
			text = words.MapField(*lost)
			field.small = text // it is not none
		case !m.Holds[row][column]:
			text = words.Unknown
		default:
			text = "0"
		}
	}
	ground := field.ground(s.theme)
	s.fill(ground, box{b.left, b.top, b.right - 1, b.bottom - 1})
	l := cardTick.coloured(s.theme.inkOn(ground)).aligned(centre)
	s.text((b.left+b.right)/2, (b.top+b.bottom)/2+4, l, fitting(l, b.right-b.left+6, text))
}

// holds is false outside the map.
func (m planMap) holds(row, column int) bool {
	return row >= 0 && row < len(m.Holds) && column >= 0 && column < len(m.Holds[row]) && m.Holds[row][column]
}

// drawBoundary draws a line around the fields in which the limits hold.
func (m planMap) drawBoundary(s *sheet, at strip) {
	const over = mapBoundary / 2 // so that corners meet
	var lines [][2]point
	for i := range m.Handlers {
		for j := range m.Backlogs {
			if !m.holds(i, j) {
				continue
			}
			b := m.field(at, i, j)
			b = box{b.left - 0.5, b.top - 0.5, b.right - 0.5, b.bottom - 0.5}
			for _, side := range []struct {
				row, column int
				line        [2]point
			}{
				{i - 1, j, [2]point{{b.left - over, b.bottom}, {b.right + over, b.bottom}}},
				{i + 1, j, [2]point{{b.left - over, b.top}, {b.right + over, b.top}}},
				{i, j - 1, [2]point{{b.left, b.top - over}, {b.left, b.bottom + over}}},
				{i, j + 1, [2]point{{b.right, b.top - over}, {b.right, b.bottom + over}}},
			} {
				if !m.holds(side.row, side.column) {
					lines = append(lines, side.line)
				}
			}
		}
	}
	s.dashes(pen{mapBoundary, ink, nil}, lines)
}
