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
// least difference, and so that it can hardly be chance. Runs of different machines, kernels, host sysctls or
// storms are not comparable, unless AcrossHosts is set: then only the storms must be the same. What may be
// worse, or chance, is inconclusive, and so is a setting that the new run lacks.
func (b Baseline) Against(oldName string, old *analysis.Summary, newName string, new *analysis.Summary) *Verdict {
	compare := comparison.Compare
	if b.AcrossHosts {
		compare = comparison.CompareAcrossHosts
	}
	side := compare(oldName, old, newName, new, b.Least)
	v := &Verdict{Scenario: new.Run.Scenario.Name, Run: newName, Results: []Result{}}
	if v.Doubts = b.refusals(side); len(v.Doubts) > 0 {
		v.Status = Inconclusive
		return v
	}
	for setting := range analysis.Each(side.Settings) {
		for c := range analysis.Each(setting.Contrast) {
			v.Results = append(v.Results, resultOf(oldName, setting, c, side.RepeatsNeeded()))
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
		Baseline: oldName, Metric: c.Metric, Cell: setting.Cell, Setting: setting.New, Status: Passed,
		RatioTo: setting.RatioTo, Reference: c.Reference,
		Measured: fact(finding.Compared{Unit: c.Unit, Old: stats.Number(c.Old.Median), New: stats.Number(c.New.Median)}),
		Why: fact(finding.Claimed{
			Claim: string(c.Finding), Better: c.Better, P: c.P, Q: c.Q, Least: c.Least, Unit: c.Unit,
			Old: c.Old.N, New: c.New.N, Needed: needed,
		}),
	}
	switch c.Finding {
	case analysis.Withheld:
		first := &setting.Doubted[0]
		r.Status, r.Why = Inconclusive, fact(finding.InDoubt{Run: first.Of, Doubt: &first.Doubt})
	case analysis.OneSided:
		r.Status, r.Measured = Inconclusive, nil
	case analysis.TooFew:
		r.Status = Inconclusive
	case analysis.Undecided:
		r.Status = statusIf(!c.Better, Inconclusive)
	case analysis.Differs:
		r.Status = statusIf(!c.Better, Failed)
	}
	return r
}

// statusIf is a status where it is one, else Passed.
func statusIf(is bool, s Status) Status {
	if is {
		return s
	}
	return Passed
}
