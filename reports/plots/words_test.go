package plots

import (
	"slices"
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// written gives a figure its words, as Describe does.
func written(f *frame) *frame {
	f.write()
	return f
}

// wordsOf are all the words of a picture.
func wordsOf(p *frame) string {
	p.write()
	text := []string{p.title, p.subtitle, p.alt, p.caption}
	for _, k := range p.keys {
		text = append(text, k.Text)
	}
	for _, r := range p.rows {
		text = append(text, said(r.notes))
	}
	return strings.Join(text, "\n")
}

// TestOneSettingIsNotCompared: a figure of one setting does not speak of several.
func TestOneSettingIsNotCompared(t *testing.T) {
	all := modelled()
	one := *all
	one.Cells = one.Cells[:1]
	for w, build := range builders {
		if build(all) == nil || build(&one) == nil || w == &words.FigureWhole {
			continue // no heat map of one axis, and only one storm as a whole
		}
		for _, word := range []string{"by setting", "each setting", "per setting"} {
			if text := wordsOf(build(&one)); strings.Contains(text, word) {
				t.Errorf("%q in the figure of one setting:\n%s", word, text)
			}
			if text := wordsOf(build(all)); !strings.Contains(text, word) {
				t.Errorf("no %q in the figure of several:\n%s", word, text)
			}
		}
	}
}

// TestOneStormIsNotOneOfSeveral: a figure of one storm neither chooses nor pools.
func TestOneStormIsNotOneOfSeveral(t *testing.T) {
	one := sweep(1, 1, 2000)
	for _, build := range builders {
		p := build(one)
		if p == nil {
			continue
		}
		for _, word := range []string{"repeat", "storms", "settings", "median", "panels"} {
			if text := wordsOf(p); strings.Contains(text, word) {
				t.Errorf("%q in the figure of one storm:\n%s", word, text)
			}
		}
	}
}

// TestConnectOnlyWords: a client that only connects is not answered.
func TestConnectOnlyWords(t *testing.T) {
	s := &analysis.Summary{Run: &record.Run{Scenario: record.Scenario{Client: "connect-only"}}, Cells: []analysis.Cell{{
		Repeats: []analysis.Repeat{
			{Storm: metric.Storm{
				Offered:  2000,
				Outcomes: map[record.Outcome]int{record.Connected: 1990},
			}},
			{Storm: metric.Storm{
				Offered:  2000,
				Outcomes: map[record.Outcome]int{record.Connected: 1990},
			}},
		},
		Late:     analysis.Spread{N: 2, Median: 12},
		Outcomes: outcomes{record.Connected: {Median: 1990}},
	}}}
	for _, p := range []*frame{lostFigure(s), latencyFigure(s), percentilesFigure(s)} {
		if text := wordsOf(p); strings.Contains(text, "answered") {
			t.Errorf("answered:\n%s", text)
		}
	}
	if text := wordsOf(lostFigure(s)); !strings.Contains(text, "12 connected late") ||
		!strings.Contains(text, "connected in time") {
		t.Errorf("lost calls:\n%s", text)
	}
	if text := wordsOf(latencyFigure(s)); !strings.Contains(text, "3,980 of 4,000 connected (99 %)") {
		t.Errorf("latency:\n%s", text)
	}
}

func TestSubtitleOfAShare(t *testing.T) {
	s := &analysis.Summary{
		Run:   &record.Run{Share: &record.Share{K: 1, N: 3}},
		Cells: []analysis.Cell{{Repeats: offeredTwice(1)[:1]}},
	}
	if got, want := subtitleOf(s), "one storm · share 1/3"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// legendOf are the keys of a bar.
func legendOf(r lostRow) []Key {
	f := newFrame(&analysis.Summary{}, &words.FigureLost, 0, 0)
	f.explainLost([]lostRow{r})
	return f.keys
}

// TestSlowIsShown: calls that waited for their first command are not among those in time, and a
// note says how many.
func TestSlowIsShown(t *testing.T) {
	one := func(n float64) analysis.Spread { return analysis.Spread{N: 1, Median: n, Min: n, Max: n} }
	c := analysis.Cell{
		Label:   "storm",
		Repeats: []analysis.Repeat{{Storm: metric.Storm{Offered: 600}}},
		Lost:    one(0),
		Late:    one(0),
		Slow:    one(419),
	}
	r := newLostRow(&c, record.Answered)
	if !slices.Contains(r.notes(), words.RowNote{Tone: "bad", Text: "419 waited 1 s or more"}) {
		t.Errorf("notes %v", r.notes())
	}
	keys := legendOf(r)
	if !slices.ContainsFunc(keys, func(k Key) bool { return strings.HasPrefix(k.Text, "answered slowly") }) {
		t.Errorf("keys %v", keys)
	}
	c.Slow = one(0)
	if r := newLostRow(&c, record.Answered); len(legendOf(r)) != 1 || len(r.notes()) != 2 {
		t.Errorf("without slow calls: %v", r.notes())
	}
}
