package advice

import (
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/counters"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// otherCauses are what impaired calls though the accept queue of a working server was not too short: each has a
// remedy of its own, and what the length of the queue or the server's pace would suggest is wrong.
func otherCauses(s *analysis.Summary) []finding.Finding {
	if stuck := stuckSockets(s); stuck != nil {
		return stuck
	}
	return append(otherListeners(s), stalls(s)...)
}

// hasOtherCause reports whether a storm has one of them.
func hasOtherCause(r analysis.Repeat) bool {
	return overflowedElsewhere(&r) || stalled(&r) || r.Impaired() && stuckSocket(&r).Stuck > 0
}

// serverFailed reports whether the server itself lost the calls of a setting, however long its queue: it ended or was
// stopped in a storm, or it closed or reset the connection of every call.
func serverFailed(c *analysis.Cell) bool {
	return closedAll(c) || slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool { return r.ServerEnded() })
}

// closedAll reports whether an external server, or the user's own, closed or reset the connection of every call.
// Beside the calls that only a full queue resets there are always some that it accepted.
func closedAll(c *analysis.Cell) bool {
	calls, closed := c.Sum(offered), c.Sum(closedByServer)+c.Sum(resetByServer)
	return calls > 0 && closed == calls
}

// otherListeners are those that overflowed while the one that was stormed dropped nothing.
func otherListeners(s *analysis.Summary) []finding.Finding {
	var fact finding.OtherListener
	cells, _ := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		if !overflowedElsewhere(r) {
			return false
		}
		if n := int(r.Queue.Elsewhere); n > fact.Overflows {
			fact = finding.OtherListener{Overflows: n}
			if l := mostDrops(r.Raw.Kernel.Listeners); l != nil {
				fact.Address, fact.Backlog, fact.Drops = l.Address, l.Effective, int(l.Drops)
			}
		}
		return true
	})
	return analysis.FactOf(fact, cells)
}

// overflowedElsewhere is not known of a server that ended: its socket went with its drops.
func overflowedElsewhere(r *analysis.Repeat) bool {
	return r.Impaired() && !r.ServerEnded() && analysis.Deref(r.Queue).Elsewhere > 0
}

// mostDrops is the listener that dropped most; nil where none dropped anything.
func mostDrops(all []record.Listener) (most *record.Listener) {
	for l := range analysis.Each(all) {
		if l.Drops > 0 && (most == nil || l.Drops > most.Drops) {
			most = l
		}
	}
	return most
}

// stalled reports whether the server accepted nothing for a while in a storm that it impaired, or until the end.
func stalled(r *analysis.Repeat) bool {
	return r.Queue != nil && r.Queue.Stall != nil && !r.ServerEnded() &&
		(r.Impaired() || r.Slow > 0 || r.Queue.Stall.Open)
}

// stalls are the settings in which it did, with the longest time.
func stalls(s *analysis.Summary) []finding.Finding {
	var fact finding.StoppedAccepting
	cells, storms := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		if !stalled(r) {
			return false
		}
		if stall := r.Queue.Stall; stall.To-stall.From > fact.To-fact.From {
			fact.From, fact.To, fact.Open = stall.From, stall.To, stall.Open
		}
		fact.Needed = max(fact.Needed, r.Queue.Stall.Needed)
		if holds := int(r.Queue.Holds()); fact.Holds == 0 || holds < fact.Holds {
			fact.Holds = holds
		}
		return true
	})
	fact.Storms = storms
	return analysis.FactOf(fact, cells)
}

// stuckSockets are sockets of a port that dropped calls, and were not emptied while the storm's end waited for
// it, beside others of the same address that were.
func stuckSockets(s *analysis.Summary) []finding.Finding {
	var fact finding.SocketStuck
	cells, _ := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		found := stuckSocket(r)
		if !r.Impaired() || found.Stuck == 0 {
			return false
		}
		if found.Drops > fact.Drops {
			fact = found
		}
		return true
	})
	return analysis.FactOf(fact, cells)
}

// stuckSocket has none where there is none.
func stuckSocket(r *analysis.Repeat) finding.SocketStuck {
	listeners := analysis.Deref(r.Raw.Kernel).Listeners
	for _, sockets := range grouped(pointers(listeners), func(l *record.Listener) string { return l.Address }) {
		fact := finding.SocketStuck{Sockets: len(sockets)}
		for _, l := range sockets {
			if l.Depth > 0 {
				fact.Stuck++
				fact.Queued, fact.Drops = fact.Queued+l.Depth, fact.Drops+int(l.Drops)
			}
		}
		if fact.Drops > 0 && fact.Stuck < fact.Sockets {
			return fact
		}
	}
	return finding.SocketStuck{}
}

