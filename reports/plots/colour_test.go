package plots

import (
	"image/color"
	"math"
	"testing"

	"agistorm/analysis/record"
)

func TestHex(t *testing.T) {
	for o, want := range map[record.Outcome]string{
		record.ConnectTimeout: "#D55E00", record.Answered: "#009E73", record.Refused: "#1A1A1A", "unheard of": "#999999",
	} {
		if got := Hex(o); got != want {
			t.Errorf("Hex(%s) = %s, want %s", o, got, want)
		}
	}
}

func TestEveryOutcomeHasAColour(t *testing.T) {
	for _, o := range record.Outcomes {
		if _, ok := outcomeColours[o]; !ok {
			t.Errorf("%s has none", o)
		}
	}
}

// Two kinds of lost call must not print as the same grey: 18 of 255 (7 %) apart at least.
func TestLostColoursDifferInPrint(t *testing.T) {
	inThemes(func(theme string, shown theme) {
		pairs(func(a, b record.Outcome) {
			if d := math.Abs(luma(shown.tint(outcomeColours[a])) - luma(shown.tint(outcomeColours[b]))); d < 18 {
				t.Errorf("%s: %s and %s are %.0f apart in grey", theme, a, b, d)
			}
		})
	})
}

// To an eye without red, green or blue cones two kinds of lost call must still differ
// clearly: CIE76 distance 15 at least, where 2.3 is just noticeable.
func TestLostColoursDifferToTheColourBlind(t *testing.T) {
	inThemes(func(theme string, shown theme) {
		for name, sight := range sights {
			pairs(func(a, b record.Outcome) {
				if d := distance(seen(shown.tint(outcomeColours[a]), sight), seen(shown.tint(outcomeColours[b]), sight)); d < 15 {
					t.Errorf("%s, %s: %s and %s are %.1f apart", theme, name, a, b, d)
				}
			})
		}
	})
}

// luma returns how light a colour prints in grey, from 0 to 255 (ITU-R BT.601).
func luma(c color.NRGBA) float64 {
	return 0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B)
}

func inThemes(check func(name string, shown theme)) {
	check("light", light)
	check("dark", dark)
}

func pairs(check func(a, b record.Outcome)) {
	for i, a := range record.Outcomes {
		for _, b := range record.Outcomes[:i] {
			if a.Lost() && b.Lost() {
				check(a, b)
			}
		}
	}
}

// sights are the matrices for linear RGB of Machado, Oliveira and Fernandes (2009), severity 1.
var sights = map[string][3][3]float64{
	"normal":       {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// seen is a colour in CIE Lab (D65) as that sight has it.
func seen(c color.NRGBA, sight [3][3]float64) [3]float64 {
	rgb := [3]float64{linear(c.R), linear(c.G), linear(c.B)}
	rgb = times(sight, rgb)
	for i := range rgb {
		rgb[i] = min(max(rgb[i], 0), 1)
	}
	xyz := times([3][3]float64{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}, rgb)
	x, y, z := cube(xyz[0]/0.9505), cube(xyz[1]), cube(xyz[2]/1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func cube(t float64) float64 {
	if t > 0.008856 {
		return math.Cbrt(t)
	}
	return 7.787*t + 16.0/116
}

func times(m [3][3]float64, v [3]float64) (out [3]float64) {
	for i := range m {
		for j := range v {
			out[i] += m[i][j] * v[j]
		}
	}
	return out
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}
