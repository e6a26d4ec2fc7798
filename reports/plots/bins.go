package plots

import (
	"math"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis"
)

// binsPerDecade makes a bin 12 % wide: the retransmission peaks stay apart.
const binsPerDecade = 20

// binOf returns the bin of a latency in microseconds, which begins at binEdge.
func binOf(us float64) int { return int(math.Floor(math.Log10(us)*binsPerDecade + 1e-9)) }

func binEdge(bin int) float64 { return math.Pow(10, float64(bin)/binsPerDecade) }

// latencyAxis covers all latencies between least and most (both in microseconds, 0 if there are
// none), the first SYN retransmission at 1 s, and the connect timeout. It begins at a whole decade,
// ends with a whole bin, and has marks at 2 to 9 times each power of ten.
func latencyAxis(least, most float64, limit time.Duration) axis {
	low := 100.0
	if least > 0 {
		low = min(math.Pow(10, math.Floor(math.Log10(max(least, 1)))), 1e4)
	}
	// Room for 0.2 decades more.
	end := binEdge(binOf(max(most, float64(limit.Microseconds()), 1e6)*1.58) + 1)
	a := axis{min: low, max: end, log: true}
	for decade := a.min; decade <= a.max; decade *= 10 {
		for m := 1.0; m <= 9 && m*decade <= a.max; m++ {
			a.ticks = append(a.ticks, tick{at: m * decade, label: microsLabel(decade), minor: m > 1})
		}
	}
	return a
}

// binned counts the histogram's values (in microseconds) by their bin.
func binned(h *hdrhistogram.Histogram) map[int]float64 {
	counts := map[int]float64{}
	if h == nil || h.TotalCount() == 0 {
		return counts
	}
	for _, b := range h.Distribution() {
		if b.Count > 0 {
			// A bracket holds [From, To+1): whole microseconds, cut off.
			counts[binOf(float64(b.From+b.To+1)/2)] += float64(b.Count)
		}
	}
	return counts
}

// bounds returns the least and the greatest value of all histograms, 0 and 0 if they are empty.
func bounds(cells []analysis.Cell) (least, most float64) {
	least = math.Inf(1)
	for i := range cells {
		if h := cells[i].Latencies.Connect.Histogram; h != nil && h.TotalCount() > 0 {
			least, most = min(least, float64(max(h.Min(), 1))), max(most, float64(h.Max()))
		}
	}
	if most == 0 {
		return 0, 0
	}
	return least, most
}

const linearTimeouts = "net.ipv4.tcp_syn_linear_timeouts"

// linearRetries returns how many SYN timeouts do not double, by the kernel's own account; the least
// over the cells, and 0 if the kernel is older than the setting or unknown.
func linearRetries(cells []analysis.Cell) int {
	least := -1
	for i := range cells {
		n := 0
		for _, r := range cells[i].Repeats {
			if r.Raw == nil || r.Raw.Kernel == nil {
				continue
			}
			n, _ = strconv.Atoi(r.Raw.Kernel.Sysctls[linearTimeouts])
			break
		}
		if len(cells[i].Repeats) > 0 && (least < 0 || n < least) {
			least = n
		}
	}
	return max(least, 0)
}

// connectEnd is when a connect ends in ETIMEDOUT by the default of tcp_syn_retries, rounded up.
const connectEnd = 135 * time.Second

// retransmissions returns the times at which a SYN is retransmitted before the given time: first
// after 1 s, then every second for the linear timeouts, then doubling (tcp_retransmit_timer in the
// kernel's net/ipv4/tcp_timer.c).
func retransmissions(linear int, before time.Duration) []time.Duration {
	var times []time.Duration
	wait := time.Second
	for at := wait; at < min(before, connectEnd); at += wait {
		times = append(times, at)
		if len(times) > linear {
			wait *= 2
		}
	}
	return times
}
