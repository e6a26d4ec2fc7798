package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// priorities say how the processes of the storms competed for the CPU, as the kernel had it; empty where that is
// not known.
func priorities(s *analysis.Summary) string {
	seen := map[string]bool{}
	for i := range s.Cells {
		for j := range s.Cells[i].Repeats {
			if raw := s.Cells[i].Repeats[j].Raw; raw != nil {
				addPriorities(seen, raw)
			}
		}
	}
	delete(seen, "")
	return strings.Join(slices.Sorted(maps.Keys(seen)), "; ")
}

// addPriorities adds those of one storm: one text where all its processes have the same.
func addPriorities(seen map[string]bool, raw *record.Repeat) {
	generator := map[string]bool{}
	for i := range raw.Storm.Workers {
		generator[priority(raw.Storm.Workers[i].Priority)] = true
	}
	target := ""
	if raw.Target != nil {
		target = priority(raw.Target.Priority)
	}
	for text := range generator {
		switch {
		case text == "" || target == "":
			seen[text] = true
		case text == target:
			seen["generator and target: "+text] = true
		default:
			seen["generator: "+text] = true
			seen["target: "+target] = true
		}
	}
}

// priority is "nice -10, session nice -10 (before other work)"; empty where it is not known.
func priority(p *record.Priority) string {
	if p == nil {
		return ""
	}
	text := fmt.Sprintf("nice %d", p.Nice)
	if p.AutogroupNice != nil {
		text += fmt.Sprintf(", session nice %d", *p.AutogroupNice)
	}
	if p.Ahead() {
		return text + " (before other work)"
	}
	return text + " (no priority over other work)"
}
