// Package summary makes the Summary of a run directory. It measures nothing: the same run directory always
// gives the same Summary.
package summary

import (
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/advice"
	"agistorm/analysis/calls"
	"agistorm/analysis/causes"
	"agistorm/analysis/caveats"
	"agistorm/analysis/checks"
	"agistorm/analysis/comparison"
	"agistorm/analysis/counters"
	"agistorm/analysis/health"
	"agistorm/analysis/metric"
	"agistorm/analysis/queue"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// Read reads a run directory and returns what it shows. A broken or missing repeat is
// a warning that names file and line, and what can be read of it is analysed; an error
// is returned only where run.json itself cannot be read.
func Read(d record.Dir) (*analysis.Summary, error) {
	run, err := d.Run()
	if err != nil {
		return nil, err
	}
	storms, problems := read(d, run)
	return New(run, storms, problems...), nil
}

// New returns what a run shows. It reads no file and no clock, and leaves its arguments as they are; the Summary refers
// to them. Problems are what could not be read of the record.
func New(run *record.Run, storms Storms, problems ...string) *analysis.Summary {
	s := &analysis.Summary{Format: analysis.SummaryFormat, Run: run}
	labels := analysis.Labels(run.Cells)
	s.Cells = make([]analysis.Cell, len(run.Cells))
	record.InParallel(len(run.Cells), func(i int) {
		c := run.Cells[i]
		s.Cells[i] = newCell(run, c, labels[i], storms[c.ID])
	})
	s.Partial = caveats.Partial(s)
	s.Health = health.WorstHealth(s)
	s.Warnings = caveats.Warnings(s, problems)
	s.Doubts = caveats.Doubts(s)
	s.Comparisons = comparison.Settings(s)
	advice.Conclude(s)
	return s
}

func newCell(run *record.Run, c record.Cell, label string, storms []*record.Repeat) analysis.Cell {
	cell := analysis.Cell{Cell: c, Label: label, Repeats: make([]analysis.Repeat, len(storms))}
	if c.Calls > 0 { // its storms are held against its own number of calls
		own := *run
		own.Scenario.Calls = c.Calls
		run = &own
	}
	followed := make([]*calls.Storm, len(storms))
	record.InParallel(len(storms), func(i int) {
		// A storm without an attempt shows nothing; counted, it would show that nothing was lost.
		if raw := storms[i]; raw != nil && len(raw.Attempts) > 0 {
			cell.Repeats[i], followed[i] = newRepeat(run, i+1, raw)
		}
	})
	cell.Repeats = slices.DeleteFunc(cell.Repeats, func(r analysis.Repeat) bool { return r.Raw == nil })
	followed = slices.DeleteFunc(followed, func(s *calls.Storm) bool { return s == nil })
	views := []func(){
		func() { cell.Chains = causes.Chains(run, followed) },
		func() { pool(&cell); cell.Phases = causes.PhasesOf(followed) },
	}
	record.InParallel(len(views), func(i int) { views[i]() })
	return cell
}

func newRepeat(run *record.Run, n int, raw *record.Repeat) (analysis.Repeat, *calls.Storm) {
	var s *calls.Storm
	raw = calls.Settled(run, raw)
	r := analysis.Repeat{N: n, Raw: raw, Damaged: raw.Damaged}
	views := []func(){ // of a long storm each takes a while
		func() { s = calls.Follow(run, n, raw) },
		func() { r.Latencies, r.StartLag = metric.LatenciesOf(raw.Attempts), metric.StartLagOf(raw.Attempts) },
		func() { countStorm(&r, run) },
	}
	record.InParallel(len(views), func(i int) { views[i]() })
	countPhantoms(&r, run, s)
	r.Server, r.Sockets = raw.Served, queue.Sockets(raw)
	r.Slow, r.Medium, r.AgainByMedium = calls.CountSlow(s.Trails), s.Medium, s.AgainByMedium
	if r.PhantomFates = calls.FatesOf(s.Trails, s.AcceptedAgain); r.PhantomFates != nil && r.Phantoms != nil {
		r.PhantomFates.Never = min(r.PhantomFates.Never, *r.Phantoms) // without those that were queued still
	}
	r.Queue = queue.Measure(raw, s.Trails, run.Isolation.Own())
	s.Queue = r.Queue
	if r.ReplyLag = health.MeasureReplyLag(raw); r.ReplyLag != nil {
		health.JudgeLag(r.ReplyLag, r.Impaired() || r.Slow > 0)
		r.Replies = health.Replies(r.ReplyLag)
	}
	r.Mismatches = calls.Mismatches(run, s.Trails)
	if run.Simulated == nil { // a simulator has no generator
		r.Health = health.Judge(run, raw, &r)
	}
	checks, failed := checks.Reconcile(run, s, &r)
	r.Checks, r.Warnings = checks, append(failed, caveats.StormWarnings(run, raw, &r)...)
	r.Metrics, r.Unknown = r.Values()
	return r, s
}

// countPhantoms fills them in. Of a client that only connects those are lost, too, of which only the number is known.
func countPhantoms(r *analysis.Repeat, run *record.Run, s *calls.Storm) {
	r.Phantoms, r.PhantomsAtLeast = calls.Phantoms(run, s.Raw, s.Trails)
	if !r.OnlyConnects {
		return
	}
	sure := analysis.Deref(r.Phantoms) + analysis.Deref(r.PhantomsAtLeast)
	unnamed := max(sure-r.Outcomes[record.Phantom], 0)
	r.Outcomes[record.Connected] -= unnamed
	r.Outcomes[record.Phantom] += unnamed
	r.Lost += unnamed
}

// countStorm fills in what its attempts and its counters show, each by itself.
func countStorm(r *analysis.Repeat, run *record.Run) {
	raw := r.Raw
	r.Outcomes = calls.CountOutcomes(raw.Attempts)
	r.Offered, r.Lost, r.Late = calls.CountCalls(raw.Attempts)
	r.SYNRetransmits = calls.SYNRetransmissions(raw.Attempts)
	r.SYNsLost = calls.LostSYNs(raw, run.Scenario.ConnectLimit)
	r.Unaccepted, r.OnlyConnects = calls.Unaccepted(raw), calls.Success(run) == record.Connected
	if !r.OnlyConnects { // Asterisk does more than connect
		r.Dialplan, r.ServedRate = metric.DialplanOf(raw.Attempts), calls.ServedRate(raw.Attempts)
	}
	r.Counters, r.DropReasons = counters.Gained(raw.Kernel), analysis.Deref(raw.Kernel).Reasons
	r.Overflows = counters.OverflowsOf(raw.Counters)
	r.LostToLimits = calls.LostToLimits(raw.Attempts)
	r.Addresses = calls.ByAddress(raw)
}

// pool fills in the numbers over all repeats of the cell.
func pool(c *analysis.Cell) {
	c.Measure()
	c.Lost = stats.SpreadOf(c.Numbers(func(r *analysis.Repeat) (float64, bool) { return float64(r.Lost), true }))
	c.Late, c.Slow = c.Metrics["late"], c.Metrics["slow"]
	for name, field := range map[string]**analysis.Spread{
		"phantom": &c.Phantoms, "served": &c.ServedRate,
		"max(queue)": &c.QueuePeak, "mean(queue)": &c.QueueMean, "full(queue)": &c.QueueFull, "drain(queue)": &c.Drain,
	} {
		if s, known := c.Metrics[name]; known {
			*field = &s
		}
	}
	c.SYNsLost = perCall(c, metric.Named("syns-lost"))
	c.Outcomes = map[record.Outcome]analysis.Spread{}
	for _, o := range record.Outcomes {
		c.Outcomes[o] = stats.SpreadOf(c.Numbers(func(r *analysis.Repeat) (float64, bool) {
			return float64(r.Outcomes[o]), true
		}))
	}
	c.Shares = sharesOf(c)
	storms, attempts := make([]*metric.Storm, len(c.Repeats)), make([][]record.Attempt, len(c.Repeats))
	for i := range c.Repeats {
		storms[i], attempts[i] = &c.Repeats[i].Storm, c.Repeats[i].Raw.Attempts
	}
	c.Latencies, c.Dialplan = metric.PooledLatencies(storms), metric.PooledDialplan(storms)
	c.FromStart = metric.FromActualStart(attempts)
	c.ReplyLag = health.PoolLags(c.Repeats)
}

// perCall is a metric divided by the offered calls of each storm; nil where no storm knows it.
func perCall(c *analysis.Cell, m *metric.Metric) *analysis.Spread {
	s := stats.SpreadOf(c.Numbers(func(r *analysis.Repeat) (float64, bool) {
		v := m.Measure(&r.Storm)
		return v.Number / float64(max(r.Offered, 1)), v.Known() && r.Offered > 0
	}))
	if s.N == 0 {
		return nil
	}
	return &s
}

// sharesOf are the shares over all storms of the cell.
func sharesOf(c *analysis.Cell) analysis.Shares {
	offered := c.Sum(func(r *analysis.Repeat) int { return r.Offered })
	lost := c.Sum(func(r *analysis.Repeat) int { return r.Lost })
	s := analysis.Shares{Lost: stats.Wilson(lost, offered), Outcomes: map[record.Outcome]stats.Proportion{}}
	if c.LateKnown() {
		p := stats.Wilson(c.Sum(func(r *analysis.Repeat) int { return r.Late }), offered)
		s.Late = &p
	}
	for _, o := range record.Outcomes {
		if o.Offered() {
			s.Outcomes[o] = stats.Wilson(c.Total(o), offered)
		}
	}
	return s
}
