package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

func sideRun(edit func(*record.Run), cells ...cellOf) *Summary {
	run, all := madeRun(cells...)
	if edit != nil {
		edit(run)
	}
	return Summarise(run, all)
}

func TestCompareRuns(t *testing.T) {
	five := func(n int) []*made { return losing(n, n+1, n+2, n+3, n+4) }
	base := func() *Summary {
		return sideRun(nil, cellOf{tuned(128), five(500)}, cellOf{tuned(4096), losing(0, 0, 0, 0, 0)})
	}
	for name, tt := range map[string]struct {
		new     *Summary
		verdict string
		finding Finding // of lost with 128
	}{
		"worse": {
			sideRun(nil, cellOf{tuned(128), five(900)}, cellOf{tuned(4096), losing(0, 0, 0, 0, 0)}),
			"new is worse: lost with somaxconn 128 from 502 to 902; served with somaxconn 128 from 299,600/s to 219,600/s.", Differs,
		},
		"better": {
			sideRun(nil, cellOf{tuned(128), five(100)}, cellOf{tuned(4096), losing(0, 0, 0, 0, 0)}),
			"new is better: lost with somaxconn 128 from 502 to 102; served with somaxconn 128 from 299,600/s to 379,600/s.", Differs,
		},
		"the same": {base(), "No difference shown between old and new in 2 settings.", NotShown},
		"too few": {
			sideRun(nil, cellOf{tuned(128), losing(1, 2, 3)}),
			"Too few storms to show a difference: at least 4 of a setting on both sides are needed (sweep --repeats 4). Not compared: 1 setting that only one of them has.", TooFew,
		},
		"nothing in common": {sideRun(nil, cellOf{tuned(77), five(1)}), "old and new have no setting in common: there is nothing to compare.", ""},
		"another storm": {
			sideRun(func(r *record.Run) { r.Scenario.Arrival = "constant 500/s" }, cellOf{tuned(128), five(900)}),
			"No difference is claimed: the storms differ (arrival): other calls are no comparison.", Withheld,
		},
		"two things": {
			sideRun(func(r *record.Run) { r.Version, r.Host.Kernel = "2", "7.0" }, cellOf{tuned(128), five(900)}),
			"No difference is claimed: the runs differ in 2 things (agistorm and kernel): which of them made a difference cannot be said.", Withheld,
		},
		"another machine with a kernel of its own": {
			sideRun(func(r *record.Run) { r.Host.CPU, r.Host.Kernel = "other", "7.0" }, cellOf{tuned(128), five(900)}),
			"new is worse: lost with somaxconn 128 from 502 to 902; served with somaxconn 128 from 299,600/s to 219,600/s. Not compared: 1 setting that only one of them has.", Differs,
		},
		"a machine of another name that is like it": {
			sideRun(func(r *record.Run) { r.Host.Name, r.Version = "other", "2" }, cellOf{tuned(128), five(500)}, cellOf{tuned(4096), losing(0, 0, 0, 0, 0)}),
			"No difference shown between old and new in 2 settings.", NotShown,
		},
		"another largest setting": {
			sideRun(nil, cellOf{tuned(128), five(500)}, cellOf{tuned(1024), losing(0, 0, 0, 0, 0)}),
			"No difference shown between old and new in 1 setting. Not compared: 2 settings that only one of them has.", NotShown,
		},
		"a setting is in doubt": {
			sideRun(nil, cellOf{tuned(128), storms(made{notOffered: 9}, made{}, made{}, made{})}),
			"Not compared, since inconclusive: somaxconn 128 (new: not-offered). Not compared: 1 setting that only one of them has.",
			Withheld,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := Compare("old", base(), "new", tt.new, DefaultLeast)
			if s.Verdict != tt.verdict {
				t.Errorf("verdict\n%s\nwant\n%s", s.Verdict, tt.verdict)
			}
			if tt.finding == "" {
				return
			}
			if got := findingOf(t, &s.Settings[0], "lost"); got.Finding != tt.finding || tt.finding == Withheld && got.Better {
				t.Errorf("lost: %+v, want %q", got, tt.finding)
			}
		})
	}
}

