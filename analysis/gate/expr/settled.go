package expr

import (
	"fmt"
	"math"
	"slices"
)

// Storm is what is known of a storm before it is played.
type Storm struct {
	// Calls that it offers; 0 where nobody knows.
	Calls int
	// Client who calls, as scenarios name it; empty where nobody knows.
	Client string
	// Foreign servers are somebody else's: they keep no log.
	Foreign bool
}

// NoLog is why nobody knows the phantoms of a storm at a foreign server.
const NoLog = "phantoms are known in a sweep only, whose target keeps a log of its connections"

// NoHandlerTime is why nobody knows which share of its handlers' time an external server lost.
const NoHandlerTime = "the handlers' time is known in a sweep only, whose target keeps a log of its connections"

// connectOnly is the client that goes when it has connected.
const connectOnly = "connect-only"

const wantedLimit = "want a limit that a run can meet, and miss"

// What the calls of a client that only connects never come to, and what only they do.
var (
	spoken = []string{"answered", "closed", "silent", "protocol-error", "slow", "unserved", "first-command", "session",
		replyLag}
	unspoken = []string{"connected"}
)

// Settled says why a storm cannot decide the condition: it holds whatever is measured, or never, or what it asks is not measured. Empty
// where a storm can.
func (c *Condition) Settled(s Storm) string {
	switch {
	case s.Foreign && c.Metric.Of == "phantom":
		return NoLog
	case s.Foreign && c.Metric.Func == "share":
		return NoHandlerTime
	case s.Client == connectOnly && slices.Contains(spoken, c.Metric.Of):
		return fmt.Sprintf("a client that only connects never comes to %s: want what becomes of connections, such as lost or p99(connect)", c.Metric)
	case s.Client != connectOnly && s.Client != "" && slices.Contains(unspoken, c.Metric.Of):
		return fmt.Sprintf("%s is what becomes of the calls of a client that only connects: want answered", c.Metric)
	case s.Calls == 0:
		return ""
	}
	if what := c.certain(float64(s.Calls)); what != "" {
		return fmt.Sprintf("of %d calls %s: %s", s.Calls, what, wantedLimit)
	}
	return ""
}

// certain tells of a condition that every run of so many calls meets, or none; empty for one that can be judged.
func (c *Condition) certain(calls float64) string {
	most := c.most(calls)
	var always, never bool
	switch c.Op {
	case "<":
		always, never = c.Limit > most, c.Limit == 0
	case "<=":
		always = c.Limit >= most
	case ">":
		never = c.Limit >= most
	case ">=":
		always, never = c.Limit == 0, c.Limit > most
	case "==":
		never = c.Limit > most || c.between()
	case "!=":
		always = c.Limit > most || c.between()
	}
	switch {
	case always:
		return "this always holds"
	case never:
		return "this never holds"
	}
	return ""
}

// most that the metric can be, in the unit of the limit, of so many calls.
func (c *Condition) most(calls float64) float64 {
	switch {
	case c.Metric.Of == "syns-lost": // a call can lose several
		return math.Inf(1)
	case c.Unit == Percent:
		return 100
	case c.Metric.ofCalls():
		return calls
	}
	return math.Inf(1)
}

// between tells of a limit between two numbers that the metric can be: a count is whole, the median of two counts a half at most.
func (c *Condition) between() bool {
	whole := c.Unit == Calls && (c.Metric.ofCalls() || c.Metric.String() == "max(queue)")
	limit := c.Limit
	if c.Median {
		limit *= 2
	}
	return whole && limit != math.Trunc(limit)
}

// ofCalls tells of a metric that counts calls, or the SYNs that they lost.
func (m Metric) ofCalls() bool { return slices.Contains(counts, m.String()) }
