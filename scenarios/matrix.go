package scenarios

import (
	"errors"
	"fmt"
	"slices"

	"agistorm/scenarios/axis"
)

// combinations of the matrix, the last axis turning fastest: in the order of axis.Names.
func (s *Scenario) combinations() ([]axis.Values, error) {
	names := s.matrixNames()
	if err := s.checkMatrix(names); err != nil {
		return nil, err
	}
	list := []axis.Values{{}}
	for _, name := range names {
		var all []axis.Values
		for _, setting := range list {
			for _, value := range s.Matrix[name] {
				all = append(all, Over(setting, axis.Values{name: value}))
			}
		}
		list = all
	}
	return list, nil
}

// matrixNames are the axes of the matrix; one without a value is none, but for a sysctl.
func (s *Scenario) matrixNames() []string {
	values := axis.Values{}
	for name := range s.Matrix {
		values[name] = ""
	}
	return axis.Names(values)
}

// checkMatrix finds what is wrong with the axes, as the file has them, before any combination is made.
func (s *Scenario) checkMatrix(names []string) error {
	product := 1
	for _, name := range names {
		if len(s.Matrix[name]) > MaxSettings {
			return wrong("matrix", "more than %d combinations", MaxSettings)
		}
		if err := s.checkAxis(name, s.Matrix[name]); err != nil {
			return err
		}
		if product *= len(s.Matrix[name]); product > MaxSettings {
			return wrong("matrix", "more than %d combinations", MaxSettings)
		}
	}
	for _, a := range axis.Declared() {
		if a.Queue && len(s.Matrix[a.Name]) == 0 && a.Get(&s.Plan) == "" {
			return wrong("matrix", "%s is missing: want its values, such as %s: [4096]", a.Name, a.Name)
		}
	}
	return conflict("matrix", names)
}

// conflict refuses axes that set the same thing.
func conflict(path string, names []string) error {
	if a, b := axis.Conflict(names); a != "" {
		return wrong(path, "%s and %s set the same thing: give one of them", a, b)
	}
	return nil
}

// checkAxis finds a value that is wrong, and one that is given twice, however it is written.
func (s *Scenario) checkAxis(name string, values []string) error {
	if len(values) == 0 {
		return wrong(keyPath("matrix", name), "%s has no value", name)
	}
	a, seen := axis.Named(name), map[string]string{}
	for i, v := range values {
		place, what := keyPath("matrix", name), name+" "+v
		if !a.IsSysctl() { // its name has points, which a path cannot have
			place, what = fmt.Sprintf("%s[%d]", place, i), v
		}
		plan := s.Plan
		plan.Somaxconn, plan.Backlog = "0", "0"
		cell := Scenario{Plan: plan}
		var err error
		if cell.Plan, err = plan.With(axis.Values{name: v}); err != nil {
			return &FieldError{place, errors.Unwrap(err)}
		}
		var field *FieldError
		if err := cell.validatePlan(); errors.As(err, &field) && field.Path == a.Path {
			return &FieldError{place, field.Err}
		}
		key := a.Get(&cell.Plan)
		if first, twice := seen[key]; twice {
			return wrong(place, "%s is the same as %s before it; use repeats for more storms of one "+
				"setting", what, first)
		}
		seen[key] = v
	}
	return nil
}

// keyPath is where a file has an axis, below a setting or the matrix.
func keyPath(below, name string) string {
	if axis.Named(name).IsSysctl() {
		name = "sysctls"
	}
	return below + "." + name
}

// besideMatrix finds a combination that is among the settings that stand by themselves.
func besideMatrix(own, combinations []axis.Values) error {
	for _, c := range combinations {
		if i := slices.IndexFunc(own, func(s axis.Values) bool { return s.Key() == c.Key() }); i >= 0 {
			return wrong("matrix", "its combination %s is the same as settings[%d]; use repeats for more storms of "+
				"one setting",
				c.Key(), i)
		}
	}
	return nil
}
