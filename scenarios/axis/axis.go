// Package axis declares what settings can differ in, each axis once: a new one is one file with its test. All
// else reads the declaration: the keys of a scenario, the cells and their names, labels, gates, tables,
// figures and exports.
package axis

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// Max is written for spec.MaxBacklog, the largest somaxconn and backlog.
const Max = record.BacklogMax

// Axis is one thing that settings differ in.
type Axis struct {
	// Name is the key in settings and matrix, the selector of gates and the column of exports.
	Name string
	// Title is the name in labels, tables and figures; empty is Name.
	Title string
	// Path is the key of the scenario that a value replaces. Two axes with the same path exclude each other.
	Path string
	// Fact of a run that the values replace, as comparisons name it; empty for none.
	Fact string
	// Queue axes give the length of the accept queue: only settings that differ in nothing else are put in
	// its order.
	Queue bool
	// Plain values need no name: a cell's ID has them without it.
	Plain bool
	// Set gives a plan the value, or returns what is wrong with it. It may depend on what the plan has.
	Set func(p *Plan, value string) error
	// Get is the plan's value as reports write it, however the scenario does; empty for none.
	Get func(p *Plan) string
}

// declared axes beside the sysctls, in the order in which a matrix turns them.
var declared = []*Axis{
	&somaxconn, &backlog, &client, &behaviour, &handlers, &work, &calls, &arrival, &rate, &rtt, &link,
}

// Declared returns the axes that have a key of their own.
func Declared() []*Axis { return declared }

// Named returns an axis by its name: one that is declared, or the sysctl with that dotted name.
func Named(name string) *Axis {
	if i := slices.IndexFunc(declared, func(a *Axis) bool { return a.Name == name }); i >= 0 {
		return declared[i]
	}
	return sysctl(name)
}

// Label is a value as labels write it: "tcp_syncookies 0".
func (a *Axis) Label(value string) string {
	if value == "" {
		value = "not known"
	}
	return a.Heading() + " " + value
}

// Heading names the axis in labels, tables and figures.
func (a *Axis) Heading() string { return cmp.Or(a.Title, a.Name) }

// IsSysctl reports whether the axis is one of the sysctls.
func (a *Axis) IsSysctl() bool { return !slices.Contains(declared, a) }

// Size is a value as a number, if it is one: a count, a rate a second, or a time. Max is more than any.
func Size(value string) (float64, bool) {
	if value == Max {
		return math.Inf(1), true
	}
	if n, err := strconv.ParseFloat(value, 64); err == nil {
		return n, true
	}
	d, err := time.ParseDuration(value)
	return d.Seconds(), err == nil
}

// Compare orders values: words by letter, then numbers by size.
func Compare(a, b string) int {
	x, xNumber := Size(a)
	y, yNumber := Size(b)
	switch {
	case xNumber && yNumber:
		return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
	case xNumber:
		return 1
	case yNumber:
		return -1
	}
	return strings.Compare(a, b)
}

// Same reports whether two values are the same to the kernel: blanks between numbers are one.
func Same(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// Values are what a setting has on each axis, by the axis' name.
type Values map[string]string

// Names lists the axes of some values: those that are declared, then the sysctls by name.
func Names(all ...Values) []string {
	names := map[string]bool{}
	for _, v := range all {
		for name := range v {
			names[name] = true
		}
	}
	var list []string
	for _, a := range declared {
		if names[a.Name] {
			list = append(list, a.Name)
			delete(names, a.Name)
		}
	}
	return append(list, slices.Sorted(maps.Keys(names))...)
}

// Differing lists the axes whose values are not the same in all.
func Differing(all ...Values) []string {
	return slices.DeleteFunc(Names(all...), func(name string) bool {
		return !slices.ContainsFunc(all, func(v Values) bool {
			_, has := v[name]
			_, first := all[0][name]
			return has != first || !Same(v[name], all[0][name])
		})
	})
}

// Key names a setting, and its folder: it is the same only for the same values.
func (v Values) Key() string {
	var parts []string
	for _, name := range labelOrder(Names(v)) {
		part := pathWord(v[name])
		if a := Named(name); !a.Plain {
			part = pathWord(a.keyName()) + "-" + part
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "_")
}

// pathWord is a value as part of a file's name, on any system.
func pathWord(value string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|,`, r) {
			return '-'
		}
		return r
	}, strings.Join(strings.Fields(value), "-"))
}

// Labels returns what a setting is on the axes with these names, but for those of the queue's length.
func (v Values) Labels(names []string) []string {
	var parts []string
	for _, name := range labelOrder(names) {
		if a := Named(name); !a.Queue {
			parts = append(parts, a.Label(v[name]))
		}
	}
	return parts
}

// labelOrder puts the sysctls right behind the queue's length, which they are mostly about.
func labelOrder(names []string) []string {
	rank := func(name string) int {
		switch a := Named(name); {
		case a.Queue:
			return 0
		case a.IsSysctl():
			return 1
		}
		return 2
	}
	return slices.SortedStableFunc(slices.Values(names), func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
}

// Split separates the axes that are declared from the sysctls.
func (v Values) Split() (own, sysctls Values) {
	own, sysctls = Values{}, Values{}
	for name, value := range v {
		if Named(name).IsSysctl() {
			sysctls[name] = value
		} else {
			own[name] = value
		}
	}
	return own, sysctls
}

// Words returns what each setting is: its queue's length, and what it is on the axes on which they differ.
func Words(all []Values) []string {
	differing := Differing(all...)
	list := make([]string, len(all))
	for i, v := range all {
		var parts []string
		for _, a := range declared {
			if value, has := v[a.Name]; has && a.Queue {
				parts = append(parts, a.Label(value))
			}
		}
		list[i] = strings.Join(append(parts, v.Labels(differing)...), ", ")
	}
	return list
}

// With is a plan with the values in their places. The error names the axis.
func (p Plan) With(v Values) (Plan, error) {
	p.Sysctls = maps.Clone(p.Sysctls)
	for _, name := range Names(v) {
		if err := Named(name).Set(&p, v[name]); err != nil {
			return p, &Error{name, err}
		}
	}
	return p, nil
}

// Error is what is wrong with the value of an axis.
type Error struct {
	Name string
	Err  error
}

func (e *Error) Error() string { return e.Name + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Conflict returns the first two axes that set the same thing; empty where none do.
func Conflict(names []string) (a, b string) {
	paths := map[string]string{}
	for _, name := range names {
		path := Named(name).Path
		if first, twice := paths[path]; twice {
			return first, name
		}
		paths[path] = name
	}
	return "", ""
}
