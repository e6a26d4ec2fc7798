package reports

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/words"
	"agistorm/scenarios/axis"
)

// cellView is one setting on the page: its row in the table, and its details.
type cellView struct {
	ID, Label string
	Values    []value
	// More are the numbers of the second table.
	More    []value
	Setting []fact
	Remarks []remark
	// Warned counts the remarks in words, empty if there are none.
	Warned string
	// Unsure marks a setting that is in doubt.
	Unsure bool
	// Brief is the row in short, for whoever looks at the details only.
	Brief     string
	Latencies []latencyRow
	Storms    []string
	Groups    []group
}

// group is some numbers of each storm of a cell.
type group struct {
	Name string
	Rows []row
}

// row is one number over the storms of a cell.
type row struct {
	Name   string
	Values []value
}

// latencyRow is one latency of a cell.
type latencyRow struct {
	Name, What string
	Values     []string
}

func newCellView(c *analysis.Cell, index int, cols []column, success record.Outcome) cellView {
	v := cellView{
		ID:      "setting-" + strconv.Itoa(index+1),
		Label:   c.Label,
		Setting: settings(c),
		Remarks: remarksOf(c),
	}
	if n := len(v.Remarks); n > 0 {
		v.Warned = amount(n, "warning", "warnings")
	}
	v.Brief = "lost " + measured(metric.Named("lost"), c).String()
	for _, col := range cols {
		v.Values = append(v.Values, col.of(c))
	}
	if len(c.Repeats) == 0 {
		return v
	}
	for _, r := range c.Repeats {
		v.Storms = append(v.Storms, fmt.Sprint("storm ", r.N))
	}
	v.Latencies = slices.Concat(latencyRows(&c.Latencies), phaseRows(c.Phases))
	v.Groups = []group{callRows(c, success), addressRows(c), queueRows(c), healthRows(c), checkRows(c), counterRows(c)}
	v.Groups = slices.DeleteFunc(v.Groups, func(g group) bool { return len(g.Rows) == 0 })
	return v
}

// settings are the values that were in force; nothing was set at somebody else's server.
func settings(c *analysis.Cell) []fact {
	if c.Backlog == "" {
		return nil
	}
	all := []fact{{"listen(2) was given", c.Backlog}, {somaxconn, strconv.Itoa(c.Somaxconn)}, {"effective backlog", effective(c)}}
	values := axis.Values(c.Axes())
	for _, name := range axis.Names(values) {
		if !axis.Named(name).Queue {
			all = append(all, fact{name, values[name]})
		}
	}
	return all
}

func latencyRows(l *analysis.Latencies) []latencyRow {
	var rows []latencyRow
	for _, w := range metric.Waits {
		rows = append(rows, newLatencyRow(w.Name, w.What, w.Of(l).Quantiles))
	}
	return rows
}

func newLatencyRow(name, what string, q analysis.Quantiles) latencyRow {
	return latencyRow{Name: name, What: what, Values: []string{
		analysis.Count(int(q.Count)), duration(q, q.Min), percentile(q, q.P50, 50), percentile(q, q.P90, 90), percentile(q, q.P95, 95),
		percentile(q, q.P99, 99), duration(q, q.Max),
	}}
}

// rowOf takes one number from each storm.
func rowOf(name string, c *analysis.Cell, number func(*analysis.Repeat) value) row {
	r := row{Name: name}
	for i := range c.Repeats {
		r.Values = append(r.Values, number(&c.Repeats[i]))
	}
	return r
}

func callRows(c *analysis.Cell, success record.Outcome) group {
	g := group{Name: "Calls"}
	add := func(name string, number func(*analysis.Repeat) value) {
		g.Rows = append(g.Rows, rowOf(name, c, number))
	}
	for _, m := range metric.Select(func(m *metric.Metric) bool { return m.Unit == metric.Calls }) {
		always := m.Name == "offered" || m.Table == metric.MainTable || m.Outcome != "" && m.Outcome == success
		if always || m.Table == metric.MainTableIfAny && c.Metrics[m.Name].Max > 0 {
			add(m.Title(), func(r *analysis.Repeat) value { return measuredIn(m, r) })
		}
	}
	g.Rows = append(g.Rows, mismatchRows(c)...)
	if slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool { return r.LostToLimits != nil }) {
		add("lost only to this storm's limits (Asterisk has none)", lostToLimits)
	}
	g.Rows = append(g.Rows, phantomRows(c)...)
	add("SYN retransmits", func(r *analysis.Repeat) value { return text(optionalCount(r.SYNRetransmits)) })
	return g
}

func lostToLimits(r *analysis.Repeat) value {
	if r.LostToLimits == nil {
		return text("0")
	}
	return text(analysis.Count(r.LostToLimits.FirstCommand + r.LostToLimits.Session))
}

// mismatchRows count the calls of which client and server say different things, each kind that any storm has.
func mismatchRows(c *analysis.Cell) (rows []row) {
	type kind struct {
		outcome record.Outcome
		fate    string
	}
	var kinds []kind
	for i := range c.Repeats {
		for _, m := range c.Repeats[i].Mismatches {
			if k := (kind{m.Outcome, m.Fate}); !slices.Contains(kinds, k) {
				kinds = append(kinds, k)
			}
		}
	}
	for _, k := range kinds {
		name := fmt.Sprintf("%s for the client, %s for the server", k.outcome, k.fate)
		rows = append(rows, rowOf(name, c, func(r *analysis.Repeat) value {
			for _, m := range r.Mismatches {
				if m.Outcome == k.outcome && m.Fate == k.fate {
					return zero(int64(m.Count))
				}
			}
			return zero(0)
		}))
	}
	return rows
}