// One setting of six breaks: what five storms each can show, four cannot, and that is not the same as no difference.
func TestOneOfManySettingsBreaks(t *testing.T) {
	run := func(repeats, lost int) *Summary {
		var cells []cellOf
		for i := range 6 {
			n := 10 * i
			if i == 5 {
				n = lost
			}
			cells = append(cells, cellOf{tuned(100 + i), losing([]int{n, n + 1, n + 2, n + 3, n + 4, n + 5}[:repeats]...)})
		}
		return sideRun(nil, cells...)
	}
	for name, tt := range map[string]struct {
		repeats, lost int
		verdict       string
		inconclusive  bool
	}{
		"five storms": {5, 1000, "new is worse: lost with somaxconn 105 from 52 to 1,002; served with somaxconn 105 from 389,600/s to 199,600/s.", false},
		"four storms": {4, 1000, "Not decided, since among 6 settings it may be chance: lost with somaxconn 105 from 52 to 1,002; " +
			"served with somaxconn 105 from 389,700/s to 199,700/s; 5 storms of each or more would tell (sweep --repeats 5). No difference shown between old and new in 5 settings.", true},
		"none": {4, 50, "No difference shown between old and new in 6 settings.", false},
	} {
		s := Compare("old", run(tt.repeats, 50), "new", run(tt.repeats, tt.lost), DefaultLeast)
		if s.Verdict != tt.verdict || s.Inconclusive() != tt.inconclusive {
			t.Errorf("%s: inconclusive %v:\n%s\nwant\n%s", name, s.Inconclusive(), s.Verdict, tt.verdict)
		}
	}
}

func TestSomeSettingsHaveTooFewStorms(t *testing.T) {
	run := func(few int) *Summary {
		return sideRun(nil, cellOf{tuned(128), losing(1, 2, 3, 4, 5)}, cellOf{tuned(256), losing(1, 2, 3, 4, 5)[:few]})
	}
	s := Compare("old", run(5), "new", run(3), DefaultLeast)
	want := "No difference shown between old and new in 1 setting. Too few storms of 1 setting: at least 5 on both sides are needed (sweep --repeats 5)."
	if s.Verdict != want || !s.Inconclusive() {
		t.Errorf("inconclusive %v: %s", s.Inconclusive(), s.Verdict)
	}
	if s.New.Partial == nil || len(s.New.Damage) != 1 || s.Old.Partial != nil || s.Old.Damage != nil {
		t.Errorf("old %+v\nnew %+v\nwant new partial, with what is missing", s.Old, s.New)
	}
}

// TestASettingInDoubtIsNotCompared: what the others show stands, and the one that is left out is named.
func TestASettingInDoubtIsNotCompared(t *testing.T) {
	const words = "reply-lag"
	for lost, want := range map[int]struct {
		verdict      string
		inconclusive bool
	}{
		1: {"No difference shown between old and new in 1 setting. Not compared, since inconclusive: somaxconn 128 (new: " +
			words + ").", true},
		901: {"new is worse: lost with somaxconn 256 from 3 to 903; served with somaxconn 256 from 399,400/s to 219,400/s. " +
			"Not compared, since inconclusive: somaxconn 128 (new: " + words + ").", false},
	} {
		run := func(from int) *Summary {
			few := []int{from, from + 1, from + 2, from + 3, from + 4}
			return sideRun(nil, cellOf{tuned(128), losing(few...)}, cellOf{tuned(256), losing(few...)})
		}
		old, now := run(1), run(lost)
		now.Conclusive = false // its answer rests on the setting
		now.Doubts = []finding.Finding{{Settings: []string{"somaxconn-128"}, Fact: finding.ReplyLag{Effect: finding.LagOnCalls}}}
		s := Compare("old", old, "new", now, DefaultLeast)
		if s.Verdict != want.verdict || s.Inconclusive() != want.inconclusive {
			t.Errorf("inconclusive %v:\n%s\nwant\n%s", s.Inconclusive(), s.Verdict, want.verdict)
		}
	}
}

