package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/reports/words"
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

// drawnCoarse is for tests that need no pixels.
func drawnCoarse(t *testing.T, s *analysis.Summary) []Figure {
	t.Helper()
	figures, err := drawAt(s, coarse)
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

// modelledFigures are those of modelled, which several tests look at.
var modelledFigures = sync.OnceValues(func() ([]Figure, error) { return drawAt(modelled(), coarse) })

func drawnModel(t *testing.T) []Figure {
	t.Helper()
	figures, err := modelledFigures()
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
	r := analysis.Repeat{N: 1, Storm: metric.Storm{Offered: 1}, Raw: &record.Repeat{Queue: samples}}
	if len(samples) > 0 {
		r.Queue = &metric.Queue{}
	}
	for _, s := range samples {
		r.Queue.Limit, r.Queue.Seen = max(r.Queue.Limit, s.Limit), max(r.Queue.Seen, s.Depth)
		r.Queue.Peak = r.Queue.Seen
	}
	return r
}

// degenerate summaries: what a broken, tiny or strange run may leave.
func degenerate() map[string]*analysis.Summary {
	all := map[string]*analysis.Summary{
		"a cell without repeats":  oneCell(),
		"a repeat without record": oneCell(analysis.Repeat{N: 1}),
		"one attempt": oneCell(
			analysis.Repeat{N: 1, Storm: metric.Storm{Offered: 1, Outcomes: map[record.Outcome]int{record.Answered: 1}}},
		),
		"one sample":                  oneCell(queued(record.QueueSample{Depth: 1, Limit: 128})),
		"one sample before the storm": oneCell(queued(record.QueueSample{At: -time.Second, Limit: 128})),
		"an empty queue": oneCell(
			queued(record.QueueSample{Limit: 128}, record.QueueSample{At: time.Second, Limit: 128}),
		),
		"a queue of no limit": oneCell(queued(record.QueueSample{}, record.QueueSample{At: time.Second, Depth: 1})),
		"samples out of order": oneCell(
			queued(record.QueueSample{At: time.Second, Depth: 7}, record.QueueSample{At: 1, Depth: 9, Limit: 8}),
		),
		"the largest numbers": oneCell(queued(
			record.QueueSample{At: math.MinInt64, Depth: math.MaxUint32, Limit: math.MaxUint32},
			record.QueueSample{At: math.MaxInt64, Depth: math.MaxUint32, Limit: math.MaxUint32})),
	}
	add := func(name string, change func(c *analysis.Cell)) {
		s := oneCell(analysis.Repeat{N: 1, Storm: metric.Storm{Offered: 5}})
		change(&s.Cells[0])
		all[name] = s
	}
	add("one latency", func(c *analysis.Cell) {
		c.Latencies.Connect = metric.Latency{Histogram: histogram(1), Quantiles: metric.Quantiles{Count: 1, P50: 1, P99: 1}}
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
	all["a strange scenario"].Run = &record.Run{
		Partial:  "x",
		Scenario: record.Scenario{ConnectLimit: math.MaxInt64, Arrival: strings.Repeat("\n& ", 900)},
	}
	storm := func(attempts ...record.Attempt) func(*analysis.Cell) {
		return func(c *analysis.Cell) { c.Repeats[0].Raw = &record.Repeat{Attempts: attempts} }
	}
	const longest, shortest = time.Duration(math.MaxInt64), time.Duration(math.MinInt64)
	add("an attempt of nothing", storm(record.Attempt{}))
	add(
		"attempts of no time",
		storm(
			record.Attempt{Outcome: record.Answered, Connected: ptr(time.Duration(0))},
			record.Attempt{Intended: time.Second},
		),
	)
	add(
		"attempts for ever",
		storm(
			record.Attempt{Intended: shortest, Done: longest},
			record.Attempt{Intended: longest, Done: longest, Connected: ptr(longest)},
		),
	)
	add("nothing but losses", func(c *analysis.Cell) {
		storm(
			record.Attempt{Outcome: record.Silent, Done: time.Second},
			record.Attempt{Outcome: record.NotOffered, Intended: time.Second},
		)(
			c,
		)
		c.Repeats[0].Offered, c.Repeats[0].Lost, c.Lost = 1, 1, analysis.Spread{N: 1, Median: 1, Min: 1, Max: 1}
		c.Repeats[0].Outcomes = map[record.Outcome]int{record.Silent: 1}
	})
	add("a server and a kernel from before the storm", func(c *analysis.Cell) {
		c.Repeats[0].Raw = &record.Repeat{
			Target: &record.Target{Peers: []record.Peer{{At: shortest}, {At: longest}}},
			Counters: []record.CounterSample{
				{At: shortest, Gained: record.Counters{"ListenDrops": math.MaxUint64, "ListenOverflows": 1}},
			},
			Attempts: []record.Attempt{{Intended: -time.Second}},
		}
	})
	add("one wait", func(c *analysis.Cell) {
		c.Latencies.FirstCommand.Histogram = histogram(1)
		c.Repeats[0].Outcomes = map[record.Outcome]int{record.Answered: 1}
	})
	add("more waits than calls", func(c *analysis.Cell) {
		c.Latencies.FirstCommand.Histogram = histogram(1, 600e6, 600e6, 5)
		c.Repeats[0].Outcomes = map[record.Outcome]int{record.Answered: 9}
	})
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
			if got := names(figures); !strings.HasPrefix(got, "lost latency percentiles") {
				t.Errorf("figures %q", got)
			}
			for _, f := range figures {
				checkFigure(t, f)
			}
		})
	}
}

