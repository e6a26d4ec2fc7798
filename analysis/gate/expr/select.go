package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Selects reports whether a setting with these axes is meant. An axis that it lacks is no match.
func (c *Condition) Selects(axes map[string]string) bool {
	for _, s := range c.Select {
		value, ok := axes[s.Axis]
		if !ok || !sameValue(value, s.Value) {
			return false
		}
	}
	return true
}

// sameValue compares as the kernel does: blanks between values are one.
func sameValue(a, b string) bool { return oneLine(a) == oneLine(b) }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Unmatched states why a condition selects none of the settings, which are given by their axes, and what
// there is instead.
func (c *Condition) Unmatched(settings []map[string]string) string {
	for _, s := range c.Select {
		var values []string
		for _, axes := range settings {
			if value, ok := axes[s.Axis]; ok && !slices.Contains(values, oneLine(value)) {
				values = append(values, oneLine(value))
			}
		}
		switch {
		case len(values) == 0:
			return unknownAxis(s.Axis, settings)
		case !slices.Contains(values, oneLine(s.Value)):
			return fmt.Sprintf("%s is %s here, not %s", s.Axis, either(values), s.Value)
		}
	}
	return "no setting is all of that at once; there are " + strings.Join(few(c.combinations(settings)), "; ")
}

func unknownAxis(axis string, settings []map[string]string) string {
	all := map[string]bool{}
	for _, axes := range settings {
		for name := range axes {
			all[name] = true
		}
	}
	names := slices.Sorted(maps.Keys(all))
	what := "there is no axis " + axis + suggestion(axis, names)
	if len(names) == 1 {
		return what + " There is only " + names[0]
	}
	return what + " There are " + strings.Join(names, ", ")
}

// combinations lists those of the axes that are asked for.
func (c *Condition) combinations(settings []map[string]string) []string {
	var all []string
	for _, axes := range settings {
		var parts []string
		for _, s := range c.Select {
			parts = append(parts, s.Axis+"="+oneLine(axes[s.Axis]))
		}
		if text := strings.Join(parts, ", "); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// mostListed fit a line.
const mostListed = 8

// few returns the first of a list, and how many more there are.
func few(list []string) []string {
	if more := len(list) - mostListed; more > 0 {
		return append(slices.Clone(list[:mostListed]), fmt.Sprintf("and %d more", more))
	}
	return list
}

// either returns "a, b or c".
func either(list []string) string {
	list = few(list)
	if n := len(list); n > 1 && n <= mostListed {
		return strings.Join(list[:n-1], ", ") + " or " + list[n-1]
	}
	return strings.Join(list, ", ")
}
