package series

import (
	"math"
	"time"

	"agistorm/analysis/record"
)

// FlowOf counts a storm's arrivals, accepts and drops in bins of a width, as many as the storm
// needs.
func FlowOf(r *record.Repeat, width time.Duration) (f Flow) {
	n := int(LastOf(r)/width) + 1
	add := func(counts []float64, at time.Duration, gain float64) {
		counts[min(int(max(at, 0)/width), n-1)] += gain // what lies outside goes to the nearer end
	}
	f.Arrivals = make([]float64, n)
	for i := range r.Attempts {
		add(f.Arrivals, r.Attempts[i].Intended, 1)
	}
	if r.Target != nil {
		f.Accepts = make([]float64, n)
		for i := range r.Target.Peers {
			add(f.Accepts, r.Target.Peers[i].At, 1)
		}
	}
	if len(r.Counters) > 0 {
		f.Drops = make([]float64, n)
		eachGain(r.Counters, record.ListenDrops, func(at time.Duration, gain uint64) {
			add(f.Drops, at, float64(gain))
		})
	}
	return f
}

// LastOf returns when the last arrival, accept or drop happened, not before the storm's start.
func LastOf(r *record.Repeat) (last time.Duration) {
	for i := range r.Attempts {
		last = max(last, r.Attempts[i].Intended)
	}
	if r.Target != nil {
		for i := range r.Target.Peers {
			last = max(last, r.Target.Peers[i].At)
		}
	}
	eachGain(r.Counters, record.ListenDrops, func(at time.Duration, _ uint64) { last = max(last, at) })
	return min(last, math.MaxInt64-Step)
}

// WidthFor returns the least multiple of Step of which so many bins reach beyond end.
func WidthFor(end time.Duration, bins int) time.Duration {
	return (end/Step/time.Duration(bins) + 1) * Step
}

// eachGain visits the growths of a counter, each in the middle of the Step before it was sampled.
func eachGain(samples []record.CounterSample, name string, visit func(at time.Duration, gain uint64)) {
	var before uint64
	for i := range samples {
		if now := samples[i].Gained[name]; now > before {
			visit(max(samples[i].At-Step/2, 0), now-before)
			before = now
		}
	}
}
