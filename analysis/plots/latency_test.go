package plots

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

func TestLatencySpan(t *testing.T) {
	for _, c := range []struct {
		name        string
		least, most float64
		limit       time.Duration
		want        span
	}{
		// log10(2e6) + 0.2 = 6.501: 4.501 decades above 10^2 are 90.02 bins.
		{"nothing measured", 0, 0, 2 * time.Second, span{2, 91}},
		// At least to 1 s: 6.2 - 2 = 4.2 decades, 84 bins.
		{"no limit", 0, 0, 0, span{2, 84}},
		{"from 23 µs", 23, 1.1e6, 2 * time.Second, span{1, 111}},
		{"all slow", 900e3, 950e3, 2 * time.Second, span{4, 51}},
		{"below a microsecond", 0.5, 1, 0, span{0, 124}},
		// log10(3e7) + 0.2 = 7.677: 5.677 decades above 10^2.
		{"beyond the limit", 100, 3e7, 2 * time.Second, span{2, 114}},
	} {
		if got := latencySpan(c.least, c.most, c.limit); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestBin(t *testing.T) {
	p := span{1, 100} // 10 µs to 1 s
	for _, c := range []struct {
		us   float64
		want int
	}{
		{10, 0}, {11.2, 0}, {11.3, 1}, {100, 20}, {1e3, 40}, {999, 39}, {5, 0}, {0, 0}, {1e9, 99}, {1e6, 99},
	} {
		if got := p.bin(c.us); got != c.want {
			t.Errorf("bin(%v µs) = %d, want %d", c.us, got, c.want)
		}
	}
}

func TestCountKeepsEveryCall(t *testing.T) {
	p := span{1, 120}
	h := histogram(3, 10, 15, 15, 1000, 1020e3, 1024e3, 500e6)
	counts := p.count(h)
	sum := 0.0
	for _, n := range counts {
		sum += n
	}
	if sum != 8 {
		t.Errorf("8 calls make %v", sum)
	}
	// 3 and 10 µs; the two at 1.02 s; beyond the end.
	for bin, want := range map[int]float64{0: 2, 100: 2, 119: 1} {
		if counts[bin] != want {
			t.Errorf("bin %d holds %v, want %v", bin, counts[bin], want)
		}
	}
	if got := p.count(nil); len(got) != 120 {
		t.Errorf("no histogram: %d bins, want 120 empty ones", len(got))
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
		{"four linear timeouts, as measured on 6.18", 4, 12 * s, []time.Duration{s, 2 * s, 3 * s, 4 * s, 5 * s, 7 * s, 11 * s}},
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
		return analysis.Repeat{Offered: 2000, Outcomes: map[record.Outcome]int{
			record.Answered: answered, record.ConnectTimeout: timeout, record.Refused: refused}}
	}
	c := analysis.Cell{Repeats: []analysis.Repeat{storm(468, 1532, 0), storm(400, 1500, 100), storm(500, 1500, 0)}}
	c.Latencies.Connect = analysis.Latency{
		Histogram: histogram(20, 30e3, 1020e3, 1020e3, 1030e3),
		Quantiles: analysis.Quantiles{Count: 1368, P50: 30 * time.Millisecond, P99: 1030 * time.Millisecond},
	}
	r := newLatencyRow(&c, record.Answered, latencySpan(20, 1.03e6, 2*time.Second))
	want := "4,632 never connected; 1,368 of 6,000 answered (23 %); 3 waited 1 s or more; the others: half in 30.0 ms, 99 % in 1.03 s"
	if got := said(r.notes()); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if diff := cmp.Diff([]segment{{outcome: record.ConnectTimeout, calls: 4532}, {outcome: record.Refused, calls: 100}}, r.fates, cmp.AllowUnexported(segment{})); diff != "" {
		t.Errorf("those that never connected (-want +got):\n%s", diff)
	}
	var keys []string
	for _, k := range latencyKeys([]latencyRow{{}, r}) {
		keys = append(keys, k.Text)
	}
	if got, want := strings.Join(keys, "; "), "connected 1 s or more late; lost: connect-timeout; lost: refused"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
	c.Repeats = []analysis.Repeat{storm(2000, 0, 0), storm(1960, 40, 0), storm(2000, 0, 0)}
	r = newLatencyRow(&c, record.Answered, latencySpan(20, 1.03e6, 2*time.Second))
	if got, want := r.notes()[0].text, "40 never connected"; got != want {
		t.Errorf("one storm of three: %q, want %q", got, want)
	}
	c.Repeats = []analysis.Repeat{storm(2000, 0, 0), storm(2000, 0, 0)}
	r = newLatencyRow(&c, record.Answered, latencySpan(20, 1.03e6, 2*time.Second))
	if got, want := r.notes()[1].text, "4,000 of 4,000 answered"; got != want {
		t.Errorf("all answered: %q, want %q", got, want)
	}
	none := newLatencyRow(&analysis.Cell{Repeats: offeredTwice(3)}, record.Answered, span{2, 80})
	if got, want := said(none.notes()), "none connected; 0 of 6 answered (0 %)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestQuantilesOfFewCalls: a percentile of fewer calls than it takes would be the maximum under another name.
func TestQuantilesOfFewCalls(t *testing.T) {
	for count, want := range map[int64]string{
		1: "slowest 9.00 ms", 2: "half in 3.00 ms, slowest 9.00 ms", 99: "half in 3.00 ms, slowest 9.00 ms", 100: "half in 3.00 ms, 99 % in 8.00 ms",
	} {
		if got := quantileWords(analysis.Quantiles{Count: count, P50: 3 * ms, P99: 8 * ms, Max: 9 * ms}); got != want {
			t.Errorf("%d calls: %q, want %q", count, got, want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{2 * time.Second: "2 s", 500 * time.Millisecond: "0.5 s"} {
		if got := seconds(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
