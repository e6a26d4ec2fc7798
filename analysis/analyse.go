package analysis

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// summaryFormat is the version of Summary that this package makes.
const summaryFormat = 2

// Storms are the repeats of a run by the ID of their cell: repeat N stands at
// index N - 1, nil where it is absent.
type Storms map[string][]*record.Repeat

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

// read reads all storms at once as far as there are CPUs; their order, and that of the problems, is the run's.
func read(d record.Dir, run *record.Run) (Storms, []string) {
	storms, steps := Storms{}, run.Steps()
	for _, c := range run.Cells {
		storms[c.ID] = make([]*record.Repeat, run.Planned(c.ID))
	}
	problems := make([][]string, len(steps))
	record.InParallel(len(steps), func(i int) {
		step := steps[i]
		storms[step.Cell][step.N-1], problems[i] = readStorm(d, step.Cell, step.N)
	})
	return storms, slices.Concat(problems...)
}

// readStorm is nil for a repeat that is absent, or of which no number can be trusted.
func readStorm(d record.Dir, cell string, n int) (*record.Repeat, []string) {
	if !d.Has(cell, n) {
		return nil, nil
	}
	storm, err := d.Repeat(cell, n)
	lines := errorLines(d, err)
	switch {
	case errors.Is(err, record.ErrAttempts):
		storm = nil // counted, the calls that are missing would pass for calls that were not lost
	case storm != nil:
		storm.Damaged = lines
	}
	return storm, lines
}

// errorLines gives each joined error a line, with paths as seen from the run directory:
// the same run must read the same wherever it lies.
func errorLines(d record.Dir, err error) []string {
	if err == nil {
		return nil
	}
	cells := "cells" + string(filepath.Separator)
	text := strings.ReplaceAll(err.Error(), filepath.Join(string(d), cells)+string(filepath.Separator), cells)
	return strings.Split(text, "\n")
}

func summarise(run *record.Run, storms Storms, problems []string) *Summary {
	s := &Summary{Format: summaryFormat, Run: run, swept: Differing(run.Cells)}
	labels := Labels(run.Cells)
	s.Cells = make([]Cell, len(run.Cells))
	record.InParallel(len(run.Cells), func(i int) {
		c := run.Cells[i]
		s.Cells[i] = newCell(run, c, labels[i], storms[c.ID])
	})
	s.Partial = partial(s)
	s.Health = WorstHealth(s)
	s.damage = factsOf(problems, func(line string) finding.Fact { return finding.Damaged{Problem: line} })
	s.damage = append(s.damage, missing(s)...)
	s.Warnings = factsOf(run.Warnings, func(line string) finding.Fact { return finding.Noticed{Text: line} })
	s.Warnings = append(s.Warnings, s.damage...)
	for _, of := range []func(*Summary) []finding.Finding{
		thin, lacking, connectionsOnly, unwatched, clocks, heldUpWarnings, replyLagWarnings, stealWarnings,
	} {
		s.Warnings = append(s.Warnings, of(s)...)
	}
	s.Doubts = doubts(s)
	l := sureLadder(s)
	if s.Conclusive = l != nil; s.Conclusive {
		_, s.Recommendation = l.adviser(s)
	} else {
		l = newLadder(s, everyCell)
	}
	s.Comparisons = compareSettings(s)
	s.Answer = answer(s, l)
	return s
}

// factsOf states lines of another source as facts about the run.
func factsOf(lines []string, fact func(string) finding.Fact) (all []finding.Finding) {
	for _, line := range lines {
		all = append(all, about(fact(line)))
	}
	return all
}

