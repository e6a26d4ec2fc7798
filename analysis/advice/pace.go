package advice

import (
	"math"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/queue"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// pace is how fast the server was where it was saturated, and what that means for calls that wait in its
// queue.
type pace struct {
	// rate in calls/s.
	rate float64
	// timeout of the first command.
	timeout time.Duration
}

// paceOf is the server's pace in a cell: the fastest of the cells that differ from it at most in the queue's
// length, and in whose storms the accept queue was empty for less than a quarter of the time until the last call was
// served. There the server hardly waited for calls, so its rate there is what it can do, calls whose client had gone
// included. Where it waited for the generator's replies it can do more. False where no cell shows that, or the storm
// has no first-command limit.
func paceOf(s *analysis.Summary, cell *analysis.Cell) (pace, bool) {
	p := pace{timeout: s.Run.Scenario.FirstCommandLimit}
	for c := range analysis.Each(s.Cells) {
		if !neverIdle(c) || c.Lagging() || len(analysis.Differing([]record.Cell{cell.Cell, c.Cell})) > 0 {
			continue
		}
		handled := stats.SpreadOf(
			c.Numbers(func(r *analysis.Repeat) (float64, bool) { return handledRate(r.Raw.Target) }),
		)
		p.rate = max(p.rate, c.Metrics["served"].Median, handled.Median)
	}
	return p, p.rate > 0 && p.timeout > 0
}

// handledRate is how many connections per second the built-in target handled, without those that it
// rejected; false without its log.
func handledRate(t *record.Target) (rate float64, known bool) {
	if t == nil || len(t.Peers) == 0 {
		return 0, false
	}
	handled, end := 0, time.Duration(0)
	for p := range analysis.Each(t.Peers) {
		if p.Fate != record.PeerRejected {
			handled++
			end = max(end, p.Done)
		}
	}
	span := (end - t.Peers[0].At).Seconds()
	if span <= 0 {
		return 0, false
	}
	return float64(handled) / span, true
}

// neverIdle reports whether every storm of the cell was watched, and in each some connection was queued for
// most of the time in which the rate is measured, without a time in which the server stopped accepting.
func neverIdle(c *analysis.Cell) bool {
	return len(c.Repeats) > 0 && !slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool {
		if r.Queue == nil || r.Queue.Stall != nil {
			return true
		}
		from, until := calls.ServedWindow(r.Raw.Attempts)
		return queue.BusyBetween(r.Raw.Queue, from, until) < (until-from)*3/4
	})
}

// useful is the longest backlog of any use, to two digits: a call that is queued behind more of them waits for
// longer than its caller.
func (p pace) useful() int {
	n, unit := int(min(p.rate*p.timeout.Seconds(), record.MaxBacklog)), 1
	for n/unit >= 100 {
		unit *= 10
	}
	return n / unit * unit
}

// wait is how long the last of so many calls, which came within span, must wait: the server begins with the
// first.
func (p pace) wait(calls int, span time.Duration) time.Duration {
	if p.rate == 0 {
		return 0
	}
	seconds := float64(calls)/p.rate - span.Seconds()
	return time.Duration(max(seconds, 0) * float64(time.Second))
}

// tooSlow means that no backlog helps; nothing where the calls of a storm could all be served while their
// callers wait. It is stated only of a cell that lost calls.
func tooSlow(s *analysis.Summary, c *analysis.Cell) []finding.Finding {
	p, ok := paceOf(s, c)
	fact := finding.ServerTooSlow{Calls: rounded(c.Offered().Median), Timeout: p.timeout}
	fact.Needed = int(math.Ceil(float64(fact.Calls) / (arrivalSpan(c) + p.timeout).Seconds()))
	none := servesNone(c) && p.timeout > 0
	if !none {
		fact.Rate, fact.Wait = rounded(p.rate), p.wait(fact.Calls, arrivalSpan(c))
	}
	hopeless := none || ok && fact.Wait > p.timeout
	return analysis.FactIf(hopeless && c.Lost.Max > 0 && !c.Lagging(), fact, c)
}

// servesNone reports whether a built-in server took calls, and had no command for any while its caller
// waited; it is never true of an external server.
func servesNone(c *analysis.Cell) bool {
	return c.Backlog != "" && c.Served() == 0 && c.Total(record.Silent) > 0
}

// arrivalSpan returns the longest time from the start of a storm to its last arrival.
func arrivalSpan(c *analysis.Cell) time.Duration {
	return analysis.Most(c, func(r *analysis.Repeat) time.Duration { return calls.LastArrival(r.Raw.Attempts) })
}
