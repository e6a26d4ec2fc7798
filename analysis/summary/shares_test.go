package summary

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// A share has its own calls only, and names the storm that it is one of.
func TestShare(t *testing.T) {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 4})})
	run.Scenario.Calls = 10
	run.Share = &record.Share{K: 1, N: 3, Calls: 4}
	s := New(run, all)
	got := factsLike[finding.Outcome](s.Answer)
	if !s.Conclusive || len(got) != 1 || *got[0].Share != (finding.Share{K: 1, N: 3, Calls: 10}) || got[0].Calls != 4 {
		t.Errorf("%+v; doubts %v", got, s.Doubts)
	}
	if r := s.Cells[0].Repeats[0]; !slices.Contains(r.Checks, check(finding.RulePlanned, 0)) {
		t.Errorf("the checks %+v do not balance its own calls", r.Checks)
	}
	all["storm"][0].Attempts = all["storm"][0].Attempts[:3]
	if diff := cmp.Diff([]string{`incomplete [storm] {"have":3,"of":4,"storms":1}`},
		inShort(New(run, all).Doubts)); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}

// mergedRun is one of 10 calls of which the first so many attempts are there.
func mergedRun(have int, shares ...int) *analysis.Summary {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 10})})
	all["storm"][0].Attempts = all["storm"][0].Attempts[:have]
	for _, k := range shares {
		run.Merged = append(run.Merged, record.Share{K: k, N: 4, Host: &record.Host{Name: "box"}})
	}
	return New(run, all)
}

func TestMergedShares(t *testing.T) {
	tests := []struct {
		name   string
		s      *analysis.Summary
		doubts []string
	}{
		{"all", mergedRun(10, 0, 1, 2, 3), nil},
		{"one is missing", mergedRun(7, 0, 1, 3), []string{`shares-missing [] {"shares":["2/4"]}`}},
		{"two are missing", mergedRun(5, 1, 3), []string{`shares-missing [] {"shares":["0/4","2/4"]}`}},
		{
			"all, but one was cut off",
			mergedRun(8, 0, 1, 2, 3),
			[]string{`incomplete [storm] {"have":8,"of":10,"storms":1}`},
		},
		{"no shares", mergedRun(10), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.doubts, inShort(tt.s.Doubts)); diff != "" {
				t.Errorf("doubts (-want +got):\n%s", diff)
			}
			warned := hasFact(tt.s.Warnings, finding.OwnClocks{})
			if warned != (len(tt.s.Run.Merged) > 1) {
				t.Errorf("warnings %q", tt.s.Warnings)
			}
		})
	}
}
