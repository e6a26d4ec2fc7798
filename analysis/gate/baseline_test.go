package gate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
)

// run of one setting, whose storms lost so many calls of 200 each.
func run(edit func(*record.Run), lost ...int) *analysis.Summary {
	r := &record.Run{
		Repeats: len(
			lost,
		), Isolation: record.Isolation{Mode: record.IsolationUser}, Scenario: record.Scenario{Calls: 200},
		Cells: []record.Cell{
			{ID: "s128", Backlog: "max", Somaxconn: 128, Effective: 128},
			{ID: "s64", Backlog: "max", Somaxconn: 64, Effective: 64},
		},
	}
	if edit != nil {
		edit(r)
	}
	storms := summary.Storms{}
	for _, c := range r.Cells {
		for _, n := range lost {
			storms[c.ID] = append(storms[c.ID], stormOf(n+c.Somaxconn%128/4))
		}
	}
	return summary.New(r, storms)
}

func stormOf(lost int) *record.Repeat {
	raw := &record.Repeat{Storm: record.Storm{Engine: "epoll", Wall: time.Second}, Kernel: &record.Kernel{}}
	for i := range 200 {
		a := record.Attempt{
			Seq: uint64(i), Started: ptr(time.Duration(0)), Connected: ptr(ms), FirstCommand: ptr(2 * ms), Done: 5 * ms,
			Outcome: record.Answered, SYNRetransmits: ptr(uint32(0)), RTT: ptr(ms),
		}
		if i < lost {
			a.Outcome, a.Connected, a.FirstCommand, a.Done = record.ConnectTimeout, nil, nil, 2*time.Second
		}
		raw.Attempts = append(raw.Attempts, a)
	}
	return raw
}

// claimOf is the code of a claim with its direction, or of another finding with its arguments.
func claimOf(f *finding.Finding) string {
	switch fact := f.Fact.(type) {
	case finding.Claimed:
		return fmt.Sprintf("%s better %t", fact.Claim, fact.Better)
	case finding.InDoubt:
		return "in-doubt " + fact.Run + " " + string(fact.Doubt.Code())
	case finding.Damaged:
		return fact.Problem
	}
	return fmt.Sprintf("%s %v", f.Code(), f.Fact)
}

func TestAgainst(t *testing.T) {
	kernel := func(r *record.Run) { r.Host.Kernel = "7.0" }
	simulated := func(r *record.Run) {
		r.Simulated, r.Isolation.Mode = &record.Simulated{}, record.IsolationSimulator
		r.Host.Kernel = "" // which it has not
	}
	base := run(nil, 50, 51, 51, 51, 52)
	plain := Baseline{Least: comparison.DefaultLeast}
	for name, tt := range map[string]struct {
		with Baseline
		new  *analysis.Summary
		want Status
		says string // in a result or a doubt
	}{
		"the same":                       {plain, run(nil, 51, 51, 52, 50, 51), Passed, "not-shown better false"},
		"as many, in more spread storms": {plain, run(nil, 40, 45, 51, 58, 61), Inconclusive, "not-shown better false"},
		"better":                         {plain, run(nil, 5, 6, 7, 8, 9), Passed, "different better true"},
		"worse":                          {plain, run(nil, 100, 101, 102, 103, 104), Failed, "different better false"},
		"worse by less than asked": {Baseline{Least: comparison.Least{Calls: 0.5, Relative: 0.5}},
			run(nil, 100, 101, 102, 103, 104), Passed, "too-small better false"},
		"another CPU": {plain, run(func(r *record.Run) { r.Host.CPU = "other" }, 51, 51, 52, 50, 51),
			Inconclusive, "machine-differs {CPU  other}"},
		"another sysctl of the host": {plain,
			run(func(r *record.Run) { r.Host.Sysctls = map[string]string{"net.core.netdev_max_backlog": "9"} }, 51, 51,
				52, 50, 51),
			Inconclusive, "machine-differs {net.core.netdev_max_backlog  9}"},
		"another name": {plain, run(func(r *record.Run) { r.Host.Name = "runner-2" }, 51, 51, 52, 50, 51),
			Passed, "not-shown better false"},
		"a storm less": {plain, run(func(r *record.Run) { r.Repeats = 6 }, 51, 51, 52, 50, 51),
			Inconclusive, "storms-recorded {5 6}"},
		"too few storms": {plain, run(nil, 100, 101, 102), Inconclusive, "too-few-storms better false"},
		"another kernel": {plain, run(kernel, 51, 51, 52, 50, 51), Inconclusive,
			"machine-differs {kernel  7.0}"},
		"another kernel, as ratios": {Baseline{Least: comparison.DefaultLeast, AcrossHosts: true},
			run(kernel, 51, 51, 52, 50, 51), Passed, "not-shown better false"},
		"another storm, as ratios": {Baseline{Least: comparison.DefaultLeast, AcrossHosts: true},
			run(func(r *record.Run) { r.Scenario.Arrival = "x" }, 51, 51, 52, 50, 51), Inconclusive,
			"storms-differ {[arrival]}"},
		"a simulation": {plain, run(simulated, 51, 51, 52, 50, 51), Inconclusive, "one-simulated {new old}"},
		"a simulation, as ratios": {Baseline{Least: comparison.DefaultLeast, AcrossHosts: true},
			run(simulated, 51, 51, 52, 50, 51), Inconclusive, "one-simulated {new old}"},
		"a setting less": {plain, run(func(r *record.Run) { r.Cells = r.Cells[:1] }, 51, 51, 52, 50, 51), Inconclusive,
			"no-new-storm"},
		"other settings": {plain, run(func(r *record.Run) { r.Cells[0].Somaxconn, r.Cells[1].Somaxconn = 7, 8 }, 51,
			50), Inconclusive, "nothing-in-common"},
	} {
		v := tt.with.Against("old", base, "new", tt.new)
		var all []string
		for i := range v.Doubts {
			all = append(all, claimOf(&v.Doubts[i]))
		}
		for _, r := range v.Results {
			all = append(all, claimOf(r.Why))
		}
		text := strings.Join(all, "\n")
		if v.Status != tt.want || !strings.Contains(text, tt.says) {
			t.Errorf("%s: %s, want %s and %q in\n%s", name, v.Status, tt.want, tt.says, text)
		}
	}
}

