// Package queue measures a storm's accept queue from its samples.
package queue

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/counters"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// watchQueue sums up the samples of the accept queue, nil without one. A sample holds until the next one. The
// last call of the storm was to arrive at lastCall, and the last was settled at wall.
func watchQueue(samples []record.QueueSample, lastCall, wall time.Duration) *metric.Queue {
	if len(samples) == 0 {
		return nil
	}
	q := &metric.Queue{LongestPause: longestPause(samples, wall)}
	var area float64
	var end time.Duration
	begin := max(samples[0].At, 0)
	for i, s := range samples {
		q.Limit, q.Seen = max(q.Limit, s.Limit), max(q.Seen, s.Depth)
		held, until := span(samples, i)
		area += float64(s.Depth) * float64(held)
		if s.Depth > s.Limit {
			q.Full += held
		}
		if s.Depth > 0 {
			end, q.Left = until, s.Depth
		} else {
			q.Left = 0
		}
	}
	if end > begin {
		q.Mean = area / float64(end-begin)
	}
	q.Peak = q.Seen
	q.Drain = max(end-lastCall, 0)
	q.P50, q.P90, q.P99 = depthQuantiles(samples, end)
	q.Dropped = Dropped(samples)
	return q
}

// depthQuantiles are the depths that the queue did not exceed for half, nine tenths and 99 hundredths of the
// time from the first sample after the start until end.
func depthQuantiles(samples []record.QueueSample, end time.Duration) (p50, p90, p99 uint32) {
	times := map[uint32]time.Duration{}
	for i, s := range samples {
		if held, until := span(samples, i); until <= end {
			times[s.Depth] += held
		}
	}
	var passed, watched time.Duration
	for _, held := range times {
		watched += held
	}
	for _, depth := range slices.Sorted(maps.Keys(times)) {
		before := passed
		passed += times[depth]
		for _, q := range []struct {
			percent int64
			depth   *uint32
		}{{50, &p50}, {90, &p90}, {99, &p99}} {
			if limit := watched * time.Duration(q.percent) / 100; before < limit && limit <= passed {
				*q.depth = depth
			}
		}
	}
	return p50, p90, p99
}

// Dropped is what the listener's own count gained; 0 where it has none. A listener that was closed and opened
// again counts from 0.
func Dropped(samples []record.QueueSample) uint32 {
	var sum uint32
	var last *uint32
	for i := range samples {
		d := samples[i].Drops
		if d == nil {
			continue
		}
		switch {
		case last == nil:
		case *d >= *last:
			sum += *d - *last
		default:
			sum += *d
		}
		last = d
	}
	return sum
}

// Measure is the accept queue of a storm; alone means that the kernel's counters count nothing else. One that
// overflowed was full, seen or not: the kernel drops nothing that the queue still holds (sk_acceptq_is_full
// in the kernel's include/net/sock.h).
func Measure(raw *record.Repeat, all []calls.Trail, alone bool) *metric.Queue {
	q := watchQueue(raw.Queue, calls.LastArrival(raw.Attempts), raw.Storm.Wall)
	if q == nil {
		return nil
	}
	q.Elsewhere, q.Stall = elsewhere(q, raw, alone), stallOf(raw)
	switch {
	case overflowed(q, raw, alone):
		q.Peak = max(q.Seen, q.Limit+1)
	case raw.Target != nil && raw.Target.Sockets < 2 && counters.OneWay(raw.Kernel) == 0:
		// A link is late by as much as the queue is long.
		q.Peak = max(q.Seen, min(rebuilt(all), q.Limit)) // one more is full, of which there is no sign
	}
	return q
}

// overflowed goes by ListenOverflows where no other listener has any, else by the listener's own drops: those
// are for a broken handshake too, but not where no queue overflowed.
func overflowed(q *metric.Queue, raw *record.Repeat, alone bool) bool {
	n, known := counters.Gain(raw.Kernel, record.ListenOverflows)
	if alone && known {
		return n > 0 && q.Elsewhere == 0
	}
	return (q.Dropped > 0 || siblingDropped(raw)) && (!known || n > 0)
}

