package plots

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/series"
)

func TestMarksInOrder(t *testing.T) {
	dots := []series.Dot{{Outcome: "unheard of"}, {Outcome: record.NotOffered}, {Outcome: record.Silent}, {Outcome: record.Answered, Late: true}, {Outcome: record.Answered}, {Outcome: "all new"}}
	var got []string
	for _, m := range marksOf([]dotRow{{dots: dots[:2]}, {dots: dots}}) {
		got = append(got, m.String())
	}
	want := []string{"answered in time", "answered late", "lost: silent", "not sent: not-offered", "lost: all new", "lost: unheard of"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDotNotes(t *testing.T) {
	dots := []series.Dot{{Outcome: record.Answered, Took: 3 * ms}, {Outcome: record.Reset, Took: time.Second}, {Outcome: record.Answered, Took: 5 * ms}}
	for _, c := range []struct {
		row  dotRow
		want string
	}{
		{dotRow{}, "no storm was finished"},
		{dotRow{repeats: 1}, "not recorded"},
		{dotRow{repeats: 1, attempts: 3, lost: 1, dots: dots}, "1 of 3 lost; slowest served: 5.00 ms"},
		{dotRow{repeats: 1, attempts: 5000, dots: dots[:1]}, "none lost; slowest served: 3.00 ms; 1 of 5,000 drawn"},
		{dotRow{repeats: 1, attempts: 1, lost: 1, dots: dots[1:2]}, "1 of 1 lost"},
	} {
		if got := said(c.row.notes()); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestCallsAtOnceStandSideBySide: on an axis of time they would hide each other.
func TestCallsAtOnceStandSideBySide(t *testing.T) {
	storm := func(step time.Duration) *dotPlot {
		p := &dotPlot{rows: []dotRow{{}}}
		for i := range 40 {
			p.marks = []mark{{}}
			p.rows[0].dots = append(p.rows[0].dots, series.Dot{At: time.Duration(i/20)*time.Second + time.Duration(i)*step, Took: 20 * ms})
		}
		p.fit()
		return p
	}
	bursts, steady := storm(0), storm(ms)
	if !bursts.inOrder || steady.inOrder {
		t.Errorf("two bursts in order: %v; a steady storm: %v", bursts.inOrder, steady.inOrder)
	}
	if !strings.Contains(bursts.orderWords(), "side by side") || steady.orderWords() != "" {
		t.Errorf("%q, %q", bursts.orderWords(), steady.orderWords())
	}
	for attempts, want := range map[int]string{40: ">40<", 41: ""} { // the calls of one burst are counted where all storms had as many
		one := &dotPlot{rows: []dotRow{{attempts: 40}, {attempts: attempts}}, frame: &frame{rows: make([]row, 1)}, starts: []time.Duration{0}}
		svg, err := renderSVG(pageWidth, 100, light, one.orderAxis)
		if err != nil || strings.Contains(string(svg), ">40<") != (want != "") || !strings.Contains(string(svg), "all to start at once") {
			t.Errorf("40 and %d calls: %v, %s", attempts, err, svg)
		}
	}
	x, y := scale{max: 1, from: plotLeft, to: plotRight}, scale{min: 1, max: 10, from: 1, to: 0}
	for _, at := range bursts.places(bursts.rows[0].dots, x, y) {
		for i, p := range at {
			if want := plotLeft + (float64(i)+0.5)/40*(plotRight-plotLeft); math.Abs(p.x-want) > 1e-9 {
				t.Errorf("call %d is at %v, want %v", i, p.x, want)
			}
		}
	}
	// 20 ms are 20,000 µs: the axis goes from 10 ms to a decade more.
	if bursts.low != 1e4 || bursts.high != 1e5 || bursts.end != time.Second {
		t.Errorf("from %v to %v µs, until %v", bursts.low, bursts.high, bursts.end)
	}
}

// TestFaintMarksHaveAnEdge: what hardly stands out from the page is drawn over something darker (WCAG 2.2, 1.4.11).
func TestFaintMarksHaveAnEdge(t *testing.T) {
	for _, o := range append(slices.Clone(record.Outcomes), "unheard of") {
		onLight, onDark := Shades(o)
		for _, ground := range []struct {
			theme theme
			shade Shade
		}{{light, onLight}, {dark, onDark}} {
			svg, err := renderSVG(20, 20, ground.theme, func(s *sheet) { mark{outcome: o}.draw(s, []point{{10, 10}}) })
			if err != nil {
				t.Fatal(err)
			}
			edged := strings.Contains(string(svg), "stroke:"+hex(ground.theme.of(soft)))
			low := contrast(ground.theme.of(outcomeColour(o)), ground.theme.of(white)) < 3
			if edged != low || ground.shade.Faint != low {
				t.Errorf("%s in %s: an edge %v, faint %v, want %v", o, ground.shade.Hex, edged, ground.shade.Faint, low)
			}
		}
	}
}

func TestNoDotsWithoutARecord(t *testing.T) {
	if p := dotsPicture(oneCell(analysis.Repeat{N: 1})); p != nil {
		t.Error("there is nothing to draw, and it is drawn")
	}
}
