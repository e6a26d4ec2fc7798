package reports

import (
	"maps"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// priorities say how the processes of the storms competed for the CPU, as the kernel had it; empty where that is
// not known.
func priorities(s *analysis.Summary) string {
	seen := map[string]bool{}
	for _, r := range s.Storms() {
		if r.Raw != nil {
			addPriorities(seen, r.Raw)
		}
	}
	delete(seen, "")
	return strings.Join(slices.Sorted(maps.Keys(seen)), "; ")
}

// addPriorities adds those of one storm.
func addPriorities(seen map[string]bool, raw *record.Repeat) {
	var target *record.Priority
	if raw.Target != nil {
		target = raw.Target.Priority
	}
	for _, w := range raw.Storm.Workers {
		for _, text := range words.Priorities(w.Priority, target) {
			seen[text] = true
		}
	}
}
