package reports

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/counters"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/words"
	"agistorm/scenarios/axis"
)

// stormsSection has the details of every setting, storm by storm.
func stormsSection(s *analysis.Summary) document.Section {
	const title = "Storm by storm"
	section := document.Section{ID: "details", Title: title, Nav: title, Depth: document.Full}
	for i := range s.Cells {
		section.Blocks = append(section.Blocks, settingFold(s, i))
	}
	return section
}

func settingFold(s *analysis.Summary, i int) document.Fold {
	c := &s.Cells[i]
	warnings := document.List{Class: "notice"}
	for _, r := range remarksOf(c) {
		warnings.Items = append(warnings.Items, document.Plain(fmt.Sprintf("Storm %d: %s", r.Repeat, r.Text)))
	}
	note := strings.Join(append([]string{"lost " + measured(metric.Named("lost"), c).String()}, warned(c)...), " · ")
	f := document.Fold{
		ID: settingID(i), Title: c.Label, Note: note, Blocks: blocks{warnings, factsOf(settings(c))},
	}
	if len(c.Repeats) == 0 {
		f.Blocks = append(f.Blocks, paragraph("No storm of this setting was recorded."))
		return f
	}
	f.Blocks = append(f.Blocks, document.Table{
		Label: c.Label + ": latencies", Caption: "Latencies of the calls that connected, of all its storms",
		Columns: document.Columns(1, "from, to", "count", "min", "p50", "p90", "p95", "p99", "max"),
		Groups:  []document.Group{{Rows: append(latencyRows(&c.Latencies), phaseRows(c.Phases)...)}},
	}, stormsTable(c, success(s)))
	return f
}

