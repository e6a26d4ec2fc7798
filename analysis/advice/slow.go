package advice

import (
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/queue"
)

// slowOfServed are the answered calls of the only setting that waited, be the queue long enough or not.
func (l *ladder) slowOfServed(c *analysis.Cell) []finding.Finding {
	slow := c.Sum(func(r *analysis.Repeat) int { return r.Slow })
	if slow == 0 {
		return nil
	}
	return slowCalls(c, finding.SlowCalls{Calls: slow})
}

// slowest are those of the setting in which most calls waited.
func (l *ladder) slowest() []finding.Finding {
	var worst *analysis.Cell
	for _, c := range l.everything() {
		if worst == nil || c.Slow.Median > worst.Slow.Median {
			worst = c
		}
	}
	if worst == nil || worst.Slow.Median == 0 {
		return nil
	}
	return slowCalls(worst, finding.SlowCalls{Calls: rounded(worst.Slow.Median), PerStorm: true})
}

// longestWait is from a connection to its first command.
func longestWait(c *analysis.Cell) (longest time.Duration) {
	for i := range c.Repeats {
		attempts := c.Repeats[i].Raw.Attempts
		for j := range attempts {
			if a := &attempts[j]; a.Slow() {
				longest = max(longest, *a.FirstCommand-*a.Connected)
			}
		}
	}
	return longest
}

// overloaded reports whether calls came for a second or more, while the accept queue was full for half of
// that time and for half of its last quarter. A longer queue holds a burst, and the calls of Asterisk, which
// slows down; not these.
func overloaded(c *analysis.Cell) bool {
	for i := range c.Repeats {
		r := &c.Repeats[i]
		came := calls.LastArrival(r.Raw.Attempts)
		if r.Queue != nil && came >= time.Second && r.Queue.Full >= came/2 &&
			queue.FullBetween(r.Raw.Queue, came-came/4, came) >= came/8 {
			return true
		}
	}
	return false
}

// slowCalls blames the server only where neither the generator kept it waiting nor others took its CPUs.
func slowCalls(c *analysis.Cell, fact finding.SlowCalls) []finding.Finding {
	fact.Longest = longestWait(c)
	fact.Blame, fact.Share = health.Blame(c)
	return append([]finding.Finding{analysis.About(fact, c)}, health.LagFinding(c)...)
}
