// Command checkpicture reports whether a screenshot of a report shows its figures:
//
//	go run ./scripts/checkpicture FILE.png
//
// It ends with 1 if too little of the picture is coloured, as of an empty page, of a
// browser's grey error page, or of a report whose figures did not load.
package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
)

const (
	// leastColoured is the least share of coloured points, in percent: a report has about 2, one
	// without its figures 0.3.
	leastColoured = 0.8
	// saturated is the least distance, of 255, between a coloured point's channels.
	saturated = 80
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: checkpicture FILE.png")
		os.Exit(2)
	}
	if err := check(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "checkpicture:", err)
		os.Exit(1)
	}
}

func check(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	share := coloured(picture)
	if share < leastColoured {
		return fmt.Errorf("%s: %.2f %% of it is coloured, want %.1f %% or more: there are no figures in it", path, share, leastColoured)
	}
	fmt.Printf("checkpicture: %.1f %% of the picture is coloured, as figures are\n", share)
	return nil
}

// coloured is the share of points, in percent, that are neither grey nor pale.
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
