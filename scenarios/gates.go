package scenarios

import (
	"fmt"
	"maps"
	"slices"

	"agistorm/analysis/gate/expr"
	"agistorm/scenarios/axis"
)

// validateGates finds conditions that cannot be read, those that no setting meets, and those that no storm
// can decide.
func (s *Scenario) validateGates() error {
	storms, err := s.storms()
	if err != nil {
		return err
	}
	for i, source := range s.Gates {
		path := fmt.Sprintf("gates[%d]", i)
		condition, err := expr.Parse(source)
		if err != nil {
			return &FieldError{path, err}
		}
		if why := settled(&condition, storms); why != "" {
			return wrong(path, "%q: %s", source, why)
		}
		if err := s.selects(path, &condition, s.open(&condition)); err != nil {
			return err
		}
	}
	return nil
}

// storms are what is known of the storms of each setting; none without a gate.
func (s *Scenario) storms() (all []expr.Storm, err error) {
	if len(s.Gates) == 0 {
		return nil, nil
	}
	for i := range s.Settings {
		cell, err := s.Cell(s.Settings[i])
		if err != nil {
			return nil, err
		}
		schedule, err := cell.Schedule()
		if err != nil {
			return nil, &FieldError{"storm.arrival", err}
		}
		all = append(all, expr.Storm{Calls: schedule.Len(), Client: cell.Storm.Client})
	}
	return all, nil
}

// settled returns why none of the storms can decide a condition; empty where one can.
func settled(c *expr.Condition, storms []expr.Storm) (why string) {
	for _, storm := range slices.Backward(storms) {
		if why = c.Settled(storm); why == "" {
			return ""
		}
	}
	return why
}

// CheckGates finds gates that no setting meets where it is known what each has of the sysctls that it leaves
// out to others. The scenario has passed Validate.
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
		all = append(all, Over(further[i], s.axes(s.Settings[i])))
	}
	if !slices.ContainsFunc(all, c.Selects) {
		return wrong(path, "%q selects no setting: %s", c.Source, c.Unmatched(all))
	}
	return nil
}

// open are the sysctls that a condition selects by and a setting leaves to its namespace, as others give
// them: only there it is known whether they have the value that is wanted.
func (s *Scenario) open(c *expr.Condition) []map[string]string {
	all := make([]map[string]string, len(s.Settings))
	for _, want := range c.Select {
		given := func(t axis.Values) bool { _, ok := t[want.Axis]; return ok }
		if !axis.Named(want.Axis).IsSysctl() || !slices.ContainsFunc(s.Settings, given) {
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
	all := map[string]string{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

// axes are what a gate can name of a setting; they are those of its cell in the run.
func (s *Scenario) axes(t axis.Values) map[string]string {
	return Over(Over(map[string]string{"cell": t.Key()}, s.Sysctls), t)
}
