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

// span is the range of the latency axis, as powers of ten of microseconds. It begins at
// a whole decade and ends with a whole bin.
type span struct {
	low  int
	bins int
}

func (p span) high() float64 { return p.exponent(p.bins) }

// exponent of the lower edge of bin i, which is 10 to that many microseconds.
func (p span) exponent(i int) float64 { return float64(p.low) + float64(i)/binsPerDecade }

// bin of a latency in microseconds; what lies outside goes to the nearer end.
func (p span) bin(us float64) int {
	i := int(math.Floor((math.Log10(us)-float64(p.low))*binsPerDecade + 1e-9))
	return min(max(i, 0), p.bins-1)
}

// latencySpan covers all latencies between least and most (both in microseconds, 0 if
// there are none), the first SYN retransmission at 1 s, and the connect limit.
func latencySpan(least, most float64, limit time.Duration) span {
	low := 2
	if least > 0 {
		low = min(int(math.Floor(math.Log10(max(least, 1)))), 4)
	}
	top := math.Max(most, math.Max(float64(limit.Microseconds()), 1e6))
	high := math.Log10(top) + 0.2
	return span{low, int(math.Ceil((high - float64(low)) * binsPerDecade))}
}

// count counts the histogram's values (in microseconds) over the span.
func (p span) count(h *hdrhistogram.Histogram) []float64 {
	counts := make([]float64, p.bins)
	if h == nil || h.TotalCount() == 0 {
		return counts
	}
	for _, b := range h.Distribution() {
		if b.Count > 0 {
			// A bracket holds [From, To+1): whole microseconds, cut off.
			counts[p.bin(float64(b.From+b.To+1)/2)] += float64(b.Count)
		}
	}
	return counts
}

// bounds are the least and the greatest value of all histograms, 0 and 0 if they are empty.
func bounds(cells []analysis.Cell) (least, most float64) {
	for i := range cells {
		h := cells[i].Latencies.Connect.Histogram
		if h == nil || h.TotalCount() == 0 {
			continue
		}
		lo, hi := float64(max(h.Min(), 1)), float64(h.Max())
		if least == 0 || lo < least {
			least = lo
		}
		most = max(most, hi)
	}
	return least, most
}

const linearTimeouts = "net.ipv4.tcp_syn_linear_timeouts"

// linearRetries is how many SYN timeouts do not double, by the kernel's own account; the
// least over the cells, and 0 where the kernel is older than the setting or unknown.
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

// patience is when a connect ends in ETIMEDOUT by the default of tcp_syn_retries, rounded up.
const patience = 135 * time.Second

// retransmissions are the times at which a SYN is sent again before the given time: the
// first after 1 s, then every second for the linear timeouts, then doubling
// (tcp_retransmit_timer in the kernel's net/ipv4/tcp_timer.c).
func retransmissions(linear int, before time.Duration) []time.Duration {
	var times []time.Duration
	wait := time.Second
	for at := wait; at < min(before, patience); at += wait {
		times = append(times, at)
		if len(times) > linear {
			wait *= 2
		}
	}
	return times
}
