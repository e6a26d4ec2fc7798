package reports

import (
	"errors"

	"agistorm/analysis"
	"agistorm/analysis/gate"
	"agistorm/analysis/gate/expr"
	"agistorm/reports/gates"
)

// judgement is what the gates of the run's scenario come to.
type judgement struct {
	// Class is good, bad or doubt.
	Class    string
	Headline string
	Rows     []gates.Row
}

// judgementOf is nil for a run without gates.
func judgementOf(s *analysis.Summary) *judgement {
	sources := runOf(s).Scenario.Gates
	if len(sources) == 0 {
		return nil
	}
	var conditions []expr.Condition
	for _, source := range sources {
		c, err := expr.Parse(source)
		if err != nil {
			return &judgement{"doubt", "The gates cannot be judged: " + err.Error(), nil}
		}
		conditions = append(conditions, c)
	}
	v, err := gate.Judge(s, "", conditions)
	if errors.Is(err, gate.ErrShare) {
		return nil // it is nothing of this run
	}
	if err != nil {
		return &judgement{"doubt", "The gates cannot be judged: " + err.Error(), nil}
	}
	class := map[gate.Status]string{gate.Passed: "good", gate.Failed: "bad", gate.Inconclusive: "doubt"}[v.Status]
	return &judgement{class, gates.Headline(v), gates.Rows(v)}
}
