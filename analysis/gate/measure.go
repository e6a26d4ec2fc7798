package gate

import (
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// of judges by the storms of a cell: the condition must hold in every one, or for their median.
func (r Result) of(run *record.Run, cell *analysis.Cell, c *expr.Condition) Result {
	r.Status = Inconclusive
	if lacks := cell.Incomplete(run); lacks != nil {
		r.Why = fact(lacks)
		return r
	}
	r.Limit, r.Unit = &c.Limit, string(c.Unit)
	var values []float64
	for i := range cell.Repeats {
		v, unknown := measure(&cell.Repeats[i], c)
		if unknown.Reason != "" {
			unknown.Storm = cell.Repeats[i].N
			r.Why = fact(unknown)
			return r
		}
		values = append(values, v)
	}
	if c.Median {
		return r.ofMedian(c, values)
	}
	return r.ofEach(c, cell, values)
}

func (r Result) ofMedian(c *expr.Condition, values []float64) Result {
	median := stats.MedianOf(values).Median
	if r.Status = Passed; !c.Op.Holds(median, c.Limit) {
		r.Status = Failed
	}
	return r.measured(median, c, finding.Median, len(values))
}

func (r Result) ofEach(c *expr.Condition, cell *analysis.Cell, values []float64) Result {
	var failed []int
	decisive := values[0]
	for i, v := range values {
		if !c.Op.Holds(v, c.Limit) {
			failed = append(failed, cell.Repeats[i].N)
		}
		if worse(c.Op, v, decisive, c.Limit) {
			decisive = v
		}
	}
	r.Status = Passed
	choice := finding.Worst
	switch {
	case len(failed) > 0:
		r.Status, choice = Failed, ""
		if len(values) > 1 {
			r.Why = fact(finding.DoesNotHold{Storms: failed, Of: len(values)})
		}
	case len(values) == 1:
		choice = ""
	case c.Op == "!=":
		choice = finding.AnyOne
	}
	return r.measured(decisive, c, choice, len(values))
}

// measured notes the value that decided.
func (r Result) measured(v float64, c *expr.Condition, choice finding.Choice, storms int) Result {
	r.Value = number(v)
	r.Measured = fact(finding.Measured{
		Value: r.Value, Unit: string(c.Unit), Instant: v == instant && c.Unit == expr.Time, Choice: choice, Storms: storms,
	})
	return r
}

// number is nil for a wait without an end.
func number(v float64) *float64 {
	if analysis.Endless(v) {
		return nil
	}
	return &v
}

// worse reports whether a value is worse than another for the operator; for equality the one that is further away.
func worse(op expr.Op, v, than, limit float64) bool {
	switch op {
	case "<", "<=":
		return v > than
	case ">", ">=":
		return v < than
	case "!=":
		return v == limit
	default:
		return distance(v, limit) > distance(than, limit)
	}
}

func distance(a, b float64) float64 { return max(a-b, b-a) }

// measure gives the metric's value in one storm, in the unit of the limit; or why it is not known, by a reason's code.
func measure(r *analysis.Repeat, c *expr.Condition) (value float64, why finding.NotKnown) {
	switch {
	case c.Metric.Of == "queue":
		return ofQueue(r.Queue, c)
	case c.Metric.Of == "served" && r.ServedRate == nil:
		return 0, finding.NotKnown{} // none was served
	case c.Metric.Of == "served":
		return *r.ServedRate, finding.NotKnown{}
	case c.Metric.Func != "":
		return ofLatency(r, c.Metric)
	}
	n, why := calls(r, c.Metric.Of)
	if why.Reason == "" && c.Unit == expr.Percent {
		return 100 * n / float64(max(r.Offered, 1)), finding.NotKnown{}
	}
	return n, why
}

// calls counts calls of a storm.
func calls(r *analysis.Repeat, of string) (n float64, why finding.NotKnown) {
	switch of {
	case "lost":
		return float64(r.Lost), finding.NotKnown{}
	case "late":
		if r.SYNRetransmits == nil {
			return 0, unknown("no-kernel-account")
		}
		return float64(r.Late), finding.NotKnown{}
	case "slow":
		return float64(r.Slow), finding.NotKnown{}
	case "phantom":
		return orWhy(r.Phantoms, unknown("no-server-log"))
	case "syns-lost":
		return orWhy(r.SYNsLost, unknown("no-kernel-account"))
	case "unserved":
		if r.Dialplan == nil {
			return 0, unknown("only-connects")
		}
		return float64(r.Dialplan.Unserved), finding.NotKnown{}
	}
	return float64(r.Outcomes[record.Outcome(of)]), finding.NotKnown{}
}

func unknown(reason string) finding.NotKnown { return finding.NotKnown{Reason: reason} }

func orWhy[T int | uint64](n *T, why finding.NotKnown) (float64, finding.NotKnown) {
	if n == nil {
		return 0, why
	}
	return float64(*n), finding.NotKnown{}
}

func ofQueue(q *analysis.Queue, c *expr.Condition) (value float64, why finding.NotKnown) {
	if q == nil {
		return 0, unknown("queue-unwatched")
	}
	holds := float64(q.Limit) + 1 // sk_acceptq_is_full in the kernel's include/net/sock.h
	value = map[string]float64{
		"max": float64(q.Peak), "mean": q.Mean, "full": float64(q.Full), "drain": float64(q.Drain),
	}[c.Metric.Func]
	if c.Unit == expr.Percent {
		value = 100 * value / holds
	}
	if c.Metric.Func == "full" && q.WasFull() {
		value = max(value, instant)
	}
	if why, least := unsure(q, c.Metric.Func); why.Reason != "" && !(least && tooMuch(c, value)) {
		return 0, why
	}
	return value, finding.NotKnown{}
}

// instant is how long a queue was full that overflowed between two samples, at the least, in nanoseconds: no sample knows more.
const instant = 1

// unsure is why a number of the queue is not known, and whether it is known to be no less; no reason where it is known.
func unsure(q *analysis.Queue, function string) (why finding.NotKnown, least bool) {
	switch {
	case !q.Watched():
		return finding.NotKnown{Reason: "queue-unsampled", Gap: q.LongestPause}, function == "max"
	case q.Unseen() && function != "max":
		return unknown("overflow-unseen"), function != "mean"
	}
	return finding.NotKnown{}, false
}

// tooMuch reports whether a number is more than it may be: whether it was more still does not matter.
func tooMuch(c *expr.Condition, value float64) bool {
	return (c.Op == "<" || c.Op == "<=" || c.Op == "==" && value > c.Limit) && !c.Op.Holds(value, c.Limit)
}

// percents that the functions of a latency are of the calls.
var percents = map[string]float64{"min": 0, "p50": 50, "p90": 90, "p99": 99, "p99.9": 99.9, "max": 100}

// ofLatency is exact for min and max; quantiles are of a histogram of 3 digits.
func ofLatency(r *analysis.Repeat, m expr.Metric) (value float64, why finding.NotKnown) {
	switch m.Of {
	case "start-lag":
		return ofStartLag(r.StartLag, m)
	case "reply-lag":
		return ofReplyLag(r.ReplyLag, m)
	}
	value, known := analysis.Waits[m.Of].Of(r, percents[m.Func])
	if !known {
		return 0, unknown("no-such-call")
	}
	return value, finding.NotKnown{}
}

func ofStartLag(q analysis.Quantiles, m expr.Metric) (value float64, why finding.NotKnown) {
	if q.Count == 0 {
		return 0, unknown("no-such-call")
	}
	return float64(map[string]time.Duration{"p50": q.P50, "p90": q.P90, "p99": q.P99, "min": q.Min, "max": q.Max}[m.Func]), finding.NotKnown{}
}

func ofReplyLag(l *analysis.ReplyLag, m expr.Metric) (value float64, why finding.NotKnown) {
	switch {
	case l == nil:
		return 0, unknown("no-replies")
	case m.Func == "share" && l.Share == nil:
		return 0, unknown(string(l.ShareUnknown))
	case m.Func == "share":
		return 100 * *l.Share, finding.NotKnown{}
	}
	return float64(map[string]time.Duration{"p50": l.P50, "p90": l.P90, "p99": l.P99, "max": l.Max}[m.Func]), finding.NotKnown{}
}
