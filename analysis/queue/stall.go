package queue

import (
	"slices"
	"time"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Limits of a stall.
const (
	// leastStall is how long a server must accept nothing: a collector's pause or a slow call is no stall.
	leastStall = 250 * time.Millisecond
	// leastQueued connections must wait by then: with fewer, a slow server looks alike.
	leastQueued = 4
	// atOnce is the part of a stall within which half of the queue must be accepted after it. A slow server takes
	// at least as long for each call as it took for the first.
	atOnce = 10
)

// stallOf is the longest time in which the queue was not empty and never became shorter, while the server was
// neither slow before nor after it; nil without one. Of a server with several queues nothing is known: one of
// them may be stuck while others are served.
func stallOf(raw *record.Repeat) *metric.Stall {
	if several(raw) {
		return nil
	}
	var longest *metric.Stall
	samples := raw.Queue
	for first := 0; first < len(samples); {
		if samples[first].Depth == 0 {
			first++
			continue
		}
		last := first
		for last+1 < len(samples) && samples[last+1].Depth >= samples[last].Depth {
			last++
		}
		s := standstill(raw, first, last)
		if s != nil && (longest == nil || s.To-s.From > longest.To-longest.From) {
			longest = s
		}
		first = last + 1
	}
	return longest
}

// standstill is the stall from one sample to another, between which the queue never became shorter; nil where
// it is none.
func standstill(raw *record.Repeat, first, last int) *metric.Stall {
	samples := raw.Queue
	depth := samples[last].Depth
	_, until := span(samples, last)
	s := &metric.Stall{From: max(samples[first].At, 0), To: until, Open: last+1 == len(samples)}
	if s.To-s.From < leastStall || depth < leastQueued {
		return nil
	}
	if !s.Open {
		half := slices.IndexFunc(samples[last:], func(q record.QueueSample) bool { return q.Depth <= depth/2 })
		if half < 0 || samples[last+half].At-until > (s.To-s.From)/atOnce {
			return nil
		}
	}
	if accepted(raw, s, int(depth)) {
		return nil
	}
	s.Needed = int(samples[first].Depth) + arrived(raw.Attempts, s)
	return s
}

// accepted reports whether the server accepted a connection meanwhile: by its own log, by a first command, or, of
// clients that wait for none, by more connections than the queue holds. What was accepted just before, and the
// first of those after the stall, may bear a time within it.
func accepted(raw *record.Repeat, s *metric.Stall, holds int) bool {
	slack := (s.To - s.From) / atOnce
	within := func(at *time.Duration) bool { return at != nil && s.From+slack < *at && *at < s.To-slack }
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
	return connected > holds || raw.Target != nil &&
		slices.ContainsFunc(raw.Target.Peers, func(p record.Peer) bool { return within(&p.At) })
}

// arrived counts the calls that were started meanwhile: each would have needed a place.
func arrived(attempts []record.Attempt, s *metric.Stall) (n int) {
	for i := range attempts {
		if at := attempts[i].Started; at != nil && s.From < *at && *at < s.To {
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
