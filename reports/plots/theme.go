package plots

import (
	"cmp"
	"image/color"
)

// theme says which colour is shown for one of the light figures'; what it does not name stays as it
// is.
type theme map[color.NRGBA]color.NRGBA

// light is the figures as they are printed.
var light theme

// dark is for the dark ground of the report's page. Outcomes whose colour would sink into it have a
// lighter sister; theme_test.go holds both themes to the same rules.
var dark = theme{
	white:     rgb(0x1B2129),
	ink:       rgb(0xE8ECF1),
	soft:      rgb(0xA5AFBD),
	rule:      rgb(0x343D49),
	outline:   rgb(0x6D7887),
	bar:       rgb(0x93A5BD),
	shade:     rgb(0x2F3A48),
	inTime:    rgb(0x1F3A30),
	latePaper: rgb(0x25503F),
	slowPaper: rgb(0x6B5518),
	lateStain: rgb(0x5FC48D),
	alarm:     rgb(0xFF9F66),
	relief:    rgb(0x6FD598),
	lostPaper: rgb(0x3A251B),
	leastHeat: rgb(0x4A2A18),
	mostHeat:  rgb(0xFFB184),

	rgb(0x009E73): rgb(0x1FA97F), // answered
	rgb(0xD55E00): rgb(0xE76511), // connect-timeout
	rgb(0x1A1A1A): rgb(0xF7F7F7), // refused
	rgb(0x8A4B08): rgb(0xCC8E4F), // unreachable
	rgb(0x00588C): rgb(0x337AB7), // reset
	rgb(0x7CC8F2): rgb(0x8FD0F5), // closed
	rgb(0xCC79A7): rgb(0xD097BE), // protocol-error
	rgb(0x302078): rgb(0xB808E8), // phantom
}

// tint returns the colour that is shown for c.
func (t theme) tint(c color.NRGBA) color.NRGBA {
	return cmp.Or(t[c], c)
}

// faint reports whether a colour hardly stands out from the page (WCAG 2.2, 1.4.11): then it needs
// an edge.
func (t theme) faint(c color.NRGBA) bool { return contrast(t.tint(c), t.tint(white)) < 3 }

// The inks on what is filled, whatever the theme: one of them has a contrast of 4.5 with any
// ground.
var (
	bright = rgb(0xFEFEFE)
	deep   = rgb(0x020304)
)

// inkOn returns the colour of text on a ground: the ink that stands out more.
func (t theme) inkOn(ground color.NRGBA) color.NRGBA {
	ground = t.tint(ground)
	if contrast(bright, ground) > contrast(deep, ground) {
		return bright
	}
	return deep
}
