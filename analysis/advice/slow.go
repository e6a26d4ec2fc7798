package advice

import (
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/queue"
)

// slowOfServed are the answered calls of the only setting that waited, be the queue long enough or not.
func slowOfServed(c *analysis.Cell) []finding.Finding {
	return slowCalls(c, finding.SlowCalls{Calls: c.Sum(func(r *analysis.Repeat) int { return r.Slow })})
}

// slowest are those of the setting in which most calls waited.
func (l *ladder) slowest() []finding.Finding {
	for _, c := range most(l.everything(), func(c *analysis.Cell) float64 { return c.Slow.Median }) {
		return slowCalls(c, finding.SlowCalls{Calls: rounded(c.Slow.Median), PerStorm: true})
	}
	return nil
}

// longestWait is from a connection to its first command.
func longestWait(c *analysis.Cell) (longest time.Duration) {
	for r := range analysis.Each(c.Repeats) {
		for a := range analysis.Each(r.Raw.Attempts) {
			if a.Slow() {
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
	for r := range analysis.Each(c.Repeats) {
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
	if fact.Calls == 0 {
		return nil
	}
	fact.Longest = longestWait(c)
	if fact.Blame, fact.CPUShare = health.Blame(c); slices.ContainsFunc(c.Repeats, hasOtherCause) {
		fact.Blame, fact.CPUShare = finding.BlameFinding, 0
	}
	return append([]finding.Finding{analysis.About(fact, c)}, health.LagFinding(c)...)
}
