package plots

import (
	"image/color"
	"maps"
	"math"
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

const (
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

// lostRow is what the figure shows of one cell, in calls per storm.
type lostRow struct {
	words.PlottedCalls
	label    string
	segments []segment
}

func newLostRow(c *analysis.Cell, success record.Outcome) lostRow {
	r := lostRow{label: c.Label, PlottedCalls: words.PlottedCalls{
		Success: success, Storms: len(c.Repeats), LateKnown: c.LateKnown(),
		Lost: amount(c.Lost.Median), Least: amount(c.Lost.Min), Most: amount(c.Lost.Max),
		Late: amount(c.Late.Median), MostLate: amount(c.Late.Max), Slow: amount(c.Slow.Median),
		Unplayed: amount(c.Outcomes[record.LocalExhaustion].Max) + amount(c.Outcomes[record.NotOffered].Max),
	}}
	r.Offered = max(offered(c), r.Lost)
	r.segments = segments(c, r.Lost)
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
func (r *lostRow) bands() (bands []band) {
	if r.Storms == 0 {
		return nil
	}
	for _, g := range r.segments {
		k := newKey(formSwatch, outcomeColour(g.outcome), words.FigureLost.Label("lost", g.outcome))
		k.rank = rankOf(g.outcome)
		texts := []string{words.Whole(g.median) + " " + string(g.outcome), words.Whole(g.median)}
		if g.median == 0 {
			texts = []string{string(g.outcome)}
		}
		bands = append(bands, band{k, g.calls, texts})
	}
	served, word := "in time", "in time"
	if !r.LateKnown {
		served, word = "unknown", string(r.Success)
	}
	rest := r.Offered - r.Lost
	for i, b := range []struct {
		form   form
		colour color.NRGBA
		calls  float64
		// label in the legend, word in the bar.
		label, word string
	}{
		{formHatched, latePaper, r.Late, "late", "late"},
		{formSwatch, slowPaper, r.Slow, "slow", "slow"},
		{formSwatch, inTime, rest, served, word},
	} {
		// Medians of their own: together they may be more than was offered.
		if calls := min(b.calls, rest); calls > 0 {
			k := newKey(b.form, b.colour, words.FigureLost.Label(b.label, r.Success))
			k.rank = 100 + i
			bands = append(bands, band{k, calls, []string{words.Whole(calls) + " " + b.word, words.Whole(calls)}})
			rest -= calls
		}
	}
	return bands
}

// notes of a cell.
func (r *lostRow) notes() []words.RowNote {
	if r.Storms == 0 {
		return words.NoStorm
	}
	return words.FigureLost.NotesOf(*r)
}

var _ = declare(&words.FigureLost, lostFigure)

// lostFigure returns nil if there is a ladder.
func lostFigure(s *analysis.Summary) *frame {
	if _, ok := newLadderPlot(s); ok {
		return nil
	}
	rows := make([]lostRow, len(s.Cells))
	f := newFrame(s, &words.FigureLost, 46, 10)
	most := 1.0
	for i := range s.Cells {
		rows[i] = newLostRow(&s.Cells[i], f.shown.Success)
		f.add(&s.Cells[i], row{notes: rows[i].notes(), paint: rows[i].draw})
		most = max(most, rows[i].Offered)
	}
	f.x = countAxis(most, 6)
	f.explainLost(rows)
	return f
}

// explainLost adds the legend, of only what is there.
func (f *frame) explainLost(rows []lostRow) {
	seen := map[int]Key{}
	for i := range rows {
		for _, b := range rows[i].bands() {
			seen[b.rank] = b.Key
		}
		f.shown.Whisker = f.shown.Whisker || rows[i].Varies()
	}
	for _, rank := range slices.Sorted(maps.Keys(seen)) {
		f.keys = append(f.keys, seen[rank])
	}
	if f.shown.Whisker {
		f.keys = append(f.keys, newKey(formWhisker, ink, f.words.Label("whisker", nil)))
	}
}

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
	if y := rest.bottom + 5; r.Varies() {
		drawWhisker(s, point{at.x.pos(r.Least), y}, point{at.x.pos(r.Most), y})
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
