package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

func drawn(t *testing.T, s *analysis.Summary) []Figure {
	t.Helper()
	figures, err := Draw(s)
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

// coarse is a quarter of pngDPI: what is drawn is the same, in a sixteenth of the pixels.
const coarse = pngDPI / 4

// drawnCoarse is for tests that look at no pixel.
func drawnCoarse(t *testing.T, s *analysis.Summary) []Figure {
	t.Helper()
	figures, err := drawAt(s, coarse)
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

func names(figures []Figure) string {
	var all []string
	for _, f := range figures {
		all = append(all, f.Name)
	}
	return strings.Join(all, " ")
}

// oneCell is a summary of one cell with the given repeats.
func oneCell(repeats ...analysis.Repeat) *analysis.Summary {
	return &analysis.Summary{Cells: []analysis.Cell{{Label: "somaxconn 128", Repeats: repeats}}}
}

func histogram(values ...int64) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, 600e6, 3)
	for _, v := range values {
		if err := h.RecordValue(v); err != nil {
			panic(err)
		}
	}
	return h
}

func queued(samples ...record.QueueSample) analysis.Repeat {
	return analysis.Repeat{N: 1, Offered: 1, Raw: &record.Repeat{Queue: samples}}
}

// degenerate summaries: what a broken, tiny or strange run may leave.
func degenerate() map[string]*analysis.Summary {
	all := map[string]*analysis.Summary{
		"a cell without repeats":      oneCell(),
		"a repeat without record":     oneCell(analysis.Repeat{N: 1}),
		"one attempt":                 oneCell(analysis.Repeat{N: 1, Offered: 1, Outcomes: map[record.Outcome]int{record.Answered: 1}}),
		"one sample":                  oneCell(queued(record.QueueSample{Depth: 1, Limit: 128})),
		"one sample before the storm": oneCell(queued(record.QueueSample{At: -time.Second, Limit: 128})),
		"an empty queue":              oneCell(queued(record.QueueSample{Limit: 128}, record.QueueSample{At: time.Second, Limit: 128})),
		"a queue of no limit":         oneCell(queued(record.QueueSample{}, record.QueueSample{At: time.Second, Depth: 1})),
		"samples out of order":        oneCell(queued(record.QueueSample{At: time.Second, Depth: 7}, record.QueueSample{At: 1, Depth: 9, Limit: 8})),
		"the largest numbers": oneCell(queued(
			record.QueueSample{At: math.MinInt64, Depth: math.MaxUint32, Limit: math.MaxUint32},
			record.QueueSample{At: math.MaxInt64, Depth: math.MaxUint32, Limit: math.MaxUint32})),
	}
	add := func(name string, change func(c *analysis.Cell)) {
		s := oneCell(analysis.Repeat{N: 1, Offered: 5})
		change(&s.Cells[0])
		all[name] = s
	}
	add("one latency", func(c *analysis.Cell) {
		c.Latencies.Connect = analysis.Latency{Histogram: histogram(1), Quantiles: analysis.Quantiles{Count: 1, P50: 1, P99: 1}}
	})
	add("the longest latency", func(c *analysis.Cell) { c.Latencies.Connect.Histogram = histogram(600e6) })
	add("an empty histogram", func(c *analysis.Cell) { c.Latencies.Connect.Histogram = histogram() })
	add("not a number", func(c *analysis.Cell) {
		c.Lost = analysis.Spread{N: 1, Median: math.NaN(), Min: math.Inf(-1), Max: math.Inf(1)}
		c.Late = analysis.Spread{N: 1, Median: -3}
		c.Outcomes = map[record.Outcome]analysis.Spread{record.Reset: {Median: math.NaN()}, "unheard of": {Median: 3}}
	})
	add("more lost than offered", func(c *analysis.Cell) {
		c.Lost, c.Late = analysis.Spread{Median: 50, Max: 60}, analysis.Spread{N: 1, Median: 50}
	})
	add("no label", func(c *analysis.Cell) { c.Label = "" })
	add("a strange label", func(c *analysis.Cell) { c.Label = "</text>\x00\xff&\n" + strings.Repeat("long", 200) })
	add("a strange scenario", func(*analysis.Cell) {})
	all["a strange scenario"].Run = &record.Run{Partial: "x", Scenario: record.Scenario{ConnectLimit: math.MaxInt64, Arrival: strings.Repeat("\n& ", 900)}}
	add("a limit below zero", func(*analysis.Cell) {})
	all["a limit below zero"].Run = &record.Run{Scenario: record.Scenario{ConnectLimit: -1}}
	add("a limit of 1 ns", func(*analysis.Cell) {})
	all["a limit of 1 ns"].Run = &record.Run{Scenario: record.Scenario{ConnectLimit: 1}}
	return all
}