func newCell(run *record.Run, c record.Cell, label string, storms []*record.Repeat) Cell {
	cell := Cell{Cell: c, Label: label, Repeats: make([]Repeat, len(storms))}
	if c.Calls > 0 { // its storms are held against its own number of calls
		own := *run
		own.Scenario.Calls = c.Calls
		run = &own
	}
	record.InParallel(len(storms), func(i int) {
		// A storm without one attempt says nothing; counted, it would say that nothing was lost.
		if raw := storms[i]; raw != nil && len(raw.Attempts) > 0 {
			cell.Repeats[i] = newRepeat(run, i+1, raw)
		}
	})
	cell.Repeats = slices.DeleteFunc(cell.Repeats, func(r Repeat) bool { return r.Raw == nil })
	cell.pool()
	cell.Chains = chainsOf(run, cell.Repeats)
	for i := range cell.Repeats {
		cell.Repeats[i].trails = nil // what they say is said
	}
	return cell
}

func newRepeat(run *record.Run, n int, raw *record.Repeat) Repeat {
	r := Repeat{N: n, Raw: raw, Damaged: raw.Damaged}
	views := []func(){ // of a long storm each takes a while
		func() { r.trails = trails(raw); r.Phantoms = phantoms(raw, r.trails) },
		func() { r.Latencies, r.StartLag = metric.LatenciesOf(raw.Attempts), metric.StartLagOf(raw.Attempts) },
		func() { r.count(run) },
	}
	record.InParallel(len(views), func(i int) { views[i]() })
	r.Slow = countSlow(r.trails)
	again := duplicateAccepts(raw, r.trails)
	r.acceptedAgain, r.medium = len(again), mediumOfStorm(run, raw)
	r.againByMedium = againByMedium(run, raw, &r)
	if r.PhantomFates = phantomFates(r.trails, again); r.PhantomFates != nil && r.Phantoms != nil {
		r.PhantomFates.Never = *r.Phantoms // without those that were queued still
	}
	r.Queue = queueOf(raw, r.trails, run.Isolation.Own())
	if r.ReplyLag = replyLag(raw); r.ReplyLag != nil {
		r.ReplyLag.judge(r.suffered() || r.Slow > 0)
		r.Replies = r.ReplyLag.replies()
	}
	r.Mismatches = mismatches(run, r.trails)
	r.Health = judge(run, raw, &r)
	checked := reconcile(run, raw, &r)
	r.Checks = checked.all
	r.Warnings = slices.Concat(checked.failed, stormFindings(run, raw, &r))
	r.Metrics, r.Unknown = r.Values()
	return r
}

// count fills in what its attempts and its counters show, each by itself.
func (r *Repeat) count(run *record.Run) {
	raw := r.Raw
	r.Outcomes = countOutcomes(raw.Attempts)
	r.Offered, r.Lost, r.Late = countCalls(raw.Attempts)
	r.SYNRetransmits = synRetransmits(raw.Attempts)
	r.SYNsLost, r.ServedRate = lostSYNs(raw.Attempts, run.Scenario.ConnectLimit), servedRate(raw.Attempts)
	if Success(run) != record.Connected { // Asterisk does more than connect
		r.Dialplan = metric.DialplanOf(raw.Attempts)
	}
	r.Counters = gained(raw.Kernel)
	r.Overflows = overflows(raw.Counters)
	r.LostToLimits = lostToLimits(raw.Attempts)
	r.Addresses = byAddress(raw)
}

// Measure fills in the metrics over all repeats of the cell.
func (c *Cell) Measure() {
	c.Metrics = map[string]Spread{}
	for _, m := range metric.All() {
		if s := spread(c.values(m)); s.N > 0 {
			c.Metrics[m.Name] = s
		}
	}
}

// pool fills in what is said over all repeats of the cell.
func (c *Cell) pool() {
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
	c.SYNsLost = c.perCall(metric.Named("syns-lost"))
	c.Outcomes = map[record.Outcome]Spread{}
	for _, o := range record.Outcomes {
		c.Outcomes[o] = c.Metrics[string(o)]
	}
	c.Shares = c.shares()
	storms, attempts := make([]*metric.Storm, len(c.Repeats)), make([][]record.Attempt, len(c.Repeats))
	for i := range c.Repeats {
		storms[i], attempts[i] = &c.Repeats[i].Storm, c.Repeats[i].Raw.Attempts
	}
	c.Latencies, c.Dialplan = metric.PooledLatencies(storms), metric.PooledDialplan(storms)
	started := metric.FromActualStart(attempts)
	c.FromStart = FromStart{started.Connect.Quantiles, started.FirstCommand.Quantiles, started.Session.Quantiles}
	c.ReplyLag = poolLags(c.Repeats)
	c.Phases = phases(c.Repeats)
}

