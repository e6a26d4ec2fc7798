package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"math"

	"agistorm/analysis/record"
)

// outcomeColours follow Okabe and Ito, "Color Universal Design" (2008), darkened or lightened if
// two would be the same grey in print; colour_test.go holds them to it.
var outcomeColours = map[record.Outcome]color.NRGBA{
	record.Answered:        rgb(0x009E73),
	record.Connected:       rgb(0x4FB89A),
	record.ConnectTimeout:  rgb(0xD55E00),
	record.Refused:         rgb(0x1A1A1A),
	record.Unreachable:     rgb(0x8A4B08),
	record.Phantom:         rgb(0x302078),
	record.Closed:          rgb(0x7CC8F2),
	record.Reset:           rgb(0x00588C),
	record.Silent:          rgb(0xF0E442),
	record.ProtocolError:   rgb(0xCC79A7),
	record.LocalExhaustion: rgb(0x808080),
	record.NotOffered:      rgb(0xBFBFBF),
}

// The colours of what is not an outcome.
var (
	white     = rgb(0xFFFFFF)
	ink       = rgb(0x1A1F27)
	soft      = rgb(0x565F6D)
	rule      = rgb(0xE3E7EC)
	outline   = rgb(0x8D96A3)
	bar       = rgb(0x4A5A70)
	shade     = rgb(0xDDE4EC)
	inTime    = rgb(0xE4F2EC)
	latePaper = rgb(0xBFE3D3)
	// slowPaper is for what was answered, but only when its caller had waited.
	slowPaper = rgb(0xF3D58A)
	lateStain = rgb(0x00714F)
	alarm     = rgb(0xA33F00)
	relief    = rgb(0x00714F)
	unknown   = rgb(0x999999)
	// lostPaper is the ground of what never came; leastHeat to mostHeat is how hot a loss is.
	lostPaper = rgb(0xFBE6DA)
	leastHeat = rgb(0xFBE0D0)
	mostHeat  = rgb(0x8A3500)
)

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

// Hex returns the colour of an outcome as "#RRGGBB", the same in every figure and report. One that
// this version does not know is grey.
func Hex(o record.Outcome) string { return hex(outcomeColour(o)) }

// HexDark returns Hex on the dark ground: a lighter sister if the colour itself would sink into it.
func HexDark(o record.Outcome) string { return hex(dark.tint(outcomeColour(o))) }

// Tone is a colour on the light ground and on the dark one.
type Tone struct {
	Light Shade `json:"light"`
	Dark  Shade `json:"dark"`

	colour color.NRGBA
}

// Shade is how something is drawn on a ground: its colour as "#RRGGBB", and whether that is too
// faint there to stand without an edge.
type Shade struct {
	Hex   string `json:"hex"`
	Faint bool   `json:"faint"`
}

// Palette holds the colours of what a page draws that is in no legend.
var Palette = map[string]Tone{"alarm": toneOf(alarm), "outline": toneOf(outline), "shade": toneOf(shade)}

func toneOf(c color.NRGBA) Tone {
	return Tone{Shade{hex(light.tint(c)), light.faint(c)}, Shade{hex(dark.tint(c)), dark.faint(c)}, c}
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

func outcomeColour(o record.Outcome) color.NRGBA { return cmp.Or(outcomeColours[o], unknown) }

// contrast returns that of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio").
func contrast(a, b color.NRGBA) float64 {
	lighter, darker := luminance(a), luminance(b)
	return (max(lighter, darker) + 0.05) / (min(lighter, darker) + 0.05)
}

// luminance returns that of a colour, from 0 to 1 (WCAG 2.2, "relative luminance").
func luminance(c color.NRGBA) float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func linear(v uint8) float64 {
	f := float64(v) / 255
	if f > 0.04045 {
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return f / 12.92
}

// between returns the colour at a share (0 to 1) of the way from a to b.
func between(a, b color.NRGBA, share float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + share*(float64(b)-float64(a)))) }
	return color.NRGBA{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B), A: 0xFF}
}