func TestDegenerateSummaries(t *testing.T) {
	for name, s := range degenerate() {
		t.Run(name, func(t *testing.T) {
			figures := drawnCoarse(t, s)
			if got := names(figures); got != "lost latency" && got != "lost latency queue" {
				t.Errorf("figures %q", got)
			}
			for _, f := range figures {
				checkFigure(t, f)
			}
		})
	}
}

func checkFigure(t *testing.T, f Figure) {
	t.Helper()
	size, err := png.DecodeConfig(bytes.NewReader(f.PNG))
	if err != nil || size.Width != pageWidth/2 {
		t.Errorf("%s: a PNG %d wide, %v; want %v", f.Name, size.Width, err, pageWidth/2)
	}
	if f.Title == "" || f.Alt == "" || f.Caption == "" {
		t.Errorf("%s lacks words: %q, %q, %q", f.Name, f.Title, f.Alt, f.Caption)
	}
	checkSVG(t, f)
}

// checkSVG wants well-formed XML of the PNG's shape, without a number that is none.
func checkSVG(t *testing.T, f Figure) {
	t.Helper()
	if head := string(f.SVG[:min(200, len(f.SVG))]); !strings.Contains(head, `<svg width="900" height="`) {
		t.Errorf("%s: the SVG begins with %s", f.Name, head)
	}
	for d := xml.NewDecoder(bytes.NewReader(f.SVG)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Errorf("%s: SVG: %v", f.Name, err)
			break
		}
	}
	if bytes.Contains(f.SVG, []byte("NaN")) || bytes.Contains(f.SVG, []byte("Inf")) {
		t.Errorf("%s: a coordinate of the SVG is not a number", f.Name)
	}
}

func TestNothingToDraw(t *testing.T) {
	if _, err := Draw(nil); err == nil {
		t.Error("no summary, and no error")
	}
	if got := drawn(t, &analysis.Summary{}); len(got) > 0 {
		t.Errorf("without cells: %s", names(got))
	}
}

func TestSameSummarySameBytes(t *testing.T) {
	first, second := drawnCoarse(t, modelled()), drawnCoarse(t, modelled())
	if got := names(first); got != "lost latency queue" {
		t.Fatalf("figures %q", got)
	}
	for i := range first {
		if !bytes.Equal(first[i].PNG, second[i].PNG) || !bytes.Equal(first[i].SVG, second[i].SVG) {
			t.Errorf("%s differs from itself", first[i].Name)
		}
	}
}

func TestHeightGrowsWithCells(t *testing.T) {
	height := 0
	for _, n := range []int{1, 2, 12} {
		s := &analysis.Summary{}
		for i := range n {
			s.Cells = append(s.Cells, analysis.Cell{Label: fmt.Sprint("somaxconn ", i)})
		}
		size, err := png.DecodeConfig(bytes.NewReader(drawnCoarse(t, s)[0].PNG))
		if err != nil || size.Height <= height {
			t.Errorf("%d cells: height %d (%v), want more than %d", n, size.Height, err, height)
		}
		height = size.Height
	}
}