// values of a metric in the repeats in which it is known.
func (c *Cell) values(m *metric.Metric) []float64 {
	return c.numbers(func(r *Repeat) (float64, bool) {
		v := m.Measure(&r.Storm)
		return v.Number, v.Known()
	})
}

// numbers of the repeats that know one.
func (c *Cell) numbers(number func(*Repeat) (float64, bool)) []float64 {
	var all []float64
	for i := range c.Repeats {
		if n, known := number(&c.Repeats[i]); known {
			all = append(all, n)
		}
	}
	return all
}

// perCall is a metric divided by the offered calls of each storm; nil where no storm knows it.
func (c *Cell) perCall(m *metric.Metric) *Spread {
	s := spread(c.numbers(func(r *Repeat) (float64, bool) {
		v := m.Measure(&r.Storm)
		return v.Number / float64(max(r.Offered, 1)), v.Known() && r.Offered > 0
	}))
	if s.N == 0 {
		return nil
	}
	return &s
}

// Offered are the calls that its storms offered.
func (c *Cell) Offered() Spread { return spread(c.values(metric.Named("offered"))) }

// LateKnown reports whether every storm of the setting knows its late calls.
func (c *Cell) LateKnown() bool { return len(c.Repeats) > 0 && c.Late.N == len(c.Repeats) }

// partial is why not every planned storm counts; nil where all do.
func partial(s *Summary) *finding.Partial {
	fact := &finding.Partial{Interrupted: cutShort(s.Run), Planned: len(s.Run.Steps())}
	have, damaged := 0, 0
	eachRepeat(s, func(_ *Cell, r *Repeat) {
		have++
		if len(r.Damaged) > 0 {
			damaged++
		}
	})
	fact.Missing = fact.Planned - have + damaged
	switch {
	case fact.Interrupted:
	case s.Run.Partial == record.SharesPartial:
		fact.Shares = partialShares(s.Run)
	case s.Run.Partial != "":
		fact.Failure = strings.TrimSuffix(s.Run.Partial, ".")
	case fact.Missing <= 0 || have == 0:
		return nil
	}
	return fact
}

// missing are the planned repeats that there are no numbers of; a run that was ended early says how many it has.
func missing(s *Summary) (all []finding.Finding) {
	if s.Run.Partial != "" {
		return nil
	}
	for i := range s.Cells {
		c, fact := &s.Cells[i], finding.StormsMissing{Of: s.Run.Planned(s.Cells[i].ID)}
		for n := 1; n <= fact.Of; n++ {
			if !slices.ContainsFunc(c.Repeats, func(r Repeat) bool { return r.N == n }) {
				fact.Repeats = append(fact.Repeats, n)
			}
		}
		if fact.Repeats != nil {
			all = append(all, about(fact, c))
		}
	}
	return all
}

// thin warns of a comparison in which settings were stormed only once.
func thin(s *Summary) []finding.Finding {
	cells, _ := stormsWhere(s, func(c *Cell, _ *Repeat) bool { return len(c.Repeats) == 1 })
	if len(s.Cells) < 2 {
		return nil
	}
	return factOf(finding.OneStorm{Settings: len(cells)}, cells)
}

// lacking is what the engine could not tell.
func lacking(s *Summary) []finding.Finding {
	var fact finding.NoTCPInfo
	cells, _ := stormsWhere(s, func(_ *Cell, r *Repeat) bool {
		fact.Engine = r.Raw.Storm.Engine
		return slices.Contains(r.Raw.Storm.Lacks, record.LacksTCPInfo)
	})
	return factOf(fact, cells)
}
