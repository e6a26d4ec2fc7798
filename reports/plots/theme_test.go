package plots

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"agistorm/analysis/record"
)

// Text must have a contrast of 4.5 with its ground, and what carries meaning without words one of 3
// (WCAG 2.2, 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	inThemes(func(name string, shown theme) {
		check := func(a, b color.NRGBA, least float64) {
			t.Helper()
			if c := contrast(shown.tint(a), shown.tint(b)); c < least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, want %v", name, hex(a), hex(b), c, least)
			}
		}
		for _, text := range []color.NRGBA{ink, soft, alarm, relief, bar, lateStain} {
			check(text, white, 4.5)
		}
		check(alarm, lostPaper, 4.5)
		for _, line := range []color.NRGBA{bar, alarm, lateStain, ink} {
			check(line, white, 3)
			check(line, latePaper, 3)
		}
		for _, o := range record.Outcomes {
			fill := outcomeColour(o)
			check(shown.inkOn(fill), fill, 4.5)
			if name == "dark" || o == record.ConnectTimeout || o == record.Reset || o == record.Answered {
				check(fill, white, 3)
			}
		}
		for _, paper := range []color.NRGBA{inTime, latePaper, slowPaper, leastHeat, mostHeat} {
			check(shown.inkOn(paper), paper, 4.5)
		}
	})
}

// Every field of the heat map can be read, and the more is lost the further it is from the page.
func TestHeatIsReadable(t *testing.T) {
	inThemes(func(name string, shown theme) {
		before := 0.0
		for i := 1; i <= 100; i++ {
			ground := heatField{share: float64(i) / 100, known: true, small: "1 of 2"}.ground(shown)
			if c := contrast(shown.tint(shown.inkOn(ground)), ground); c < 4.5 {
				t.Errorf("%s: text on %d %% has a contrast of %.2f", name, i, c)
			}
			if c := contrast(ground, shown.tint(white)); c <= before {
				t.Errorf("%s: %d %% is no further from the page than less", name, i)
			} else {
				before = c
			}
		}
	})
}

func TestContrastOfKnownColours(t *testing.T) {
	// Black on white is 21 by definition; #777777 on white is 4.48, the usual example of what just
	// fails.
	for _, c := range []struct {
		a, b uint32
		want float64
	}{{0, 0xFFFFFF, 21}, {0xFFFFFF, 0, 21}, {0x777777, 0xFFFFFF, 4.48}, {0x123456, 0x123456, 1}} {
		if got := contrast(rgb(c.a), rgb(c.b)); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%06X on %06X: %.3f, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestHexDark(t *testing.T) {
	for o, want := range map[record.Outcome]string{record.Refused: "#F7F7F7", record.Silent: "#F0E442",
		"unheard of": "#999999"} {
		if got := HexDark(o); got != want {
			t.Errorf("HexDark(%s) = %s, want %s", o, got, want)
		}
	}
}

// TestDarkIsAnotherGround: the dark picture has the same texts, on the dark ground, and nothing of
// the light theme's ink.
func TestDarkIsAnotherGround(t *testing.T) {
	for _, f := range drawnCoarse(t, modelled()) {
		light, night := string(f.SVG), string(f.Dark)
		if !strings.Contains(light, "fill:#FFFFFF") || !strings.Contains(night, "fill:#1B2129") {
			t.Errorf("%s: the grounds are not there", f.Name)
		}
		if strings.Contains(night, hex(ink)) || strings.Contains(night, hex(soft)) {
			t.Errorf("%s: the dark picture has the light one's ink", f.Name)
		}
		if a, b := strings.Count(light, "<text"), strings.Count(night, "<text"); a != b {
			t.Errorf("%s: %d texts, and %d in the dark", f.Name, a, b)
		}
	}
}
