package plots

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

func TestLatencyAxis(t *testing.T) {
	for _, c := range []struct {
		name        string
		least, most float64
		limit       time.Duration
		from, to    float64
	}{
		// 2 s and 0.2 decades more are 3.16 s; the bin ends at 10^6.5 µs.
		{"nothing measured", 0, 0, 2 * time.Second, 100, 3.162e6},
		{"no limit", 0, 0, 0, 100, 1.585e6},
		{"from 23 µs", 23, 1.1e6, 2 * time.Second, 10, 3.162e6},
		{"all slow", 900e3, 950e3, 2 * time.Second, 1e4, 3.162e6},
		{"below a microsecond", 0.5, 1, 0, 1, 1.585e6},
		{"beyond the limit", 100, 3e7, 2 * time.Second, 100, 5.012e7},
	} {
		if a := latencyAxis(c.least, c.most, c.limit); a.min != c.from || math.Abs(a.max/c.to-1) > 1e-3 {
			t.Errorf("%s: from %v to %v, want %v to %v", c.name, a.min, a.max, c.from, c.to)
		}
	}
}

func TestBins(t *testing.T) {
	for us, want := range map[float64]int{1: 0, 10: 20, 11.3: 21, 999: 59, 1e3: 60, 1e6: 120} {
		if got := binOf(us); got != want || us < binEdge(got)*0.999 || us >= binEdge(got+1) {
			t.Errorf("%v µs is in bin %d, from %v to %v; want %d", us, got, binEdge(got), binEdge(got+1), want)
		}
	}
}

func TestBinnedKeepsEveryCall(t *testing.T) {
	// 3 and 10 µs; two of 15 µs; 1 ms; the two at 1.02 s; far beyond.
	want := map[int]float64{10: 1, 20: 1, 23: 2, 60: 1, 120: 2, 173: 1}
	if diff := cmp.Diff(want, binned(histogram(3, 10, 15, 15, 1000, 1020e3, 1024e3, 500e6))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := binned(nil); len(got) != 0 {
		t.Errorf("no histogram: %v", got)
	}
}

func TestRetransmissions(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		name   string
		linear int
		before time.Duration
		want   []time.Duration
	}{
		{"Asterisk's limit", 4, 2 * s, []time.Duration{s}},
		{"four linear timeouts, as measured on 6.18", 4, 12 * s,
			[]time.Duration{s, 2 * s, 3 * s, 4 * s, 5 * s, 7 * s, 11 * s}},
		{"before linear timeouts", 0, 64 * s, []time.Duration{s, 3 * s, 7 * s, 15 * s, 31 * s, 63 * s}},
		{"none before 1 s", 4, s, nil},
		{"for ever", 0, math.MaxInt64, []time.Duration{s, 3 * s, 7 * s, 15 * s, 31 * s, 63 * s, 127 * s}},
	} {
		if diff := cmp.Diff(c.want, retransmissions(c.linear, c.before)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestLinearRetries(t *testing.T) {
	with := func(value string) analysis.Cell {
		k := &record.Kernel{Sysctls: map[string]string{linearTimeouts: value}}
		return analysis.Cell{Repeats: []analysis.Repeat{{}, {Raw: &record.Repeat{Kernel: k}}}}
	}
	for _, c := range []struct {
		name  string
		cells []analysis.Cell
		want  int
	}{
		{"none", nil, 0},
		{"a cell without repeats does not count", []analysis.Cell{with("4"), {}}, 4},
		{"the least", []analysis.Cell{with("4"), with("2")}, 2},
		{"an older kernel", []analysis.Cell{with("4"), with("")}, 0},
	} {
		if got := linearRetries(c.cells); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestLatencyNotes(t *testing.T) {
	storm := func(answered, timeout, refused int) analysis.Repeat {
		return analysis.Repeat{Storm: metric.Storm{
			Offered: 2000,
			Outcomes: map[record.Outcome]int{
				record.Answered: answered, record.ConnectTimeout: timeout, record.Refused: refused},
		}}
	}
	c := analysis.Cell{Repeats: []analysis.Repeat{storm(468, 1532, 0), storm(400, 1500, 100), storm(500, 1500, 0)}}
	c.Latencies.Connect = metric.Latency{
		Histogram: histogram(20, 30e3, 1020e3, 1020e3, 1030e3),
		Quantiles: metric.Quantiles{Count: 1368, P50: 30 * time.Millisecond, P99: 1030 * time.Millisecond},
	}
	r := newLatencyRow(&c, record.Answered)
	want := "4,632 never connected; 1,368 of 6,000 answered (23 %); 3 waited 1 s or more; the others: half in 30.0 ms, " +
		"99 % in 1.03 s"
	if got := said(words.FigureLatency.NotesOf(r)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if diff := cmp.Diff([]segment{{outcome: record.ConnectTimeout, calls: 4532}, {outcome: record.Refused, calls: 100}},
		r.fates, cmp.AllowUnexported(segment{})); diff != "" {
		t.Errorf("those that never connected (-want +got):\n%s", diff)
	}
	var keys []string
	for _, k := range latencyKeys([]latencyRow{{}, r}) {
		keys = append(keys, k.Text)
	}
	want = "connected 1 s or more late; lost: connect-timeout; lost: refused"
	if got := strings.Join(keys, "; "); got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
	c.Repeats = []analysis.Repeat{storm(2000, 0, 0), storm(1960, 40, 0), storm(2000, 0, 0)}
	r = newLatencyRow(&c, record.Answered)
	if got, want := words.FigureLatency.NotesOf(r)[0].Text, "40 never connected"; got != want {
		t.Errorf("one storm of three: %q, want %q", got, want)
	}
	c.Repeats = []analysis.Repeat{storm(2000, 0, 0), storm(2000, 0, 0)}
	r = newLatencyRow(&c, record.Answered)
	if got, want := words.FigureLatency.NotesOf(r)[1].Text, "4,000 of 4,000 answered"; got != want {
		t.Errorf("all answered: %q, want %q", got, want)
	}
	none := newLatencyRow(&analysis.Cell{Repeats: offeredTwice(3)}, record.Answered)
	if got, want := said(words.FigureLatency.NotesOf(none)), "none connected; 0 of 6 answered (0 %)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestQuantilesOfFewCalls: a percentile of fewer calls than it takes would be the maximum under
// another name.
func TestQuantilesOfFewCalls(t *testing.T) {
	for count, want := range map[int64]string{
		1: "slowest 9.00 ms", 2: "half in 3.00 ms, slowest 9.00 ms", 99: "half in 3.00 ms, slowest 9.00 ms",
		100: "half in 3.00 ms, 99 % in 8.00 ms",
	} {
		r := words.PlottedCalls{Connect: metric.Quantiles{Count: count, P50: 3 * ms, P99: 8 * ms, Max: 9 * ms}}
		if notes := words.FigureLatency.NotesOf(r); notes[len(notes)-1].Text != want {
			t.Errorf("%d calls: %v, want %q", count, notes, want)
		}
	}
}