// TestDegenerateProduct draws a heat map of cells without a storm, of nothing lost, and of
// everything lost.
func TestDegenerateProduct(t *testing.T) {
	s := &analysis.Summary{}
	for i, somaxconn := range []int{0, math.MaxInt32} {
		for j, backlog := range []string{"max", "0", "-1"} {
			c := analysis.Cell{Cell: record.Cell{Somaxconn: somaxconn, Backlog: backlog}}
			if j > 0 {
				c.Repeats = []analysis.Repeat{{Storm: metric.Storm{Offered: 3 * i, Lost: 3}}}
				c.Lost = analysis.Spread{N: 1, Median: float64(9 * j), Max: math.NaN()}
			}
			s.Cells = append(s.Cells, c)
		}
	}
	figures := drawnCoarse(t, s)
	if got := names(figures); got != "lost heat latency percentiles" {
		t.Errorf("figures %q", got)
	}
	for _, f := range figures {
		checkFigure(t, f)
	}
}

// TestSVGsAreSmall: those of a default sweep, light and dark, leave a report of less than 5 MiB
// room.
func TestSVGsAreSmall(t *testing.T) {
	total := 0
	for _, f := range drawnCoarse(t, sweep(4, 5, 2000)) {
		total += len(f.SVG)
		t.Logf("%s: %d bytes", f.Name, len(f.SVG))
	}
	if total > 3<<18 {
		t.Errorf("%d bytes, want at most 0.75 MiB", total)
	}
}

// sweep is a run of noisy storms: a third of the calls of the first setting are lost, fewer of each
// after it.
func sweep(settings, repeats, calls int) *analysis.Summary {
	run := &record.Run{Repeats: repeats, Scenario: record.Scenario{Calls: calls, ConnectLimit: 2 * time.Second}}
	storms := summary.Storms{}
	for i := range settings {
		limit := 128 << i
		c := record.Cell{ID: fmt.Sprint(limit), Backlog: record.BacklogMax, Somaxconn: limit, Effective: limit}
		run.Cells = append(run.Cells, c)
		for n := range repeats {
			storms[c.ID] = append(
				storms[c.ID],
				noisy(rand.New(rand.NewPCG(uint64(i), uint64(n))), calls, 333/(i+1), uint32(limit)),
			)
		}
	}
	return summary.New(run, storms)
}

// noisy is a storm of calls all along 2 s, of which so many in a thousand are lost, and some late
// or reset.
func noisy(r *rand.Rand, calls, lost int, limit uint32) *record.Repeat {
	storm := &record.Repeat{Target: &record.Target{}, Storm: record.Storm{Wall: 4 * time.Second}}
	gained := uint64(0)
	for i := range calls {
		start := time.Duration(i) * 2 * time.Second / time.Duration(calls)
		connected := start + time.Duration(r.ExpFloat64()*float64(30*ms))
		command := connected + time.Duration(r.ExpFloat64()*float64(30*ms))
		a := record.Attempt{
			Seq:            uint64(i),
			Intended:       start,
			Started:        &start,
			Outcome:        record.Answered,
			SYNRetransmits: ptr(uint32(0)),
			Done:           command,
		}
		switch dice := r.IntN(1000); {
		case dice < lost:
			a.Outcome, a.Limit, a.Done = record.ConnectTimeout, "connect", start+2*time.Second
			gained++
		case dice > 950:
			a.SYNRetransmits = ptr(uint32(1))
			connected += time.Second
			command += time.Second
			fallthrough
		default:
			if dice%100 == 7 {
				a.Outcome = record.Reset
			}
			a.Connected, a.FirstCommand = &connected, &command
			storm.Target.Peers = append(storm.Target.Peers, record.Peer{At: connected})
		}
		storm.Attempts = append(storm.Attempts, a)
		storm.Queue = append(storm.Queue, record.QueueSample{At: start, Depth: uint32(r.IntN(int(limit) + 2)), Limit: limit})
		if i%(calls/200) == 0 {
			storm.Counters = append(
				storm.Counters,
				record.CounterSample{At: start, Gained: record.Counters{"ListenDrops": gained, "ListenOverflows": gained}},
			)
		}
	}
	return storm
}

// BenchmarkDraw draws all figures of 1,000,000 attempts: five settings, each with five storms of
// 40,000 calls.
func BenchmarkDraw(b *testing.B) {
	s := sweep(5, 5, 40_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Draw(s); err != nil {
			b.Fatal(err)
		}
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
	checkSVG(t, f, f.SVG)
}

// checkSVG wants well-formed XML of the PNG's shape, without a number that is none.
func checkSVG(t *testing.T, f Figure, svg []byte) {
	t.Helper()
	if head := string(svg[:min(200, len(svg))]); !strings.Contains(head, `<svg width="900" height="`) {
		t.Errorf("%s: the SVG begins with %s", f.Name, head)
	}
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Errorf("%s: SVG: %v", f.Name, err)
			break
		}
	}
	if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
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
	first, second := drawnModel(t), drawnCoarse(t, modelled())
	if got := names(first); got != "lost storm latency percentiles queue flow dots" {
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

// TestEveryFigureIsDrawn: each figure with words has a drawing, and each drawing its words.
func TestEveryFigureIsDrawn(t *testing.T) {
	for _, w := range words.Figures {
		if builders[w] == nil {
			t.Errorf("%s is not drawn", w.Name)
		}
	}
	if len(builders) != len(words.Figures) {
		t.Errorf("%d drawings of %d figures", len(builders), len(words.Figures))
	}
}
