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
	"agistorm/reports/lists"
	"agistorm/reports/words"
	"agistorm/scenarios/axis"
)

// stormsSection has the details of every setting, storm by storm.
func stormsSection(s *analysis.Summary) document.Section {
	const title = words.TitleStorms
	section := document.Section{ID: "details", Title: title, Nav: title, Depth: document.Full, Screen: true}
	for i := range s.Cells {
		section.Blocks = append(section.Blocks, settingFold(s, i))
	}
	return section
}

func settingFold(s *analysis.Summary, i int) document.Fold {
	c := &s.Cells[i]
	warnings := document.List{Class: "notice"}
	for _, r := range remarks(*c) {
		warnings.Items = append(warnings.Items, document.Plain(words.Remark.With(r)))
	}
	note := strings.Join(append([]string{"lost " + measured(metric.Named("lost"), c).String()}, warned(c)...), " · ")
	f := document.Fold{
		ID: settingID(i), Title: c.Label, Note: note, Blocks: blocks{warnings, factsOf("facts", settings(c))},
	}
	if len(c.Repeats) == 0 {
		f.Blocks = append(f.Blocks, paragraph(words.NoStormOf))
		return f
	}
	f.Blocks = append(f.Blocks, document.Table{
		Label: c.Label + ": latencies", Caption: words.TitleLatencies,
		Columns: document.Columns(1, "from, to", "count", "min", "p50", "p90", "p95", "p99", "max"),
		Groups:  []document.Group{{Rows: append(latencyRows(&c.Latencies), phaseRows(c.Phases)...)}},
	}, stormsTable(c, success(s), runOf(s).Simulated != nil))
	return f
}

// stormsTable has a column for each storm of a setting.
func stormsTable(c *analysis.Cell, success record.Outcome, simulated bool) document.Table {
	t := document.Table{Label: c.Label + ": storms", Caption: words.TitleEachStorm, Columns: document.Columns(1, "")}
	for _, r := range c.Repeats {
		t.Columns = append(t.Columns, document.Column{Name: fmt.Sprint("storm ", r.N)})
	}
	groups := []document.Group{
		callRows(c, success),
		addressRows(c),
		queueRows(c),
		healthRows(c),
		checkRows(c),
		counterRows(c, simulated),
		dropReasonRows(c),
	}
	t.Groups = slices.DeleteFunc(groups, func(g document.Group) bool { return len(g.Rows) == 0 })
	return t
}

// settings are the values that were in force; nothing was set at an external server.
func settings(c *analysis.Cell) []words.Term {
	if c.Backlog == "" {
		return nil
	}
	all := []words.Term{
		{Name: "backlog passed to listen()", Text: c.Backlog}, {Name: somaxconn, Text: strconv.Itoa(c.Somaxconn)},
		{Name: "effective backlog", Text: effective(c)},
	}
	values := axis.Values(c.Axes())
	for _, name := range axis.Names(values) {
		if !axis.Named(name).Queue {
			all = append(all, words.Term{Name: name, Text: values[name]})
		}
	}
	return all
}

func latencyRows(l *metric.Latencies) []document.Row {
	return lists.Map(metric.Waits, func(w metric.Wait) document.Row {
		return newLatencyRow(w.Name, w.What, w.Of(l).Quantiles)
	})
}

func newLatencyRow(name, what string, q metric.Quantiles) document.Row {
	return append(
		document.Row{{Text: name, Range: what}},
		document.Cells(words.Count(q.Count), duration(q, q.Min), percentile(q, q.P50, 50),
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
		cells := lists.Map(c.Repeats, func(r analysis.Repeat) value { return n.of(&r) })
		g.Rows = append(g.Rows, append(document.Cells(n.name), cells...))
	}
	return g
}

// numberOf takes a number from what p points to, in storms in which it is known.
func numberOf[T any](name string, p func(*analysis.Repeat) *T, write func(T) string) number {
	return number{name, func(r *analysis.Repeat) value { return text(orUnknown(p(r), write)) }}
}

// inAny reports whether it is so in one of the storms.
func inAny(c *analysis.Cell, is func(*analysis.Repeat) bool) bool {
	return slices.ContainsFunc(c.Repeats, func(r analysis.Repeat) bool { return is(&r) })
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
		numbers = append(numbers, number{"lost only to this storm's timeouts (Asterisk has none)", lostToLimits})
	}
	numbers = append(numbers, phantomFates(c)...)
	synRetransmits := func(r *analysis.Repeat) value { return text(optionalCount(r.SYNRetransmits)) }
	return group("Calls", c, append(numbers, number{"SYN retransmits", synRetransmits})...)
}

func lostToLimits(r *analysis.Repeat) value {
	if r.LostToLimits == nil {
		return text("0")
	}
	return text(words.Count(r.LostToLimits.FirstCommand + r.LostToLimits.Session))
}

// mismatches count the calls of which client and server say different things, each kind that any storm has.
func mismatches(c *analysis.Cell) (numbers []number) {
	var kinds []calls.Mismatch
	for _, r := range c.Repeats {
		for _, m := range r.Mismatches {
			if mismatch(kinds, m).Count == 0 {
				kinds = append(kinds, m)
			}
		}
	}
	for _, kind := range kinds {
		name := words.MismatchOf.With(kind)
		numbers = append(numbers, number{name, func(r *analysis.Repeat) value {
			return zero(int64(mismatch(r.Mismatches, kind).Count))
		}})
	}
	return numbers
}

