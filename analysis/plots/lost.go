package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

const (
	lostTitle = "Lost calls"
	// lostCaption has the word for a call that was not lost, twice.
	lostCaption = "Each bar is one storm's calls%[2]s: lost calls in the colour of their outcome, hatched the calls that were %[1]s " +
		"only after a SYN had to be sent again, pale those %[1]s in time.%[3]s"
	barHeight = 24.0
	// leastBar keeps a single lost call of many thousands in sight.
	leastBar = 2.5
)

// other stands for outcomes that this version does not know.
const other = record.Outcome("other")

// segment is a part of a bar, in calls a storm: calls long, and labelled with its median.
type segment struct {
	outcome       record.Outcome
	calls, median float64
}

func (g segment) labels() []string {
	if g.median == 0 {
		return []string{string(g.outcome)}
	}
	return []string{whole(g.median) + " " + string(g.outcome), whole(g.median)}
}

// lostRow is what the figure says about one cell, in calls a storm.
type lostRow struct {
	label string
	// success is what the calls that are not lost are: answered, or connected.
	success                       record.Outcome
	repeats                       int
	offered, lost, late, unplayed float64
	least, most, mostLate, slow   float64
	lateKnown                     bool
	segments                      []segment
}

func newLostRow(c *analysis.Cell, success record.Outcome) lostRow {
	r := lostRow{
		label:     c.Label,
		success:   success,
		repeats:   len(c.Repeats),
		lost:      amount(c.Lost.Median),
		least:     amount(c.Lost.Min),
		most:      amount(c.Lost.Max),
		late:      amount(c.Late.Median),
		mostLate:  amount(c.Late.Max),
		slow:      amount(c.Slow.Median),
		lateKnown: c.Late.N > 0,
		unplayed:  amount(c.Outcomes[record.LocalExhaustion].Max) + amount(c.Outcomes[record.NotOffered].Max),
	}
	r.offered = max(offered(c), r.lost)
	r.segments = segments(c, r.lost)
	return r
}

// amount is v where it is a number of things, else 0.
func amount(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return max(v, 0)
}

// offered is the median number of calls offered a storm.
func offered(c *analysis.Cell) float64 {
	counts := make([]float64, len(c.Repeats))
	for i := range c.Repeats {
		counts[i] = float64(c.Repeats[i].Offered)
	}
	return median(counts)
}

// segments splits the lost calls by outcome, in proportion to the medians of the
// outcomes: these need not add up to the median of their sum, and the bar must end where
// its number says. Where every median is 0 the greatest counts give the proportion.
func segments(c *analysis.Cell, lost float64) []segment {
	for _, weight := range []func(analysis.Spread) float64{
		func(s analysis.Spread) float64 { return amount(s.Median) },
		func(s analysis.Spread) float64 { return amount(s.Max) },
	} {
		var parts []segment
		sum := 0.0
		for _, o := range record.Outcomes {
			if w := weight(c.Outcomes[o]); o.Lost() && w > 0 {
				parts = append(parts, segment{o, w, amount(c.Outcomes[o].Median)})
				sum += w
			}
		}
		for i := range parts {
			parts[i].calls *= lost / sum
		}
		if len(parts) > 0 {
			return parts
		}
	}
	if lost > 0 {
		return []segment{{other, lost, lost}}
	}
	return nil
}

func (r *lostRow) notes() []note {
	switch {
	case r.repeats == 0:
		return []note{{"no storm was finished", false, soft}}
	case r.offered == 0:
		return append([]note{{"no call was offered", true, alarm}}, r.unplayedNotes()...)
	}
	var notes []note
	if r.lost > 0 || r.most > 0 {
		notes = append(notes, note{fmt.Sprintf("%s of %s lost", whole(r.lost), whole(r.offered)), true, alarm})
	} else {
		notes = append(notes, note{"none of " + whole(r.offered) + " lost", true, relief})
	}
	if r.varies() {
		notes = append(notes, note{fmt.Sprintf("%s to %s in %d storms", whole(r.least), whole(r.most), r.repeats), false, soft})
	}
	notes = append(notes, r.lateNote())
	if r.slow > 0 {
		notes = append(notes, note{whole(r.slow) + " waited 1 s or more", true, alarm})
	}
	return append(notes, r.unplayedNotes()...)
}