// stormsTable has a column for each storm of a setting.
func stormsTable(c *analysis.Cell, success record.Outcome) document.Table {
	t := document.Table{Label: c.Label + ": storms", Caption: "Each storm", Columns: document.Columns(1, "")}
	for _, r := range c.Repeats {
		t.Columns = append(t.Columns, document.Column{Name: fmt.Sprint("storm ", r.N)})
	}
	groups := []document.Group{
		callRows(c, success),
		addressRows(c),
		queueRows(c),
		healthRows(c),
		checkRows(c),
		counterRows(c),
	}
	t.Groups = slices.DeleteFunc(groups, func(g document.Group) bool { return len(g.Rows) == 0 })
	return t
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

func latencyRows(l *metric.Latencies) (rows []document.Row) {
	for _, w := range metric.Waits {
		rows = append(rows, newLatencyRow(w.Name, w.What, w.Of(l).Quantiles))
	}
	return rows
}

func newLatencyRow(name, what string, q metric.Quantiles) document.Row {
	return append(
		document.Row{{Text: name, Range: what}},
		document.Cells(analysis.Count(int(q.Count)), duration(q, q.Min), percentile(q, q.P50, 50),
			percentile(q, q.P90, 90), percentile(q, q.P95, 95), percentile(q, q.P99, 99), duration(q, q.Max))...)
}

// number is one of the numbers of a storm, with its name.
type number struct {
	name string
	of   func(*analysis.Repeat) value
}

// group takes the numbers from each storm of a setting.
func group(name string, c *analysis.Cell, numbers ...number) document.Group {
	g := document.Group{Name: name}
	for _, n := range numbers {
		row := document.Cells(n.name)
		for i := range c.Repeats {
			row = append(row, n.of(&c.Repeats[i]))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// inAny reports whether it is so in one of the storms.
func inAny(c *analysis.Cell, is func(*analysis.Repeat) bool) bool {
	return slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool { return is(&r) })
}

// known shows what p points to, if it is known.
func known[T any](p *T, show func(*T) string) value {
	if p == nil {
		return text(unknown)
	}
	return text(show(p))
}

func callRows(c *analysis.Cell, success record.Outcome) document.Group {
	var numbers []number
	for _, m := range metric.Select(func(m *metric.Metric) bool { return m.Unit == metric.Calls }) {
		always := m.Name == "offered" || m.Table == metric.MainTable || m.Outcome != "" && m.Outcome == success
		if always || m.Table == metric.MainTableIfAny && c.Metrics[m.Name].Max > 0 {
			numbers = append(numbers, number{m.Title(), func(r *analysis.Repeat) value { return measuredIn(m, r) }})
		}
	}
	numbers = append(numbers, mismatches(c)...)
	if inAny(c, func(r *analysis.Repeat) bool { return r.LostToLimits != nil }) {
		numbers = append(numbers, number{"lost only to this storm's limits (Asterisk has none)", lostToLimits})
	}
	numbers = append(numbers, phantomFates(c)...)
	return group("Calls", c, append(numbers, number{"SYN retransmits", func(r *analysis.Repeat) value {
		return text(optionalCount(r.SYNRetransmits))
	}})...)
}

func lostToLimits(r *analysis.Repeat) value {
	if r.LostToLimits == nil {
		return text("0")
	}
	return text(analysis.Count(r.LostToLimits.FirstCommand + r.LostToLimits.Session))
}

// mismatches count the calls of which client and server say different things, each kind that any storm has.
func mismatches(c *analysis.Cell) (numbers []number) {
	for i := range c.Repeats {
		for _, kind := range c.Repeats[i].Mismatches {
			name := fmt.Sprintf("%s for the client, %s for the server", kind.Outcome, kind.Fate)
			if slices.ContainsFunc(numbers, func(n number) bool { return n.name == name }) {
				continue
			}
			numbers = append(numbers, number{name, func(r *analysis.Repeat) value {
				at := slices.IndexFunc(
					r.Mismatches,
					func(m calls.Mismatch) bool { return m.Outcome == kind.Outcome && m.Fate == kind.Fate },
				)
				if at < 0 {
					return zero(0)
				}
				return zero(int64(r.Mismatches[at].Count))
			}})
		}
	}
	return numbers
}

// phantomFates say what became of them, each fate that any storm had.
func phantomFates(c *analysis.Cell) (numbers []number) {
	for _, fate := range []struct {
		name string
		of   func(*calls.PhantomFates) (count int, shown string)
	}{
		{"revived (a later packet let them in)", func(f *calls.PhantomFates) (int, string) {
			return f.Revived, analysis.Count(f.Revived)
		}},
		{"accepted when the client had gone (worked for nobody)", func(f *calls.PhantomFates) (int, string) {
			return f.Gone, analysis.Count(f.Gone) + inBrackets(analysis.Duration(f.Wasted))
		}},
	} {
		shown := func(f *calls.PhantomFates) string { _, s := fate.of(f); return s }
		occurred := func(r *analysis.Repeat) bool {
			if r.PhantomFates == nil {
				return false
			}
			n, _ := fate.of(r.PhantomFates)
			return n > 0
		}
		if inAny(c, occurred) {
			numbers = append(numbers, number{fate.name, func(r *analysis.Repeat) value {
				return known(r.PhantomFates, shown)
			}})
		}
	}
	return numbers
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
func queueRows(c *analysis.Cell) document.Group {
	if c.QueuePeak == nil {
		return document.Group{}
	}
	var numbers []number
	for _, q := range []struct {
		name string
		show func(*metric.Queue) string
	}{
		{"deepest", func(q *metric.Queue) string { return analysis.Count(int(q.Peak)) + " of " + capacity(q.Limit) }},
		{"full for", fullFor},
		{"mean while in use", func(q *metric.Queue) string { return strconv.FormatFloat(q.Mean, 'f', 1, 64) }},
		{"no deeper for 50 %, 90 %, 99 % of that time", func(q *metric.Queue) string {
			return analysis.Count(int(q.P50)) + ", " + analysis.Count(int(q.P90)) + ", " + analysis.Count(int(q.P99))
		}},
	} {
		numbers = append(numbers, number{q.name, func(r *analysis.Repeat) value { return known(r.Queue, q.show) }})
	}
	if inAny(c, func(r *analysis.Repeat) bool { return r.Overflows != nil }) {
		numbers = append(numbers, number{"ListenOverflows grew from, to", func(r *analysis.Repeat) value {
			return known(r.Overflows, func(o *counters.Overflows) string {
				return "+" + analysis.Duration(o.First) + ", +" + analysis.Duration(o.Last)
			})
		}})
	}
	return group("Accept queue", c, append(numbers, number{"looked at every (longest gap)", lookedAtEvery})...)
}

func lookedAtEvery(r *analysis.Repeat) value {
	if r.Raw == nil || r.Raw.Target == nil {
		return text(unknown)
	}
	return known(r.Raw.Target.Watch, func(w *record.Watch) string {
		return analysis.Duration(w.Mean()) + inBrackets(analysis.Duration(w.LongestGap))
	})
}

// checkRows show what each consistency check is off by; one that a storm could not make is not known there.
func checkRows(c *analysis.Cell) document.Group {
	var all []finding.Check
	for i := range c.Repeats {
		for _, check := range c.Repeats[i].Checks {
			if !slices.ContainsFunc(all, check.Same) {
				all = append(all, check)
			}
		}
	}
	var numbers []number
	for _, check := range all {
		numbers = append(numbers, number{words.Equation(check), func(r *analysis.Repeat) value {
			if i := slices.IndexFunc(r.Checks, check.Same); i >= 0 {
				return zero(r.Checks[i].Residual)
			}
			return text(unknown)
		}})
	}
	return group("Consistency checks: off by (0 balances)", c, numbers...)
}

// counterRows show the kernel counters that any storm of the cell moved. One that is missing
// in a storm whose counters were read gained nothing there.
func counterRows(c *analysis.Cell) document.Group {
	title := "Kernel counters: gained"
	if c.Backlog == "" { // somebody else's server: no namespace of its own
		title = "Kernel counters, everybody's on this host: gained"
	}
	names := map[string]bool{}
	for i := range c.Repeats {
		for name := range c.Repeats[i].Counters {
			names[name] = true
		}
	}
	var numbers []number
	for _, name := range slices.Sorted(maps.Keys(names)) {
		numbers = append(numbers, number{name, func(r *analysis.Repeat) value {
			if r.Counters == nil {
				return text(unknown)
			}
			return text(analysis.Count(int(r.Counters[name])))
		}})
	}
	return group(title, c, numbers...)
}

// fullFor is how long a queue was full; nobody knows of one that overflowed between two looks.
func fullFor(q *metric.Queue) string {
	if q.Unseen() {
		return "more than " + analysis.Duration(q.Full)
	}
	return analysis.Duration(q.Full)
}
