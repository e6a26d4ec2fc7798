package plots

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

const (
	// lostCaption has the word for a call that was not lost, twice.
	lostCaption = "Each bar is one storm's calls%[2]s: lost calls in the colour of their outcome, hatched " +
		"the calls that were %[1]s only after a SYN had to be retransmitted, pale those %[1]s in " +
		"time.%[3]s"
	slowWords = " slowly: connected 1 s or more before a command"
	barHeight = 24.0
	// leastBar keeps a single lost call of many thousands in sight.
	leastBar = 2.5
)

// other stands for outcomes that this version does not know.
const other = record.Outcome("other")

// segment is a part of the lost calls, in calls per storm: calls long, and labelled with its
// median.
type segment struct {
	outcome       record.Outcome
	calls, median float64
}

// band is a part of a bar: so many calls per storm, what it means and what is written in it if
// there is room.
type band struct {
	Key
	calls float64
	texts []string
}

// lostRow is what the figure says about one cell, in calls per storm.
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
		lateKnown: c.LateKnown(),
		unplayed:  amount(c.Outcomes[record.LocalExhaustion].Max) + amount(c.Outcomes[record.NotOffered].Max),
	}
	r.offered = max(offered(c), r.lost)
	r.segments = segments(c, r.lost)
	return r
}

// amount returns v if it is a number of things, else 0.
func amount(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return max(v, 0)
}

// offered returns the median number of calls offered per storm.
func offered(c *analysis.Cell) float64 {
	return stats.SpreadOf(lists.Map(c.Repeats, func(r analysis.Repeat) float64 { return float64(r.Offered) })).Median
}

// segments splits the lost calls by outcome, in proportion to the medians of the outcomes: these
// need not add up to the median of their sum, and the bar must end at its number. If every median
// is 0 the greatest counts give the proportion.
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

// bands returns the parts of a cell's bar in their order; together they are all calls that were
// offered.
func (r *lostRow) bands() []band {
	var bands []band
	if r.repeats == 0 {
		return nil
	}
	for _, g := range r.segments {
		k := newKey(formSwatch, outcomeColour(g.outcome), "lost: "+string(g.outcome))
		k.rank = rankOf(g.outcome)
		texts := []string{words.Whole(g.median) + " " + string(g.outcome), words.Whole(g.median)}
		if g.median == 0 {
			texts = []string{string(g.outcome)}
		}
		bands = append(bands, band{k, g.calls, texts})
	}
	served, word := string(r.success)+" in time", " in time"
	if !r.lateKnown {
		served, word = string(r.success)+", not known to be late", " "+string(r.success)
	}
	rest := r.offered - r.lost
	for i, b := range []band{
		{newKey(formHatched, latePaper, string(r.success)+" late"), r.late, []string{" late"}},
		{newKey(formSwatch, slowPaper, string(r.success)+slowWords), r.slow, []string{" slow"}},
		{newKey(formSwatch, inTime, served), rest, []string{word}},
	} {
		// Medians of their own: together they may be more than was offered.
		if b.calls = min(b.calls, rest); b.calls > 0 {
			b.rank, b.texts = 100+i, []string{words.Whole(b.calls) + b.texts[0], words.Whole(b.calls)}
			bands = append(bands, b)
			rest -= b.calls
		}
	}
	return bands
}

func (r *lostRow) notes() []note {
	switch {
	case r.repeats == 0:
		return noStorm
	case r.offered == 0:
		return append([]note{{"no call was offered", true, alarm}}, r.unplayedNotes()...)
	}
	notes := []note{{"none of " + words.Whole(r.offered) + " lost", true, relief}}
	if r.most > 0 || r.lost > 0 {
		notes[0] = note{fmt.Sprintf("%s of %s lost", words.Whole(r.lost), words.Whole(r.offered)), true, alarm}
	}
	if r.varies() {
		text := fmt.Sprintf("%s to %s in %d storms", words.Whole(r.least), words.Whole(r.most), r.repeats)
		notes = append(notes, note{text, false, soft})
	}
	notes = append(notes, r.lateNote())
	if r.slow > 0 {
		notes = append(notes, note{words.Whole(r.slow) + " waited 1 s or more", true, alarm})
	}
	return append(notes, r.unplayedNotes()...)
}