func (r *lostRow) lateNote() note {
	switch {
	case !r.lateKnown:
		return note{"late: not known", false, soft}
	case r.late > 0:
		return note{whole(r.late) + " " + string(r.success) + " late", false, ink}
	case r.mostLate > 0:
		return note{"up to " + whole(r.mostLate) + " " + string(r.success) + " late", false, ink}
	}
	return note{"none late", false, soft}
}

func (r *lostRow) unplayedNotes() []note {
	if r.unplayed == 0 {
		return nil
	}
	return []note{{"up to " + whole(r.unplayed) + " not sent by the generator", false, alarm}}
}

func lostPicture(s *analysis.Summary) *picture {
	if p, ok := newLadderPlot(s); ok {
		return ladderPicture(s, p)
	}
	rows := make([]lostRow, len(s.Cells))
	f := &frame{title: lostTitle + bySetting(s, " by setting"), subtitle: subtitle(s), rowHeight: 46, gap: 10}
	alt := "Bars of calls a storm" + bySetting(s, ", one for each setting") + "."
	success := analysis.Success(s.Run)
	most := 1.0
	for i := range s.Cells {
		rows[i] = newLostRow(&s.Cells[i], success)
		f.rows = append(f.rows, row{label: rows[i].label, notes: rows[i].notes()})
		alt += sentence(rows[i].label, rows[i].notes())
		most = max(most, rows[i].offered)
	}
	f.keys = lostKeys(rows, string(success))
	f.layout()
	x := scale{max: most, from: plotLeft, to: plotRight}
	return &picture{name: "lost", caption: lostWords(s, rows, success), frame: f, alt: alt, paint: func(s *sheet) {
		lostAxis(s, f, x)
		for i := range rows {
			rows[i].draw(s, x, f.rows[i].plot)
		}
	}}
}

// lostWords is the caption.
func lostWords(s *analysis.Summary, rows []lostRow, success record.Outcome) string {
	median, whisker := "", ""
	if mostRepeats(s) > 1 {
		median = ", the median of all storms" + bySetting(s, " of the setting")
	}
	if slices.ContainsFunc(rows, lostRow.varies) {
		whisker = " The whisker spans the least and the most calls lost in any storm."
	}
	return fmt.Sprintf(lostCaption, success, median, whisker)
}

// varies tells whether the storms lost different numbers of calls.
func (r lostRow) varies() bool { return r.least != r.most }

// lostKeys explains only what is there.
func lostKeys(rows []lostRow, success string) []key {
	seen := map[record.Outcome]bool{}
	late, slow, whisker, served := false, false, false, success+" in time"
	for i := range rows {
		for _, g := range rows[i].segments {
			seen[g.outcome] = true
		}
		late = late || rows[i].late > 0
		slow = slow || rows[i].slow > 0
		whisker = whisker || rows[i].varies()
		if !rows[i].lateKnown && rows[i].repeats > 0 {
			served = success + ", not known to be late"
		}
	}
	var keys []key
	for _, o := range slices.Concat(record.Outcomes, []record.Outcome{other}) {
		if seen[o] {
			keys = append(keys, key{"lost: " + string(o), swatch(outcomeColour(o))})
		}
	}
	if late {
		keys = append(keys, key{success + " late", lateBar})
	}
	if slow {
		keys = append(keys, key{success + " slowly: connected 1 s or more before a command", swatch(slowPaper)})
	}
	keys = append(keys, key{served, swatch(inTime)})
	if whisker {
		keys = append(keys, key{"least to most lost", func(s *sheet, b box) {
			drawWhisker(s, b.left+1, b.right-1, (b.top+b.bottom)/2)
		}})
	}
	return keys
}

