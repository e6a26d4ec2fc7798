// Command checkpicture tells whether a PNG shows something: go run ./scripts/checkpicture FILE.png
//
// It ends with 1 if the picture has fewer than 16 colours, as an empty or broken page has.
package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
)

const leastColours = 16

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
	if n := colours(picture); n < leastColours {
		return fmt.Errorf("%s has %d colours: the page is empty", path, n)
	}
	fmt.Println("checkpicture: the picture shows something")
	return nil
}

// colours counts different colours, every fourth point in each direction.
func colours(m image.Image) int {
	seen := map[color.Color]bool{}
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y += 4 {
		for x := b.Min.X; x < b.Max.X; x += 4 {
			seen[m.At(x, y)] = true
		}
	}
	return len(seen)
}