// Where one of two settings breaks, four storms cannot distinguish it from chance: that passes no gate. Five
// can.
func TestAgainstOneBrokenSetting(t *testing.T) {
	for repeats, want := range map[int]struct {
		status Status
		claim  string
		p, q   string
		needed int
	}{
		4: {Inconclusive, "undecided better false", "0.029", "0.057", 5},
		5: {Failed, "different better false", "0.008", "0.016", 0},
	} {
		lost := []int{51, 51, 52, 51, 51}[:repeats]
		broken := run(nil, lost...)
		worse := run(nil, []int{100, 101, 102, 103, 104}[:repeats]...)
		broken.Cells[0] = worse.Cells[0]
		v := Baseline{Least: comparison.DefaultLeast}.Against("old", run(nil, lost...), "new", broken)
		i := slices.IndexFunc(
			v.Results,
			func(r Result) bool { return r.Baseline == "old" && r.Metric == "lost" && r.Cell == "s128" },
		)
		claim := v.Results[i].Why.Fact.(finding.Claimed)
		if v.Status != want.status || claimOf(v.Results[i].Why) != want.claim ||
			fmt.Sprintf("%.3f", claim.Q) != want.q ||
			fmt.Sprintf("%.3f", claim.P) != want.p ||
			claim.Needed != want.needed ||
			claim.Least != 2 {
			t.Errorf("%d storms: %s: %+v", repeats, v.Status, v.Results[i])
		}
		better := Baseline{Least: comparison.DefaultLeast}.Against("old", broken, "new", run(nil, lost...))
		if better.Status != Passed {
			t.Errorf("%d storms, better: %s: %+v", repeats, better.Status, better.Results)
		}
	}
}

func TestAgainstWithADamagedStorm(t *testing.T) {
	damaged := run(nil, 51, 50, 53, 52, 54)
	damaged.Cells[0].Repeats[2].Damaged = []string{"cells/s128/repeat-3/kernel.json: it is missing"}
	v := Baseline{Least: comparison.DefaultLeast}.Against("old", run(nil, 50, 51, 52, 53, 54), "new", damaged)
	last := v.Results[len(v.Results)-1]
	if v.Status != Inconclusive || last.Cell != "s128" ||
		claimOf(last.Why) != "cells/s128/repeat-3/kernel.json: it is missing" {
		t.Errorf("%s: %+v", v.Status, last)
	}
}

func TestAgainstNamesTheMetric(t *testing.T) {
	v := Baseline{
		Least: comparison.DefaultLeast,
	}.Against(
		"old",
		run(nil, 50, 51, 52, 53, 54),
		"new",
		run(nil, 100, 101, 102, 103, 104),
	)
	var failed []Result
	for _, r := range v.Results {
		if r.Status == Failed {
			failed = append(failed, r)
		}
	}
	if len(failed) != 6 || // lost, lost or late, and served, of two settings
		failed[0].Baseline != "old" || failed[0].Metric != "lost" || failed[0].Cell != "s128" ||
		failed[0].Setting != "somaxconn 128" || failed[0].Measured.Fact != finding.Fact(finding.Compared{Unit: "calls",
		Old: 52, New: 102}) {
		t.Errorf("%+v", failed)
	}
}

