package gate

import (
	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/stats"
)

// Baseline holds how a run is compared with an earlier one.
type Baseline struct {
	// Least difference that fails.
	Least comparison.Least
	// AcrossHosts compares ratios between the settings of each run instead of the numbers themselves.
	AcrossHosts bool
}

// Against judges a new run by an old one: a setting fails by a metric that became worse by more than the
// least difference, and so that it can hardly be chance. It passes where the interval of the shift, of 95 % and from
// stats.LeastCompared storms on, excludes that it is worse by the least difference. All else is inconclusive, and so is
// a setting that the new run lacks. Each interval is of 95 % by itself: a run passes only if all of them do, so more
// settings and metrics make a false pass no more likely (Berger 1982). Runs of different machines, kernels, host
// sysctls or storms are not comparable, unless AcrossHosts is set: then only the storms must be the same.
func (b Baseline) Against(oldName string, old *analysis.Summary, newName string, new *analysis.Summary) *Verdict {
	compare := comparison.Compare
	if b.AcrossHosts {
		compare = comparison.CompareAcrossHosts
	}
	side := compare(oldName, old, newName, new, b.Least)
	v := &Verdict{
		Scenario: new.Run.Scenario.Name, Run: newName, Simulated: new.Run.Simulated != nil, Results: []Result{},
	}
	if v.Doubts = b.refusals(side); len(v.Doubts) > 0 {
		v.Status = Inconclusive
		return v
	}
	for setting := range analysis.Each(side.Settings) {
		for c := range analysis.Each(setting.Contrast) {
			r := resultOf(oldName, setting, c, side.RepeatsNeeded())
			v.Results = append(v.Results, r.servedNone(old, setting.Old, new))
		}
	}
	lacking := func(id, label string, why finding.Fact) {
		v.Results = append(v.Results, Result{
			Baseline: oldName, Cell: id, Setting: label, Status: Inconclusive, Why: fact(why),
		})
	}
	for c := range analysis.Each(new.Cells) {
		if lacks := c.Incomplete(new.Run); lacks != nil && len(c.Repeats) > 0 {
			lacking(c.ID, c.Label, lacks)
		}
	}
	for _, u := range side.Unmatched {
		if u.Old {
			lacking("", u.Setting, finding.NoNewStorm{})
		}
	}
	v.Status = worst(v.Results)
	if len(side.Settings) == 0 {
		v.Status, v.Doubts = Inconclusive, side.Answer
	}
	return v
}

// refusals lists the differences that forbid a comparison.
func (b Baseline) refusals(side *comparison.SideBySide) (all []finding.Finding) {
	for _, d := range side.Differs {
		if d.OfMachine() && d.Kind != comparison.KindName && !b.AcrossHosts {
			all = append(all, finding.Finding{Fact: finding.MachineDiffers{Name: d.Name, Old: d.Old, New: d.New}})
		}
	}
	return append(all, side.Withheld...)
}

func resultOf(oldName string, setting *analysis.Comparison, c *analysis.Contrast, needed int) Result {
	r := Result{
		Baseline: oldName, Metric: c.Metric, Cell: setting.Cell, Setting: setting.New, Status: Inconclusive,
		RatioTo: setting.RatioTo, Reference: c.Reference,
		Measured: fact(finding.Compared{
			Unit: c.Unit, Old: stats.Number(c.Old.Median), New: stats.Number(c.New.Median),
		}),
		Why: fact(claimed(c, needed)),
	}
	switch c.Finding {
	case analysis.Withheld:
		first := &setting.Doubted[0]
		r.Why = fact(finding.InDoubt{Run: first.Of, Doubt: &first.Doubt})
	case analysis.OneSided:
		r.Measured = nil
	case analysis.TooFew, analysis.Split:
	case analysis.Differs:
		r.Status = statusIf(c.Better, Passed, Failed)
	case analysis.Undecided:
		r.Status = statusIf(c.Better && c.NotWorse, Passed, Inconclusive)
	default:
		r.Status = statusIf(c.NotWorse, Passed, Inconclusive)
	}
	return r
}

// servedNone lets a setting fail, however few its storms, that lost every call in a way that no delay of the generator
// causes, where the baseline's served some: by its lost calls.
func (r Result) servedNone(old *analysis.Summary, label string, new *analysis.Summary) Result {
	of := func(s *analysis.Summary, is func(*analysis.Cell) bool) *analysis.Cell {
		for c := range analysis.Each(s.Cells) {
			if is(c) {
				return c
			}
		}
		return nil
	}
	was := of(old, func(c *analysis.Cell) bool { return c.Label == label && c.Served() > 0 })
	is := of(new, func(c *analysis.Cell) bool { return c.ID == r.Cell && c.AllLost() })
	if r.Metric == "lost" && r.RatioTo == "" && was != nil && is != nil && r.Status == Inconclusive {
		r.Status, r.Why = Failed, fact(finding.ServedNone{Storms: len(is.Repeats)})
	}
	return r
}

// claimed is what a contrast shows; needed storms show any difference in so many settings.
func claimed(c *analysis.Contrast, needed int) finding.Claimed {
	claim := finding.Claimed{
		Claim: string(c.Finding), Better: c.Better, P: c.P, Q: c.Q, Shift: c.Shift, NotWorse: c.NotWorse,
		Split: c.Split, Least: c.Least, Unit: c.Unit, Old: c.Old.N, New: c.New.N, MostNeeded: stats.MostDeciding,
	}
	switch c.Finding {
	case analysis.TooFew, analysis.Undecided:
		claim.Needed = needed
	case analysis.Differs:
	default:
		claim.Needed = c.Deciding
	}
	return claim
}

// statusIf is the first status where it is one, else the other.
func statusIf(is bool, s, other Status) Status {
	if is {
		return s
	}
	return other
}
