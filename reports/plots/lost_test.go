package plots

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

type outcomes = map[record.Outcome]analysis.Spread

func TestSegmentsEndAtTheirNumber(t *testing.T) {
	for _, c := range []struct {
		name     string
		outcomes outcomes
		lost     float64
		want     []segment
	}{
		{"none", outcomes{record.Answered: {Median: 2000}}, 0, nil},
		{"medians add up", outcomes{record.Reset: {Median: 30}, record.ConnectTimeout: {Median: 1500}}, 1530,
			[]segment{{record.ConnectTimeout, 1500, 1500}, {record.Reset, 30, 30}}},
		{"medians do not add up", outcomes{record.Reset: {Median: 40}, record.Closed: {Median: 60}}, 50,
			[]segment{{record.Closed, 30, 60}, {record.Reset, 20, 40}}},
		{"every median is 0", outcomes{record.Reset: {Max: 10}, record.Silent: {Max: 30}}, 20,
			[]segment{{record.Reset, 5, 0}, {record.Silent, 15, 0}}},
		{"the generator's own are not lost", outcomes{record.NotOffered: {Median: 7, Max: 9}}, 0, nil},
		{"unknown outcomes only", outcomes{"unheard of": {Median: 7}}, 7, []segment{{other, 7, 7}}},
	} {
		got := segments(&analysis.Cell{Outcomes: c.outcomes}, c.lost)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(segment{}), nearly); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func said(notes []words.RowNote) string {
	return strings.Join(lists.Map(notes, func(n words.RowNote) string { return n.Text }), "; ")
}

// subtitleOf is what a figure says was played.
func subtitleOf(s *analysis.Summary) string { return words.FigureSubtitle.With(words.PlottedOf(s)) }

func offeredTwice(calls int) []analysis.Repeat {
	return []analysis.Repeat{{N: 1, Storm: metric.Storm{Offered: calls}}, {N: 2, Storm: metric.Storm{Offered: calls}}}
}

func TestLostNotes(t *testing.T) {
	for _, c := range []struct {
		name string
		cell analysis.Cell
		want string
	}{
		{"no repeat", analysis.Cell{}, "no storm was finished"},
		{"nothing offered", analysis.Cell{Repeats: offeredTwice(0), Outcomes: outcomes{record.NotOffered: {Max: 2000}}},
			"no call was offered; up to 2,000 not sent by the generator"},
		{"most are lost", analysis.Cell{Repeats: offeredTwice(2000),
			Lost: analysis.Spread{N: 2, Median: 1532, Min: 1529, Max: 1535}, Late: analysis.Spread{N: 2, Median: 12}},
			"1,532 of 2,000 lost; 1,529 to 1,535 in 2 storms; 12 answered late"},
		{"none lost, many late", analysis.Cell{Repeats: offeredTwice(2000), Late: analysis.Spread{N: 2, Median: 870}},
			"none of 2,000 lost; 870 answered late"},
		{"late in one storm only", analysis.Cell{Repeats: offeredTwice(10), Late: analysis.Spread{N: 2, Max: 9}},
			"none of 10 lost; up to 9 answered late"},
		{"lost in one storm only", analysis.Cell{Repeats: offeredTwice(10), Lost: analysis.Spread{N: 3, Max: 2},
			Late: analysis.Spread{N: 2}},
			"0 of 10 lost; 0 to 2 in 2 storms; none late"},
		{"not known by the engine", analysis.Cell{Repeats: offeredTwice(1)}, "none of 1 lost; late: not known"},
		{"not a number", analysis.Cell{Repeats: offeredTwice(1), Lost: analysis.Spread{Median: math.NaN(), Max: math.Inf(1)}},
			"none of 1 lost; late: not known"},
	} {
		r := newLostRow(&c.cell, record.Answered)
		if got := said(r.notes()); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSubtitle(t *testing.T) {
	s := &analysis.Summary{Cells: []analysis.Cell{{Repeats: offeredTwice(1)}, {}}}
	if got, want := subtitleOf(s), "0 to 2 storms per setting"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.Cells[1] = s.Cells[0]
	s.Run = &record.Run{Partial: "interrupted", Scenario: record.Scenario{Arrival: "2000 at once", Target: "a pool"}}
	if got, want := subtitleOf(s), "calls: 2000 at once · server: a pool · 2 storms per setting · partial"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
