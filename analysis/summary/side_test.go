package summary

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

func sideRun(edit func(*record.Run), cells ...cellOf) *analysis.Summary {
	run, all := madeRun(cells...)
	if edit != nil {
		edit(run)
	}
	return New(run, all)
}

// answered puts what a comparison shows shortly: its codes with their arguments.
func answered(s *comparison.SideBySide) string {
	var all []string
	for _, f := range slices.Concat(s.Withheld, s.Answer) {
		switch fact := f.Fact.(type) {
		case finding.Changed:
			all = append(all, fmt.Sprintf("%s better %t %s", fact.Run, fact.Better, changesOf(fact.Changes)))
		case finding.SeenChanged:
			all = append(all, "seen "+changesOf(fact.Changes))
		case finding.RunInDoubt:
			all = append(all, fmt.Sprintf("in-doubt %s: %s", fact.Run, fact.Doubt.Code()))
		case finding.PerhapsChanged:
			all = append(all, fmt.Sprintf("perhaps %s of %d, %d needed", changesOf(fact.Changes), fact.Settings, fact.Needed))
		case finding.NotCompared:
			all = append(all, fmt.Sprintf("not-compared %s: %s %s", fact.Names, fact.Run, fact.Doubt.Code()))
		default:
			all = append(all, fmt.Sprintf("%s %v", f.Code(), fact))
		}
	}
	return strings.Join(all, "; ")
}

func changesOf(all []finding.Change) string {
	var parts []string
	for _, c := range all {
		parts = append(parts, fmt.Sprintf("%s of %s %.0f to %.0f", c.Metric, c.Setting, c.Old, c.New))
	}
	return strings.Join(parts, ", ")
}

func TestCompareRuns(t *testing.T) {
	five := func(n int) []*made { return losing(n, n+1, n+2, n+3, n+4) }
	base := func() *analysis.Summary {
		return sideRun(nil, cellOf{tuned(128), five(500)}, cellOf{tuned(4096), losing(0, 0, 0, 0, 0)})
	}
	for name, tt := range map[string]struct {
		new     *analysis.Summary
		answer  string
		finding analysis.Finding // of lost with 128
	}{
		"worse": {
			sideRun(nil, cellOf{tuned(128), five(900)}, cellOf{tuned(4096), losing(0, 0, 0, 0, 0)}),
			"new better false lost of somaxconn 128 502 to 902, served of somaxconn 128 299600 to 219600", analysis.Differs,
		},
		"better": {
			sideRun(nil, cellOf{tuned(128), five(100)}, cellOf{tuned(4096), losing(0, 0, 0, 0, 0)}),
			"new better true lost of somaxconn 128 502 to 102, served of somaxconn 128 299600 to 379600", analysis.Differs,
		},
		"the same": {base(), "no-change {old new 2}", analysis.NotShown},
		"too few": {
			sideRun(nil, cellOf{tuned(128), losing(1, 2, 3)}),
			"too-few-storms {1 true 4}; one-run-only {1}", analysis.TooFew,
		},
		"nothing in common": {sideRun(nil, cellOf{tuned(77), five(1)}), "nothing-in-common {old new}", ""},
		"another storm": {
			sideRun(func(r *record.Run) { r.Scenario.Arrival = "constant 500/s" }, cellOf{tuned(128), five(900)}),
			"storms-differ {[arrival]}", analysis.Withheld,
		},
		"two things": {
			sideRun(func(r *record.Run) { r.Version, r.Host.Kernel = "2", "7.0" }, cellOf{tuned(128), five(900)}),
			"runs-differ {[agistorm kernel]}", analysis.Withheld,
		},
		"another machine with a kernel of its own": {
			sideRun(func(r *record.Run) { r.Host.CPU, r.Host.Kernel = "other", "7.0" }, cellOf{tuned(128), five(900)}),
			"new better false lost of somaxconn 128 502 to 902, served of somaxconn 128 299600 to 219600; one-run-only {1}",
			analysis.Differs,
		},
		"a machine of another name that is like it": {
			sideRun(func(r *record.Run) { r.Host.Name, r.Version = "other", "2" }, cellOf{tuned(128), five(500)},
				cellOf{tuned(4096), losing(0, 0, 0, 0, 0)}),
			"no-change {old new 2}", analysis.NotShown,
		},
		"another largest setting": {
			sideRun(nil, cellOf{tuned(128), five(500)}, cellOf{tuned(1024), losing(0, 0, 0, 0, 0)}),
			"no-change {old new 1}; one-run-only {2}", analysis.NotShown,
		},
		"a setting is in doubt": {
			sideRun(nil, cellOf{tuned(128), storms(made{notOffered: 9}, made{}, made{}, made{})}),
			"seen lost of somaxconn 128 502 to 0, served of somaxconn 128 299600 to 400000; " +
				"not-compared [somaxconn 128]: new not-offered; one-run-only {1}",
			analysis.Withheld,
		},
		"the new run is in doubt as a whole": {
			func() *analysis.Summary {
				s := sideRun(nil, cellOf{tuned(128), five(900)}, cellOf{tuned(4096), losing(0, 0, 0, 0, 0)})
				s.Doubts = []finding.Finding{{Fact: finding.SharesMissing{Shares: []string{"1/2"}}}}
				return s
			}(),
			"in-doubt new: shares-missing; " +
				"seen lost of somaxconn 128 502 to 902, served of somaxconn 128 299600 to 219600",
			analysis.Withheld,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := comparison.Compare("old", base(), "new", tt.new, comparison.DefaultLeast)
			if answered(s) != tt.answer {
				t.Errorf("answer\n%s\nwant\n%s", answered(s), tt.answer)
			}
			if tt.finding == "" {
				return
			}
			if got := findingOf(t, &s.Settings[0], "lost"); got.Finding != tt.finding ||
				tt.finding == analysis.Withheld && got.Better {
				t.Errorf("lost: %+v, want %q", got, tt.finding)
			}
		})
	}
}

