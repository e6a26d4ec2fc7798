// Package rules holds the rules of the listen queue, each with a way to measure whether the kernel
// that it runs on keeps it. A rule is measured in a process of its own, where possible in a network
// namespace that is made for it: no other program shares its counters, ports and sysctls, and nothing
// has to be restored.
package rules

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"agistorm/scenarios/near"
	"agistorm/target/probe"
)

// Rule is a statement about the listen queue that can be measured.
type Rule struct {
	// Name is short, in kebab-case.
	Name string
	// Statement is the rule in a sentence.
	Statement string
	// Source is where it comes from: a function of the kernel, a document.
	Source string
	// own rules need a namespace of their own: they write sysctls or read counters.
	own bool
	// slow rules wait for the kernel's timers: all of them wait at the same time.
	slow bool
	// alone is for what measures the whole machine: no other rule is measured meanwhile.
	alone bool
	// set are the values of sysctls that it is measured with.
	set sysctls
	// measure panics with a trouble, by check, where it cannot measure.
	measure func(*site) Finding
}

// Finding is what a rule lets expect and what was measured, in words.
type Finding struct {
	Expected string `json:"expected"`
	Measured string `json:"measured"`
	Holds    bool   `json:"holds"`
	// Numbers of a measurement; nil for a rule.
	Numbers Numbers `json:"numbers,omitempty"`
}

// compareText returns the finding of a rule whose measured words must be the expected ones.
func compareText(expected, measured string) Finding {
	return Finding{Expected: expected, Measured: measured, Holds: expected == measured}
}

// compare is compareText for two lists of values in the same words.
func compare(words string, expected, measured []any) Finding {
	return compareText(fmt.Sprintf(words, expected...), fmt.Sprintf(words, measured...))
}

// and adds words on something else to a finding.
func (f Finding) and(expected, measured string) Finding {
	return Finding{
		Expected: f.Expected + "; " + expected,
		Measured: f.Measured + "; " + measured,
		Holds:    f.Holds && expected == measured,
	}
}

// All returns the rules that can be asked for on this system: Linux's own, and those of every system.
func All() []Rule { return slices.Concat(systemRules, portableRules) }

// Select returns the named rules in the order of All, and all of them without a name.
func Select(names []string) ([]Rule, error) {
	all := All()
	var known []string
	for _, r := range all {
		known = append(known, r.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("rule %q: no such rule on %s%s", name, runtime.GOOS,
				cmp.Or(near.Hint(name, known), "; `agistorm verify --list` names them"))
		}
	}
	return slices.DeleteFunc(all, func(r Rule) bool {
		return len(names) > 0 && !slices.Contains(names, r.Name)
	}), nil
}

// trouble is what keeps a rule from being measured.
type trouble struct{ error }

// check ends the measurement if there is an error.
func check(err error) {
	if err != nil {
		panic(trouble{err})
	}
}

// must is check for a call that returns a value.
func must[T any](value T, err error) T {
	check(err)
	return value
}

// lacking is a rule's error where this kernel, or this user, cannot have it. Its text is the proof.
type lacking struct{ error }

func (l lacking) Unwrap() error { return l.error }

// lack ends the measurement of a rule that this kernel cannot have.
func lack(format string, args ...any) { check(lacking{fmt.Errorf(format, args...)}) }

// try measures the rule once, in this process.
func (r *Rule) try(s *site) (f Finding, err error) {
	defer func() {
		switch t := recover().(type) {
		case nil:
		case trouble:
			err = t.error
		default:
			panic(t)
		}
	}()
	for name, value := range r.set {
		s.set(name, value)
	}
	return r.measure(s), nil
}

// System returns the name of the kernel: "Linux 6.18.1", elsewhere the system's name.
func System() string {
	release, err := probe.Sysctl("kernel.osrelease")
	if err != nil {
		return runtime.GOOS
	}
	return strings.TrimSpace("Linux " + release)
}