// mismatch returns the one of the same kind, an empty one without it.
func mismatch(all []calls.Mismatch, kind calls.Mismatch) (none calls.Mismatch) {
	for _, m := range all {
		if m.Outcome == kind.Outcome && m.Fate == kind.Fate {
			return m
		}
	}
	return none
}

// phantomFates say what became of them, each fate that any storm had.
func phantomFates(c *analysis.Cell) (numbers []number) {
	for _, fate := range []struct {
		name string
		is   func(*calls.PhantomFates) int
		text func(calls.PhantomFates) string
	}{
		{
			"revived (a later packet let them in)",
			func(f *calls.PhantomFates) int { return f.Revived },
			func(f calls.PhantomFates) string { return words.Count(f.Revived) },
		},
		{
			"accepted after the client had left (wasted)",
			func(f *calls.PhantomFates) int { return f.Gone },
			func(f calls.PhantomFates) string {
				return words.Count(f.Gone) + inBrackets(words.Duration(f.Wasted))
			},
		},
	} {
		if inAny(c, func(r *analysis.Repeat) bool { return r.PhantomFates != nil && fate.is(r.PhantomFates) > 0 }) {
			fates := func(r *analysis.Repeat) *calls.PhantomFates { return r.PhantomFates }
			numbers = append(numbers, numberOf(fate.name, fates, fate.text))
		}
	}
	return numbers
}

// zero marks a number that ought to be 0.
func zero(n int64) value {
	v := value{Text: words.Count(n), Mark: good}
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
	queue := func(r *analysis.Repeat) *metric.Queue { return r.Queue }
	numbers := []number{
		numberOf("deepest", queue, func(q metric.Queue) string {
			return words.Count(q.Peak) + " of " + words.Capacity(q.Limit)
		}),
		numberOf("full for", queue, func(q metric.Queue) string { return words.FullFor(&q) }),
		numberOf("mean while in use", queue, func(q metric.Queue) string {
			return strconv.FormatFloat(q.Mean, 'f', 1, 64)
		}),
		numberOf("no deeper for 50 %, 90 %, 99 % of that time", queue, func(q metric.Queue) string {
			return words.Count(q.P50) + ", " + words.Count(q.P90) + ", " + words.Count(q.P99)
		}),
	}
	overflows := func(r *analysis.Repeat) *counters.Overflows { return r.Overflows }
	if inAny(c, func(r *analysis.Repeat) bool { return r.Overflows != nil }) {
		numbers = append(
			numbers,
			numberOf("ListenOverflows grew from, to", overflows, func(o counters.Overflows) string {
				return "+" + words.Duration(o.First) + ", +" + words.Duration(o.Last)
			}),
		)
	}
	numbers = append(numbers, socketRows(c)...)
	return group("Accept queue", c, append(numbers, numberOf("sampled every (longest gap)", watched, watchedEvery))...)
}

// socketRows show each socket of a port by itself, where a server has several.
func socketRows(c *analysis.Cell) (numbers []number) {
	most := analysis.Most(c, func(r *analysis.Repeat) int { return len(r.Sockets) })
	for i := range most {
		if most == 1 {
			break
		}
		numbers = append(numbers, number{fmt.Sprintf("socket %d", i+1), func(r *analysis.Repeat) value {
			if i >= len(r.Sockets) {
				return text(unknown)
			}
			return text(words.Socket(&r.Sockets[i]))
		}})
	}
	return numbers
}

// watched returns how a storm's queue was watched; nil if that is not known.
func watched(r *analysis.Repeat) *record.Watch {
	switch {
	case r.Raw == nil:
		return nil
	case r.Raw.Served != nil:
		return r.Raw.Served.Watch
	case r.Raw.Target == nil:
		return nil
	}
	return r.Raw.Target.Watch
}

func watchedEvery(w record.Watch) string {
	return words.Duration(w.Mean()) + inBrackets(words.Duration(w.LongestGap))
}

// checkRows show what each consistency check is off by; one that a storm could not make is not known there.
func checkRows(c *analysis.Cell) document.Group {
	var all []finding.Check
	for _, r := range c.Repeats {
		for _, check := range r.Checks {
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
func counterRows(c *analysis.Cell, simulated bool) document.Group {
	title := "Kernel counters: gained"
	switch {
	case simulated:
		title = "Kernel counters, simulated: gained"
	case c.Backlog == "": // an external server has no namespace of its own
		title = "Kernel counters of the whole host: gained"
	}
	names := map[string]uint64{}
	for _, r := range c.Repeats {
		maps.Copy(names, r.Counters)
	}
	var numbers []number
	for _, name := range slices.Sorted(maps.Keys(names)) {
		numbers = append(numbers, number{name, func(r *analysis.Repeat) value {
			if r.Counters == nil {
				return text(unknown)
			}
			return text(words.Count(r.Counters[name]))
		}})
	}
	g := group(title, c, numbers...)
	g.Screen = true
	return g
}
