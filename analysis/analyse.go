package analysis

import (
	"slices"

	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// Analyse reads a run directory and says what it shows. A broken or missing repeat is
// a warning that names file and line, and what can be read of it is analysed; an error
// is returned only where run.json itself cannot be read.
func Analyse(d record.Dir) (*Summary, error) {
	run, err := d.Run()
	if err != nil {
		return nil, err
	}
	storms, problems := read(d, run)
	return summarise(run, storms, problems), nil
}

// Summarise says what a run shows. It reads no file and no clock, and leaves its
// arguments as they are; the Summary refers to them.
func Summarise(run *record.Run, storms Storms) *Summary { return summarise(run, storms, nil) }

func summarise(run *record.Run, storms Storms, problems []string) *Summary {
	s := &Summary{Format: SummaryFormat, Run: run}
	labels := Labels(run.Cells)
	s.Cells = make([]Cell, len(run.Cells))
	record.InParallel(len(run.Cells), func(i int) {
		c := run.Cells[i]
		s.Cells[i] = newCell(run, c, labels[i], storms[c.ID])
	})
	s.Partial = partial(s)
	s.Health = WorstHealth(s)
	s.Warnings = warnings(s, problems)
	s.Doubts = doubts(s)
	s.Comparisons = settings(s)
	conclude(s)
	return s
}

func newCell(run *record.Run, c record.Cell, label string, storms []*record.Repeat) Cell {
	cell := Cell{Cell: c, Label: label, Repeats: make([]Repeat, len(storms))}
	if c.Calls > 0 { // its storms are held against its own number of calls
		own := *run
		own.Scenario.Calls = c.Calls
		run = &own
	}
	followed := make([]*Storm, len(storms))
	record.InParallel(len(storms), func(i int) {
		// A storm without one attempt says nothing; counted, it would say that nothing was lost.
		if raw := storms[i]; raw != nil && len(raw.Attempts) > 0 {
			cell.Repeats[i], followed[i] = newRepeat(run, i+1, raw)
		}
	})
	cell.Repeats = slices.DeleteFunc(cell.Repeats, func(r Repeat) bool { return r.Raw == nil })
	followed = slices.DeleteFunc(followed, func(s *Storm) bool { return s == nil })
	pool(&cell)
	cell.Chains = chains(run, followed)
	cell.Phases = phasesOf(followed)
	return cell
}

func newRepeat(run *record.Run, n int, raw *record.Repeat) (Repeat, *Storm) {
	var s *Storm
	r := Repeat{N: n, Raw: raw, Damaged: raw.Damaged}
	views := []func(){ // of a long storm each takes a while
		func() { s = Follow(run, n, raw); r.Phantoms = phantoms(raw, s.Trails) },
		func() { r.Latencies, r.StartLag = metric.LatenciesOf(raw.Attempts), metric.StartLagOf(raw.Attempts) },
		func() { countStorm(&r, run) },
	}
	record.InParallel(len(views), func(i int) { views[i]() })
	r.Slow, r.medium, r.againByMedium = countSlow(s.Trails), s.Medium, s.AgainByMedium
	if r.PhantomFates = fatesOf(s.Trails, s.AcceptedAgain); r.PhantomFates != nil && r.Phantoms != nil {
		r.PhantomFates.Never = *r.Phantoms // without those that were queued still
	}
	r.Queue = measure(raw, s.Trails, run.Isolation.Own())
	s.Queue = r.Queue
	if r.ReplyLag = measureReplyLag(raw); r.ReplyLag != nil {
		judgeLag(r.ReplyLag, r.suffered() || r.Slow > 0)
		r.Replies = replies(r.ReplyLag)
	}
	r.Mismatches = mismatches(run, s.Trails)
	r.Health = judge(run, raw, &r)
	checks, failed := reconcile(run, s, &r)
	r.Checks, r.Warnings = checks, append(failed, stormWarnings(run, raw, &r)...)
	r.Metrics, r.Unknown = r.Values()
	return r, s
}

// countStorm fills in what its attempts and its counters show, each by itself.
func countStorm(r *Repeat, run *record.Run) {
	raw := r.Raw
	r.Outcomes = countOutcomes(raw.Attempts)
	r.Offered, r.Lost, r.Late = countCalls(raw.Attempts)
	r.SYNRetransmits = synRetransmits(raw.Attempts)
	r.SYNsLost, r.ServedRate = lostSYNs(raw.Attempts, run.Scenario.ConnectLimit), servedRate(raw.Attempts)
	if Success(run) != record.Connected { // Asterisk does more than connect
		r.Dialplan = metric.DialplanOf(raw.Attempts)
	}
	r.Counters = gained(raw.Kernel)
	r.Overflows = overflowsOf(raw.Counters)
	r.LostToLimits = lostToLimits(raw.Attempts)
	r.Addresses = byAddress(raw)
}

// pool fills in what is said over all repeats of the cell.
func pool(c *Cell) {
	c.Measure()
	c.Lost, c.Late, c.Slow = c.Metrics["lost"], c.Metrics["late"], c.Metrics["slow"]
	for name, field := range map[string]**Spread{
		"phantom": &c.Phantoms, "served": &c.ServedRate,
		"max(queue)": &c.QueuePeak, "mean(queue)": &c.QueueMean, "full(queue)": &c.QueueFull, "drain(queue)": &c.Drain,
	} {
		if s, known := c.Metrics[name]; known {
			*field = &s
		}
	}
	c.SYNsLost = perCall(c, metric.Named("syns-lost"))
	c.Outcomes = map[record.Outcome]Spread{}
	for _, o := range record.Outcomes {
		c.Outcomes[o] = c.Metrics[string(o)]
	}
	c.Shares = sharesOf(c)
	storms, attempts := make([]*metric.Storm, len(c.Repeats)), make([][]record.Attempt, len(c.Repeats))
	for i := range c.Repeats {
		storms[i], attempts[i] = &c.Repeats[i].Storm, c.Repeats[i].Raw.Attempts
	}
	c.Latencies, c.Dialplan = metric.PooledLatencies(storms), metric.PooledDialplan(storms)
	started := metric.FromActualStart(attempts)
	c.FromStart = FromStart{started.Connect.Quantiles, started.FirstCommand.Quantiles, started.Session.Quantiles}
	c.ReplyLag = poolLags(c.Repeats)
}

// perCall is a metric divided by the offered calls of each storm; nil where no storm knows it.
func perCall(c *Cell, m *metric.Metric) *Spread {
	s := spreadOf(c.numbers(func(r *Repeat) (float64, bool) {
		v := m.Measure(&r.Storm)
		return v.Number / float64(max(r.Offered, 1)), v.Known() && r.Offered > 0
	}))
	if s.N == 0 {
		return nil
	}
	return &s
}

// sharesOf are the shares over all storms of the cell.
func sharesOf(c *Cell) Shares {
	offered, lost, late := 0, 0, 0
	for i := range c.Repeats {
		r := &c.Repeats[i]
		offered += r.Offered
		lost += r.Lost
		late += r.Late
	}
	s := Shares{Lost: stats.Wilson(lost, offered), Outcomes: map[record.Outcome]stats.Proportion{}}
	if c.LateKnown() {
		p := stats.Wilson(late, offered)
		s.Late = &p
	}
	for _, o := range record.Outcomes {
		if o.Offered() {
			s.Outcomes[o] = stats.Wilson(c.total(o), offered)
		}
	}
	return s
}
