package summary

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// ownCell is a setting of a command that keeps a backlog of its own.
func ownCell(somaxconn, effective int) record.Cell {
	return record.Cell{ID: "somaxconn-" + axis.FormatLimit(somaxconn) + "_backlog-own", Backlog: record.BacklogOwn,
		Somaxconn: somaxconn, Effective: effective}
}

// ownRun is a sweep of a command, on a host with a somaxconn of 4096.
func ownRun(kinds []string, cells ...cellOf) *analysis.Summary {
	run, all := madeRun(cells...)
	run.Scenario.Process = []string{"server"}
	run.ServerProcess = &record.Process{Name: "server", Kinds: kinds}
	run.Host.Sysctls = map[string]string{axis.SomaxconnSysctl: "4096"}
	for _, c := range cells {
		for _, r := range all[c.cell.ID] {
			r.Target = nil
			r.Kernel = &record.Kernel{Sysctls: map[string]string{axis.SomaxconnSysctl: strconv.Itoa(c.cell.Somaxconn)}}
		}
	}
	return New(run, all)
}

// TestOwnBacklogIsEnough: where calls are lost under a small somaxconn only, the server needs no more than its own
// backlog, and that is no backlog of an application beside the settings.
func TestOwnBacklogIsEnough(t *testing.T) {
	s := ownRun([]string{"nginx"},
		cellOf{ownCell(128, 128), thrice(made{timeout: 900, peak: 129})},
		cellOf{ownCell(512, 511), thrice(made{peak: 300})},
		cellOf{ownCell(4096, 511), thrice(made{peak: 310})},
	)
	if rec := s.Recommendation; rec == nil || rec.Backlog != 511 || rec.Change != analysis.ChangeSysctl || !rec.Own ||
		rec.From != 0 {
		t.Errorf("recommended is %+v, want the server's own 511 and somaxconn for it", rec)
	}
	if !hasFact(s.Answer, finding.OwnBacklog{Backlog: 511}, "somaxconn-512_backlog-own", "somaxconn-4096_backlog-own") {
		t.Errorf("that the server's 511 limits both is not said: %s", asText(s.Answer))
	}
	if len(factsLike[finding.ApplicationBacklog](s.Answer)) > 0 {
		t.Errorf("the server is said to be another application: %s", asText(s.Answer))
	}
}

// TestOwnBacklogDelays: where the server's own backlog loses no call and delays some, it is what to raise.
func TestOwnBacklogDelays(t *testing.T) {
	s := ownRun([]string{"nginx"},
		cellOf{ownCell(128, 128), thrice(made{timeout: 900, peak: 129})},
		cellOf{ownCell(512, 511), thrice(made{late: 40, peak: 512})},
		cellOf{ownCell(4096, 511), thrice(made{late: 30, peak: 512})},
	)
	if rec := s.Recommendation; rec == nil || rec.From != 511 || rec.Backlog != 4096 ||
		rec.Change != analysis.ChangeApplication {
		t.Errorf("recommended is %+v, want to raise the server's own 511", rec)
	}
	if len(factsLike[finding.ShortBacklog](s.Answer)) != 1 || len(factsLike[finding.RaiseBacklog](s.Answer)) > 0 {
		t.Errorf("want one answer: %s", asText(s.Answer))
	}
}

// TestOwnBacklogIsShort: where calls are lost with all that the server itself asks for, that is what to raise.
func TestOwnBacklogIsShort(t *testing.T) {
	s := ownRun([]string{"nginx"},
		cellOf{ownCell(128, 128), thrice(made{timeout: 1500, peak: 129})},
		cellOf{ownCell(512, 511), thrice(made{timeout: 900, peak: 512})},
		cellOf{ownCell(4096, 511), thrice(made{timeout: 890, peak: 512})},
	)
	want := finding.ShortBacklog{Backlog: 511, Somaxconn: ptr(4096), Want: 4096, Action: finding.RaiseApplication,
		Waiting: 2000, Calls: 2000, Servers: []string{"nginx"}}
	if !hasFact(s.Answer, want, "somaxconn-4096_backlog-own") {
		t.Errorf("%s, want %+v", asText(s.Answer), want)
	}
	rec := &analysis.Recommendation{Somaxconn: 4096, Backlog: 4096, Change: analysis.ChangeApplication, LossFree: 4096,
		Untried: true, From: 511, Waiting: 2000, Calls: 2000}
	if diff := cmp.Diff(rec, s.Recommendation); diff != "" {
		t.Errorf("recommended (-want +got):\n%s", diff)
	}
}

// TestGoFollowsSomaxconn: a Go server takes no backlog, so the sysctl is all that there is to raise; where it is
// large enough the server began to listen with a smaller one.
func TestGoFollowsSomaxconn(t *testing.T) {
	for somaxconn, want := range map[string]finding.Action{
		"128": finding.RaiseSysctl, "4096": finding.RestartServer,
	} {
		run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 500, timeout: 10, peak: 129, limit: 128})})
		run.Isolation.Mode = record.IsolationHost
		run.ServerProcess = &record.Process{Name: "agi", Program: "agi", Kinds: []string{"go"}}
		all["storm"][0].Kernel = &record.Kernel{Sysctls: map[string]string{axis.SomaxconnSysctl: somaxconn}}
		s := New(run, all)
		facts := factsLike[finding.ShortBacklog](s.Answer)
		if len(facts) != 1 || facts[0].Action != want || !slices.Equal(facts[0].Servers, []string{"go"}) {
			t.Errorf("somaxconn %s: %+v, want %s", somaxconn, facts, want)
		}
		if rec := s.Recommendation; rec == nil || rec.Change != analysis.ChangeSysctl || rec.Here == nil {
			t.Errorf("somaxconn %s: recommended is %+v", somaxconn, rec)
		}
	}
}

