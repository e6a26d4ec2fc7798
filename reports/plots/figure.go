package plots

import (
	"errors"
	"fmt"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// Figure is one picture in both formats, with its words and, if it is over time, its data.
type Figure struct {
	// Name is the file stem: "lost", "heat", "storm", "latency", "percentiles", "queue", "flow" or "dots".
	Name string
	// Title is the heading; it stands inside the picture too.
	Title string
	// Alt says in words what the picture shows, with its numbers.
	Alt string
	// Caption says how to read it.
	Caption string
	// Plot holds the data of a figure over time, which a page can zoom; nil for the others.
	Plot *Plot
	// PNG has two pixels per point and a white ground. SVG has one CSS pixel per point and both grounds: a dark one
	// on a screen whose reader prefers that.
	PNG, SVG []byte
	// Narrow is the SVG for a telephone; nil for a figure that has a Plot or fits one as it is. Wide: it has none and
	// does not fit.
	Narrow []byte
	Wide   bool

	drawing drawing
}

// drawing is a picture that is laid out: its size in points, and how it is drawn.
type drawing interface {
	size() (width, height float64)
	draw(*sheet)
}

// builder describes a figure of a run. It returns nil if there is nothing to show.
type builder = func(*analysis.Summary) *frame

// builders of the figures, by their words.
var builders = map[*words.Figure]builder{}

// declare lets a figure be part of every report.
func declare(w *words.Figure, b builder) builder {
	builders[w] = b
	return b
}

// Describe returns the figures for which there is something to show, without their pictures.
func Describe(s *analysis.Summary) (figures []Figure) {
	if s == nil || len(s.Cells) == 0 {
		return nil
	}
	for _, w := range words.Figures {
		if f := builders[w](s); f != nil {
			f.write()
			f.layout()
			figures = append(figures, Figure{
				Name: w.Name, Title: f.title, Alt: f.alt, Caption: f.caption, Plot: f.plot, drawing: f,
			})
		}
	}
	return figures
}

// Draw returns what Describe does, with the pictures.
func Draw(s *analysis.Summary) ([]Figure, error) { return drawAt(s, drawnDPI) }

// drawAt draws the PNGs with so many pixels per inch.
func drawAt(s *analysis.Summary, dpi int) ([]Figure, error) {
	if s == nil {
		return nil, errors.New("there is no summary to draw")
	}
	return drawAll(Describe(s), dpi)
}

// drawAll gives described figures their pictures.
func drawAll(figures []Figure, dpi int) ([]Figure, error) {
	errs := make([]error, len(figures))
	record.InParallel(len(figures), func(i int) { errs[i] = figures[i].render(dpi) })
	for i, err := range errs {
		if err != nil {
			return figures[:i], fmt.Errorf("figure %s: %w", figures[i].Name, err)
		}
	}
	return figures, nil
}

func (f *Figure) render(dpi int) (err error) {
	width, height := f.drawing.size()
	if f.PNG, err = renderPNG(width, height, dpi, f.drawing.draw); err != nil {
		return err
	}
	if f.SVG, err = renderSVG(width, height, f.drawing.draw); err != nil {
		return err
	}
	wide, ok := f.drawing.(*frame)
	if f.Wide = width == pageWidth && (!ok || f.Plot != nil); f.Wide || !ok {
		return nil
	}
	wide.narrowed(true)
	defer wide.narrowed(false)
	width, height = wide.size()
	f.Narrow, err = renderSVG(width, height, wide.draw)
	return err
}
