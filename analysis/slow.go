package analysis

import (
	"fmt"
	"time"

	"agistorm/analysis/record"
)

// slowOfServed says that answered calls waited, be the queue long enough or not, and what was too
// slow; empty where none waited.
func (l *ladder) slowOfServed(c *Cell) string {
	slow := 0
	for i := range c.Repeats {
		slow += c.Repeats[i].Slow
	}
	if slow == 0 {
		return ""
	}
	return fmt.Sprintf("%s of the %s %s waited 1 s or more for their first command after they were connected, up to %s: %s.",
		Count(slow), Count(c.served()), l.success, Duration(c.longestWait()), c.whySlow("the server is slower than its "+
			"calls come"))
}

// slowest tells the same of the setting in which most calls waited.
func (l *ladder) slowest() string {
	var worst *Cell
	for _, c := range l.everything() {
		if worst == nil || c.Slow.Median > worst.Slow.Median {
			worst = c
		}
	}
	if worst == nil || worst.Slow.Median == 0 {
		return ""
	}
	return fmt.Sprintf("With %s, %s answered %s a storm waited 1 s or more for their first command after they were connected, up to %s: "+
		"%s.", worst.Label, whole(worst.Slow.Median), choose(rounded(worst.Slow.Median), "call", "calls"),
		Duration(worst.longestWait()), worst.whySlow("no queue makes the server faster"))
}

// whySlow blames the server only where neither the generator kept it waiting nor a hypervisor took its
// CPUs. The CPUs of an external server are not known.
func (c *Cell) whySlow(why string) string {
	if c.Lagging() {
		return c.keptWaiting()
	}
	if share := c.stolen(); share > stealLimit && c.Backlog != "" {
		return fmt.Sprintf("a hypervisor took up to %.0f %% of its machine's CPU time meanwhile", 100*share)
	}
	if share := c.heldBack(); share >= othersLimit {
		return fmt.Sprintf("other processes used up to %.0f %% of its machine's CPU time meanwhile", 100*share)
	}
	return why
}

// longestWait is from a connection to its first command.
func (c *Cell) longestWait() (longest time.Duration) {
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

// overloaded reports whether calls came for a second or more, while the accept queue was full for half of that time and
// for half of its last quarter. A longer queue holds a burst, and the calls of Asterisk, which slows down; not these.
func overloaded(c *Cell) bool {
	for i := range c.Repeats {
		r := &c.Repeats[i]
		came := lastArrival(r.Raw.Attempts)
		if r.Queue != nil && came >= time.Second && r.Queue.Full >= came/2 &&
			fullBetween(r.Raw.Queue, came-came/4, came) >= came/8 {
			return true
		}
	}
	return false
}

// fullBetween is how long the accept queue was full from one time until another.
func fullBetween(samples []record.QueueSample, from, until time.Duration) (full time.Duration) {
	for i, s := range samples {
		if held, end := span(samples, i); s.Depth > s.Limit {
			full += max(min(end, until)-max(end-held, from), 0)
		}
	}
	return full
}
