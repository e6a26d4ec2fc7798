package gate

import (
	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// judgeStorms judges by the storms of a cell: the condition must hold in every one, or for their median. Where it does
// not hold in one, what is missing of the others does not matter.
func (r Result) judgeStorms(run *record.Run, cell *analysis.Cell, c *expr.Condition) Result {
	r.Status, r.Limit, r.Unit = Inconclusive, &c.Limit, string(c.Unit)
	known := known{condition: c}
	for storm := range analysis.Each(cell.Repeats) {
		known.add(storm)
	}
	lacks := cell.Incomplete(run)
	switch {
	case !c.Median && known.failed != nil:
		return r.ofEach(&known, len(cell.Repeats))
	case lacks != nil:
		r.Limit, r.Unit, r.Why = nil, "", fact(lacks)
	case known.unknown != nil:
		r.Why = fact(*known.unknown)
	case c.Median:
		return r.ofMedian(c, known.values)
	default:
		return r.ofEach(&known, len(cell.Repeats))
	}
	return r
}

// known are the values of a condition's metric in the storms that know it, and whose record is whole.
type known struct {
	condition *expr.Condition
	values    []value
	// failed are the numbers of the storms in which it does not hold, and decisive is the worst value.
	failed   []int
	decisive value
	// unknown is the first storm that does not know it; nil where all do.
	unknown *finding.NotKnown
}

func (k *known) add(storm *analysis.Repeat) {
	if len(storm.Damaged) > 0 {
		return
	}
	v, unknown := measure(storm, k.condition)
	if unknown.Reason != "" {
		if unknown.Storm = storm.N; k.unknown == nil {
			k.unknown = &unknown
		}
		return
	}
	if !k.condition.Op.Holds(v.n, k.condition.Limit) {
		k.failed = append(k.failed, storm.N)
	}
	if len(k.values) == 0 || worse(k.condition.Op, v.n, k.decisive.n, k.condition.Limit) {
		k.decisive = v
	}
	k.values = append(k.values, v)
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

func (r Result) ofEach(k *known, storms int) Result {
	r.Status = Passed
	choice := finding.Worst
	switch {
	case len(k.failed) > 0:
		r.Status, choice = Failed, ""
		if storms > 1 {
			r.Why = fact(finding.DoesNotHold{Storms: k.failed, Of: storms})
		}
	case len(k.values) == 1:
		choice = ""
	case k.condition.Op == "!=":
		choice = finding.AnyOne
	}
	return r.measured(k.decisive, k.condition, choice, len(k.values))
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
