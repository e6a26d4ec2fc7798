package plots

import (
	"agistorm/analysis/capacity"
	"agistorm/reports/words"
)

const (
	caseHeight = 22.0
	caseLeft   = 130.0
	// caseRoom is for the text behind the longest bar.
	caseRoom = 1.25
)

var _ = declarePlan(&words.FigurePlanShort, shortCard)

// shortCard returns nil unless there are several cases.
func shortCard(a *capacity.Answer) *card {
	cases := words.PlottedCases(a)
	if len(cases) < 2 {
		return nil
	}
	c := newCard(&words.FigurePlanShort, words.Plan{Answer: a})
	c.left = caseLeft
	c.x = axis{max: 100 * caseRoom}
	for v := 0.0; v <= 100; v += 20 {
		c.x.ticks = append(c.x.ticks, tick{at: v, label: words.Whole(v)})
	}
	for _, one := range cases {
		label, notes := c.words.Label("case", one), c.words.NotesOf(one)
		c.panels = append(c.panels, panel{height: caseHeight, paint: func(s *sheet, at strip) {
			drawCase(s, at, label, one.Lost, notes)
		}})
		for _, n := range labelled(label, notes) {
			c.alt += " " + n.Text + "."
		}
	}
	return c
}

// drawCase is a bar of callers that are lost, with its number behind it.
func drawCase(s *sheet, at strip, label string, lost float64, notes []words.RowNote) {
	middle := (at.top+at.bottom)/2 + 4
	s.text(at.left-8, middle, cardLabel.aligned(right), label)
	end := at.x.pos(100 * lost)
	if lost > 0 {
		s.fill(lostTone, box{at.left, at.top + 2, max(end, at.left+leastBar), at.bottom - 2})
	}
	s.line(pen{0.9, outline, nil}, point{at.left, at.top}, point{at.left, at.bottom})
	for _, n := range notes {
		s.text(end+7, middle, tones[n.Tone], n.Text)
	}
}