func pointers[T any](all []T) (list []*T) {
	for e := range analysis.Each(all) {
		list = append(list, e)
	}
	return list
}

// What the kernel counts when a SYN queue is full (net/ipv4/tcp_input.c, tcp_syn_flood_action).
const (
	fullCookies = "TCPReqQFullDoCookies"
	fullDrop    = "TCPReqQFullDrop"
	syncookies  = "net.ipv4.tcp_syncookies"
	// always is its value with which a SYN is answered with a cookie whether the queue is full or not, and
	// nothing is logged.
	always = "2"
)

// synQueueFull counts the SYNs that met a full SYN queue, and were answered with a cookie or dropped.
func synQueueFull(r *analysis.Repeat) (cookies, dropped int) {
	n, known := counters.Gains(r.Raw.Kernel, fullCookies, fullDrop)
	if !known || r.Raw.Kernel.Sysctls[syncookies] == always {
		return 0, 0
	}
	return int(n[0]), int(n[1])
}

// synQueueWasFull reports whether that was so in a storm of the cell: a longer backlog helps, even where the
// accept queue was never full.
func synQueueWasFull(c *analysis.Cell) bool {
	return slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool {
		cookies, dropped := synQueueFull(&r)
		return cookies+dropped > 0
	})
}

// settlesQueue reports whether a finding states that no longer queue helps, or recommends one.
func settlesQueue(f finding.Finding) bool {
	switch f.Fact.(type) {
	case finding.SocketStuck, finding.ServerEnded, finding.ServerTooSlow, finding.ServerOverloaded:
		return true
	case finding.RaiseBacklog, finding.ShortBacklog:
		return true
	}
	return false
}

// synQueue is the SYN queue that was full.
func synQueue(s *analysis.Summary, noRemedy bool) []finding.Finding {
	fact := finding.SYNQueueFull{NoRemedy: noRemedy}
	harmless := true
	cells, _ := s.StormsWhere(func(c *analysis.Cell, r *analysis.Repeat) bool {
		cookies, dropped := synQueueFull(r)
		if cookies+dropped == 0 || !serverSeen(s, r) {
			return false
		}
		harmless = harmless && !r.Impaired()
		if cookies+dropped > fact.Cookies+fact.Dropped {
			limit, _ := c.SeenBacklog()
			if l := mostDrops(r.Raw.Kernel.Listeners); l != nil {
				limit = uint32(l.Effective) // a proxy's own is not the one that was full
			}
			fact.Cookies, fact.Dropped, fact.Backlog = cookies, dropped, int(limit)
			fact.First = firstGrowth(r.Raw.Counters, fullCookies, fullDrop)
		}
		return true
	})
	fact.Harmless = harmless
	return analysis.FactOf(fact, cells)
}

// firstGrowth is when one of the counters was first seen to have grown; nil where none was.
func firstGrowth(samples []record.CounterSample, names ...string) *time.Duration {
	for s := range analysis.Each(samples) {
		for _, name := range names {
			if s.Gained[name] > 0 {
				at := max(s.At, 0)
				return &at
			}
		}
	}
	return nil
}

// serverSeen reports whether the counters are those of the server's kernel.
func serverSeen(s *analysis.Summary, r *analysis.Repeat) bool {
	return s.Run.Isolation.Own() || r.Queue != nil
}

// slowLink is the round trip from which a SYN may be retransmitted though its answer is under way.
const slowLink = time.Second

// beforeListener are SYNs that were lost though neither the listener nor the medium dropped as many.
func beforeListener(s *analysis.Summary) []finding.Finding {
	var fact finding.LostBeforeListener
	cells, _ := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		n := lostBefore(s, r)
		fact.SYNs = max(fact.SYNs, n)
		return n > 0
	})
	return analysis.FactOf(fact, cells)
}

// lostBefore is at least how many SYNs were lost before the listener; 0 where that is not known, or they are less
// than a tenth of all that were lost: a SYN that met a TIME_WAIT is retransmitted, too.
func lostBefore(s *analysis.Summary, r *analysis.Repeat) int {
	drops, known := counters.Gain(r.Raw.Kernel, "ListenDrops")
	if !known || r.SYNsLost == nil || !r.Medium.Known || !r.Impaired() || !serverSeen(s, r) ||
		2*counters.OneWay(r.Raw.Kernel) >= slowLink || calls.Moved(r.Raw.Attempts) > 0 {
		return 0
	}
	lost := int64(*r.SYNsLost)
	if before := lost - drops - r.Medium.Dropped; before > 0 && before >= lost/10 {
		return int(before)
	}
	return 0
}