func (r *lostRow) lateNote() note {
	switch {
	case !r.lateKnown:
		return note{"late: not known", false, soft}
	case r.late > 0:
		return note{words.Whole(r.late) + " " + string(r.success) + " late", false, ink}
	case r.mostLate > 0:
		return note{"up to " + words.Whole(r.mostLate) + " " + string(r.success) + " late", false, ink}
	}
	return note{"none late", false, soft}
}

func (r *lostRow) unplayedNotes() []note {
	if r.unplayed == 0 {
		return nil
	}
	return []note{{"up to " + words.Whole(r.unplayed) + " not sent by the generator", false, alarm}}
}

func lostFigure(s *analysis.Summary) *frame {
	if p, ok := newLadderPlot(s); ok {
		return ladderFigure(s, p)
	}
	rows := make([]lostRow, len(s.Cells))
	f := newFrame(s, "lost", "Lost calls", "Bars of calls per storm", 46, 10)
	most := 1.0
	for i := range s.Cells {
		rows[i] = newLostRow(&s.Cells[i], calls.Success(s.Run))
		f.add(&s.Cells[i], row{notes: rows[i].notes(), paint: rows[i].draw})
		most = max(most, rows[i].offered)
	}
	f.x = countAxis("calls per storm", most, 6)
	f.explainLost(s, rows)
	return f
}

// explainLost adds the legend, of only what is there, and the caption.
func (f *frame) explainLost(s *analysis.Summary, rows []lostRow) {
	seen := map[int]Key{}
	for i := range rows {
		for _, b := range rows[i].bands() {
			seen[b.rank] = b.Key
		}
	}
	for _, rank := range slices.Sorted(maps.Keys(seen)) {
		f.keys = append(f.keys, seen[rank])
	}
	whisker := ""
	if slices.ContainsFunc(rows, lostRow.varies) {
		f.keys = append(f.keys, newKey(formWhisker, ink, "least to most lost"))
		whisker = " The whisker spans the least and the most calls lost in any storm."
	}
	several := allStorms(s, ", the median of all storms%s")
	f.caption = fmt.Sprintf(lostCaption, calls.Success(s.Run), several, whisker)
}

// varies reports whether the storms lost different numbers of calls.
func (r lostRow) varies() bool { return r.least != r.most }

func (r *lostRow) draw(s *sheet, at strip) {
	middle := (at.top + at.bottom) / 2
	rest := box{at.x.pos(0), middle - barHeight/2, 0, middle + barHeight/2}
	for i, b := range r.bands() {
		if i > 0 {
			s.fill(white, box{rest.left - 0.8, rest.top, rest.left, rest.bottom})
		}
		rest.right = rest.left + max(leastBar, at.x.pos(b.calls)-at.x.pos(0))
		b.draw(s, rest)
		rest.left = rest.right
	}
	if y := rest.bottom + 5; r.varies() {
		drawWhisker(s, point{at.x.pos(r.least), y}, point{at.x.pos(r.most), y})
	}
}

// draw fills a box as the band's legend says, and writes the first of its texts that fits into the
// middle.
func (b band) draw(s *sheet, at box) {
	text := fitting(noteText, at.right-at.left, b.texts...)
	x, middle := (at.left+at.right)/2, (at.top+at.bottom)/2
	if b.Form.sample(s, b.colour, at); b.Form == formHatched && text != "" {
		half := noteText.width(text)/2 + 3
		s.fill(b.colour, box{x - half, at.top + 4, x + half, at.bottom - 4})
	}
	s.text(x, middle+0.35*noteText.size, noteText.coloured(s.theme.inkOn(b.colour)).aligned(centre), text)
}

// fitting returns the first text that fits into a box, nothing if none does.
func fitting(l lettering, width float64, texts ...string) string {
	for _, t := range texts {
		if l.width(t)+8 <= width {
			return t
		}
	}
	return ""
}
