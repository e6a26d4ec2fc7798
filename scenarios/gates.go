package scenarios

import (
	"fmt"
	"maps"
	"slices"

	"agistorm/analysis/gate/expr"
)

// validateGates finds conditions that cannot be read, and those that no setting meets.
func (s *Scenario) validateGates() error {
	if len(s.Gates) == 0 {
		return nil
	}
	schedule, err := s.Schedule()
	if err != nil {
		return &FieldError{"storm.arrival", err}
	}
	storm := expr.Storm{Calls: schedule.Len(), Client: s.Storm.Client}
	var settings []map[string]string
	for i := range s.Settings {
		settings = append(settings, s.axes(&s.Settings[i]))
	}
	for i, source := range s.Gates {
		path := fmt.Sprintf("gates[%d]", i)
		condition, err := expr.Parse(source)
		if err != nil {
			return &FieldError{path, err}
		}
		if why := condition.Settled(storm); why != "" {
			return wrong(path, "%q: %s", source, why)
		}
		if !slices.ContainsFunc(settings, condition.Selects) {
			return wrong(path, "%q selects no setting: %s", source, condition.Unmatched(settings))
		}
	}
	return nil
}

// axes are what a gate can name of a setting; they are those of its cell in the run.
func (s *Scenario) axes(t *Setting) map[string]string {
	all := map[string]string{"cell": t.Key(), "somaxconn": t.Somaxconn, "backlog": t.Backlog}
	if t.Client != "" {
		all["client"] = t.Client
	}
	maps.Copy(all, s.Sysctls)
	maps.Copy(all, t.Sysctls)
	return all
}
