package gate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// of judges by the storms of a cell: the condition must hold in every one, or for their median.
func (r Result) of(run *record.Run, cell *analysis.Cell, c *expr.Condition) Result {
	r.Status, r.Why = Inconclusive, cell.Incomplete(run)
	if r.Why != "" {
		return r
	}
	r.Limit, r.Unit = &c.Limit, string(c.Unit)
	var values []float64
	for i := range cell.Repeats {
		v, why := measure(&cell.Repeats[i], c)
		if why != "" {
			r.Why = fmt.Sprintf("storm %d: %s", cell.Repeats[i].N, why)
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
	r.Status, r.Measured, r.Value = Passed, fmt.Sprintf("%s, median of %s", write(median, c.Unit), storms(len(values))), number(median)
	if !c.Op.Holds(median, c.Limit) {
		r.Status = Failed
	}
	return r
}

func (r Result) ofEach(c *expr.Condition, cell *analysis.Cell, values []float64) Result {
	r.Status = Passed
	var failed []string
	decisive := values[0]
	for i, v := range values {
		if !c.Op.Holds(v, c.Limit) {
			r.Status = Failed
			failed = append(failed, strconv.Itoa(cell.Repeats[i].N))
		}
		if worse(c.Op, v, decisive, c.Limit) {
			decisive = v
		}
	}
	r.Measured, r.Value = write(decisive, c.Unit), number(decisive)
	switch {
	case len(failed) > 0 && len(values) > 1:
		r.Why = "it does not hold in " + which(failed, len(values))
	case len(values) > 1 && c.Op == "!=":
		r.Measured += ", one of " + storms(len(values))
	case len(values) > 1:
		r.Measured += ", the worst of " + storms(len(values))
	}
	return r
}

// number is nil for a wait without an end.
func number(v float64) *float64 {
	if analysis.Endless(v) {
		return nil
	}
	return &v
}

// mostNamed storms are named.
const mostNamed = 6

// which storms failed, of so many.
func which(failed []string, all int) string {
	if len(failed) == all {
		return "any of " + storms(all)
	}
	more := ""
	if n := len(failed) - mostNamed; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("%d of %s (storm %s%s)", len(failed), storms(all), strings.Join(failed[:min(len(failed), mostNamed)], ", "), more)
}

func storms(n int) string {
	if n == 1 {
		return "1 storm"
	}
	return analysis.Count(n) + " storms"
}

// worse tells which of two values is worse for the operator; for equality one that differs, the further the worse.
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

// write writes a value as limits are written.
func write(v float64, unit expr.Unit) string {
	switch unit {
	case expr.Time:
		if analysis.Endless(v) {
			return "no end (lost calls)"
		}
		if v == instant {
			return "an instant"
		}
		return analysis.Duration(time.Duration(v))
	case expr.Percent:
		return strconv.FormatFloat(v, 'f', 2, 64) + " %"
	case expr.Rate:
		return strconv.FormatFloat(v, 'f', 1, 64) + "/s"
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

// measure gives the metric's value in one storm, in the unit of the limit; or why it is not known.
func measure(r *analysis.Repeat, c *expr.Condition) (value float64, why string) {
	switch {
	case c.Metric.Of == "queue":
		return ofQueue(r.Queue, c)
	case c.Metric.Of == "served" && r.ServedRate == nil:
		return 0, "" // none was served
	case c.Metric.Of == "served":
		return *r.ServedRate, ""
	case c.Metric.Func != "":
		return ofLatency(r, c.Metric)
	}
	n, why := calls(r, c.Metric.Of)
	if why == "" && c.Unit == expr.Percent {
		return 100 * n / float64(max(r.Offered, 1)), ""
	}
	return n, why
}

// calls counts calls of a storm.
func calls(r *analysis.Repeat, of string) (n float64, why string) {
	switch of {
	case "lost":
		return float64(r.Lost), ""
	case "late":
		if r.SYNRetransmits == nil {
			return 0, "the engine cannot tell which calls were late"
		}
		return float64(r.Late), ""
	case "slow":
		return float64(r.Slow), ""
	case "phantom":
		return orWhy(r.Phantoms, expr.NoLog)
	case "syns-lost":
		return orWhy(r.SYNsLost, "the engine cannot ask the kernel for SYN retransmissions")
	case "unserved":
		if r.Dialplan == nil {
			return 0, "a client that only connects has no AGISTATUS"
		}
		return float64(r.Dialplan.Unserved), ""
	}
	return float64(r.Outcomes[record.Outcome(of)]), ""
}

func orWhy[T int | uint64](n *T, why string) (float64, string) {
	if n == nil {
		return 0, why
	}
	return float64(*n), ""
}

func ofQueue(q *analysis.Queue, c *expr.Condition) (value float64, why string) {
	if q == nil {
		return 0, "the accept queue was not watched"
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
	if why, least := unsure(q, c.Metric.Func); why != "" && !(least && tooMuch(c, value)) {
		return 0, why
	}
	return value, ""
}

// instant is how long a queue was full that overflowed between two looks, at the least, in nanoseconds: no look knows more.
const instant = 1

// unsure says why a number of the queue is not known, and whether it is known to be no less; empty where it is known.
func unsure(q *analysis.Queue, function string) (why string, least bool) {
	switch {
	case !q.Watched():
		return fmt.Sprintf("the accept queue was not looked at for %s", analysis.Duration(q.LongestPause)), function == "max"
	case q.Unseen() && function != "max":
		return "the accept queue overflowed between two looks at it, and nobody saw it full", function != "mean"
	}
	return "", false
}

// tooMuch tells of a number that is more than it may be: whether it was more still does not matter.
func tooMuch(c *expr.Condition, value float64) bool {
	return (c.Op == "<" || c.Op == "<=" || c.Op == "==" && value > c.Limit) && !c.Op.Holds(value, c.Limit)
}

// percents that the functions of a latency are of the calls.
var percents = map[string]float64{"min": 0, "p50": 50, "p90": 90, "p99": 99, "p99.9": 99.9, "max": 100}

// ofLatency is exact for min and max; quantiles are of a histogram of 3 digits.
func ofLatency(r *analysis.Repeat, m expr.Metric) (value float64, why string) {
	switch m.Of {
	case "start-lag":
		return ofStartLag(r.StartLag, m)
	case "reply-lag":
		return ofReplyLag(r.ReplyLag, m)
	}
	value, known := analysis.Waits[m.Of].Of(r, percents[m.Func])
	if !known {
		return 0, "no call has a " + m.Of + " latency"
	}
	return value, ""
}

func ofStartLag(q analysis.Quantiles, m expr.Metric) (value float64, why string) {
	if q.Count == 0 {
		return 0, "no call was started"
	}
	return float64(map[string]time.Duration{"p50": q.P50, "p90": q.P90, "p99": q.P99, "min": q.Min, "max": q.Max}[m.Func]), ""
}

func ofReplyLag(l *analysis.ReplyLag, m expr.Metric) (value float64, why string) {
	switch {
	case l == nil:
		return 0, "nothing was replied, or the record is older than 0.2 and has no reply lag"
	case m.Func == "share" && l.Share == nil:
		return 0, "the handlers' time is not known: " + string(l.ShareUnknown)
	case m.Func == "share":
		return 100 * *l.Share, ""
	}
	return float64(map[string]time.Duration{"p50": l.P50, "p90": l.P90, "p99": l.P99, "max": l.Max}[m.Func]), ""
}