// TestGoInACell: a cell's somaxconn is not the host's: where that is large enough nothing has to change.
func TestGoInACell(t *testing.T) {
	s := ownRun([]string{"go"}, cellOf{ownCell(32, 32), storms(made{calls: 400, timeout: 300, peak: 33})})
	facts := factsLike[finding.ShortBacklog](s.Answer)
	if len(facts) != 1 || facts[0].Action != finding.KeepSysctl || facts[0].Want != 512 {
		t.Errorf("%+v, want to keep the host's somaxconn", facts)
	}
}

// TestNearlyFullQueue: a queue that left little room is too short for the next storm though nothing was lost, by
// the deepest that was seen.
func TestNearlyFullQueue(t *testing.T) {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 500, peak: 90, limit: 100})})
	run.Isolation.Mode = record.IsolationHost
	s := New(run, all)
	facts := factsLike[finding.ShortBacklog](s.Answer)
	if len(facts) != 1 || facts[0].Want != 128 || facts[0].Peak != 90 || facts[0].Waiting != 0 {
		t.Errorf("%s, want 128 by the deepest queue of 90", asText(s.Answer))
	}
	if rec := s.Recommendation; rec == nil || rec.Backlog != 128 || rec.Peak != 90 {
		t.Errorf("recommended is %+v", rec)
	}
}

// TestArrivalsInTime: calls that come over a time do not all wait at once: the server takes some meanwhile.
func TestArrivalsInTime(t *testing.T) {
	run, all := madeRun(cellOf{record.Cell{ID: "storm"}, storms(made{calls: 1000, timeout: 100, peak: 51, limit: 50})})
	run.Isolation.Mode = record.IsolationHost
	raw := all["storm"][0]
	for i := range raw.Attempts {
		shift := time.Duration(i) * ms
		a := &raw.Attempts[i]
		a.Intended += shift
		a.Done += shift
	}
	facts := factsLike[finding.ShortBacklog](New(run, all).Answer)
	if len(facts) != 1 || facts[0].Waiting >= 1000 || facts[0].Waiting < 10 {
		t.Errorf("%+v, want fewer than all 1,000 calls to wait at once", facts)
	}
}

// TestSettingsAlike: settings of somaxconn that a server's own backlog limits alike cannot differ, so they are listed
// once, with all of their storms, also where only some of these lost a call.
func TestSettingsAlike(t *testing.T) {
	small := cellOf{ownCell(128, 128), thrice(made{timeout: 900, peak: 129})}
	both := []string{"somaxconn-512_backlog-own", "somaxconn-4096_backlog-own"}
	for name, c := range map[string]struct {
		one, other made
		want       finding.Fact
	}{
		"lost": {made{timeout: 50, peak: 512}, made{timeout: 40, peak: 512}, finding.CallsLost{
			Of: 2000, Calls: finding.Range{Median: 45, Min: 40, Max: 50, Storms: 6}}},
		"lost in one": {made{timeout: 50, peak: 512}, made{peak: 512}, finding.CallsLost{
			Of: 2000, Calls: finding.Range{Median: 25, Min: 0, Max: 50, Storms: 6}}},
		"late in one": {made{late: 40, peak: 512}, made{peak: 510}, finding.NoneLost{
			Late: &finding.Range{Median: 20, Min: 0, Max: 40, Storms: 6}}},
	} {
		s := ownRun(nil, small, cellOf{ownCell(512, 511), thrice(c.one)}, cellOf{ownCell(4096, 511), thrice(c.other)})
		if !hasFact(s.Answer, c.want, both...) {
			t.Errorf("%s: want %+v in %s", name, c.want, asText(s.Answer))
		}
		listed := len(factsLike[finding.CallsLost](s.Answer)) + len(factsLike[finding.NoneLost](s.Answer))
		if listed != 2 {
			t.Errorf("%s: %d settings are listed, want 2: %s", name, listed, asText(s.Answer))
		}
	}
}

// TestServerDied: a server that ended in every storm of a setting and lost calls fails; not one that survived a
// storm, or lost none.
func TestServerDied(t *testing.T) {
	for name, c := range map[string]struct {
		second   made
		survived int
		want     bool
	}{
		"in every storm":      {made{timeout: 5}, -1, true},
		"without a lost call": {made{}, -1, false},
		"in one storm":        {made{timeout: 5}, 1, false},
	} {
		cell := record.Cell{ID: "own", Backlog: record.BacklogOwn}
		run, all := madeRun(cellOf{cell, storms(made{timeout: 5}, c.second)})
		for i, r := range all[cell.ID] {
			if r.Served = (&record.Served{}); i != c.survived {
				r.Served.Ended = &record.Exit{Code: 9}
			}
		}
		if got := New(run, all).ServerDied(); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}
