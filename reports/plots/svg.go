package plots

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// renderSVG draws a picture once for both grounds: the white one, and the dark one of the report's page where a
// reader prefers that on a screen.
func renderSVG(width, height float64, paint func(*sheet)) ([]byte, error) {
	day, err := svgOn(light, width, height, paint)
	if err != nil {
		return nil, err
	}
	night, err := svgOn(dark, width, height, paint)
	if err != nil {
		return nil, err
	}
	return onBothGrounds(day, night)
}

func svgOn(t theme, width, height float64, paint func(*sheet)) (string, error) {
	canvas := vgsvg.New(vg.Length(width), vg.Length(height))
	s := &sheet{canvas: draw.New(canvas), height: height, theme: t, grounds: []theme{light, dark}}
	s.fill(white, box{0, 0, width, height})
	paint(s)
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return "", fmt.Errorf("SVG: %w", err)
	}
	return portable(out.String(), s.widths), nil
}

// fontStyle is what the canvas writes with every text; the root of the picture says it once.
var fontStyle = strings.NewReplacer("font-family:Liberation Sans;", "", "font-variant:normal;", "",
	"font-weight:normal;", "", "font-style:normal;", "", `pt"`, `"`)

// families stand for each other where a machine has no Liberation.
const families = `font-family="'Liberation Sans',Arimo,Arial,Helvetica,sans-serif" `

// portable makes every text as wide as it was measured, whatever font a machine without Liberation
// has, and gives the page its size in CSS pixels.
func portable(svg string, widths []float64) string {
	head, body, _ := strings.Cut(svg, "viewBox")
	parts := strings.Split(body, "<text ")
	for i, width := range widths {
		style, text, _ := strings.Cut(parts[i+1], ">")
		parts[i+1] = fmt.Sprintf(`textLength="%.1f" lengthAdjust="spacingAndGlyphs" %s>%s`,
			width, fontStyle.Replace(style), text)
	}
	return strings.ReplaceAll(head, `pt"`, `"`) + families + "viewBox" + strings.Join(parts, "<text ")
}

var colourInSVG = regexp.MustCompile(`((?:fill|stroke):)(#[0-9A-F]{6})`)

var errGrounds = errors.New("SVG: the picture differs by its ground in more than colours")

// onBothGrounds makes one picture of two that differ in their colours only: those are variables of a style sheet.
func onBothGrounds(day, night string) ([]byte, error) {
	if colourInSVG.ReplaceAllString(day, "$1") != colourInSVG.ReplaceAllString(night, "$1") {
		return nil, errGrounds
	}
	names := map[[2]string]string{}
	var byDay, byNight strings.Builder
	nights := colourInSVG.FindAllStringSubmatch(night, -1)
	i := 0
	day = colourInSVG.ReplaceAllStringFunc(day, func(match string) string {
		at := strings.Index(match, "#")
		pair := [2]string{match[at:], nights[i][2]}
		i++
		if names[pair] == "" {
			names[pair] = fmt.Sprintf("--c%d", len(names))
			fmt.Fprintf(&byDay, "%s:%s;", names[pair], pair[0])
			fmt.Fprintf(&byNight, "%s:%s;", names[pair], pair[1])
		}
		return match[:at] + "var(" + names[pair] + ")"
	})
	head, body, found := strings.Cut(day, "<g ")
	if !found {
		return nil, errGrounds
	}
	return fmt.Appendf(nil, "%s<style>:root{%s}@media screen and (prefers-color-scheme:dark){:root{%s}}</style>\n<g %s",
		head, byDay.String(), byNight.String(), shortPaths(body)), nil
}

var (
	pathInSVG = regexp.MustCompile(` d="[MLZ0-9.,-]+"`)
	stepOfSVG = regexp.MustCompile(`[ML](-?[0-9.]+),(-?[0-9.]+)|Z`)
)

// shortPaths writes every step of a path from where the one before ended: that takes half the letters.
func shortPaths(svg string) string {
	return pathInSVG.ReplaceAllStringFunc(svg, func(path string) string {
		var at, start [2]int // in tenths
		return stepOfSVG.ReplaceAllStringFunc(path, func(step string) string {
			if step == "Z" {
				at = start
				return "z"
			}
			x, y, _ := strings.Cut(step[1:], ",")
			to := [2]int{tenthsIn(x), tenthsIn(y)}
			by := [2]int{to[0] - at[0], to[1] - at[1]}
			at = to
			switch {
			case step[0] == 'M':
				start = to
				return "m" + offsets(by)
			case by[1] == 0:
				return "h" + offset(by[0])
			case by[0] == 0:
				return "v" + offset(by[1])
			}
			return "l" + offsets(by)
		})
	})
}

// tenthsIn reads a number of the canvas, which is exact to a tenth.
func tenthsIn(number string) int {
	v, _ := strconv.ParseFloat(number, 64) // the pattern lets only numbers pass
	return int(math.Round(10 * v))
}

// offset writes tenths without what a path can do without: "-.5", "12".
func offset(n int) string {
	text := strconv.FormatFloat(float64(n)/10, 'f', -1, 64)
	if whole, part, found := strings.Cut(text, "."); found && strings.TrimPrefix(whole, "-") == "0" {
		return strings.TrimSuffix(whole, "0") + "." + part
	}
	return text
}

func offsets(by [2]int) string {
	second := offset(by[1])
	if by[1] >= 0 {
		second = "," + second
	}
	return offset(by[0]) + second
}
