package export

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
)

// TestLogsReadBack: HdrHistogram's reader finds each setting with its values, and none that has no value.
func TestLogsReadBack(t *testing.T) {
	s := sample()
	empty := s.Cells[0]
	empty.Latencies.Connect.Histogram = hdrhistogram.New(1, 1000, 3)
	none := s.Cells[0]
	none.Latencies.Connect.Histogram = nil
	s.Cells = append(s.Cells, empty, none)
	s.Cells[1].ID = "a b,c"
	log := write(t, "hlog-connect", s)
	if before := s.Cells[0].Latencies.Connect.Histogram; before.Tag() != "" ||
		before.StartTimeMs() != hdrhistogram.New(1, 2, 3).StartTimeMs() {
		t.Error("the Summary's histogram was changed")
	}
	tags := readLog(t, strings.NewReader(log), s.Run.Started.UnixMilli(), s.Run.Finished.UnixMilli())
	if want := []string{"c128", "a_b_c"}; !slices.Equal(tags, want) {
		t.Errorf("tags %v, want %v", tags, want)
	}
}

// readLog returns the tags of a log whose intervals must all have the same bounds.
func readLog(t *testing.T, log io.Reader, start, end int64) []string {
	t.Helper()
	var tags []string
	for reader := hdrhistogram.NewHistogramLogReader(log); ; {
		h, err := reader.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			return tags
		}
		tags = append(tags, h.Tag())
		if h.TotalCount() != 4 || h.StartTimeMs() != start || h.EndTimeMs() != end {
			t.Errorf(
				"%s: %d values from %d to %d, want 4 from %d to %d",
				h.Tag(),
				h.TotalCount(),
				h.StartTimeMs(),
				h.EndTimeMs(),
				start,
				end,
			)
		}
	}
}

func TestLogOfARunWithoutTimes(t *testing.T) {
	if start, end := interval(&analysis.Summary{}); start != 0 || end != 0 {
		t.Errorf("from %d to %d, want 0", start, end)
	}
}