// siblingDropped reports whether a listener at the port that was stormed dropped something: where several share
// it (SO_REUSEPORT), one of them is sampled.
func siblingDropped(raw *record.Repeat) bool {
	return slices.ContainsFunc(atPort(raw), func(l record.Listener) bool { return l.Drops > 0 })
}

// atPort are the listeners at the port that was stormed.
func atPort(raw *record.Repeat) (all []record.Listener) {
	server, err := netip.ParseAddrPort(raw.Storm.Address)
	if err != nil || raw.Kernel == nil {
		return nil
	}
	for _, l := range raw.Kernel.Listeners {
		if at, err := netip.ParseAddrPort(l.Address); err == nil && at.Port() == server.Port() {
			all = append(all, l)
		}
	}
	return all
}

// elsewhere returns the overflows of other listeners: the kernel counts every overflow at its listener, too,
// and the one that was stormed has none. Beside the built-in target nothing listens.
func elsewhere(q *metric.Queue, raw *record.Repeat, alone bool) uint64 {
	n, known := counters.Gain(raw.Kernel, record.ListenOverflows)
	ownKnown := slices.ContainsFunc(raw.Queue, func(s record.QueueSample) bool { return s.Drops != nil })
	if raw.Target != nil || alone && raw.Served == nil || !known || !ownKnown || q.Dropped > 0 || q.WasFull() ||
		siblingDropped(raw) {
		return 0
	}
	return uint64(n)
}

// rebuilt is how deep the queue must have been by the accounts of the clients' kernels and of the server,
// which accepted the connections of all: how many had come and were not accepted yet. A burst comes and goes
// between two samples of an idle queue. Those whose time of coming is not known to a few microseconds are
// left out: a SYN that was retransmitted has the grain of a tick, and a revived one came later.
func rebuilt(all []calls.Trail) uint32 {
	var came, went []time.Duration
	for i := range all {
		if at, ok := all[i].Entered(); ok && at == all[i].Arrived() && all[i].SYNsLost() == 0 {
			came, went = append(came, at), append(went, all[i].Peer.At)
		}
	}
	slices.Sort(came)
	slices.Sort(went)
	deepest, gone := 0, 0
	for i, at := range came {
		for gone < len(went) && went[gone] <= at {
			gone++
		}
		deepest = max(deepest, i+1-gone)
	}
	return uint32(deepest)
}

// span returns how long sample i held and until when, counted from the storm's start. The
// last one has no end and holds for no time.
func span(samples []record.QueueSample, i int) (held, until time.Duration) {
	from := max(samples[i].At, 0)
	if i+1 == len(samples) {
		return 0, from
	}
	until = max(samples[i+1].At, from)
	return until - from, until
}

// longestPause is the longest time without a sample from the storm's start until the last attempt was settled
// at wall; the watch may have begun later and ended before.
func longestPause(samples []record.QueueSample, wall time.Duration) time.Duration {
	longest := max(min(samples[0].At, wall), 0)
	for i := range samples {
		if samples[i].At >= wall {
			break
		}
		held, _ := span(samples, i)
		if i+1 == len(samples) {
			held = wall - samples[i].At
		}
		longest = max(longest, held)
	}
	return longest
}

// FullBetween is how long the accept queue was full from one time until another.
func FullBetween(samples []record.QueueSample, from, until time.Duration) time.Duration {
	return timeBetween(samples, from, until, func(s record.QueueSample) bool { return s.Depth > s.Limit })
}

// BusyBetween is how long the accept queue was not empty from one time until another.
func BusyBetween(samples []record.QueueSample, from, until time.Duration) time.Duration {
	return timeBetween(samples, from, until, func(s record.QueueSample) bool { return s.Depth > 0 })
}

func timeBetween(
	samples []record.QueueSample, from, until time.Duration, is func(record.QueueSample) bool,
) (sum time.Duration) {
	for i, s := range samples {
		if held, end := span(samples, i); is(s) {
			sum += max(min(end, until)-max(end-held, from), 0)
		}
	}
	return sum
}
