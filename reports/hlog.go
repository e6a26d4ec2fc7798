package reports

import (
	"io"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
)

// latency is one of a cell's latencies, by its name in the design.
type latency struct {
	name string
	// what it runs from and to, in words.
	what string
	of   func(*analysis.Latencies) *analysis.Latency
}

func (l latency) file() string { return l.name + ".hlog" }

var latencies = []latency{
	{"handshake", "SYN to SYN-ACK by the kernel's account, retransmissions included",
		func(l *analysis.Latencies) *analysis.Latency { return &l.Handshake }},
	{"connect", "intended start until the client could use its connection",
		func(l *analysis.Latencies) *analysis.Latency { return &l.Connect }},
	{"first-command", "intended start until the server's first whole command was read",
		func(l *analysis.Latencies) *analysis.Latency { return &l.FirstCommand }},
	{"session", "intended start until the end of an answered session",
		func(l *analysis.Latencies) *analysis.Latency { return &l.Session }},
}

// writeLog writes a latency as an HdrHistogram log with one interval a cell, tagged with
// the cell's ID. The interval is the whole run, since the repeats of all cells are interleaved.
func writeLog(w io.Writer, s *analysis.Summary, l latency) error {
	log := hdrhistogram.NewHistogramLogWriter(w)
	start, end := interval(s)
	for _, err := range []error{
		log.OutputLogFormatVersion(),
		log.OutputComment("[agistorm " + l.name + ": " + l.what + "; values in microseconds, Interval_Max in seconds; Tag is the cell]"),
		log.OutputStartTime(start),
		log.OutputLegend(),
	} {
		if err != nil {
			return err
		}
	}
	for i := range s.Cells {
		c := &s.Cells[i]
		h := l.of(&c.Latencies).Histogram
		if h == nil || h.TotalCount() == 0 {
			continue // an empty histogram's maximum is not 0
		}
		if err := log.OutputIntervalHistogram(stamped(h, c.ID, start, end)); err != nil {
			return err
		}
	}
	return nil
}

// stamped leaves the Summary's histogram as it is.
func stamped(h *hdrhistogram.Histogram, cell string, start, end int64) *hdrhistogram.Histogram {
	h = h.Clone()
	h.SetTag(tag(cell))
	h.SetStartTimeMs(start)
	h.SetEndTimeMs(end)
	return h
}

// tag replaces what the log's format keeps for itself.
func tag(cell string) string {
	return strings.Map(func(r rune) rune {
		if r == ',' || r <= ' ' {
			return '_'
		}
		return r
	}, cell)
}

// interval is the run's, in milliseconds since the epoch; an unknown end is the start.
func interval(s *analysis.Summary) (start, end int64) {
	run := runOf(s)
	start, end = milliseconds(run.Started), milliseconds(run.Finished)
	return start, max(start, end)
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
