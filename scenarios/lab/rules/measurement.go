package rules

import "slices"

// Numbers are what a measurement took, by name.
type Numbers map[string]float64

// Measurements returns those of this system: each takes Numbers of the listen queue and expects none, so that it
// holds wherever it could be taken. They have no statement: claims that are judged by them are declared elsewhere.
func Measurements() []Rule { return slices.Clone(measurements) }

// measured is the finding of a measurement.
func measured(n Numbers) Finding { return Finding{Numbers: n, Holds: true} }

// find returns the rule or the measurement of that name.
func find(name string) (Rule, error) {
	if i := slices.IndexFunc(measurements, func(m Rule) bool { return m.Name == name }); i >= 0 {
		return measurements[i], nil
	}
	list, err := Select([]string{name})
	if err != nil {
		return Rule{}, err
	}
	return list[0], nil
}
