// Package finding holds what an analysis can state about a run, as data: a code and its arguments. It
// composes no sentence: the words for each fact are in reports/words.
package finding

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Code names one kind of fact in summary.json, such as "link-dropped". A code keeps its meaning for good.
type Code string

// Fact is what a finding states, with its arguments: one of Kinds, a struct of plain exported fields, which
// JSON carries as "args". Durations are in nanoseconds.
type Fact any

// Finding is a fact and what it concerns.
type Finding struct {
	// Settings that it concerns, by the IDs of their cells; none is the run as a whole.
	Settings []string
	// Metrics that it concerns: by their names as gates write them, or by what they measure, such as
	// "first-command" for all its percentiles. None is all of them.
	Metrics []string
	Fact    Fact
	// Words for it, in English. reports/words fills them in for export; nothing reads them.
	Words string
}

// List is several findings.
type List []Finding

// AddIf adds a fact about the run as a whole, or the storm, where it is one.
func (l *List) AddIf(is bool, fact Fact) {
	if is {
		*l = append(*l, Finding{Fact: fact})
	}
}

// Concerns reports whether the finding is about that cell; one about the run as a whole is about each.
func (f *Finding) Concerns(id string) bool {
	return len(f.Settings) == 0 || slices.Contains(f.Settings, id)
}

// ConcernsMetric reports whether the finding is about a metric of that name, or about what it measures; one
// without metrics is about each.
func (f *Finding) ConcernsMetric(name, measured string) bool {
	return len(f.Metrics) == 0 || slices.Contains(f.Metrics, name) || slices.Contains(f.Metrics, measured)
}

// MarshalJSON writes {"code", "settings", "metrics", "args", "words"}. A fact that is none of Kinds is an
// error.
func (f Finding) MarshalJSON() ([]byte, error) {
	code := f.Code()
	if code == "" {
		return nil, fmt.Errorf("%T is no kind of fact", f.Fact)
	}
	return json.Marshal(struct {
		Code     Code     `json:"code"`
		Settings []string `json:"settings,omitempty"`
		Metrics  []string `json:"metrics,omitempty"`
		Args     Fact     `json:"args"`
		Words    string   `json:"words,omitempty"`
	}{code, f.Settings, f.Metrics, f.Fact, f.Words})
}