// TestAgainstASettingInDoubt: of a setting that is in doubt on either side nothing is claimed, and
// that passes nothing; the others are compared.
func TestAgainstASettingInDoubt(t *testing.T) {
	doubt := []finding.Finding{{Settings: []string{"s128"}, Fact: finding.ReplyLag{}}}
	for name, of := range map[string][2][]finding.Finding{"old": {doubt, nil}, "new": {nil, doubt}} {
		for lost, want := range map[int]Status{50: Inconclusive, 100: Failed} {
			old, now := run(nil, 50, 51, 52, 53, 54), run(nil, lost, lost+1, lost+2, lost+3, lost+4)
			old.Doubts, now.Doubts = of[0], of[1]
			v := Baseline{Least: comparison.DefaultLeast}.Against("old", old, "new", now)
			for _, r := range v.Results {
				doubted := r.Status == Inconclusive && claimOf(r.Why) == "in-doubt "+name+" reply-lag"
				if doubted != (r.Cell == "s128") {
					t.Errorf("%s in doubt: %+v", name, r)
				}
			}
			if v.Status != want || len(v.Doubts) > 0 {
				t.Errorf("%s in doubt, %d lost: %s, want %s; doubts %+v", name, lost, v.Status, want, v.Doubts)
			}
		}
	}
}

// TestAgainstIgnoresTheGenerator: the reply lag is a number of the generator's: that it grew is no
// fault of what was measured.
func TestAgainstIgnoresTheGenerator(t *testing.T) {
	old, now := run(nil, 50, 51, 51, 51, 52), run(nil, 50, 51, 51, 51, 52)
	for i := range now.Cells {
		for j := range now.Cells[i].Repeats {
			old.Cells[i].Repeats[j].ReplyLag = &analysis.ReplyLag{Count: 400, P99: ms, Max: ms}
			now.Cells[i].Repeats[j].ReplyLag = &analysis.ReplyLag{Count: 400, P99: 40 * ms, Max: 49 * ms}
		}
	}
	if v := (Baseline{Least: comparison.DefaultLeast}).Against("old", old, "new", now); v.Status != Passed {
		t.Errorf("%s: %+v", v.Status, v.Results)
	}
}

// TestAgainstStatesTheInterval: what passes and what is open has the interval, and what is open the storms that would
// decide it.
func TestAgainstStatesTheInterval(t *testing.T) {
	old := run(nil, 50, 51, 51, 51, 52)
	for name, tt := range map[string]struct {
		new              *analysis.Summary
		notWorse         bool
		low, high        float64
		leastNeed, claim string
	}{
		"alike": {run(nil, 51, 51, 50, 52, 51), true, -1, 1, "0", "not-shown"},
		"noisy": {run(nil, 40, 45, 51, 58, 61), false, -11, 10, "6", "not-shown"},
		"split": {run(nil, 20, 21, 80, 81, 82), false, -31, 31, "6", "not-shown"},
	} {
		v := Baseline{Least: comparison.DefaultLeast}.Against("old", old, "new", tt.new)
		claim := v.Results[0].Why.Fact.(finding.Claimed)
		if claim.NotWorse != tt.notWorse || *claim.Shift.Low != tt.low || *claim.Shift.High != tt.high ||
			fmt.Sprint(min(claim.Needed, 6)) != tt.leastNeed || claim.Claim != tt.claim {
			t.Errorf("%s: %+v, %v to %v", name, claim, *claim.Shift.Low, *claim.Shift.High)
		}
	}
}

// TestAgainstClusters: of two clusters around the old median the median's test sees nothing.
func TestAgainstClusters(t *testing.T) {
	var one, two []int
	for i := range 20 {
		one, two = append(one, 90+i%5), append(two, 75+i%5+i%2*34)
	}
	v := Baseline{Least: comparison.DefaultLeast}.Against("old", run(nil, one...), "new", run(nil, two...))
	claim := v.Results[0].Why.Fact.(finding.Claimed)
	if v.Status != Inconclusive || claim.Claim != string(analysis.Split) || claim.Split == nil || claim.Needed < 21 {
		t.Errorf("%s: %+v", v.Status, claim)
	}
	side := comparison.Compare("old", run(nil, one...), "new", run(nil, two...), comparison.DefaultLeast)
	i := slices.IndexFunc(side.Answer, func(f finding.Finding) bool { return f.Code() == "distribution-differs" })
	if i < 0 || side.Answer[i].Fact.(finding.DistributionDiffers).NewMax != 113 || side.Inconclusive() {
		t.Errorf("%+v", side.Answer)
	}
}

// TestAgainstAServerThatIsGone: one storm each is enough where the new one served nothing, and the old one did.
func TestAgainstAServerThatIsGone(t *testing.T) {
	refuses := run(nil, 50)
	for c := range analysis.Each(refuses.Cells) {
		for r := range analysis.Each(c.Repeats) {
			r.Lost, r.Outcomes = 200, map[record.Outcome]int{record.Refused: 200}
		}
	}
	least := Baseline{Least: comparison.DefaultLeast}
	v := least.Against("old", run(nil, 50), "new", refuses)
	if v.Status != Failed || v.Results[0].Why.Fact != finding.Fact(finding.ServedNone{Storms: 1}) {
		t.Errorf("%+v", v)
	}
	if v := least.Against("old", refuses, "new", refuses); v.Status != Inconclusive {
		t.Errorf("both refuse: %+v", v)
	}
	if v := least.Against("old", refuses, "new", run(nil, 50)); v.Status != Inconclusive {
		t.Errorf("the old one refuses: %+v", v)
	}
}
