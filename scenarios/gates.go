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
	for i, source := range s.Gates {
		path := fmt.Sprintf("gates[%d]", i)
		condition, err := expr.Parse(source)
		if err != nil {
			return &FieldError{path, err}
		}
		if why := condition.Settled(storm); why != "" {
			return wrong(path, "%q: %s", source, why)
		}
		if err := s.selects(path, &condition, s.open(&condition)); err != nil {
			return err
		}
	}
	return nil
}

// CheckGates finds gates that no setting meets where it is known what each has of the sysctls that it leaves out to others. The scenario has
// passed Validate.
func (s *Scenario) CheckGates(inForce []map[string]string) error {
	for i, source := range s.Gates {
		condition, err := expr.Parse(source)
		if err != nil {
			return err
		}
		if err := s.selects(fmt.Sprintf("gates[%d]", i), &condition, inForce); err != nil {
			return err
		}
	}
	return nil
}

// selects is nil where a setting meets the condition, with further sysctls of each.
func (s *Scenario) selects(path string, c *expr.Condition, further []map[string]string) error {
	var all []map[string]string
	for i := range s.Settings {
		all = append(all, Over(further[i], s.axes(&s.Settings[i])))
	}
	if !slices.ContainsFunc(all, c.Selects) {
		return wrong(path, "%q selects no setting: %s", c.Source, c.Unmatched(all))
	}
	return nil
}

// open are the sysctls that a condition selects by and a setting leaves to its namespace, as others give them: only there it is known
// whether they have the value that is wanted.
func (s *Scenario) open(c *expr.Condition) []map[string]string {
	all := make([]map[string]string, len(s.Settings))
	for _, want := range c.Select {
		given := func(t Setting) bool { _, ok := t.Sysctls[want.Axis]; return ok }
		if !slices.ContainsFunc(s.Settings, given) {
			continue
		}
		for i, t := range s.Settings {
			if !given(t) {
				all[i] = Over(all[i], map[string]string{want.Axis: want.Value})
			}
		}
	}
	return all
}

// Over is a, with b's values in place of its own.
func Over(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return all
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
