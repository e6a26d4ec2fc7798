package gate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/metric"
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
	if metric.Endless(v) {
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
		if metric.Endless(v) {
			return "no end (lost calls)"
		}
		if v == metric.Instant {
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
	m := c.Measured()
	v := m.Measure(&r.Storm)
	if c.Unit == expr.Percent && m.Of100 != nil && (v.Known() || v.Least) {
		v.Number = 100 * v.Number / m.Of100(&r.Storm)
	}
	if v.Known() || v.Least && tooMuch(c, v.Number) {
		return v.Number, ""
	}
	return 0, reason(v)
}

// reasons why a metric is not known, in words.
var reasons = map[metric.Reason]string{
	metric.NoSuchCall:      "no call came so far",
	metric.NoKernelAccount: "the engine cannot ask the kernel for SYN retransmissions",
	metric.NoServerLog:     "the server keeps no log",
	metric.OpenSessions:    "the server's log lacks the end of a session",
	metric.OnlyConnects:    "the client only connects",
	metric.QueueUnwatched:  "the accept queue was not watched",
	metric.QueueUnsampled:  "the accept queue was not sampled for ",
	metric.OverflowUnseen:  "the accept queue overflowed between two samples, and none saw it full",
	metric.NoReplies:       "nothing was replied, or the record is older than 0.2",
	metric.NoTime:          "the calls were served in no time",
}

func reason(v metric.Value) string {
	if v.Gap > 0 {
		return reasons[v.Unknown] + analysis.Duration(v.Gap)
	}
	return reasons[v.Unknown]
}

// tooMuch reports whether a number is more than it may be: whether it was more still does not matter.
func tooMuch(c *expr.Condition, value float64) bool {
	return (c.Op == "<" || c.Op == "<=" || c.Op == "==" && value > c.Limit) && !c.Op.Holds(value, c.Limit)
}
