// Package gate judges a run: by conditions such as "lost == 0", or against an earlier run. It measures
// nothing.
package gate

import (
	"errors"
	"fmt"
	"slices"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// Status of a gate. The order is how grave it is.
type Status string

const (
	// Passed gates hold.
	Passed Status = "passed"
	// Failed gates do not.
	Failed Status = "failed"
	// Inconclusive gates are neither: the run proves nothing, or what they ask was not measured.
	Inconclusive Status = "inconclusive"
)

// Result is one gate for one setting.
type Result struct {
	// Gate as it was written; of a comparison its words, once they are filled in.
	Gate string `json:"gate"`
	// Baseline is the run that a comparison is with, and Metric what it compares; empty for a gate that was written.
	Baseline string `json:"baseline,omitempty"`
	Metric   string `json:"metric,omitempty"`
	// Cell and Setting name what it was judged for, as the scenario asks for it; Cell is empty for a setting
	// that only the baseline has.
	Cell    string `json:"cell,omitempty"`
	Setting string `json:"setting"`
	Status  Status `json:"status"`
	// Seen is what the numbers alone come to, where a doubt makes the Status inconclusive; empty elsewhere.
	Seen Status `json:"seen,omitempty"`
	// Measured value that decided: of several storms the one that is worst for the gate. Nil where none is
	// known.
	Measured *finding.Finding `json:"measured,omitempty"`
	// Value is that of Measured as a number, in the Unit of the Limit: "%", "ns", "/s", or empty for a plain
	// number. Nil where it is not known or has no end, and for comparisons with a baseline.
	Value *float64 `json:"value,omitempty"`
	Limit *float64 `json:"limit,omitempty"`
	Unit  string   `json:"unit,omitempty"`
	// Why: which storms failed, or for which doubt or other reason it is Inconclusive.
	Why *finding.Finding `json:"why,omitempty"`
	// RatioTo is the setting that a ratio was compared to, and Reference what it was divided by.
	RatioTo   string            `json:"ratio_to,omitempty"`
	Reference *analysis.Divisor `json:"reference,omitempty"`
}

// Verdict is the judgement of a run.
type Verdict struct {
	// Scenario and Run say what was judged.
	Scenario string `json:"scenario"`
	Run      string `json:"run"`
	// Simulated: no kernel was measured.
	Simulated bool `json:"simulated,omitempty"`
	// Status of all: Inconclusive where the run proves nothing, whatever its gates say; else Failed where one
	// failed.
	Status Status `json:"status"`
	// Doubts of the run as a whole; those of a single setting stand in its results.
	Doubts  []finding.Finding `json:"doubts,omitempty"`
	Results []Result          `json:"results"`
}

// ErrShare is of a run that holds one share of a storm: a condition is about all of its calls.
var ErrShare = errors.New(
	"this is one share of a storm: its gates are judged when the shares are put together (agistorm report SHARE…)",
)

// Judge holds every condition, each once, against every setting that it selects. A condition that
// selects none is a *NothingSelected. A run that is in doubt as a whole never passes and never fails:
// its gates are inconclusive. So are those of a setting that is in doubt, but for the ones that
// measure the generator itself, and those that failed because every call was lost in a way that the generator cannot
// cause; the gates of other settings speak. A share of a storm is an ErrShare.
func Judge(s *analysis.Summary, run string, conditions []expr.Condition) (*Verdict, error) {
	if s.Run.Share != nil {
		return nil, ErrShare
	}
	v := &Verdict{
		Scenario: s.Run.Scenario.Name, Run: run, Simulated: s.Run.Simulated != nil, Doubts: s.RunDoubts(),
		Results: []Result{},
	}
	settings := settingsOf(s)
	for i := range conditions {
		if slices.ContainsFunc(conditions[:i], conditions[i].Same) {
			continue
		}
		results, err := judge(s, settings, &conditions[i])
		if err != nil {
			return nil, err
		}
		v.Results = append(v.Results, results...)
	}
	if v.Status = worst(v.Results); len(v.Doubts) > 0 {
		v.Status = Inconclusive
		for i := range v.Results {
			v.Results[i] = v.Results[i].doubted(&v.Doubts[0])
		}
	}
	return v, nil
}

func fact(f finding.Fact) *finding.Finding { return &finding.Finding{Fact: f} }

// worst returns that of all results.
func worst(results []Result) Status {
	var all []Status
	for _, r := range results {
		all = append(all, r.Status)
	}
	return gravest(all...)
}

// gravest returns that of several: a gate that failed is sure, whatever another could not settle.
func gravest(all ...Status) Status {
	for _, s := range []Status{Failed, Inconclusive} {
		if slices.Contains(all, s) {
			return s
		}
	}
	return Passed
}

// NothingSelected is a condition that no setting of the run meets.
type NothingSelected struct {
	Condition expr.Condition
	// Settings that there are, by their Axes.
	Settings []map[string]string
}

func (e *NothingSelected) Error() string {
	return fmt.Sprintf("gate %q selects no setting: %s", e.Condition.Source, e.Condition.Unmatched(e.Settings))
}

// Broken is the result of a run's own gate that cannot be judged: it was valid when it was written.
func Broken(source string, err error) Result {
	return Result{
		Gate: source, Setting: "all", Status: Inconclusive,
		Why: fact(finding.Damaged{Problem: "run.json: " + err.Error()}),
	}
}

func judge(of *analysis.Summary, settings []setting, c *expr.Condition) ([]Result, error) {
	var results []Result
	var axes []map[string]string
	for s := range analysis.Each(settings) {
		values := Axes(s.asked)
		if axes = append(axes, values); c.Selects(values) {
			results = append(results, s.judge(of, c))
		}
	}
	if len(results) == 0 {
		return nil, &NothingSelected{Condition: *c, Settings: axes}
	}
	return results, nil
}

// setting is one that the scenario asks for. Gates select by what was asked, also where the host's own
// namespace had to show it: they mean the same everywhere.
type setting struct {
	asked *record.Cell
	label string
	// shown is the cell that was stormed for it; nil for none.
	shown *analysis.Cell
	// lacks is why it cannot be judged by that; empty where it can.
	lacks []record.Note
}

// settingsOf returns those of the run.
func settingsOf(s *analysis.Summary) (all []setting) {
	for c := range analysis.Each(s.Cells) {
		all = append(all, setting{asked: &c.Cell, label: c.Label, shown: c})
	}
	if asked := s.Run.Isolation.Asked; len(asked) > 0 {
		return standIns(asked, all)
	}
	return all
}

// standIns returns the settings that were asked for, each with the cell that stands for it.
func standIns(asked []record.Asked, cells []setting) (all []setting) {
	var plain []record.Cell
	for a := range analysis.Each(asked) {
		plain = append(plain, a.Cell)
	}
	labels := analysis.Labels(plain)
	for i := range asked {
		a := &asked[i]
		s := setting{asked: &a.Cell, label: labels[i]}
		for _, n := range a.Lacks {
			s.lacks = append(s.lacks, n)
		}
		if at := slices.IndexFunc(cells, func(c setting) bool { return c.asked.ID == a.ShownBy }); at >= 0 {
			s.shown = cells[at].shown
			s.label += ", shown by " + s.shown.Label
		}
		all = append(all, s)
	}
	return all
}

func (s *setting) judge(of *analysis.Summary, c *expr.Condition) Result {
	r := Result{Gate: c.Source, Cell: s.asked.ID, Setting: s.label, Status: Inconclusive}
	switch {
	case s.shown == nil:
		r.Why = fact(finding.NotTried{Lacks: s.lacks})
	case len(s.lacks) > 0:
		r.Why = fact(finding.NotSet{Lacks: s.lacks})
	default:
		r = r.judgeStorms(of.Run, s.shown, c).refused(of, s.shown)
		if doubts := of.DoubtsOf(s.shown.ID, c.Metric); len(doubts) > 0 && !beyond(r, doubts, s.shown, c) {
			r = r.doubted(&doubts[0])
		}
	}
	return r
}

// doubted is a result in doubt; what its numbers come to stays with it.
func (r Result) doubted(why *finding.Finding) Result {
	if r.Status != Inconclusive {
		r.Seen = r.Status
	}
	r.Status, r.Why = Inconclusive, why
	return r
}

// refused lets a gate fail whose metric is not known because the server refused every call.
func (r Result) refused(of *analysis.Summary, cell *analysis.Cell) Result {
	at := slices.IndexFunc(of.Answer, func(f finding.Finding) bool {
		_, is := f.Fact.(finding.NobodyAnswered)
		return is
	})
	if at < 0 || !cell.AllLost() || r.Why == nil {
		return r
	}
	if _, unknown := r.Why.Fact.(finding.NotKnown); unknown {
		r.Status, r.Why = Failed, &of.Answer[at]
	}
	return r
}

// beyond reports whether a result stands whatever the doubts: where it is about the generator itself, and where it
// failed by storms that lost every call, in a way that no delay of the generator causes.
func beyond(r Result, doubts []finding.Finding, cell *analysis.Cell, c *expr.Condition) bool {
	if c.Measured().Population == metric.OfGenerator {
		return true
	}
	if r.Status != Failed || slices.ContainsFunc(doubts, func(f finding.Finding) bool { return !f.OfGenerator() }) {
		return false
	}
	fails := func(s *analysis.Repeat) bool {
		v, unknown := measure(s, c)
		return s.AllLost() && (unknown.Reason != "" || !c.Op.Holds(v.n, c.Limit))
	}
	n := cell.Sum(func(s *analysis.Repeat) int {
		if fails(s) {
			return 1
		}
		return 0
	})
	return n > 0 && (!c.Median || n == len(cell.Repeats))
}

// Axes returns what selectors can name of a setting: "cell", and every axis.
func Axes(c *record.Cell) map[string]string {
	all := c.Axes()
	all["cell"] = c.ID
	return all
}

// And returns both judgements together.
func (v *Verdict) And(o *Verdict) *Verdict {
	both := &Verdict{
		Scenario: v.Scenario, Run: v.Run, Simulated: v.Simulated,
		Doubts: slices.Concat(v.Doubts, o.Doubts), Results: slices.Concat(v.Results, o.Results),
	}
	both.Status = gravest(worst(both.Results), v.Status, o.Status)
	return both
}
