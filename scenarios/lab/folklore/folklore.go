// Package folklore holds what people say of the listen queue, each claim with its source, and measures it: by
// sockets in namespaces of their own (scenarios/lab/rules) and by storms. A claim is one declaration; its judge is
// a pure function of the numbers that were measured. The words are in reports/words.
package folklore

import (
	"errors"
	"maps"
	"slices"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/scenarios/lab/rules"
)

// Verdict is what the numbers make of a claim. Exactly one applies.
type Verdict string

// Verdicts.
const (
	// Holds: measured, and as the claim says.
	Holds Verdict = "holds"
	// Fails: measured, and not as the claim says.
	Fails Verdict = "does not hold"
	// Depends: true under a condition that the words name.
	Depends Verdict = "depends"
	// Unmeasured: a number is missing.
	Unmeasured Verdict = "not measured"
)

// Claim is one thing that is said of the listen queue.
type Claim struct {
	// Code names it, and its words.
	Code string
	// Source is who says so.
	Source string
	// from names the measurements (rules.Measurements) and storms whose numbers it is judged by. A storm's numbers
	// have its name and an underscore before them.
	from []string
	// needs are the numbers that judge reads and the words state.
	needs []string
	judge func(Numbers) Verdict
}

// Numbers are what was measured for a claim.
type Numbers = rules.Numbers

// Result is what became of one claim. Claim, Depends and Measured are words, which package reports fills in.
type Result struct {
	Code    string  `json:"code"`
	Claim   string  `json:"claim"`
	Source  string  `json:"source"`
	Verdict Verdict `json:"verdict"`
	Depends string  `json:"depends_on,omitempty"`
	// Measured states the Numbers; Reason is why a number is missing.
	Measured string  `json:"measured,omitempty"`
	Numbers  Numbers `json:"numbers,omitempty"`
	Reason   string  `json:"reason,omitempty"`
	// Doubts of the storms that it was judged by.
	Doubts []finding.Finding `json:"doubts,omitempty"`
}

// Report holds the results of all claims.
type Report struct {
	// Version of the program, System the kernel and CPUs those of the machine.
	Version string `json:"version"`
	System  string `json:"system"`
	CPUs    int    `json:"cpus"`
	// Isolation is where the claims were measured; on the host itself, with what was Refused, and the Reason in
	// words.
	Isolation string       `json:"isolation"`
	Refused   *record.Note `json:"refused,omitempty"`
	Reason    string       `json:"reason,omitempty"`
	// Repeats of each storm, of which the numbers are medians.
	Repeats int      `json:"repeats"`
	Seconds float64  `json:"seconds"`
	Counts  Counts   `json:"counts"`
	Claims  []Result `json:"claims"`
}

// Counts is how many claims got each verdict.
type Counts struct {
	Hold       int `json:"hold"`
	Fail       int `json:"fail"`
	Depend     int `json:"depend"`
	Unmeasured int `json:"unmeasured"`
	// InDoubt are those of the measured ones that rest on a storm in doubt.
	InDoubt int `json:"in_doubt"`
}

// source is a measurement or a storm: its numbers, or why there are none.
type source struct {
	numbers Numbers
	reason  string
	doubts  []finding.Finding
}

// interrupted is the reason of what was not reached.
const interrupted = "interrupted"

// judged makes the result of a claim from all that was measured.
func (c *Claim) judged(all map[string]source) Result {
	r := Result{Code: c.Code, Source: c.Source, Numbers: Numbers{}}
	for _, name := range c.from {
		s, known := all[name]
		switch {
		case !known:
			r.Reason = interrupted
		case s.reason != "":
			r.Reason = s.reason
		}
		maps.Copy(r.Numbers, s.numbers)
		r.Doubts = append(r.Doubts, s.doubts...)
	}
	for _, name := range c.needs {
		if _, known := r.Numbers[name]; !known && r.Reason == "" {
			r.Reason = "no number " + name
		}
	}
	if r.Reason != "" {
		r.Verdict, r.Numbers, r.Doubts = Unmeasured, nil, nil
		return r
	}
	r.Verdict = c.judge(r.Numbers)
	return r
}

// count adds up the verdicts.
func count(results []Result) Counts {
	n, inDoubt := map[Verdict]int{}, 0
	for _, r := range results {
		n[r.Verdict]++
		inDoubt += min(len(r.Doubts), 1)
	}
	return Counts{
		Hold: n[Holds], Fail: n[Fails], Depend: n[Depends], Unmeasured: n[Unmeasured], InDoubt: inDoubt,
	}
}

// ErrNotLinux is another system's answer.
var ErrNotLinux = errors.New("the claims are about Linux's listen queue: run agistorm sweep folklore on Linux")

// Claims returns all of them, in the order of reports.
func Claims() []Claim { return slices.Clone(claims) }