func lostAxis(s *sheet, f *frame, x scale) {
	for _, v := range wholeTicks(x.max, 6) {
		at := x.at(v)
		s.line(pen{0.7, rule, nil}, point{at, f.rows[0].plot.top - 4}, point{at, f.bottom + 4})
		f.tickLabel(s, at, analysis.Count(int(v)))
	}
	f.axisTitle(s, "calls a storm")
}

func (r *lostRow) draw(s *sheet, x scale, plot box) {
	if r.repeats == 0 {
		return
	}
	middle := (plot.top + plot.bottom) / 2
	rest := box{x.at(0), middle - barHeight/2, x.at(r.offered), middle + barHeight/2}
	s.fill(inTime, rest)
	for _, g := range r.segments {
		rest.left = drawSegment(s, x, rest, g)
	}
	played := r.lost
	// Medians of their own: together they may be more than was offered.
	if late := min(r.late, r.offered-r.lost); late > 0 {
		b := cutOff(x, rest, late)
		lateBar(s, b)
		insideOnPaper(s, b, latePaper, whole(late)+" late", whole(late))
		rest.left = b.right
		played += late
	}
	if slow := min(r.slow, r.offered-played); slow > 0 {
		b := cutOff(x, rest, slow)
		s.fill(slowPaper, b)
		inside(s, b, slowPaper, whole(slow)+" slow", whole(slow))
		rest.left = b.right
		played += slow
	}
	if left := r.offered - played; left > 0 {
		word := " in time"
		if !r.lateKnown {
			word = " " + string(r.success)
		}
		inside(s, rest, inTime, whole(left)+word, whole(left))
	}
	if r.varies() {
		drawWhisker(s, x.at(r.least), x.at(r.most), rest.bottom+5)
	}
}

// cutOff is the first calls of what is left of a bar.
func cutOff(x scale, rest box, calls float64) box {
	rest.right = max(rest.left+leastBar, rest.left+x.at(calls)-x.at(0))
	return rest
}

// drawSegment returns where the next one begins.
func drawSegment(s *sheet, x scale, rest box, g segment) float64 {
	b := cutOff(x, rest, g.calls)
	c := outcomeColour(g.outcome)
	s.fill(c, b)
	if s.theme.faint(c) {
		s.edge(pen{0.6, soft, nil}, b)
	}
	inside(s, b, c, g.labels()...)
	s.fill(white, box{b.right - 0.4, b.top, b.right + 0.4, b.bottom})
	return b.right
}

// lateBar is hatched, so that it is told from a lost call in any print.
func lateBar(s *sheet, b box) {
	s.fill(latePaper, b)
	s.hatch(pen{1, lateStain, nil}, 5, b)
}

func drawWhisker(s *sheet, from, to, y float64) {
	p := pen{1.4, ink, nil}
	s.line(p, point{from, y}, point{to, y})
	s.line(p, point{from, y - 3}, point{from, y + 3})
	s.line(p, point{to, y - 3}, point{to, y + 3})
}

// fitting is the first text that fits into a box, empty if none does.
func fitting(l lettering, width float64, texts ...string) string {
	for _, t := range texts {
		if l.width(t)+8 <= width {
			return t
		}
	}
	return ""
}

// inside writes the first of texts that fits into the middle of b, which is filled with a ground.
func inside(s *sheet, b box, ground color.NRGBA, texts ...string) {
	l := noteText.in(s.theme.over(ground)).to(centre)
	s.text((b.left+b.right)/2, (b.top+b.bottom)/2+0.35*l.size, l, fitting(l, b.right-b.left, texts...))
}

// insideOnPaper is inside over a pattern: the text gets a ground of its own.
func insideOnPaper(s *sheet, b box, ground color.NRGBA, texts ...string) {
	text := fitting(noteText, b.right-b.left, texts...)
	if text == "" {
		return
	}
	x, half := (b.left+b.right)/2, noteText.width(text)/2+3
	s.fill(ground, box{x - half, b.top + 4, x + half, b.bottom - 4})
	inside(s, b, ground, text)
}
