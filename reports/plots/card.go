package plots

import (
	"strings"

	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// The card of a plan's figure, in points: narrow, with large letters, so that it can be read on a telephone and beside
// another one on a screen.
const (
	cardWidth  = 480.0
	cardMargin = 12.0
	cardLeft   = 56.0
	cardRight  = cardWidth - 16
	// panelGap lies below a panel, titleRoom is for a title above it; markLine is the height of a bound's label.
	panelGap  = 30.0
	markLine  = 15.0
	titleRoom = 20.0
)

// The sizes of letters on a card.
var (
	cardTitle = lettering{size: 16, bold: true, colour: ink}
	cardText  = lettering{size: 12, colour: soft}
	cardLabel = lettering{size: 12, bold: true, colour: ink}
	cardTick  = lettering{size: 11, colour: soft}
)

// card describes a figure of a plan, whatever draws it: panels above each other with one horizontal axis.
type card struct {
	words *words.Figure
	// title to axis are written from the words; alt ends with what the notes say.
	title, subtitle, caption, alt, axis, upright string

	x      axis
	left   float64
	keys   []Key
	panels []panel
	marks  []bound
	notes  []words.RowNote

	titles, subtitles []string
	keyAt             []point
	noteAt            []point
	bottom, end       float64
}

// panel is a plotting area with an upright axis of its own.
type panel struct {
	title  string
	height float64
	y      axis
	paint  func(*sheet, strip)

	plot box
}

// bound is a labelled line through all panels.
type bound struct {
	at    float64
	label string
}

// newCard returns a card without panels, with its words.
func newCard(w *words.Figure, facts any) *card {
	of := func(p words.Phrase) string { return p.With(facts) }
	return &card{
		words: w, title: of(w.Title), subtitle: of(w.Below()), caption: of(w.Caption), alt: of(w.Alt), axis: of(w.Axis),
		upright: of(w.Upright), left: cardLeft,
	}
}

// say adds notes below the plot, and to the alternative text.
func (c *card) say(notes []words.RowNote) {
	c.notes = append(c.notes, notes...)
	for _, n := range notes {
		c.alt += " " + n.Text + "."
	}
}

// layout gives everything its place. It must run before size and draw.
func (c *card) layout() {
	const room = cardWidth - 2*cardMargin
	c.titles = wrap(printable(c.title), room, 2, cardTitle.width)
	c.subtitles = lists.NonEmpty(wrap(printable(c.subtitle), room, 2, cardText.width)...)
	y := cardMargin + float64(len(c.titles))*cardTitle.leading() + float64(len(c.subtitles))*cardText.leading() + 8
	widths := lists.Map(c.keys, func(k Key) float64 { return swatchWidth + 6 + cardText.width(k.Text) + 14 })
	c.keyAt = flow(widths, cardMargin, cardWidth-cardMargin, y)
	if n := len(c.keyAt); n > 0 {
		y = c.keyAt[n-1].y + keyHeight + 4
	}
	y += float64(len(c.marks))*markLine + 4
	for i := range c.panels {
		p := &c.panels[i]
		if p.title != "" {
			y += titleRoom
		}
		p.plot = box{c.left, y, cardRight, y + p.height}
		y += p.height + panelGap/2
	}
	c.bottom = y - panelGap/2
	c.end = c.bottom + cardMargin
	if len(c.x.ticks) > 0 {
		c.end += cardTick.leading() + 4
	}
	if c.axis != "" {
		c.end += cardText.leading()
	}
	for _, n := range c.notes {
		c.end += c.noteText(n).leading()
		c.noteAt = append(c.noteAt, point{cardMargin, c.end - 4})
	}
}

// noteText is the lettering of a note.
func (c *card) noteText(n words.RowNote) lettering {
	l := tones[n.Tone]
	l.size = cardText.size
	return l
}

func (c *card) size() (width, height float64) { return cardWidth, c.end + cardMargin/2 }

func (c *card) draw(s *sheet) {
	c.drawHead(s)
	c.drawAxis(s)
	for i := range c.panels {
		c.panels[i].draw(s, c.x.scale(c.left, cardRight))
	}
	c.drawMarks(s)
	for i, n := range c.notes {
		s.text(c.noteAt[i].x, c.noteAt[i].y, c.noteText(n), c.noteText(n).cut(n.Text, cardWidth-2*cardMargin))
	}
}

func (c *card) drawHead(s *sheet) {
	y := cardMargin
	for _, line := range c.titles {
		y += cardTitle.leading()
		s.text(cardMargin, y-4, cardTitle, line)
	}
	for _, line := range c.subtitles {
		y += cardText.leading()
		s.text(cardMargin, y-3, cardText, line)
	}
	for i, k := range c.keys {
		at := c.keyAt[i]
		k.Form.sample(s, k.colour, box{at.x, at.y + 2, at.x + swatchWidth, at.y + 13})
		s.text(at.x+swatchWidth+6, at.y+11.5, cardText.coloured(ink), k.Text)
	}
}

// drawAxis draws the horizontal axis; a label that would run into the one before is left out with its line.
func (c *card) drawAxis(s *sheet) {
	x, free := c.x.scale(c.left, cardRight), 0.0
	y := c.bottom + cardTick.leading()
	for _, t := range c.x.ticks {
		at, half := x.pos(t.at), cardTick.width(t.label)/2
		if at-half <= free || t.label == "" {
			continue
		}
		if !t.minor {
			for _, p := range c.panels {
				s.line(pen{0.7, rule, nil}, point{at, p.plot.top}, point{at, p.plot.bottom})
			}
		}
		s.text(min(at, cardWidth-cardMargin/2-half), y, cardTick.aligned(centre), t.label)
		free = at + half + 6
	}
	if len(c.x.ticks) > 0 {
		y += cardText.leading() + 2
	}
	s.text((c.left+cardRight)/2, y, cardText.aligned(centre), c.axis)
}

// drawMarks labels each mark above the panels, on a line of its own.
func (c *card) drawMarks(s *sheet) {
	x := c.x.scale(c.left, cardRight)
	for i, m := range c.marks {
		top := c.panels[0].plot.top
		if c.panels[0].title != "" {
			top -= titleRoom
		}
		y := top - float64(len(c.marks)-1-i)*markLine - 6
		at := x.pos(m.at)
		s.line(pen{1.4, ink, dashed}, point{at, y - 2}, point{at, c.bottom})
		if at+5+cardLabel.width(m.label) < cardWidth-cardMargin/2 {
			s.text(at+5, y, cardLabel, m.label)
		} else {
			s.text(at-5, y, cardLabel.aligned(right), m.label)
		}
	}
}

func (p *panel) draw(s *sheet, x scale) {
	if p.title != "" {
		s.text(cardMargin, p.plot.top-10, cardLabel, p.title)
	}
	at := strip{p.plot, x, p.y.scale(p.plot.bottom, p.plot.top)}
	for _, t := range p.y.ticks {
		y := at.y.pos(t.at)
		s.line(pen{0.6, rule, nil}, point{at.left, y}, point{at.right, y})
		s.text(at.left-6, y+3.8, cardTick.aligned(right), t.label)
	}
	if p.y.max > 0 {
		s.line(pen{0.9, outline, nil}, point{at.left, at.bottom}, point{at.right, at.bottom})
	}
	p.paint(s, at)
}

// labelled joins what a screen reader reads of a row.
func labelled(label string, notes []words.RowNote) []words.RowNote {
	return lists.Map(notes, func(n words.RowNote) words.RowNote {
		return words.RowNote{Tone: n.Tone, Text: strings.TrimSpace(label + ": " + n.Text)}
	})
}
