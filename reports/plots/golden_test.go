package plots

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// The golden pictures are a sixth of the size and grey: another rasteriser's edges are
// within the tolerances, a bar or a text that moved is not.
const (
	shrink        = 6
	meanTolerance = 1.5
	maxTolerance  = 60
)

func TestGolden(t *testing.T) {
	for _, f := range drawn(t, modelled()) {
		path := filepath.Join("testdata", f.Name+".golden.png")
		got := smaller(decode(t, f.PNG))
		if *update {
			write(t, path, got)
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, f.Name, got, decode(t, data))
	}
}

func decode(t *testing.T, data []byte) image.Image {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t *testing.T, path string, m image.Image) {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// smaller takes the mean grey of each square of shrink by shrink pixels. It reads the pixels' bytes: through the
// interfaces of image and color the race detector makes this the longest test of all.
func smaller(m image.Image) *image.Gray {
	size := m.Bounds().Size().Div(shrink)
	pixels := image.NewRGBA(image.Rectangle{Max: size.Mul(shrink)})
	draw.Draw(pixels, pixels.Rect, m, m.Bounds().Min, draw.Src)
	out := image.NewGray(image.Rectangle{Max: size})
	sums := make([]int, size.X)
	for y := range size.Y {
		clear(sums)
		for row := range shrink {
			addGrey(sums, pixels.Pix[(y*shrink+row)*pixels.Stride:][:4*size.X*shrink])
		}
		for x, sum := range sums {
			out.Pix[y*out.Stride+x] = uint8(sum / (1000 * shrink * shrink))
		}
	}
	return out
}

// addGrey adds a thousand times the grey of each pixel of a row to the sum of its square (the weights of ITU-R BT.601,
// as color.GrayModel).
func addGrey(sums []int, row []byte) {
	for x := range sums {
		square := row[4*shrink*x:][:4*shrink]
		for i := 0; i < len(square); i += 4 {
			sums[x] += 299*int(square[i]) + 587*int(square[i+1]) + 114*int(square[i+2])
		}
	}
}

func compare(t *testing.T, name string, got *image.Gray, want image.Image) {
	t.Helper()
	if got.Bounds() != want.Bounds() {
		t.Errorf("%s: size %v, the golden file has %v", name, got.Bounds().Max, want.Bounds().Max)
		return
	}
	sum, most, place := 0.0, 0.0, image.Point{}
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			w := color.GrayModel.Convert(want.At(x, y)).(color.Gray).Y
			d := math.Abs(float64(got.GrayAt(x, y).Y) - float64(w))
			sum += d
			if d > most {
				most, place = d, image.Pt(x, y)
			}
		}
	}
	mean := sum / float64(got.Bounds().Dx()*got.Bounds().Dy())
	if mean > meanTolerance || most > maxTolerance {
		t.Errorf(
			"%s differs from its golden file: %.2f of 255 in the mean, %.0f at %v (of the golden file)",
			name,
			mean,
			most,
			place,
		)
	}
}
