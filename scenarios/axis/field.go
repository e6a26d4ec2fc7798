package axis

import "errors"

// field declares an axis whose value replaces a field of the plan: parse reads it, and format writes it as
// reports do.
func field[T any](
	name, path string, place func(*Plan) *T, parse func(string) (T, error), format func(T) string,
) Axis {
	return Axis{
		Name: name, Path: path, Fact: name,
		Set: func(p *Plan, value string) error {
			v, err := parse(value)
			if err == nil {
				*place(p) = v
			}
			return err
		},
		Get: func(p *Plan) string { return format(*place(p)) },
	}
}

// text reads words that a scenario checks.
func text(value string) (string, error) {
	if value == "" {
		return "", errors.New("no value")
	}
	return value, nil
}

// asWritten returns words as they are.
func asWritten(value string) string { return value }
