package words

import (
	"fmt"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/causes"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
)

// Phases of a served call, in the order in which they follow one another.
var Phases = []struct {
	Name, What string
	Of         func(*causes.Phases) metric.Quantiles
}{
	{
		"SYN retransmission", "from the first SYN to the one that was answered, of calls whose first SYN was not",
		func(p *causes.Phases) metric.Quantiles { return p.Retransmission },
	},
	{
		"accept queue", "from the end of the handshake to the accept",
		func(p *causes.Phases) metric.Quantiles { return p.Queued },
	},
	{
		"server", "from the accept to the first command at the client",
		func(p *causes.Phases) metric.Quantiles { return p.Server },
	},
}

// PhaseTimes says where the time of served calls went: the median and the longest of each phase.
func PhaseTimes(p *causes.Phases) string {
	var parts []string
	for _, phase := range Phases {
		q := phase.Of(p)
		text := phase.Name + ": none"
		if q.Count > 0 {
			text = phase.Name + ": " + quantiles(q)
		}
		if q.Count > 0 && q.Count < p.Queued.Count {
			text += " of " + Amount(q.Count, "call", "calls")
		}
		parts = append(parts, text)
	}
	return "where the time of served calls went: " + strings.Join(parts, "; ") + "."
}

// ReplyLagTimes says how late the generator replied over all storms of a setting, and what that cost the server.
func ReplyLagTimes(l *analysis.ReplyLag) string {
	text := "how late the generator replied: " + quantiles(l.Quantiles())
	if l.FromRead {
		text += " from the read of the command"
	}
	if l.Share == nil {
		return text + "; what that cost the handlers is not known, since " + reasons[l.ShareUnknown] + "."
	}
	return text + "; " + Percent(*l.Share) + " of the handlers' time."
}

// quantiles writes the usual ones; a percentile is not known of too few calls.
func quantiles(q metric.Quantiles) string {
	known := func(d time.Duration, percent float64) string {
		if !metric.Enough(q.Count, percent) {
			return "–"
		}
		return Duration(d)
	}
	return fmt.Sprintf("p50 %s, p99 %s, max %s", known(q.P50, 50), known(q.P99, 99), Duration(q.Max))
}

// ExampleOf says what was seen of one call of a chain.
func ExampleOf(c *causes.Chain) string {
	return fmt.Sprintf("storm %d, call %d: %s", c.Storm, c.Attempt, Example(c.Steps))
}

// OtherWays sums up chains that are not shown.
func OtherWays(n int) string {
	return Amount(n, "other way", "other ways") + ". Run with --explain for the rest"
}

// Chain says what became of a number of calls, step by step.
func Chain(steps []finding.Step) string { return writeSteps(steps, 0) }

// Example says what was seen of one of them.
func Example(steps []finding.Step) string { return writeSteps(steps, 1) }