// One setting of six breaks: what five storms each can show, four cannot, and that is not the same as no
// difference.
func TestOneOfManySettingsBreaks(t *testing.T) {
	run := func(repeats, lost int) *analysis.Summary {
		var cells []cellOf
		for i := range 6 {
			n := 10 * i
			if i == 5 {
				n = lost
			}
			cells = append(
				cells,
				cellOf{tuned(100 + i), losing([]int{n, n + 1, n + 2, n + 3, n + 4, n + 5}[:repeats]...)},
			)
		}
		return sideRun(nil, cells...)
	}
	for name, tt := range map[string]struct {
		repeats, lost int
		answer        string
		inconclusive  bool
	}{
		"five storms": {5, 1000, "new better false lost of somaxconn 105 52 to 1002, served of somaxconn 105 389600 " +
			"to 199600", false},
		"four storms": {4, 1000, "perhaps lost of somaxconn 105 52 to 1002, served of somaxconn 105 389700 to 199700 of 6, " +
			"5 needed; no-change {old new 5}", true},
		"none": {4, 50, "no-change {old new 6}", false},
	} {
		s := comparison.Compare("old", run(tt.repeats, 50), "new", run(tt.repeats, tt.lost), comparison.DefaultLeast)
		if answered(s) != tt.answer || s.Inconclusive() != tt.inconclusive {
			t.Errorf("%s: inconclusive %v:\n%s\nwant\n%s", name, s.Inconclusive(), answered(s), tt.answer)
		}
	}
}

func TestSomeSettingsHaveTooFewStorms(t *testing.T) {
	run := func(few int) *analysis.Summary {
		return sideRun(nil, cellOf{tuned(128), losing(1, 2, 3, 4, 5)}, cellOf{tuned(256), losing(1, 2, 3, 4, 5)[:few]})
	}
	s := comparison.Compare("old", run(5), "new", run(3), comparison.DefaultLeast)
	want := "no-change {old new 1}; too-few-storms {1 false 5}"
	if answered(s) != want || !s.Inconclusive() {
		t.Errorf("inconclusive %v: %s", s.Inconclusive(), answered(s))
	}
	if s.New.Partial == nil || len(s.New.Damage) != 1 || s.Old.Partial != nil || s.Old.Damage != nil {
		t.Errorf("old %+v\nnew %+v\nwant new partial, with what is missing", s.Old, s.New)
	}
}