func TestAnInconclusiveRunShowsNoDifference(t *testing.T) {
	s := sideRun(nil, cellOf{tuned(128), storms(made{notOffered: 9}, made{}, made{}, made{}, made{})}, cellOf{tuned(256), losing(901, 902, 903, 904, 905)})
	if got := findingOf(t, &s.Comparisons[0], "lost"); s.Conclusive || got.Finding != Withheld {
		t.Errorf("conclusive %v, lost %+v", s.Conclusive, got)
	}
}

func TestUnlike(t *testing.T) {
	old := &record.Run{Host: record.Host{Name: "a", Sysctls: map[string]string{somaxconnSysctl: "128", "net.core.netdev_max_backlog": "1000"}}, Seed: 1}
	new := &record.Run{Host: record.Host{Name: "a", Sysctls: map[string]string{somaxconnSysctl: "4096", "net.core.netdev_max_backlog": "5000"}}, Seed: 2}
	new.Scenario.ConnectLimit, new.Scenario.SessionLimit = time.Second, time.Minute
	new.Scenario.Load, new.Scenario.Commands = map[string]string{"think": "50ms"}, []string{"ANSWER", "HANGUP"}
	new.Host.Name, new.Host.CPUs = "b", 2
	want := []Unlike{
		{KindName, "host", "a", "b"},
		{KindMachine, "CPUs", "0", "2"},
		{KindStorm, "connect limit", "0s", "1s"},
		{KindStorm, "session limit", "0s", "1m0s"},
		{KindStorm, "think", "", "50ms"},
		{KindTarget, "commands", "", "ANSWER; HANGUP"},
		{KindSysctls, "net.core.netdev_max_backlog", "1000", "5000"},
	}
	if got := unlikeRuns(old, new); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if old.Host.Sysctls[somaxconnSysctl] != "128" {
		t.Error("the run's sysctls were changed")
	}
}

func TestUnlikeEngines(t *testing.T) {
	run := func(engine string) *Summary {
		s := sideRun(nil, cellOf{tuned(128), losing(1)})
		s.Cells[0].Repeats[0].Raw.Storm.Engine = engine
		return s
	}
	want := []Unlike{{KindTool, "engine", "epoll", "portable"}}
	if got := unlike(run("epoll"), run("portable")); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUnmatchedSettings(t *testing.T) {
	old := sideRun(nil, cellOf{tuned(128), thrice(made{})}, cellOf{tuned(512), thrice(made{})}, cellOf{tuned(1024), nil})
	new := sideRun(nil, cellOf{tuned(4096), thrice(made{})}, cellOf{tuned(128), thrice(made{})}, cellOf{tuned(1024), thrice(made{})})
	s := Compare("old", old, "new", new, DefaultLeast)
	want := "somaxconn 512 (only in old), somaxconn 4096 (only in new), somaxconn 1024 (only in new)"
	if got := strings.Join(s.Unmatched, ", "); got != want || len(s.Settings) != 1 {
		t.Errorf("unmatched %s, want %s; %d settings", got, want, len(s.Settings))
	}
}

func TestManyDifferences(t *testing.T) {
	var old, new []cellOf
	for i := range 6 {
		old = append(old, cellOf{tuned(100 + i), losing(900, 901, 902, 903, 904)})
		new = append(new, cellOf{tuned(100 + i), losing(100, 101, 102, 103, 104)})
	}
	s := Compare("a", sideRun(nil, old...), "b", sideRun(nil, new...), DefaultLeast)
	if !strings.HasSuffix(s.Verdict, "; and 8 more.") {
		t.Errorf("%s: want 4 of 12 differences and how many more", s.Verdict)
	}
}

func TestContrastValue(t *testing.T) {
	for unit, want := range map[string]string{"ns": "1.50 ms", "calls": "1,500,000", "calls/s": "1,500,000/s"} {
		if got := (&Contrast{Unit: unit}).Value(1.5e6); got != want {
			t.Errorf("%s: %s, want %s", unit, got, want)
		}
	}
}
