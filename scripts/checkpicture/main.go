// Command checkpicture reports whether a screenshot of a report shows its figures:
//
//	go run ./scripts/checkpicture FILE.png
//
// It ends with 1 if too little of the picture is coloured, as of an empty page, of a
// browser's grey error page, or of a report whose figures did not load.
package main

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"

	"agistorm/scripts/internal/program"
)

const (
	// leastColoured is the least share of coloured points, in percent: a report has 0.7 to 2, one
	// without its figures 0.3.
	leastColoured = 0.5
	// saturated is the least distance, of 255, between a coloured point's channels.
	saturated = 80
)

func main() { program.Main("checkpicture", check) }

func check(args []string, stdout io.Writer) (misses []string, err error) {
	if len(args) != 1 {
		return nil, errors.New("usage: checkpicture FILE.png")
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", args[0], err)
	}
	share := coloured(picture)
	if share < leastColoured {
		return []string{fmt.Sprintf("%s: %.2f %% of it is coloured, want %.1f %% or more: there are no figures in it",
			args[0], share, leastColoured)}, nil
	}
	fmt.Fprintf(stdout, "checkpicture: %.1f %% of the picture is coloured, as figures are\n", share)
	return nil, nil
}

// coloured returns the share of points, in percent, that are neither grey nor pale.
func coloured(m image.Image) float64 {
	b := m.Bounds()
	points, n := 0, 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			points++
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			if max(c.R, c.G, c.B)-min(c.R, c.G, c.B) >= saturated {
				n++
			}
		}
	}
	return 100 * float64(n) / float64(max(points, 1))
}
