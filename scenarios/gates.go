package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"agistorm/analysis/gate/expr"
)

// validateGates finds conditions that cannot be read, and those that no setting meets.
func (s *Scenario) validateGates() error {
	for i, source := range s.Gates {
		path := fmt.Sprintf("gates[%d]", i)
		condition, err := expr.Parse(source)
		if err != nil {
			return &FieldError{path, err}
		}
		if !slices.ContainsFunc(s.Settings, func(t Setting) bool { return condition.Selects(s.axes(&t)) }) {
			return wrong(path, "%q selects no setting; there are %s", source, s.settingList())
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

// fewSettings fit a line.
const fewSettings = 6

func (s *Scenario) settingList() string {
	var list []string
	for i := range s.Settings[:min(len(s.Settings), fewSettings)] {
		t := &s.Settings[i]
		list = append(list, fmt.Sprintf("somaxconn=%s, backlog=%s", t.Somaxconn, t.Backlog))
	}
	if more := len(s.Settings) - fewSettings; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, "; ")
}