// phantomRows say what became of them, where any storm had some.
func phantomRows(c *analysis.Cell) []row {
	var rows []row
	add := func(name string, number func(*analysis.PhantomFates) int, show func(*analysis.PhantomFates) string) {
		if slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool { return r.PhantomFates != nil && number(r.PhantomFates) > 0 }) {
			rows = append(rows, rowOf(name, c, func(r *analysis.Repeat) value {
				if r.PhantomFates == nil {
					return text(unknown)
				}
				return text(show(r.PhantomFates))
			}))
		}
	}
	add("revived (a later packet let them in)", func(f *analysis.PhantomFates) int { return f.Revived },
		func(f *analysis.PhantomFates) string { return analysis.Count(f.Revived) })
	add("accepted when the client had gone (worked for nobody)", func(f *analysis.PhantomFates) int { return f.Gone },
		func(f *analysis.PhantomFates) string {
			return analysis.Count(f.Gone) + " (" + analysis.Duration(f.Wasted) + ")"
		})
	return rows
}

// zero marks a number that ought to be 0.
func zero(n int64) value {
	v := value{Text: analysis.Count(int(n)), Mark: good}
	if n != 0 {
		v.Mark = bad
	}
	return v
}

// queueRows is empty where no storm's queue was watched.
func queueRows(c *analysis.Cell) group {
	g := group{Name: "Accept queue"}
	if c.QueuePeak == nil {
		return g
	}
	add := func(name string, number func(*analysis.Queue) string) {
		g.Rows = append(g.Rows, rowOf(name, c, func(r *analysis.Repeat) value {
			if r.Queue == nil {
				return text(unknown)
			}
			return text(number(r.Queue))
		}))
	}
	add("deepest", func(q *analysis.Queue) string { return analysis.Count(int(q.Peak)) + " of " + capacity(q.Limit) })
	add("full for", fullFor)
	add("mean while in use", func(q *analysis.Queue) string { return strconv.FormatFloat(q.Mean, 'f', 1, 64) })
	add("no deeper for 50 %, 90 %, 99 % of that time", func(q *analysis.Queue) string {
		return analysis.Count(int(q.P50)) + ", " + analysis.Count(int(q.P90)) + ", " + analysis.Count(int(q.P99))
	})
	if slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool { return r.Overflows != nil }) {
		g.Rows = append(g.Rows, rowOf("ListenOverflows grew from, to", c, func(r *analysis.Repeat) value {
			if r.Overflows == nil {
				return text(unknown)
			}
			return text("+" + analysis.Duration(r.Overflows.First) + ", +" + analysis.Duration(r.Overflows.Last))
		}))
	}
	g.Rows = append(g.Rows, rowOf("looked at every (longest gap)", c, func(r *analysis.Repeat) value {
		if r.Raw == nil || r.Raw.Target == nil || r.Raw.Target.Watch == nil {
			return text(unknown)
		}
		watch := r.Raw.Target.Watch
		return text(fmt.Sprintf("%s (%s)", analysis.Duration(watch.Mean()), analysis.Duration(watch.LongestGap)))
	}))
	return g
}

// checkRows show what each consistency check is off by; one that a storm could not make is not known there.
func checkRows(c *analysis.Cell) group {
	g := group{Name: "Consistency checks: off by (0 balances)"}
	var all []finding.Check
	for i := range c.Repeats {
		for _, check := range c.Repeats[i].Checks {
			if !slices.ContainsFunc(all, check.Same) {
				all = append(all, check)
			}
		}
	}
	for _, check := range all {
		g.Rows = append(g.Rows, rowOf(words.Equation(check), c, func(r *analysis.Repeat) value {
			if i := slices.IndexFunc(r.Checks, check.Same); i >= 0 {
				return zero(r.Checks[i].Residual)
			}
			return text(unknown)
		}))
	}
	return g
}

// counterRows show the kernel counters that any storm of the cell moved. One that is missing
// in a storm whose counters were read gained nothing there.
func counterRows(c *analysis.Cell) group {
	g := group{Name: "Kernel counters: gained"}
	if c.Backlog == "" { // somebody else's server: no namespace of its own
		g.Name = "Kernel counters, everybody's on this host: gained"
	}
	names := map[string]bool{}
	for i := range c.Repeats {
		for name := range c.Repeats[i].Counters {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		g.Rows = append(g.Rows, rowOf(name, c, func(r *analysis.Repeat) value {
			if r.Counters == nil {
				return text(unknown)
			}
			return text(analysis.Count(int(r.Counters[name])))
		}))
	}
	return g
}

// fullFor is how long a queue was full; nobody knows of one that overflowed between two looks.
func fullFor(q *analysis.Queue) string {
	if q.Unseen() {
		return "more than " + analysis.Duration(q.Full)
	}
	return analysis.Duration(q.Full)
}
