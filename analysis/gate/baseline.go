package gate

import (
	"fmt"

	"agistorm/analysis"
	"agistorm/analysis/finding"
)

// Baseline says how a run is held against an earlier one.
type Baseline struct {
	// Least difference that fails.
	Least analysis.Least
	// AcrossHosts compares ratios between the settings of each run instead of the numbers themselves.
	AcrossHosts bool
}

// Against judges a new run by an old one: a setting fails by a metric that became worse by more than the least difference, and so that it
// can hardly be chance. Runs of different machines, kernels, host sysctls or storms are not comparable, unless AcrossHosts is set: then only
// the storms must be the same. What may be worse, or chance, is inconclusive, and so is a setting that the new run lacks.
func (b Baseline) Against(oldName string, old *analysis.Summary, newName string, new *analysis.Summary) *Verdict {
	compare := analysis.Compare
	if b.AcrossHosts {
		compare = analysis.CompareAcrossHosts
	}
	side := compare(oldName, old, newName, new, b.Least)
	v := &Verdict{Scenario: new.Run.Scenario.Name, Run: newName, Results: []Result{}}
	for _, line := range b.refusals(side) {
		v.Doubts = append(v.Doubts, finding.Finding{Fact: finding.Noticed{Text: line}})
	}
	if len(v.Doubts) > 0 {
		v.Status = Inconclusive
		return v
	}
	for i := range side.Settings {
		for j := range side.Settings[i].Contrast {
			v.Results = append(v.Results, resultOf(oldName, &side.Settings[i], &side.Settings[i].Contrast[j], side.RepeatsNeeded()))
		}
	}
	for i := range new.Cells {
		if c := &new.Cells[i]; c.Incomplete(new.Run) != "" && len(c.Repeats) > 0 {
			v.Results = append(v.Results, Result{Gate: noWorse(oldName), Cell: c.ID, Setting: c.Label, Status: Inconclusive, Why: c.Incomplete(new.Run)})
		}
	}
	for _, missing := range side.MissingNew {
		v.Results = append(v.Results, Result{Gate: noWorse(oldName), Setting: missing, Status: Inconclusive, Why: "the new run has no storm of it"})
	}
	v.Status = worst(v.Results)
	if len(side.Settings) == 0 {
		v.Status, v.Doubts = Inconclusive, []finding.Finding{{Fact: finding.Noticed{Text: side.Verdict}}}
	}
	return v
}

// refusals are the differences that forbid a comparison.
func (b Baseline) refusals(side *analysis.SideBySide) []string {
	var lines []string
	for _, d := range side.Differs {
		if d.OfMachine() && d.Kind != analysis.KindName && !b.AcrossHosts {
			lines = append(lines, fmt.Sprintf("%s: %q in the baseline, %q now (--across-hosts compares ratios between settings instead)", d.Name, d.Old, d.New))
		}
	}
	return append(lines, side.Withheld...)
}

func noWorse(than string) string { return "no worse than " + than }

func resultOf(oldName string, setting *analysis.Comparison, c *analysis.Contrast, needed int) Result {
	r := Result{
		Gate: noWorse(oldName) + ": " + c.Metric, Cell: setting.Cell, Setting: setting.New, Status: Passed,
		Measured: fmt.Sprintf("%s, before %s", c.Value(c.New.Median), c.Value(c.Old.Median)), Why: string(c.Finding),
	}
	if setting.Differs != "" {
		r.Setting += ", " + setting.Differs + " (" + c.Reference + ")"
	}
	switch {
	case c.Finding == analysis.Withheld:
		r.Status, r.Why, r.Doubt = Inconclusive, "inconclusive in "+setting.Doubted[0].Of, &setting.Doubted[0].Doubt
	case c.Finding == analysis.OneSided:
		r.Status, r.Measured = Inconclusive, ""
	case c.Finding == analysis.TooFew:
		r.Status, r.Why = Inconclusive, fmt.Sprintf("%s: %d, before %d; a comparison needs %d on both sides (sweep --repeats %[4]d)",
			c.Finding, c.New.N, c.Old.N, needed)
	case c.Finding == analysis.Undecided && !c.Better:
		r.Status, r.Why = Inconclusive, fmt.Sprintf("perhaps worse, perhaps chance (p %.3f, corrected %.3f): %d storms or more on both sides would tell (sweep --repeats %[3]d)",
			c.P, c.Q, needed)
	case c.Finding == analysis.Undecided:
		r.Why = "perhaps better"
	case c.Finding == analysis.Differs && !c.Better:
		r.Status, r.Why = Failed, fmt.Sprintf("worse (p %.3f, the least that matters is %s)", c.Q, c.Value(c.Least))
	case c.Finding == analysis.Differs:
		r.Why = "better"
	}
	return r
}
