package export

import (
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// Log is one of the latencies of all settings, of the calls that came so far, as a log for HdrHistogram's tools.
type Log struct{ metric.Wait }

// Logs are all there are.
func Logs() []Log { return lists.Map(metric.Waits, func(w metric.Wait) Log { return Log{w} }) }

// File is its name in a run directory.
func (l Log) File() string { return l.Name + ".hlog" }

// Write writes one interval a cell, tagged with the cell's ID. The interval is the whole run, since the
// repeats of all cells are
// interleaved.
func (l Log) Write(w io.Writer, s *analysis.Summary) error {
	log := hdrhistogram.NewHistogramLogWriter(w)
	start, end := interval(s)
	for _, err := range []error{
		log.OutputLogFormatVersion(),
		log.OutputComment("[agistorm " + l.Name + ": " + l.What + ", of the calls that came so far; " +
			words.SimulatedIf(s.Run, "", "; ") + "values in microseconds, Interval_Max in seconds; Tag is the cell, " +
			"HistogramLogProcessor wants one of them as -tag]"),
		log.OutputStartTime(start),
		log.OutputLegend(),
	} {
		if err != nil {
			return err
		}
	}
	for i := range s.Cells {
		c := &s.Cells[i]
		h := l.Of(&c.Latencies).Histogram
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
		if r == ',' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, cell)
}

// interval is the run's, in milliseconds since the epoch; an unknown end is the start.
func interval(s *analysis.Summary) (start, end int64) {
	if s.Run == nil {
		return 0, 0
	}
	start, end = milliseconds(s.Run.Started), milliseconds(s.Run.Finished)
	return start, max(start, end)
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
