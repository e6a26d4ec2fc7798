package plots

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

func TestMarksInOrder(t *testing.T) {
	dots := []series.Dot{
		{Outcome: "unheard of"},
		{Outcome: record.NotOffered},
		{Outcome: record.Silent},
		{Outcome: record.Answered, Late: true},
		{Outcome: record.Answered},
		{Outcome: "all new"},
	}
	var got []string
	for _, m := range marksOf(append(dots, dots...)) {
		k := m.key()
		got = append(got, string(k.Form)+" "+k.Text)
	}
	want := []string{
		"disc answered in time", "ring answered late", "cross lost: silent", "cross not sent: not-offered",
		"cross lost: all new",
		"cross lost: unheard of",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDotNotes(t *testing.T) {
	dots := []series.Dot{
		{Outcome: record.Answered, Took: 3 * ms},
		{Outcome: record.Reset, Took: time.Second},
		{Outcome: record.Answered, Took: 5 * ms},
	}
	for _, c := range []struct {
		attempts, lost int
		dots           []series.Dot
		want           string
	}{
		{3, 1, dots, "1 of 3 lost; slowest served: 5.00 ms"},
		{5000, 0, dots[:1], "none lost; slowest served: 3.00 ms; 1 of 5,000 drawn"},
		{1, 1, dots[1:2], "1 of 1 lost"},
	} {
		storm := &analysis.Repeat{
			Storm: metric.Storm{Lost: c.lost},
			Raw:   &record.Repeat{Attempts: make([]record.Attempt, c.attempts)},
		}
		if got := said(dotNotes(storm, c.dots)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// bursts are settings whose calls start together each second, but for a step between two of them.
func bursts(step time.Duration, calls ...int) *analysis.Summary {
	s := &analysis.Summary{}
	for _, n := range calls {
		raw := &record.Repeat{}
		for i := range n {
			start := time.Duration(i/20)*time.Second + time.Duration(i)*step
			raw.Attempts = append(raw.Attempts, record.Attempt{Intended: start, Done: start + 20*ms, Outcome: record.Silent})
		}
		s.Cells = append(s.Cells, analysis.Cell{Label: "one", Repeats: []analysis.Repeat{{N: 1, Raw: raw}}})
	}
	return s
}

// TestCallsAtOnceStandSideBySide: on an axis of time they would hide each other.
func TestCallsAtOnceStandSideBySide(t *testing.T) {
	together, steady := written(dotsFigure(bursts(0, 40))), written(dotsFigure(bursts(ms, 40)))
	one := written(dotsFigure(bursts(0, 20, 10)))
	for _, c := range []struct {
		f           *frame
		starts      int
		room        int
		end         int64
		axis, ticks string
	}{
		{together, 2, 20, 40, "calls in their order, by their intended start", "0 s 1 s"},
		{steady, 0, 0, 1_039_000, "seconds since the storm began", "0.0 0.2 0.4 0.6 0.8 1.0"},
		{one, 1, 20, 20, "calls in their order, all with the same intended start", "0 2 4 6 8 10 12 14 16 18 20"},
	} {
		p := c.f.plot
		if len(p.Starts) != c.starts || p.Room != c.room || p.End != c.end || p.Title != c.axis || ticksOf(c.f.x) != c.ticks {
			t.Errorf(
				"%d starts of %d calls, until %d: %s, %s; want %+v",
				len(p.Starts),
				p.Room,
				p.End,
				p.Title,
				ticksOf(c.f.x),
				c,
			)
		}
		if got := strings.Contains(c.f.caption, "side by side"); got != (c.starts > 0) {
			t.Errorf("caption %q", c.f.caption)
		}
	}
	for i, x := range together.plot.Panels[0].X {
		if want := float64(i) + 0.5; math.Abs(x-want) > 1e-9 {
			t.Errorf("call %d is at %v, want %v", i, x, want)
		}
	}
	// A storm of half as many calls takes half the room.
	if x := one.plot.Panels[1].X; x[9] != 9.5 {
		t.Errorf("the last of 10 calls is at %v, want 9.5", x[9])
	}
}

// TestFaintMarksHaveAnEdge: what hardly stands out from the page is drawn over something darker
// (WCAG 2.2, 1.4.11).
func TestFaintMarksHaveAnEdge(t *testing.T) {
	for _, o := range append(slices.Clone(record.Outcomes), "unheard of") {
		k := mark{outcome: o}.key()
		for _, ground := range []struct {
			theme theme
			shade Shade
		}{{light, k.Light}, {dark, k.Dark}} {
			svg, err := svgOn(ground.theme, 20, 20, func(s *sheet) { k.Form.marks(s, k.colour, []point{{10, 10}}) })
			if err != nil {
				t.Fatal(err)
			}
			edged := strings.Contains(svg, "stroke:"+hex(ground.theme.tint(soft)))
			low := contrast(ground.theme.tint(outcomeColour(o)), ground.theme.tint(white)) < 3
			if edged != low || ground.shade.Faint != low {
				t.Errorf("%s in %s: an edge %v, faint %v, want %v", o, ground.shade.Hex, edged, ground.shade.Faint, low)
			}
		}
	}
}

// TestMarksSayWhatTheirHeightIs: without a connection it is the time until the call was given up.
func TestMarksSayWhatTheirHeightIs(t *testing.T) {
	for o, want := range map[record.Outcome]string{record.Reset: "connected after",
		record.Refused: "no connection, given up after"} {
		if got := (mark{outcome: o}).key().Took; got != want {
			t.Errorf("%s: %q, want %q", o, got, want)
		}
	}
}

func TestNoDotsWithoutARecord(t *testing.T) {
	if p := dotsFigure(oneCell(analysis.Repeat{N: 1})); p != nil {
		t.Error("there is nothing to draw, and it is drawn")
	}
}
