package rules

import (
	"time"

	"agistorm/analysis/record"
)

// Verdict is the state of a rule. Exactly one applies.
type Verdict string

// Verdicts.
const (
	// Holds: measured, and as the rule states.
	Holds Verdict = "holds"
	// Fails: measured, and not as the rule states.
	Fails Verdict = "does not hold"
	// Unchecked: it could not be measured, though this system should have it.
	Unchecked Verdict = "not checked"
	// Lacking: this kernel lacks what the rule is about, or this user has no right to see it, and that was
	// proven.
	Lacking Verdict = "not here"
)

// Result is what became of one rule.
type Result struct {
	Name     string  `json:"name"`
	Rule     string  `json:"rule"`
	Source   string  `json:"source"`
	Verdict  Verdict `json:"verdict"`
	Expected string  `json:"expected,omitempty"`
	Measured string  `json:"measured,omitempty"`
	// Numbers of a measurement; nil for a rule.
	Numbers Numbers `json:"numbers,omitempty"`
	// Reason is why it was not measured, empty where it was.
	Reason string `json:"reason,omitempty"`
	// Tries is how often it was measured; a rule that did not hold is measured again alone.
	Tries int `json:"tries"`
	// Seconds that the last try took.
	Seconds float64 `json:"seconds"`
}

// Report holds the results of verify.
type Report struct {
	// Version of the program, System the kernel.
	Version string `json:"version"`
	System  string `json:"system"`
	// Isolation is where the rules were measured; on the host itself, with what was Refused, and the Reason in
	// words.
	Isolation string       `json:"isolation"`
	Refused   *record.Note `json:"refused,omitempty"`
	Reason    string       `json:"reason,omitempty"`
	Seconds   float64      `json:"seconds"`
	Counts    Counts       `json:"counts"`
	Rules     []Result     `json:"rules"`
}

// Counts is how many rules got each verdict.
type Counts struct {
	Hold      int `json:"hold"`
	Fail      int `json:"fail"`
	Unchecked int `json:"unchecked"`
	Lacking   int `json:"lacking"`
}

// NewReport counts the verdicts.
func NewReport(results []Result, took time.Duration) *Report {
	return &Report{System: System(), Seconds: rounded(took), Counts: count(results), Rules: results}
}

// rounded returns seconds, to the millisecond.
func rounded(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond).Milliseconds()) / 1000
}

// count adds up the verdicts. A rule without one was not checked.
func count(results []Result) Counts {
	n := map[Verdict]int{}
	for _, r := range results {
		n[r.Verdict]++
	}
	return Counts{Hold: n[Holds], Fail: n[Fails], Lacking: n[Lacking], Unchecked: n[Unchecked] + n[""]}
}

// judge makes a rule's result of the outcome of its process.
func judge(r Rule, out outcome, tries int, took time.Duration) Result {
	return Result{
		Name: r.Name, Rule: r.Statement, Source: r.Source, Verdict: out.verdict(), Reason: out.Error,
		Expected: out.Finding.Expected, Measured: out.Finding.Measured,
		Numbers: out.Finding.Numbers, Tries: tries, Seconds: rounded(took),
	}
}

func (o outcome) verdict() Verdict {
	switch {
	case o.Lacking:
		return Lacking
	case o.Error != "":
		return Unchecked
	case o.Finding.Holds:
		return Holds
	}
	return Fails
}
