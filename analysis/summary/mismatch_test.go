package summary

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// accounted is a storm of 10 calls, whose server has the first ones end so; of the
// others that it served them.
func accounted(m made, fates ...string) *record.Repeat {
	m.calls = 10
	raw := m.storm(tuned(128))
	raw.Target, raw.Kernel = &record.Target{Queued: new(int)}, &record.Kernel{}
	for i := range raw.Attempts {
		fate := record.PeerServed
		if i < len(fates) {
			fate = fates[i]
		}
		raw.Target.Peers = append(
			raw.Target.Peers,
			record.Peer{At: 2 * ms, Done: 5 * ms, Address: raw.Attempts[i].Local,
				Fate: fate},
		)
	}
	return raw
}

func TestMismatches(t *testing.T) {
	for name, tt := range map[string]struct {
		raw      *record.Repeat
		want     []calls.Mismatch
		checks   [2]int64
		warnings []finding.Fact
	}{
		"all agree": {accounted(made{}), nil, [2]int64{}, nil},
		"callers that hung up, and one of which nothing is known": {accounted(made{}, "hung-up", "hung-up", ""), nil,
			[2]int64{}, nil},
		"calls that the server did not serve, and were lost": {accounted(made{silent: 2}, "script-timeout", "gone"),
			nil, [2]int64{}, nil},
		"answered, but not served": {accounted(made{}, "script-timeout", "gone", "script-timeout"),
			[]calls.Mismatch{{Outcome: record.Answered, Fate: "script-timeout", Count: 2},
				{Outcome: record.Answered, Fate: "gone", Count: 1}}, [2]int64{3, 0},
			[]finding.Fact{finding.UnservedCalls{Calls: 3, Fates: map[string]int{"gone": 1, "script-timeout": 2}}}},
		"served, but not answered": {accounted(made{reset: 1, silent: 2}),
			[]calls.Mismatch{{Outcome: record.Silent, Fate: "served", Count: 2},
				{Outcome: record.Reset, Fate: "served", Count: 1}}, [2]int64{0, 3},
			[]finding.Fact{finding.UnansweredCalls{Calls: 3, Outcomes: map[string]int{"silent": 2, "reset": 1}}}},
		"both": {accounted(made{reset: 2}, "reset", "served", "stopped"),
			[]calls.Mismatch{{Outcome: record.Answered, Fate: "stopped", Count: 1},
				{Outcome: record.Reset, Fate: "served", Count: 1}}, [2]int64{1, 1},
			[]finding.Fact{
				finding.UnservedCalls{Calls: 1, Fates: map[string]int{"stopped": 1}},
				finding.UnansweredCalls{Calls: 1, Outcomes: map[string]int{"reset": 1}},
			}},
	} {
		got := summariseOne(tt.raw, nil)
		if diff := cmp.Diff(tt.want, got.Mismatches); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tt.warnings, facts(got.Warnings)); diff != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", name, diff)
		}
		for i, rule := range []finding.Rule{finding.RuleServed, finding.RuleAnswered} {
			if !slices.Contains(got.Checks, check(rule, tt.checks[i])) {
				t.Errorf("%s: %q is not off by %d in %+v", name, rule, tt.checks[i], got.Checks)
			}
		}
	}
}

// A client that only connects waits for no script, and of an external server there is no log.
func TestNoMismatches(t *testing.T) {
	only := accounted(made{}, "gone")
	for i := range only.Attempts {
		only.Attempts[i].Outcome = record.Connected
	}
	external := accounted(made{}, "gone")
	external.Target = nil
	for name, got := range map[string]analysis.Repeat{
		"connect-only": summariseOne(only, func(r *record.Run) { r.Scenario.Client = "connect-only" }),
		"external":     summariseOne(external, nil),
	} {
		if got.Mismatches != nil ||
			slices.ContainsFunc(got.Checks, func(b finding.Check) bool { return b.Rule == finding.RuleServed }) {
			t.Errorf("%s: %+v, %+v", name, got.Mismatches, got.Checks)
		}
	}
}

// TestNotServedIsNoSuccess: calls that the server did not serve put their setting in doubt.
func TestNotServedIsNoSuccess(t *testing.T) {
	run, all := madeRun(cellOf{tuned(128), storms(made{calls: 10, timeout: 3, peak: 129})}, cellOf{tuned(512),
		storms(made{calls: 10, peak: 9})},
		cellOf{tuned(1024), storms(made{calls: 10, peak: 9})})
	all["somaxconn-1024"][0] = accounted(made{peak: 9}, "script-timeout", "script-timeout")
	s := New(run, all)
	fact := finding.AnsweredNotServed{Calls: 2, Storms: 1, Fates: map[string]int{"script-timeout": 2}}
	want := []finding.Finding{{Settings: []string{"somaxconn-1024"}, Fact: fact}}
	if diff := cmp.Diff(want, s.Doubts); diff != "" {
		t.Errorf("doubts (-want +got):\n%s", diff)
	}
	if !s.Conclusive || s.Recommendation.Backlog != 512 {
		t.Errorf("conclusive %v: %+v", s.Conclusive, s.Recommendation)
	}
	run.Cells = run.Cells[2:]
	if s := New(run, all); s.Conclusive || len(factsLike[finding.Outcome](s.Answer)) != 1 {
		t.Errorf("the only setting: conclusive %v: %s", s.Conclusive, asText(s.Answer))
	}
}
