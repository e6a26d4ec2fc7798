package analysis

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

// recorder gathers one latency.
type recorder struct {
	histogram *hdrhistogram.Histogram
	min, max  time.Duration
}

func newRecorder() *recorder {
	return &recorder{histogram: hdrhistogram.New(histogramMin, histogramMax, histogramDigits)}
}

// add takes what the methods of record.Attempt return: a latency, and whether there was one.
func (r *recorder) add(d time.Duration, ok bool) {
	if !ok {
		return
	}
	if first := r.histogram.TotalCount() == 0; first || d < r.min {
		r.min = d
	}
	if first := r.histogram.TotalCount() == 0; first || d > r.max {
		r.max = d
	}
	clamped := min(max(d.Microseconds(), histogramMin), histogramMax)
	// RecordValue fails only outside the range that it was clamped to.
	_ = r.histogram.RecordValue(clamped)
}

// merge adds what another recorder gathered.
func (r *recorder) merge(l Latency) {
	if l.Count == 0 {
		return
	}
	if first := r.histogram.TotalCount() == 0; first || l.Min < r.min {
		r.min = l.Min
	}
	r.max = max(r.max, l.Max)
	r.histogram.Merge(l.Histogram)
}

func (r *recorder) latency() Latency {
	return Latency{Histogram: r.histogram, Quantiles: Quantiles{
		Count: r.histogram.TotalCount(),
		P50:   r.quantile(50),
		P90:   r.quantile(90),
		P99:   r.quantile(99),
		Min:   r.min,
		Max:   r.max,
	}}
}

// At is the latency that percent of the calls, 0 to 100, do not exceed; 3 digits, inside the exact bounds. 0 where there was none.
func (l Latency) At(percent float64) time.Duration {
	r := recorder{histogram: l.Histogram, min: l.Min, max: l.Max}
	return r.quantile(percent)
}

// quantile is the histogram's, kept inside the exact bounds: a bucket's edge may lie beyond them.
func (r *recorder) quantile(percent float64) time.Duration {
	if r.histogram.TotalCount() == 0 {
		return 0
	}
	d := time.Duration(r.histogram.ValueAtQuantile(percent)) * time.Microsecond
	return min(max(d, r.min), r.max)
}

// Enough tells whether so many calls are enough to name the latency that percent of them, 0 to 100, do not exceed: at least one of them
// must be the rest. Of fewer it would be the maximum under another name.
func Enough(calls int64, percent float64) bool { return float64(calls)*(100-percent) >= 100*(1-1e-9) }

// latencyRecorders gather the latencies of a storm.
type latencyRecorders struct{ handshake, connect, command, session *recorder }

func newLatencyRecorders() latencyRecorders {
	return latencyRecorders{newRecorder(), newRecorder(), newRecorder(), newRecorder()}
}

func (l latencyRecorders) latencies() Latencies {
	return Latencies{
		Handshake:    l.handshake.latency(),
		Connect:      l.connect.latency(),
		FirstCommand: l.command.latency(),
		Session:      l.session.latency(),
	}
}

func stormLatencies(attempts []record.Attempt) Latencies {
	l := newLatencyRecorders()
	for i := range attempts {
		a := &attempts[i]
		l.handshake.add(a.Handshake())
		l.connect.add(a.ConnectLatency())
		l.command.add(a.FirstCommandLatency())
		l.session.add(a.SessionLatency())
	}
	return l.latencies()
}

// poolLatencies is what the storms together show.
func poolLatencies(repeats []Repeat) Latencies {
	l := newLatencyRecorders()
	for i := range repeats {
		storm := &repeats[i].Latencies
		l.handshake.merge(storm.Handshake)
		l.connect.merge(storm.Connect)
		l.command.merge(storm.FirstCommand)
		l.session.merge(storm.Session)
	}
	return l.latencies()
}

// fromStart are the latencies of all storms from the actual start.
func fromStart(repeats []Repeat) FromStart {
	l := newLatencyRecorders()
	for i := range repeats {
		attempts := repeats[i].Raw.Attempts
		for j := range attempts {
			l.addFromStart(&attempts[j])
		}
	}
	return FromStart{l.connect.latency().Quantiles, l.command.latency().Quantiles, l.session.latency().Quantiles}
}

func (l latencyRecorders) addFromStart(a *record.Attempt) {
	lag, started := a.StartLag()
	for _, of := range []struct {
		*recorder
		latency func() (time.Duration, bool)
	}{{l.connect, a.ConnectLatency}, {l.command, a.FirstCommandLatency}, {l.session, a.SessionLatency}} {
		d, ok := of.latency()
		of.add(d-lag, ok && started)
	}
}

// startLag has exact quantiles: the generator's health is judged by them.
func startLag(attempts []record.Attempt) Quantiles {
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
	return Quantiles{
		Count: int64(len(d)),
		P50:   nearestRank(d, 50),
		P90:   nearestRank(d, 90),
		P99:   nearestRank(d, 99),
		Min:   d[0],
		Max:   d[len(d)-1],
	}
}

// nearestRank is the least value that at least percent of the sorted values do not exceed.
func nearestRank(sorted []time.Duration, percent int) time.Duration {
	rank := (len(sorted)*percent + 99) / 100
	return sorted[max(rank, 1)-1]
}
