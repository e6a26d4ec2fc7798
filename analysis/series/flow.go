package series

import (
	"math"
	"time"

	"agistorm/analysis/record"
)

// listenDrops counts all that a listening socket did not take (LINUX_MIB_LISTENDROPS, net/ipv4/proc.c).
const listenDrops = "ListenDrops"

// FlowOf counts a storm's arrivals, accepts and drops in at most so many bins; fewer than one are one.
func FlowOf(r *record.Repeat, bins int) Flow {
	end := lastOf(r)
	f := Flow{Width: widthFor(end, max(bins, 1))}
	n := int(end/f.Width) + 1
	f.Arrivals = make([]float64, n)
	for i := range r.Attempts {
		f.Arrivals[f.bin(r.Attempts[i].Intended, n)]++
	}
	if r.Target != nil {
		f.Accepts = make([]float64, n)
		for i := range r.Target.Peers {
			f.Accepts[f.bin(r.Target.Peers[i].At, n)]++
		}
	}
	if len(r.Counters) > 0 {
		f.Drops = make([]float64, n)
		eachGain(r.Counters, listenDrops, func(at time.Duration, gain uint64) { f.Drops[f.bin(at, n)] += float64(gain) })
	}
	return f
}

// bin of an instant; what lies outside goes to the nearer end.
func (f *Flow) bin(at time.Duration, n int) int {
	return min(int(max(at, 0)/f.Width), n-1)
}

// lastOf is when the last of a flow's things happened, not before the storm's start.
func lastOf(r *record.Repeat) time.Duration {
	var last time.Duration
	for i := range r.Attempts {
		last = max(last, r.Attempts[i].Intended)
	}
	if r.Target != nil {
		for i := range r.Target.Peers {
			last = max(last, r.Target.Peers[i].At)
		}
	}
	eachGain(r.Counters, listenDrops, func(at time.Duration, _ uint64) { last = max(last, at) })
	return min(last, math.MaxInt64-Step)
}

// widthFor is the least multiple of Step of which so many bins reach beyond end.
func widthFor(end time.Duration, bins int) time.Duration {
	return (end/Step/time.Duration(bins) + 1) * Step
}

// eachGain visits the growths of a counter, each in the middle of the Step before it was seen: it was looked at that often.
func eachGain(samples []record.CounterSample, name string, visit func(at time.Duration, gain uint64)) {
	var before uint64
	for i := range samples {
		if now := samples[i].Gained[name]; now > before {
			visit(max(samples[i].At-Step/2, 0), now-before)
			before = now
		}
	}
}
