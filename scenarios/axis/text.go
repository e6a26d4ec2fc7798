package axis

import "errors"

// text declares an axis whose values are words of the scenario, which are checked there.
func text(name, path, fact string, place func(*Plan) *string) Axis {
	return Axis{
		Name: name, Path: path, Fact: fact,
		Set: func(p *Plan, value string) error {
			if value == "" {
				return errors.New("no value")
			}
			*place(p) = value
			return nil
		},
		Get: func(p *Plan) string { return *place(p) },
	}
}
