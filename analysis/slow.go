package analysis

import (
	"fmt"
	"time"
)

// slowOfServed tells of a server that takes its calls too slowly, be the queue long enough or not; empty where none waited.
func (l *ladder) slowOfServed(c *Cell) string {
	slow := 0
	for i := range c.Repeats {
		slow += c.Repeats[i].Slow
	}
	if slow == 0 {
		return ""
	}
	return fmt.Sprintf("%s of the %s %s waited 1 s or more for their first command after they were connected, up to %s: %s.",
		Count(slow), Count(c.served()), l.success, Duration(c.longestWait()), c.orStolen("the server is slower than its calls come"))
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
		"%s.", worst.Label, whole(worst.Slow.Median), choose(rounded(worst.Slow.Median), "call", "calls"), Duration(worst.longestWait()), worst.orStolen("no queue makes the server faster"))
}

// orStolen blames the server for being slow only where it had the CPUs to be faster. Of somebody else's nobody knows what they are.
func (c *Cell) orStolen(why string) string {
	if share := c.stolen(); share > stealLimit && c.Backlog != "" {
		return fmt.Sprintf("a hypervisor took up to %.0f %% of its machine's CPU time meanwhile", 100*share)
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

// overloaded tells of storms whose calls came for a second or more, for half of which the accept queue was full: that is
// no burst which a longer queue would hold.
func overloaded(c *Cell) bool {
	for i := range c.Repeats {
		r := &c.Repeats[i]
		if n := len(r.Raw.Attempts); n > 0 && r.Queue != nil {
			came := r.Raw.Attempts[n-1].Intended
			if came >= time.Second && r.Queue.Full >= came/2 {
				return true
			}
		}
	}
	return false
}
