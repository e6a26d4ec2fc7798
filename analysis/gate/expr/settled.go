package expr

import (
	"fmt"
	"math"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Storm is what is known of a storm before it is played.
type Storm struct {
	// Calls that it offers; 0 where it is not known.
	Calls int
	// Client, as scenarios name it; empty where it is not known.
	Client string
	// Foreign servers are external: they keep no log.
	Foreign bool
}

const wantedLimit = "want a limit that a run can meet, and miss"

// Settled states why a storm cannot decide the condition: it holds whatever is measured, or never, or what it
// asks is not measured. Empty where a storm can.
func (c *Condition) Settled(s Storm) string {
	m := c.Measured()
	switch {
	case s.Foreign && m.Logged:
		return fmt.Sprintf("%s is known in a sweep only, whose target keeps a log of its connections", c.Metric)
	case s.Client == record.ConnectOnly && m.Client == metric.SpeakingClient:
		return fmt.Sprintf("a client that only connects never comes to %s: "+
			"want what becomes of connections, such as lost or p99(connect)", c.Metric)
	case s.Client != record.ConnectOnly && s.Client != "" && m.Client == metric.ConnectingClient:
		return fmt.Sprintf("%s is what becomes of the calls of a client that only connects: want answered", c.Metric)
	case s.Calls == 0:
		return ""
	}
	if what := c.certain(float64(s.Calls)); what != "" {
		return fmt.Sprintf("of %d calls %s: %s", s.Calls, what, wantedLimit)
	}
	return ""
}

// certain states of a condition that every run of so many calls meets it, or none; empty for one that can be
// judged.
func (c *Condition) certain(calls float64) string {
	most := c.most(calls)
	least, greatest := c.Op.Holds(0, c.Limit), c.Op.Holds(most, c.Limit)
	always, never := least && greatest, !least && !greatest
	if c.Op == "==" || c.Op == "!=" {
		unreachable := c.Limit > most || c.between()
		always, never = unreachable && c.Op == "!=", unreachable && c.Op == "=="
	}
	switch {
	case always:
		return "this always holds"
	case never:
		return "this never holds"
	}
	return ""
}

// most returns the most that the metric can be, in the unit of the limit, of so many calls.
func (c *Condition) most(calls float64) float64 {
	m := c.Measured()
	switch {
	case m.Unit == metric.SYNs: // a call can lose several
		return math.Inf(1)
	case c.Unit == Percent:
		return 100
	case m.Unit == metric.Calls:
		return calls
	}
	return math.Inf(1)
}

// between reports whether the limit lies between two numbers that the metric can be: a count is whole, the
// median of two counts a half at most.
func (c *Condition) between() bool {
	limit := c.Limit
	if c.Median {
		limit *= 2
	}
	return c.Unit == Number && c.Measured().Whole && limit != math.Trunc(limit)
}
