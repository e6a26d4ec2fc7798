package queue

import (
	"cmp"
	"slices"
	"time"

	"agistorm/analysis/calls"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Limits of a stall.
const (
	// leastStall is how long a server must accept nothing: a collector's pause or a slow call is no stall.
	leastStall = 250 * time.Millisecond
	// leastQueued connections must wait by then: with fewer, a slow server looks alike.
	leastQueued = 4
	// soon is the part of a stall within which half of the queue must be accepted after it: then the server is as
	// quick as its calls came. A slow server takes at least as long for each call as it took for the first.
	soon = 2
	// atOnce is the part of a stall within which a sample must come.
	atOnce = 10
	// unusual is how many times longer than any other time between two accepts a stall must be: a server all of whose
	// handlers are busy accepts in waves.
	unusual = 3
)

// stallOf is the longest time in which the queue was not empty and never became shorter, while the server was
// quick before and after it; nil without one. Of a server with several queues nothing is known: one of them may be
// stuck while others are served.
func stallOf(raw *record.Repeat) (longest *metric.Stall) {
	if several(raw) {
		return nil
	}
	var usual time.Duration
	samples := raw.Queue
	for first := 0; first < len(samples); first++ {
		if samples[first].Depth == 0 {
			continue
		}
		last := first
		for last+1 < len(samples) && samples[last+1].Depth >= samples[last].Depth {
			last++
		}
		s, took := standstill(raw, first, last)
		switch {
		case s == nil && last+1 < len(samples):
			usual = max(usual, took)
		case s != nil && (longest == nil || took > longest.To-longest.From):
			longest = s
		}
		first = last
	}
	if longest != nil && longest.To-longest.From <= unusual*usual {
		return nil
	}
	return longest
}

// standstill is the stall from one sample to another, between which the queue never became shorter, and how long
// that took; nil where it is none.
func standstill(raw *record.Repeat, first, last int) (*metric.Stall, time.Duration) {
	samples := raw.Queue
	depth := samples[last].Depth
	_, until := span(samples, last)
	s := &metric.Stall{From: max(samples[first].At, 0), To: until, Open: last+1 == len(samples)}
	took := s.To - s.From
	switch {
	case took < leastStall, depth < leastQueued, longestGap(samples[first:last+1]) > took/atOnce,
		!s.Open && !emptied(samples[last:], depth, until+took/soon), accepted(raw, s, int(depth)):
		return nil, took
	}
	s.Needed = int(samples[first].Depth) + arrived(raw.Attempts, s)
	return s, took
}

// longestGap is the longest time between two samples: what came and went within it was not seen.
func longestGap(samples []record.QueueSample) (gap time.Duration) {
	for i := range samples[1:] {
		gap = max(gap, samples[i+1].At-samples[i].At)
	}
	return gap
}

// emptied reports whether half of a queue was accepted by a time.
func emptied(samples []record.QueueSample, depth uint32, by time.Duration) bool {
	half := slices.IndexFunc(samples, func(q record.QueueSample) bool { return q.Depth <= depth/2 })
	return half >= 0 && samples[half].At <= by
}

// accepted reports whether the server accepted a connection meanwhile: by its own log, by a first command, or, of
// clients that wait for none, by more connections than the queue holds. What was accepted just before, and the
// first of those after the stall, may bear a time within it.
func accepted(raw *record.Repeat, s *metric.Stall, holds int) bool {
	slack := (s.To - s.From) / atOnce
	within := func(at *time.Duration) bool { return at != nil && s.From+slack < *at && *at < s.To-slack }
	if raw.Target != nil { // whose peers are in the order in which they were accepted
		peers := raw.Target.Peers
		next, _ := slices.BinarySearchFunc(peers, s.From+slack+1, func(p record.Peer, at time.Duration) int {
			return cmp.Compare(p.At, at)
		})
		if next < len(peers) && within(&peers[next].At) {
			return true
		}
	}
	connected := 0
	for i := range raw.Attempts {
		a := &raw.Attempts[i]
		if within(a.FirstCommand) {
			return true
		}
		if a.Outcome == record.Connected && within(a.Connected) && (a.Phantom == nil || !*a.Phantom) {
			connected++
		}
	}
	return connected > holds
}

// arrived counts the calls that needed a place meanwhile: those that were started, and those whose SYN had been
// dropped before and was retransmitted.
func arrived(attempts []record.Attempt, s *metric.Stall) (n int) {
	for i := range attempts {
		a := &attempts[i]
		if a.Started == nil || *a.Started >= s.To {
			continue
		}
		retransmits, _ := calls.Retransmits(a)
		if *a.Started > s.From || retransmits > 0 && (a.Connected == nil || *a.Connected > s.From) {
			n++
		}
	}
	return n
}

// several reports whether the server listened with more than one socket.
func several(raw *record.Repeat) bool {
	return raw.Target != nil && raw.Target.Sockets > 1 || raw.Served != nil && len(raw.Served.Sockets) > 1 ||
		len(atPort(raw)) > 1
}
