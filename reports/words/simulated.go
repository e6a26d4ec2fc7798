package words

import (
	"maps"
	"slices"
	"strings"

	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// Simulated marks what no kernel did.
const Simulated = "simulated, not measured"

// SimulatedIf is the mark of a run that is simulated, with something before it and behind it; else empty.
func SimulatedIf(run *record.Run, before, behind string) string {
	if run == nil || run.Simulated == nil {
		return ""
	}
	return before + Simulated + behind
}

// markSimulated lets a paragraph about what is simulated begin with that.
func markSimulated(is bool, text string) string {
	if !is || text == "" {
		return text
	}
	return Capital(Simulated) + ": " + clause(text)
}

// assumed describes what a simulation rests on.
func assumed(s *record.Simulated) string {
	costs := lists.Map(slices.Sorted(maps.Keys(s.Costs)), func(name string) string {
		return name + " " + Duration(s.Costs[name])
	})
	sysctls := lists.Map(slices.Sorted(maps.Keys(s.Sysctls)), func(name string) string {
		return name + " " + s.Sysctls[name]
	})
	cpus := ""
	if s.CPUs > 0 {
		cpus = " of " + Amount(s.CPUs, "CPU", "CPUs")
	}
	text := "no connection was made; agistorm's model of Linux' listen queue made the record"
	if len(costs) > 0 {
		text += "; assumed times" + cpus + ": " + strings.Join(costs, ", ")
	}
	if len(sysctls) > 0 {
		text += "; where the scenario sets none: " + strings.Join(sysctls, ", ")
	}
	return text
}
