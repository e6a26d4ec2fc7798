package summary

import (
	"math"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// On another machine all numbers differ, but not what the settings are to each other.
func TestAcrossHosts(t *testing.T) {
	other := func(r *record.Run) { r.Host.Name, r.Host.Kernel = "other", "7.0" }
	here := sideRun(
		nil,
		cellOf{tuned(4096), losing(100, 101, 102, 103, 104)},
		cellOf{tuned(128), losing(1000, 1000, 1000, 1000, 1000)},
	)
	for name, tt := range map[string]struct {
		lost    []*made // with 4096, where 128 loses 500
		finding analysis.Finding
	}{
		"half of everything":    {losing(50, 51, 50, 51, 52), analysis.NotShown},
		"a setting got worse":   {losing(200, 201, 202, 203, 204), analysis.Differs},
		"a setting got better":  {losing(0, 0, 0, 1, 2), analysis.Differs},
		"too few storms of one": {losing(50, 51, 50), analysis.TooFew},
	} {
		there := sideRun(other, cellOf{tuned(4096), tt.lost}, cellOf{tuned(128), losing(500, 500, 500, 500, 500)})
		s := comparison.CompareAcrossHosts("here", here, "there", there, comparison.DefaultLeast)
		if len(s.Settings) != 1 || s.Settings[0].Old != "somaxconn 4096" || len(s.Withheld) > 0 {
			t.Fatalf("%s: %+v", name, s)
		}
		lost := findingOf(t, &s.Settings[0], "lost")
		if lost.Finding != tt.finding || lost.Unit != "ratio" || math.Abs(lost.Old.Median-0.102) > 1e-9 {
			t.Errorf("%s: %+v, want %q", name, lost, tt.finding)
		}
	}
	for name, tt := range map[string]struct {
		oldLost, oldReference, lost, reference []*made
		finding                                analysis.Finding
	}{
		"worse in every other storm, where the reference loses none": {
			losing(0, 0, 0, 0, 0, 0, 0, 0), losing(0, 0, 0, 0, 0, 0, 0, 0),
			losing(0, 900, 900, 900, 900, 0, 900, 900), losing(0, 0, 0, 0, 0, 0, 0, 0), analysis.Differs,
		},
		"the reference loses fewer": {
			losing(100, 101, 102, 103, 104), losing(1000, 1000, 1000, 1000, 1000),
			losing(100, 101, 102, 103, 104), losing(500, 500, 500, 500, 500), analysis.Reference,
		},
		"the reference loses none any more": {
			losing(0, 0, 0, 0, 0), losing(1000, 1000, 1000, 1000, 1000),
			losing(0, 0, 0, 0, 0), losing(0, 0, 0, 0, 0), analysis.Reference,
		},
	} {
		old := sideRun(nil, cellOf{tuned(4096), tt.oldLost}, cellOf{tuned(128), tt.oldReference})
		there := sideRun(other, cellOf{tuned(4096), tt.lost}, cellOf{tuned(128), tt.reference})
		s := comparison.CompareAcrossHosts("here", old, "there", there, comparison.DefaultLeast)
		if lost := findingOf(t, &s.Settings[0], "lost"); lost.Finding != tt.finding {
			t.Errorf("%s: %+v, want %q", name, lost, tt.finding)
		}
	}
	one := sideRun(other, cellOf{tuned(128), losing(1)})
	if s := comparison.CompareAcrossHosts("here", here, "there", one, comparison.DefaultLeast); answered(
		s,
	) != "only-reference {somaxconn 128}" {
		t.Errorf("one common setting: %s", answered(s))
	}
	changed := sideRun(
		func(r *record.Run) { other(r); r.Scenario.Client = "single-write" },
		cellOf{tuned(4096), losing(1)},
		cellOf{tuned(128), losing(1)},
	)
	if s := comparison.CompareAcrossHosts("here", here, "there", changed, comparison.DefaultLeast); len(
		s.Withheld,
	) != 1 ||
		answered(s) != "storms-differ {[client]}" {
		t.Errorf("another storm: %s", answered(s))
	}
	if s := comparison.CompareAcrossHosts("here", here, "there", sideRun(other, cellOf{tuned(77), losing(1)}),
		comparison.DefaultLeast); answered(
		s,
	) != "nothing-in-common {here there}" {
		t.Errorf("no common setting: %s", answered(s))
	}
}

// A ratio to a setting that is in doubt is in doubt too.
func TestRatiosToASettingInDoubt(t *testing.T) {
	of := func() *analysis.Summary {
		return sideRun(
			nil,
			cellOf{tuned(4096), losing(100, 101, 102, 103, 104)},
			cellOf{tuned(128), losing(500, 500, 500,
				500, 500)},
		)
	}
	now := of()
	now.Doubts = []finding.Finding{
		{Settings: []string{"somaxconn-128"}, Fact: finding.ReplyLag{Effect: finding.LagOnCalls}},
	}
	s := comparison.CompareAcrossHosts("here", of(), "there", now, comparison.DefaultLeast)
	if got := findingOf(t, &s.Settings[0], "lost"); got.Finding != analysis.Withheld ||
		s.Settings[0].Doubted[0].Of != "there" {
		t.Errorf("%q, doubted %+v", got.Finding, s.Settings[0].Doubted)
	}
}
