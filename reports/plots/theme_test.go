package plots

import (
	"image/color"
	"maps"
	"math"
	"regexp"
	"slices"
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

// TestBothGrounds: one picture has both grounds, and a dark colour for each light one.
func TestBothGrounds(t *testing.T) {
	for _, f := range drawnModel(t) {
		day, night := groundsOf(t, f.SVG)
		if day["--c0"] != hex(white) || night["--c0"] != hex(dark.tint(white)) || len(day) != len(night) {
			t.Errorf("%s: the grounds are %s and %s, with %d and %d colours", f.Name, day["--c0"], night["--c0"],
				len(day), len(night))
		}
		for name, colour := range night {
			if colour == hex(ink) || colour == hex(soft) {
				t.Errorf("%s: the dark picture has the light one's ink as %s", f.Name, name)
			}
		}
		if _, shapes, _ := strings.Cut(string(f.SVG), "</style>"); shapes == "" || strings.Contains(shapes, ":#") {
			t.Errorf("%s: a colour is the same on both grounds, whatever they are", f.Name)
		}
	}
}

var (
	groundsInSVG = regexp.MustCompile(`<style>:root\{(.*?)\}` +
		`@media screen and \(prefers-color-scheme:dark\)\{:root\{(.*?)\}\}`)
	colourByName = regexp.MustCompile(`(--c\d+):(#[0-9A-F]{6});`)
)

// groundsOf reads the colours of a picture by their names, by day and by night.
func groundsOf(t *testing.T, svg []byte) (day, night map[string]string) {
	t.Helper()
	found := groundsInSVG.FindStringSubmatch(string(svg))
	if found == nil {
		t.Fatalf("no colours in %.300s", svg)
	}
	read := func(list string) map[string]string {
		all := map[string]string{}
		for _, m := range colourByName.FindAllStringSubmatch(list, -1) {
			all[m[1]] = m[2]
		}
		return all
	}
	return read(found[1]), read(found[2])
}

// TestEdgesOnBothGrounds: a colour that is faint on one ground only has its edge on both, so that they are one picture.
func TestEdgesOnBothGrounds(t *testing.T) {
	for _, o := range record.Outcomes {
		svg, err := renderSVG(20, 20, func(s *sheet) { s.swatch(outcomeColour(o), box{2, 2, 18, 18}) })
		if err != nil {
			t.Fatalf("%s: %v", o, err)
		}
		day, night := groundsOf(t, svg)
		for _, ground := range []struct {
			theme theme
			has   map[string]string
		}{{light, day}, {dark, night}} {
			edged := slices.Contains(slices.Collect(maps.Values(ground.has)), hex(ground.theme.tint(soft)))
			if edged != ground.theme.faint(outcomeColour(o)) {
				t.Errorf("%s: has a grey edge: %v", o, edged)
			}
		}
	}
	if _, err := onBothGrounds("<svg><g a=1>", "<svg><g a=2>"); err == nil {
		t.Error("two pictures became one")
	}
}

// TestShortPaths: a path by steps goes where the same path by places goes.
func TestShortPaths(t *testing.T) {
	for long, want := range map[string]string{
		"M1.5,2L3,2L3,4.5L2.9,4.4Z": "m1.5,2h1.5v2.5l-.1-.1z",
		"M10,10L9.5,10ZM12,11L12,0": "m10,10h-.5zm2,1v-11",
		"M0,0C1,1,2,2,3,3":          "M0,0C1,1,2,2,3,3",
	} {
		if got := shortPaths(`<path d="` + long + `" />`); got != `<path d="`+want+`" />` {
			t.Errorf("%s became %s, want %s", long, got, want)
		}
	}
}
