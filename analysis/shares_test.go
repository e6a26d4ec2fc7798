package analysis

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// A share has its own calls only, and says of what storm it is one.
func TestShare(t *testing.T) {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 4})})
	run.Scenario.Calls = 10
	run.Share = &record.Share{K: 1, N: 3, Calls: 4}
	s := Summarise(run, all)
	if want := "Of 4 calls (share 1/3 of a storm of 10 calls), none is lost. No answered call is late."; s.Verdict != want || !s.Conclusive {
		t.Errorf("verdict %q, want %q; doubts %q", s.Verdict, want, s.Doubts)
	}
	if r := s.Cells[0].Repeats[0]; !slices.Contains(r.Checks, check(finding.RulePlanned, 0)) {
		t.Errorf("the books %+v do not balance its own calls", r.Checks)
	}
	all["storm"][0].Attempts = all["storm"][0].Attempts[:3]
	if diff := cmp.Diff([]string{"the record of 1 storm is not whole: it has 3 of 4 attempts"}, Summarise(run, all).Doubts); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
}

// mergedRun is one of 10 calls of which the first so many attempts are there.
func mergedRun(have int, shares ...int) *Summary {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 10})})
	all["storm"][0].Attempts = all["storm"][0].Attempts[:have]
	for _, k := range shares {
		run.Merged = append(run.Merged, record.Share{K: k, N: 4, Host: &record.Host{Name: "box"}})
	}
	return Summarise(run, all)
}

func TestMergedShares(t *testing.T) {
	tests := []struct {
		name   string
		s      *Summary
		doubts []string
	}{
		{"all", mergedRun(10, 0, 1, 2, 3), nil},
		{"one is missing", mergedRun(7, 0, 1, 3), []string{"1 share of the storm is missing (2/4): merge the run directories of all its machines"}},
		{"two are missing", mergedRun(5, 1, 3), []string{"2 shares of the storm are missing (0/4, 2/4): merge the run directories of all its machines"}},
		{"all, but one was cut off", mergedRun(8, 0, 1, 2, 3), []string{"the record of 1 storm is not whole: it has 8 of 10 attempts"}},
		{"no shares", mergedRun(10), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.doubts, tt.s.Doubts); diff != "" {
				t.Errorf("doubts (-want +got):\n%s", diff)
			}
			warned := strings.Contains(strings.Join(tt.s.Warnings, "\n"), "times count from each machine's own clock")
			if warned != (len(tt.s.Run.Merged) > 1) {
				t.Errorf("warnings %q", tt.s.Warnings)
			}
		})
	}
}