// TestASettingInDoubtIsNotCompared: what the others show stands, and the one that is left out is named.
func TestASettingInDoubtIsNotCompared(t *testing.T) {
	const words = "reply-lag"
	for lost, want := range map[int]struct {
		answer       string
		inconclusive bool
	}{
		1: {"no-change {old new 1}; not-compared [somaxconn 128]: new " + words, true},
		901: {"new better false lost of somaxconn 256 3 to 903, served of somaxconn 256 399400 to 219400; " +
			"seen lost of somaxconn 128 3 to 903, served of somaxconn 128 399400 to 219400; " +
			"not-compared [somaxconn 128]: new " + words, false},
	} {
		run := func(from int) *analysis.Summary {
			few := []int{from, from + 1, from + 2, from + 3, from + 4}
			return sideRun(nil, cellOf{tuned(128), losing(few...)}, cellOf{tuned(256), losing(few...)})
		}
		old, now := run(1), run(lost)
		now.Conclusive = false // its answer rests on the setting
		now.Doubts = []finding.Finding{
			{Settings: []string{"somaxconn-128"}, Fact: finding.ReplyLag{Effect: finding.LagOnCalls}},
		}
		s := comparison.Compare("old", old, "new", now, comparison.DefaultLeast)
		if answered(s) != want.answer || s.Inconclusive() != want.inconclusive {
			t.Errorf("inconclusive %v:\n%s\nwant\n%s", s.Inconclusive(), answered(s), want.answer)
		}
	}
}

func TestAnInconclusiveRunShowsNoDifference(t *testing.T) {
	s := sideRun(
		nil,
		cellOf{tuned(128), storms(made{notOffered: 9}, made{}, made{}, made{}, made{})},
		cellOf{tuned(256), losing(901, 902, 903, 904, 905)},
	)
	if got := findingOf(t, &s.Comparisons[0], "lost"); s.Conclusive || got.Finding != analysis.Withheld {
		t.Errorf("conclusive %v, lost %+v", s.Conclusive, got)
	}
}

func TestUnlikeEngines(t *testing.T) {
	run := func(engine string) *analysis.Summary {
		s := sideRun(nil, cellOf{tuned(128), losing(1)})
		s.Cells[0].Repeats[0].Raw.Storm.Engine = engine
		return s
	}
	want := []comparison.RunDiff{{Kind: comparison.KindTool, Name: "engine", Old: "epoll", New: "portable"}}
	if got := comparison.Compare("a", run("epoll"), "b", run("portable"), comparison.DefaultLeast).Differs; !slices.Equal(
		got,
		want,
	) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUnmatchedSettings(t *testing.T) {
	old := sideRun(
		nil,
		cellOf{tuned(128), thrice(made{})},
		cellOf{tuned(512), thrice(made{})},
		cellOf{tuned(1024), nil},
	)
	new := sideRun(
		nil,
		cellOf{tuned(4096), thrice(made{})},
		cellOf{tuned(128), thrice(made{})},
		cellOf{tuned(1024), thrice(made{})},
	)
	s := comparison.Compare("old", old, "new", new, comparison.DefaultLeast)
	want := []comparison.Unmatched{
		{Setting: "somaxconn 512", Run: "old", Old: true},
		{Setting: "somaxconn 4096", Run: "new", Old: false},
		{Setting: "somaxconn 1024", Run: "new", Old: false},
	}
	if !slices.Equal(s.Unmatched, want) || len(s.Settings) != 1 {
		t.Errorf("unmatched %+v, want %+v; %d settings", s.Unmatched, want, len(s.Settings))
	}
}

func TestManyDifferences(t *testing.T) {
	var old, new []cellOf
	for i := range 6 {
		old = append(old, cellOf{tuned(100 + i), losing(900, 901, 902, 903, 904)})
		new = append(new, cellOf{tuned(100 + i), losing(100, 101, 102, 103, 104)})
	}
	s := comparison.Compare("a", sideRun(nil, old...), "b", sideRun(nil, new...), comparison.DefaultLeast)
	if got := s.Answer[0].Fact.(finding.Changed); len(s.Answer) != 1 || !got.Better || len(got.Changes) != 12 {
		t.Errorf("%+v: want 12 differences", s.Answer)
	}
}
