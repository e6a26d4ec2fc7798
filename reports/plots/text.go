package plots

import (
	"image/color"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"agistorm/reports/lists"
)

// fonts are parsed at the first figure, not at the start of the program. They are the two faces that figures use:
// gonum's own collection would put all twelve of Liberation into the binary, 3.5 MB more.
var fonts = sync.OnceValue(func() *font.Cache {
	return font.NewCache(font.Collection{
		{Font: sans(xfont.WeightNormal), Face: parsed(liberationsansregular.TTF)},
		{Font: sans(xfont.WeightBold), Face: parsed(liberationsansbold.TTF)},
	})
})

func sans(weight xfont.Weight) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}
}

// parsed reads an embedded face, which cannot be broken.
func parsed(ttf []byte) *opentype.Font {
	face, err := opentype.Parse(ttf)
	if err != nil {
		panic(err)
	}
	return face
}

// align says which end of a text its position is.
type align int

const (
	left align = iota
	centre
	right
)

// lettering is how a text is drawn.
type lettering struct {
	size   float64 // in points
	bold   bool
	colour color.NRGBA
	align  align
}

// The sizes of all figures.
var (
	titleText  = lettering{size: 16, bold: true, colour: ink}
	plainText  = lettering{size: 10.5, colour: soft}
	labelText  = lettering{size: 11.5, bold: true, colour: ink}
	noteText   = lettering{size: 10.5, colour: soft}
	strongText = lettering{size: 12, bold: true, colour: ink}
	tickText   = lettering{size: 9.5, colour: soft}
)

func (l lettering) coloured(c color.NRGBA) lettering { l.colour = c; return l }
func (l lettering) aligned(a align) lettering        { l.align = a; return l }

func (l lettering) face() font.Face {
	weight := xfont.WeightNormal
	if l.bold {
		weight = xfont.WeightBold
	}
	return fonts().Lookup(sans(weight), vg.Points(l.size))
}

// width returns that of a text, in points.
func (l lettering) width(text string) float64 {
	face := l.face()
	return face.Width(text).Points()
}

// cut returns a text that is not wider than so much.
func (l lettering) cut(text string, width float64) string {
	if l.width(text) <= width {
		return text
	}
	return ellipsis(text, width, l.width)
}

// leading returns the distance between two lines.
func (l lettering) leading() float64 { return 1.25 * l.size }

// printable takes out what would break an SVG or draw nothing.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// wrap breaks a text at blanks into lines of at most width, and a word that is longer
// anywhere. What stands in parentheses stays together if it fits on a line. What goes
// beyond the last line ends in an ellipsis.
func wrap(text string, width float64, lines int, measure func(string) float64) []string {
	fits := func(group string) bool { return measure(group) <= width }
	var pieces []string
	for _, word := range unbreakable(text, fits) {
		pieces = append(pieces, chop(word, fits)...)
	}
	out := lists.Wrap(pieces, func(line string, _ int) bool { return fits(line) })
	if len(out) > lines {
		out = out[:lines]
		out[lines-1] = ellipsis(out[lines-1], width, measure)
	}
	return out
}

// unbreakable returns what a text may be broken between.
func unbreakable(text string, fits func(string) bool) []string {
	var out []string
	for rest := strings.Join(strings.Fields(text), " "); rest != ""; {
		word, after, _ := strings.Cut(rest, " ")
		if strings.HasPrefix(rest, "(") {
			if inner, tail, ok := strings.Cut(rest, ")"); ok && fits(inner+")") {
				word, after = inner+")", strings.TrimPrefix(tail, " ")
			}
		}
		out = append(out, word)
		rest = after
	}
	return out
}

// chop cuts a word into pieces that fit, each of at least one letter.
func chop(word string, fits func(string) bool) []string {
	var pieces []string
	letters := []rune(word)
	for len(letters) > 0 {
		n := 1
		for n < len(letters) && fits(string(letters[:n+1])) {
			n++
		}
		pieces = append(pieces, string(letters[:n]))
		letters = letters[n:]
	}
	return pieces
}

func ellipsis(line string, width float64, measure func(string) float64) string {
	letters := []rune(line)
	for len(letters) > 1 && measure(string(letters)+"…") > width {
		letters = letters[:len(letters)-1]
	}
	return strings.TrimRight(string(letters), " ") + "…"
}
