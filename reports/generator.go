package reports

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/health"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// generator is the health of the generator over a whole run.
type generator struct {
	Grade analysis.Grade
	// Class is the colour of the grade.
	Class string
	// Brief is the grade, and Line the worst numbers.
	Brief, Line string
	Workers     []workerRow
	// several is set if a storm had more than one worker.
	several bool
}

// workerRow is one worker of one storm.
type workerRow struct {
	Storm, Worker string
	Values        []string

	health *analysis.WorkerHealth
}

// workerHeads are the headings over workerRow.Values.
var workerHeads = []string{"calls", "ran", "waited for a CPU", "longest pause", "slowest reply"}

// newGenerator is nil where nothing is known of the generator.
func newGenerator(s *analysis.Summary) *generator {
	h := s.Health
	if h == nil {
		return nil
	}
	class := map[analysis.Grade]string{analysis.HealthStrained: "doubt", analysis.HealthLimit: "bad"}
	return &generator{
		Grade: h.Grade, Class: cmp.Or(class[h.Grade], "good"), Line: words.Generator(h), Workers: workers(s),
		several: h.Workers > 1,
		Brief:   words.Health(h.Grade, len(s.Cells) > 1 && len(s.Doubts) > 0 && len(s.RunDoubts()) == 0),
	}
}

func (g *generator) well() bool { return g.Grade == analysis.HealthWell }

// String is the whole in a line.
func (g *generator) String() string { return "Generator: " + g.Brief + ". " + g.Line }

func percent(share *float64) string { return orUnknown(share, words.Percent) }

func inBrackets(text string) string { return " (" + text + ")" }

// workers are those of all storms, the one that waited longest first.
func workers(s *analysis.Summary) (rows []workerRow) {
	for c, r := range s.Storms() {
		if r.Health == nil {
			continue
		}
		name := fmt.Sprint("storm ", r.N)
		if len(s.Cells) > 1 {
			name = c.Label + ", " + name
		}
		for i := range r.Health.Workers {
			rows = append(rows, newWorkerRow(name, &r.Health.Workers[i]))
		}
	}
	slices.SortStableFunc(rows, func(a, b workerRow) int { return cmp.Compare(waited(b.health), waited(a.health)) })
	return rows
}

func waited(w *analysis.WorkerHealth) time.Duration {
	return cmp.Or(w.Thread, &record.Thread{}).Waited
}

func newWorkerRow(storm string, w *analysis.WorkerHealth) workerRow {
	r := workerRow{Storm: storm, Worker: w.Share, health: w}
	if w.Host != "" {
		r.Worker += " on " + w.Host
	}
	r.Values = []string{
		words.Count(w.Attempts), percent(w.CPUShare),
		orUnknown(w.Thread, func(t record.Thread) string {
			return words.Duration(t.Waited) + inBrackets(percent(w.RunQueueShare))
		}),
		orUnknown(w.Pauses, func(p record.Pauses) string { return longestPause(p, "") }),
		orUnknown(w.ReplyLag, func(l record.Lag) string { return words.Duration(l.Max) }),
	}
	return r
}

// longestPause is followed by what else there is to say of the pauses.
func longestPause(p record.Pauses, more string) string {
	if p.Count == 0 {
		return "none"
	}
	return words.Duration(p.Longest) + more
}

// String is the worker in a line.
func (r *workerRow) String() string {
	return words.Worker(r.Worker, r.Storm, r.Values...)
}

// healthRows are the generator's part of the storms of a cell, of several workers the worst value.
func healthRows(c *analysis.Cell) document.Group {
	if !inAny(c, func(r *analysis.Repeat) bool { return r.Health != nil }) {
		return document.Group{} // a simulation
	}
	numbers := append(lags("start-lag", "start lag "), replyLags(c)...)
	numbers = append(numbers, number{"never reached the network", func(r *analysis.Repeat) value {
		if r.Health == nil {
			return text(unknown)
		}
		return zero(int64(r.Health.NotOffered + r.Health.Exhausted))
	}})
	dropped := droppedOnLo
	if linked(c) {
		dropped = droppedOnLink
	}
	for _, n := range append(slices.Clone(worstNumbers), dropped) {
		numbers = append(numbers, number{n.name, func(r *analysis.Repeat) value {
			return text(orUnknown(r.Health, func(analysis.Health) string { return n.of(worstOf(r)) }))
		}})
	}
	return group("Generator", c, numbers...)
}

// worstNumber is the worst of a storm's workers.
type worstNumber struct {
	name string
	of   func(*analysis.RunHealth) string
}

var worstNumbers = []worstNumber{
	{"thread ran", func(h *analysis.RunHealth) string { return percent(h.CPUShare) }},
	{"waited for a CPU", func(h *analysis.RunHealth) string {
		return orUnknown(h.Waited, func(d time.Duration) string {
			return words.Duration(d) + inBrackets(percent(h.RunQueueShare))
		})
	}},
	{"longest GC pause (sum)", func(h *analysis.RunHealth) string {
		return orUnknown(h.Pauses, func(p record.Pauses) string {
			return longestPause(p, inBrackets(words.Duration(p.Total)))
		})
	}},
	{"machine's CPU time stolen", func(h *analysis.RunHealth) string { return percent(h.StolenShare) }},
	{"CPU time of other processes", func(h *analysis.RunHealth) string { return percent(h.OthersShare) }},
}

// What is dropped where clients and server are joined.
var (
	droppedOnLo = worstNumber{"dropped on lo", func(h *analysis.RunHealth) string {
		return optionalCount(h.LoopbackDrops)
	}}
	droppedOnLink = worstNumber{"dropped on the link", func(h *analysis.RunHealth) string {
		return optionalCount(h.LinkDrops)
	}}
)

// replyLags are empty where no storm's reply lag is known.
func replyLags(c *analysis.Cell) (numbers []number) {
	if c.ReplyLag == nil {
		return nil
	}
	name := "reply lag "
	if c.ReplyLag.FromRead {
		name = "reply lag, from the read of the command, "
	}
	lag := func(r *analysis.Repeat) *analysis.ReplyLag { return r.ReplyLag }
	share := func(l analysis.ReplyLag) string { return percent(l.Share) }
	return append(lags("reply-lag", name), numberOf("reply lag's share of the handlers' time", lag, share))
}

// lags are the functions of one of the generator's lags that there is room for.
func lags(lag, name string) []number {
	return lists.Map(metric.Tabled, func(f string) number {
		m := metric.Named(f + "(" + lag + ")")
		return number{name + f, func(r *analysis.Repeat) value { return measuredIn(m, r) }}
	})
}

// linked reports whether a link joined clients and server in any storm of the cell.
func linked(c *analysis.Cell) bool {
	return inAny(c, func(r *analysis.Repeat) bool { return r.Health != nil && r.Health.LinkDrops != nil })
}

// worstOf is the health of a single storm.
func worstOf(r *analysis.Repeat) *analysis.RunHealth {
	return health.WorstHealth(&analysis.Summary{Cells: []analysis.Cell{{Repeats: []analysis.Repeat{*r}}}})
}
