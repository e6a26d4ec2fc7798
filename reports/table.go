package reports

import (
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/document"
)

// column is one number of every cell.
type column struct {
	// over and name are the two lines of the heading.
	over, name string
	of         func(*analysis.Cell) value
	// main is a column of which even a terminal shows the ranges.
	main bool
	// outcome that it counts, empty if it counts something else.
	outcome record.Outcome
}

// heading is how the column is headed and laid out.
func (c column) heading() document.Column {
	return document.Column{Over: c.over, Name: c.name, Swatch: string(c.outcome), Ranges: c.main}
}

// columns are those that this run can fill, the cell's label apart.
func columns(s *analysis.Summary) []column {
	cols := []column{{over: "effective", name: "backlog", of: func(c *analysis.Cell) value { return text(effective(c)) }}}
	cols = append(cols, callColumns(s)...)
	for _, o := range occurring(s) {
		over, name, _ := cutAfter(string(o), "-")
		cols = append(cols, column{over: over, name: name, outcome: o, of: func(c *analysis.Cell) value { return outcome(c, o) }})
	}
	for _, q := range fewQuantiles {
		cols = append(cols, column{over: "connect", name: q.name, of: func(c *analysis.Cell) value {
			return text(q.of(c.Latencies.Connect.Quantiles))
		}})
	}
	return append(cols, column{over: "deepest", name: "queue", of: func(c *analysis.Cell) value { return text(peak(c)) }})
}

// fewQuantiles are those for which there is room everywhere.
var fewQuantiles = []struct {
	name string
	of   func(analysis.Quantiles) string
}{
	{"p50", func(q analysis.Quantiles) string { return percentile(q, q.P50, 50) }},
	{"p99", func(q analysis.Quantiles) string { return percentile(q, q.P99, 99) }},
	{"max", func(q analysis.Quantiles) string { return duration(q, q.Max) }},
}

// callColumns count calls a storm: those that got what they came for, those lost, late and phantom.
func callColumns(s *analysis.Summary) []column {
	under, cols := "", []column{}
	if n, same := offered(s); same {
		under = "of " + analysis.Count(n)
	} else {
		cols = append(cols, column{name: "offered", of: func(c *analysis.Cell) value { return spread(offeredBy(c)) }})
	}
	success := success(s)
	cols = append(cols,
		column{name: string(success), outcome: success, of: func(c *analysis.Cell) value { return outcome(c, success) }},
		column{over: "lost", name: under, main: true, of: func(c *analysis.Cell) value { return judged(spread(c.Lost), c.Lost) }},
		column{name: "late", of: func(c *analysis.Cell) value { return spread(c.Late) }})
	if anySlow(s) {
		cols = append(cols, column{name: "slow", of: func(c *analysis.Cell) value { return judged(spread(c.Slow), c.Slow) }})
	}
	return append(cols, column{name: "phantoms", of: func(c *analysis.Cell) value { return optional(c.Phantoms) }})
}

// anySlow tells whether any setting let calls wait for their first command.
func anySlow(s *analysis.Summary) bool {
	return slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return c.Slow.Max > 0 })
}

// judged marks a number that ought to be 0 in every repeat.
func judged(v value, s analysis.Spread) value {
	switch {
	case s.N == 0:
	case s.Max == 0:
		v.Mark = good
	default:
		v.Mark = bad
	}
	return v
}

// outcome of a cell without a storm is not known.
func outcome(c *analysis.Cell, o record.Outcome) value {
	if len(c.Repeats) == 0 {
		return text(unknown)
	}
	return spread(c.Outcomes[o])
}

// occurring lists the outcomes that any storm had, beside the one that is no loss.
func occurring(s *analysis.Summary) []record.Outcome {
	var found []record.Outcome
	for _, o := range record.Outcomes {
		for i := range s.Cells {
			if o != success(s) && s.Cells[i].Outcomes[o].Max > 0 {
				found = append(found, o)
				break
			}
		}
	}
	return found
}

// offered is the number of calls that every storm offered; false where they differ or there is no storm.
func offered(s *analysis.Summary) (int, bool) {
	n, same := 0, false
	for i := range s.Cells {
		for j := range s.Cells[i].Repeats {
			r := &s.Cells[i].Repeats[j]
			if same && r.Offered != n {
				return 0, false
			}
			n, same = r.Offered, true
		}
	}
	return n, same
}

// offeredBy spreads the offered calls over a cell's repeats.
func offeredBy(c *analysis.Cell) analysis.Spread {
	n := len(c.Repeats)
	if n == 0 {
		return analysis.Spread{}
	}
	calls := make([]int, n)
	for i := range c.Repeats {
		calls[i] = c.Repeats[i].Offered
	}
	slices.Sort(calls)
	median := float64(calls[(n-1)/2]+calls[n/2]) / 2
	return analysis.Spread{N: n, Median: median, Min: float64(calls[0]), Max: float64(calls[n-1])}
}

// cutAfter cuts behind the separator.
func cutAfter(s, separator string) (before, after string, found bool) {
	before, after, found = strings.Cut(s, separator)
	if !found {
		return "", s, false
	}
	return before + separator, after, true
}

// Two ways to show the numbers of calls.
const (
	fullRanges  = "Calls a storm: the median, and (least–most) where the storms of a setting differ. "
	shortRanges = "Calls a storm: the median; of lost calls also (least–most) where the storms of a setting differ. "
)

// legend explains the table in one line each.
func legend(s *analysis.Summary, ranges string) []string {
	if len(s.Cells) == 0 {
		return nil
	}
	lines := []string{
		ranges + "Latencies are of the calls that connected, of all storms of a setting together; p99 from 100 such calls on. " + unknown + " is not known.",
		"late: " + string(success(s)) + ", but only after a lost SYN, so 1 s or more late. phantoms: connected for the client, never accepted by the server.",
	}
	if anySlow(s) {
		lines = append(lines, "slow: answered, but connected for 1 s or more before the first command came.")
	}
	if slices.ContainsFunc(s.Cells, func(c analysis.Cell) bool { return inDoubt(s, &c) }) {
		lines = append(lines, "? after a setting: what it shows is inconclusive, for the reason given above.")
	}
	for i := range s.Cells {
		if s.Cells[i].Effective >= largest {
			return append(lines, "max: 2,147,483,647.")
		}
	}
	return lines
}
