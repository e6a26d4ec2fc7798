package reports

import (
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// TestPriorities: what was in force is told once for all storms that are alike, and what is not known is left out.
func TestPriorities(t *testing.T) {
	ahead := &record.Priority{Nice: -10, AutogroupNice: ptr(-10), Session: 5}
	plain := &record.Priority{AutogroupNice: ptr(0), Session: 7}
	const first = "nice -10, session nice -10 (before other work)"
	const none = "nice 0, session nice 0 (no priority over other work)"
	both := "generator and target: "
	for name, tt := range map[string]struct {
		workers []*record.Priority
		target  *record.Target
		want    string
	}{
		"an older record":      {[]*record.Priority{nil}, &record.Target{}, ""},
		"before other work":    {[]*record.Priority{ahead, ahead}, &record.Target{Priority: ahead}, both + first},
		"not permitted":        {[]*record.Priority{plain}, &record.Target{Priority: plain}, both + none},
		"an external server":   {[]*record.Priority{ahead}, nil, first},
		"sessions not grouped": {[]*record.Priority{{Nice: -10}}, nil, "nice -10 (before other work)"},
		"not alike": {[]*record.Priority{ahead}, &record.Target{Priority: plain},
			"generator: " + first + "; target: " + none},
	} {
		raw := &record.Repeat{Target: tt.target}
		for _, p := range tt.workers {
			raw.Storm.Workers = append(raw.Storm.Workers, record.Worker{Priority: p})
		}
		s := &analysis.Summary{Cells: []analysis.Cell{{Repeats: []analysis.Repeat{{Raw: raw}, {Raw: raw}}}}}
		if got := priorities(s); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
