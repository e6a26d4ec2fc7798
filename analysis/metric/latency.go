package metric

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"agistorm/analysis/record"
)

// The range of the histograms, in microseconds: 1 µs to 10 minutes. What lies outside is
// counted at the edge.
const (
	histogramMin    = 1
	histogramMax    = int64(10 * time.Minute / time.Microsecond)
	histogramDigits = 3
)

// Latency is a histogram with its usual quantiles.
type Latency struct {
	Quantiles
	// Histogram in microseconds, 3 significant digits; never nil, perhaps empty.
	Histogram *hdrhistogram.Histogram `json:"-"`
}

// Quantiles of a latency. Count 0 means that there was nothing to measure, and all else is meaningless.
type Quantiles struct {
	Count int64         `json:"count"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P95   time.Duration `json:"p95_ns"`
	P99   time.Duration `json:"p99_ns"`
	// Min and Max are exact, not bucket edges.
	Min time.Duration `json:"min_ns"`
	Max time.Duration `json:"max_ns"`
}

// NewQuantiles asks for each of them.
func NewQuantiles(count int64, least, most time.Duration, at func(percent float64) time.Duration) Quantiles {
	return Quantiles{Count: count, P50: at(50), P90: at(90), P95: at(95), P99: at(99), Min: least, Max: most}
}

// Worst has the greatest of each quantile of two storms, and the count of both.
func (q Quantiles) Worst(o Quantiles) Quantiles {
	return Quantiles{Count: q.Count + o.Count, P50: max(q.P50, o.P50), P90: max(q.P90, o.P90),
		P95: max(q.P95, o.P95), P99: max(q.P99, o.P99), Min: max(q.Min, o.Min), Max: max(q.Max, o.Max)}
}

// At returns the latency that percent of the calls, 0 to 100, do not exceed: 3 digits, kept inside the exact
// bounds, beyond which a bucket's edge may lie; 100 is the exact one. 0 where there was none.
func (l Latency) At(percent float64) time.Duration {
	if l.Histogram.TotalCount() == 0 || percent >= 100 {
		return l.Max
	}
	d := time.Duration(l.Histogram.ValueAtQuantile(percent)) * time.Microsecond
	return min(max(d, l.Min), l.Max)
}

// Enough reports whether so many calls are enough to name the latency that percent of them, 0 to 100, do not
// exceed: at least one of them must be the rest. Of fewer it would be the maximum under another name.
func Enough(calls int64, percent float64) bool { return float64(calls)*(100-percent) >= 100*(1-1e-9) }

// Recorder gathers one latency.
type Recorder struct{ all Latency }

// NewRecorder returns an empty one.
func NewRecorder() *Recorder {
	return &Recorder{Latency{Histogram: hdrhistogram.New(histogramMin, histogramMax, histogramDigits)}}
}

// Add takes what the methods of record.Attempt return: a latency, and whether there was one.
func (r *Recorder) Add(d time.Duration, ok bool) {
	if ok {
		r.AddMany(d, 1)
	}
}

// AddMany takes the same latency n times.
func (r *Recorder) AddMany(d time.Duration, n int64) {
	if n == 0 {
		return
	}
	r.bounds(d, d)
	clamped := min(max(d.Microseconds(), histogramMin), histogramMax)
	// RecordValues fails only outside the range that it was clamped to.
	_ = r.all.Histogram.RecordValues(clamped, n)
}

// Merge adds what another recorder gathered.
func (r *Recorder) Merge(l Latency) {
	if l.Count > 0 {
		r.bounds(l.Min, l.Max)
		r.all.Histogram.Merge(l.Histogram)
	}
}

func (r *Recorder) bounds(least, most time.Duration) {
	if r.all.Histogram.TotalCount() == 0 {
		r.all.Min, r.all.Max = least, most
	}
	r.all.Min, r.all.Max = min(r.all.Min, least), max(r.all.Max, most)
}

// Latency is what was gathered.
func (r *Recorder) Latency() Latency {
	l := r.all
	l.Quantiles = NewQuantiles(l.Histogram.TotalCount(), l.Min, l.Max, l.At)
	return l
}

// gather makes the latencies of all waits, each from what add puts into its recorder.
func gather(add func(*Wait, *Recorder)) (all Latencies) {
	for i := range Waits {
		r := NewRecorder()
		add(&Waits[i], r)
		*Waits[i].Of(&all) = r.Latency()
	}
	return all
}

// LatenciesOf are those of a storm.
func LatenciesOf(attempts []record.Attempt) Latencies {
	return gather(func(w *Wait, r *Recorder) {
		for i := range attempts {
			r.Add(w.attempt(&attempts[i]))
		}
	})
}

// PooledLatencies are what storms show together.
func PooledLatencies(storms []*Storm) Latencies {
	return gather(func(w *Wait, r *Recorder) {
		for _, s := range storms {
			r.Merge(*w.Of(&s.Latencies))
		}
	})
}

// FromActualStart are the latencies of storms from the actual start; Handshake is as ever.
func FromActualStart(storms [][]record.Attempt) Latencies {
	return gather(func(w *Wait, r *Recorder) {
		for _, attempts := range storms {
			for i := range attempts {
				lag, started := attempts[i].StartLag()
				d, ok := w.attempt(&attempts[i])
				r.Add(d-lag, ok && started)
			}
		}
	})
}

// StartLagOf has exact quantiles: the generator's health is judged by them.
func StartLagOf(attempts []record.Attempt) Quantiles {
	lags := make([]time.Duration, 0, len(attempts))
	for i := range attempts {
		if lag, ok := attempts[i].StartLag(); ok {
			lags = append(lags, lag)
		}
	}
	return exactQuantiles(lags)
}

// exactQuantiles sorts d.
func exactQuantiles(d []time.Duration) Quantiles {
	if len(d) == 0 {
		return Quantiles{}
	}
	slices.Sort(d)
	return NewQuantiles(int64(len(d)), d[0], d[len(d)-1], func(percent float64) time.Duration {
		// The least value that at least percent of the sorted values do not exceed.
		return d[max((len(d)*int(percent)+99)/100, 1)-1]
	})
}
