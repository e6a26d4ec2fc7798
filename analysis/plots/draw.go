package plots

import (
	"errors"
	"fmt"

	"agistorm/analysis"
)

// Figure is one picture in both formats, with its words.
type Figure struct {
	// Name is the file stem: "lost", "heat", "latency", "percentiles", "queue", "flow" or "dots".
	Name string
	// Title as a heading; it stands inside the picture too.
	Title string
	// Alt says in words what the picture shows, with its numbers.
	Alt string
	// Caption says how to read it.
	Caption string
	// PNG has two pixels a point; SVG has one CSS pixel a point. Both have a white ground. Dark is the SVG on the dark ground of
	// the report's page.
	PNG, SVG, Dark []byte
}

// picture is a figure before it is rendered.
type picture struct {
	name, caption string
	frame         *frame
	alt           string
	// paint draws what is inside the frame.
	paint func(*sheet)
}

// Draw draws the figures for which there is something to show, in the order in which a
// report shows them: none where s has no cells, no "heat" but of two things that were swept against each other, no "queue" where no
// accept queue was watched, and no "flow" and "dots" without the record of a storm.
func Draw(s *analysis.Summary) ([]Figure, error) { return drawAt(s, pngDPI) }

// drawAt draws the PNGs with so many pixels an inch.
func drawAt(s *analysis.Summary, dpi int) ([]Figure, error) {
	if s == nil {
		return nil, errors.New("there is no summary to draw")
	}
	if len(s.Cells) == 0 {
		return nil, nil
	}
	var figures []Figure
	for _, build := range builders {
		p := build(s)
		if p == nil {
			continue
		}
		f, err := p.render(dpi)
		if err != nil {
			return figures, fmt.Errorf("figure %s: %w", p.name, err)
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// builders make the pictures in their order; each returns nil where there is nothing to show.
var builders = []func(*analysis.Summary) *picture{
	lostPicture, heatPicture, latencyPicture, percentilesPicture, queuePicture, flowPicture, dotsPicture,
}

func (p *picture) render(dpi int) (Figure, error) {
	f := Figure{Name: p.name, Title: p.frame.title, Alt: p.alt, Caption: p.caption}
	paint := func(s *sheet) {
		p.frame.draw(s)
		p.paint(s)
	}
	var err error
	if f.PNG, err = renderPNG(pageWidth, p.frame.height(), dpi, paint); err != nil {
		return f, err
	}
	if f.SVG, err = renderSVG(pageWidth, p.frame.height(), light, paint); err != nil {
		return f, err
	}
	f.Dark, err = renderSVG(pageWidth, p.frame.height(), dark, paint)
	return f, err
}
