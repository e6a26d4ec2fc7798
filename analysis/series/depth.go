package series

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis/record"
)

// perColumn is how many samples a column keeps.
const perColumn = 4

// DepthOf returns the accept queue of a storm in at most so many steps, and at most as many moments
// of overflow: of more, the time is cut into equal columns, each with its first, its least deep,
// its deepest and its last step, so that no peak is lost and no step is moved. It returns false if
// the queue was not sampled.
func DepthOf(r *record.Repeat, most int) (Depth, bool) {
	if len(r.Queue) == 0 {
		return Depth{}, false
	}
	samples := ordered(r.Queue)
	d := Depth{Overflows: overflows(r.Counters, max(most, 0))}
	for _, s := range samples {
		d.Limit = max(d.Limit, s.Limit)
	}
	for _, s := range thin(changes(fromStart(samples)), max(most, 0)) {
		d.At = append(d.At, s.At)
		d.Depth = append(d.Depth, s.Depth)
	}
	return d, true
}

// End returns how far a time axis of these queues has to reach: to when the last of them was empty
// for good or overflowed or, if no sample saw a connection in one, to the last sample. It is 1 s if
// all were sampled only once, as the storm began.
func End(all ...Depth) time.Duration {
	var busy, sampled time.Duration
	for _, d := range all {
		for i, at := range d.At {
			if sampled = max(sampled, at); d.Depth[i] > 0 {
				busy = max(busy, d.At[min(i+1, len(d.At)-1)])
			}
		}
		for _, at := range d.Overflows {
			busy = max(busy, at)
		}
	}
	return cmp.Or(busy, sampled, time.Second)
}

// ordered returns the samples ascending in time.
func ordered(samples []record.QueueSample) []record.QueueSample {
	byTime := func(a, b record.QueueSample) int { return cmp.Compare(a.At, b.At) }
	if slices.IsSortedFunc(samples, byTime) {
		return samples
	}
	samples = slices.Clone(samples)
	slices.SortStableFunc(samples, byTime)
	return samples
}

// fromStart drops the samples from before the storm, but for the last: it held when the storm
// began.
func fromStart(samples []record.QueueSample) []record.QueueSample {
	first := 0
	for first+1 < len(samples) && samples[first+1].At <= 0 {
		first++
	}
	samples = samples[first:]
	if samples[0].At < 0 {
		samples = slices.Clone(samples)
		samples[0].At = 0
	}
	return samples
}

// changes returns the samples whose depth differs from the one before, and the last one, which ends
// the record.
func changes(samples []record.QueueSample) []record.QueueSample {
	var kept []record.QueueSample
	for i, s := range samples {
		if i == 0 || i == len(samples)-1 || s.Depth != samples[i-1].Depth {
			kept = append(kept, s)
		}
	}
	return kept
}

// thin keeps at most so many samples.
func thin(samples []record.QueueSample, most int) []record.QueueSample {
	if len(samples) <= most {
		return samples
	}
	columns := max(most/perColumn, 1)
	var kept []record.QueueSample
	for start := 0; start < len(samples); {
		column := columnOf(samples, start, columns)
		stop := start + 1
		for stop < len(samples) && columnOf(samples, stop, columns) == column {
			stop++
		}
		kept = append(kept, extremes(samples[start:stop])...)
		start = stop
	}
	if len(kept) > most { // not even one column fits
		slices.SortStableFunc(kept, func(a, b record.QueueSample) int { return cmp.Compare(b.Depth, a.Depth) })
		kept = kept[:min(most, 1)]
	}
	return kept
}

// columnOf returns the part of the time in which a sample lies.
func columnOf(samples []record.QueueSample, i, columns int) int {
	first, last := float64(samples[0].At), float64(samples[len(samples)-1].At)
	share := (float64(samples[i].At) - first) / max(last-first, 1)
	return min(int(share*float64(columns)), columns-1)
}

// extremes returns the first, least deep, deepest and last sample of a group that is not empty, in
// the order of time.
func extremes(group []record.QueueSample) []record.QueueSample {
	least, most := 0, 0
	for i, s := range group {
		if s.Depth < group[least].Depth {
			least = i
		}
		if s.Depth > group[most].Depth {
			most = i
		}
	}
	at := []int{0, least, most, len(group) - 1}
	slices.Sort(at)
	var kept []record.QueueSample
	for _, i := range slices.Compact(at) {
		kept = append(kept, group[i])
	}
	return kept
}

// overflows returns the moments at which the counter had grown: of more than most an even choice,
// with the last.
func overflows(samples []record.CounterSample, most int) []time.Duration {
	var all []time.Duration
	eachGain(samples, record.ListenOverflows, func(at time.Duration, _ uint64) { all = append(all, at) })
	if len(all) <= most {
		return all
	}
	var kept []time.Duration
	for i := range most {
		kept = append(kept, all[(i+1)*len(all)/most-1])
	}
	return kept
}
