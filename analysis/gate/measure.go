package gate

import (
	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// judgeStorms judges by the storms of a cell: the condition must hold in every one, or for their median.
func (r Result) judgeStorms(run *record.Run, cell *analysis.Cell, c *expr.Condition) Result {
	r.Status = Inconclusive
	if lacks := cell.Incomplete(run); lacks != nil {
		r.Why = fact(lacks)
		return r
	}
	r.Limit, r.Unit = &c.Limit, string(c.Unit)
	var values []value
	for storm := range analysis.Each(cell.Repeats) {
		v, unknown := measure(storm, c)
		if unknown.Reason != "" {
			unknown.Storm = storm.N
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

// value is what a metric is in a storm, or at least is.
type value struct {
	n     float64
	least bool
}

func (r Result) ofMedian(c *expr.Condition, values []value) Result {
	var numbers []float64
	median := value{}
	for _, v := range values {
		numbers, median.least = append(numbers, v.n), median.least || v.least
	}
	median.n = stats.SpreadOf(numbers).Median
	r.Status = statusIf(c.Op.Holds(median.n, c.Limit), Passed, Failed)
	return r.measured(median, c, finding.Median, len(values))
}

func (r Result) ofEach(c *expr.Condition, cell *analysis.Cell, values []value) Result {
	var failed []int
	decisive := values[0]
	for i, v := range values {
		if !c.Op.Holds(v.n, c.Limit) {
			failed = append(failed, cell.Repeats[i].N)
		}
		if worse(c.Op, v.n, decisive.n, c.Limit) {
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
func (r Result) measured(v value, c *expr.Condition, choice finding.Choice, storms int) Result {
	r.Value = number(v.n)
	r.Measured = fact(finding.Measured{
		Value: r.Value, Unit: string(c.Unit), Instant: v.n == metric.Instant && c.Unit == expr.Time, Least: v.least,
		Choice: choice, Storms: storms,
	})
	return r
}

// number returns nil for a wait without an end.
func number(v float64) *float64 {
	if stats.Endless(v) {
		return nil
	}
	return &v
}

// worse reports whether a value is worse than another for the operator; for equality the one that is further
// away.
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

// measure returns the metric's value in one storm, in the unit of the limit; or why it is not known.
func measure(r *analysis.Repeat, c *expr.Condition) (measured value, why finding.NotKnown) {
	m := c.Measured()
	v := m.Measure(&r.Storm)
	if c.Unit == expr.Percent && m.Of100 != nil && (v.Known() || v.Least) {
		v.Number = 100 * v.Number / m.Of100(&r.Storm)
	}
	if v.Known() || v.Least && tooMuch(c, v.Number) {
		return value{v.Number, !v.Known()}, finding.NotKnown{}
	}
	return value{}, finding.NotKnown{Reason: string(v.Unknown), Gap: v.Gap}
}

// tooMuch reports whether a number is more than it may be: whether it was more still does not matter.
func tooMuch(c *expr.Condition, value float64) bool {
	return (c.Op == "<" || c.Op == "<=" || c.Op == "==" && value > c.Limit) && !c.Op.Holds(value, c.Limit)
}
