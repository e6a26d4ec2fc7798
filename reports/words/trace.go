package words

import (
	"fmt"
	"time"

	"agistorm/scenarios/arrival"
)

// Trace says how a call log, a packet capture or a recording became the arrivals of a storm, a sentence a line.
func Trace(t *arrival.Trace) []string {
	list := []string{fmt.Sprintf("%s: %s %s.", t.File, Amount(t.Found, "call", "calls"), traceTimes(t))}
	if t.Captured != nil {
		list = append(list, captured(t.Captured)...)
	}
	if t.Times > 1 {
		list = append(list, fmt.Sprintf("Each of them is made %s times.", Count(t.Times)))
	}
	if all := t.Found * t.Times; t.Calls < all {
		list = append(list, fmt.Sprintf("Only the first %s of %s calls are made.", Count(t.Calls), Count(all)))
	}
	if skipped := traceSkipped(t); len(skipped) > 0 {
		list = append(list, "Skipped: "+List(skipped)+".")
	}
	if t.AllLines {
		list = append(list, "Warning: no line has AGI(agi://…), so every line with a time counts as a call.")
	}
	if t.RepeatedHour {
		list = append(list, "The log's clock was set back an hour. The calls after that are played an hour later.")
	}
	return list
}

// captured says what a file with SYNs lacks.
func captured(c *arrival.Captured) (list []string) {
	if c.Hosts > 1 {
		list = append(list, fmt.Sprintf("They come from %s hosts. With sources, the calls of a host have one address.",
			Count(c.Hosts)))
	}
	if c.Truncated {
		list = append(list, "Warning: the file is cut off at its end. What was whole before that is taken.")
	}
	if r := c.Recording; r != nil && r.Lost > 0 {
		list = append(list, fmt.Sprintf("Warning: the recording lacks %s that found the capture's buffer full.",
			Amount(int(r.Lost), "SYN", "SYNs")))
	}
	if r := c.Recording; r != nil && r.Dropped > 0 {
		list = append(list, fmt.Sprintf("The recording was full: its oldest %s were dropped.",
			Amount(int(r.Dropped), "SYN", "SYNs")))
	}
	return list
}

// traceTimes says how exact the log is, and what becomes of that.
func traceTimes(t *arrival.Trace) string {
	switch {
	case t.Captured != nil:
		return fmt.Sprintf("at port %d, each at the time of its first SYN", t.Captured.Port)
	case t.Spread > 0:
		return fmt.Sprintf("in whole %ss, each at random within its %[1]s; add exact to keep the log's times",
			unitOf(t.Spread))
	case t.Resolution >= time.Second:
		return fmt.Sprintf("in whole %ss, at the log's times", unitOf(t.Resolution))
	}
	return "at the log's times"
}

// unitOf names the resolution of a log that has no fractions of seconds.
func unitOf(resolution time.Duration) string {
	if resolution == time.Minute {
		return "minute"
	}
	return "second"
}

// traceSkipped lists the lines that are none of the calls, by the reason.
func traceSkipped(t *arrival.Trace) (list []string) {
	for _, reason := range []struct {
		n         int
		one, many string
	}{
		{t.Skipped.Empty, "line with no time in its column", "lines with no time in their column"},
		{t.Skipped.NoTime, "line without a time", "lines without a time"},
		{t.Skipped.Other, "line that is no call", "lines that are no calls"},
		{t.Skipped.Retransmitted, "retransmitted SYN", "retransmitted SYNs"},
		{t.Skipped.OtherPort, "SYN for another port", "SYNs for other ports"},
		{t.Skipped.Outside, "call outside the chosen time", "calls outside the chosen time"},
	} {
		if reason.n > 0 {
			list = append(list, Amount(reason.n, reason.one, reason.many))
		}
	}
	return list
}
