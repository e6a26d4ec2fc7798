package summary

import (
	"slices"
	"testing"

	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// connecting turns a made run into one of a client that only connects.
func connecting(run *record.Run, all Storms) (*record.Run, Storms) {
	run.Scenario.Client = "connect-only"
	for _, storms := range all {
		for _, storm := range storms {
			for i := range storm.Attempts {
				if a := &storm.Attempts[i]; a.Outcome == record.Answered {
					a.Outcome, a.FirstCommand, a.Phantom = record.Connected, nil, new(bool)
				}
			}
		}
	}
	return run, all
}

// TestConnectOnly: what connected is no lost call, and no call is counted as answered.
func TestConnectOnly(t *testing.T) {
	for name, tt := range map[string]struct {
		cells []cellOf
		want  finding.Fact
	}{
		"one storm": {
			[]cellOf{{tuned(128), storms(made{calls: 500, timeout: 10, late: 40})}},
			finding.Outcome{Calls: 500, Storms: 1, AllLost: 10, Lost: finding.Range{Median: 10, Min: 10, Max: 10, Storms: 1},
				LostAs: []finding.Count{{Outcome: "connect-timeout", Calls: 10}}, Served: 490, Late: ptr(40), Connected: true},
		},
		"nothing lost": {
			[]cellOf{{tuned(128), storms(made{calls: 5})}},
			finding.Outcome{Calls: 5, Storms: 1, Lost: finding.Range{Storms: 1}, Served: 5, Late: ptr(0), Connected: true},
		},
		"some late": {
			[]cellOf{{tuned(128), thrice(made{late: 1400, peak: 129})}, {tuned(4096), thrice(made{peak: 1500})}},
			finding.CallsLate{Calls: finding.Range{Median: 1400, Min: 1400, Max: 1400, Storms: 3}, Of: 2000},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(connecting(madeRun(tt.cells...)))
			if !hasFact(s.Answer, tt.want, "somaxconn-128") {
				t.Errorf("%s; want %+v", asText(s.Answer), tt.want)
			}
			if !s.Conclusive || len(s.Warnings) != 1 || !hasFact(s.Warnings, finding.ConnectionsOnly{Phantoms: finding.Known}) {
				t.Errorf("doubts %s, warnings %s", asText(s.Doubts), asText(s.Warnings))
			}
		})
	}
}

func TestNobodyConnected(t *testing.T) {
	for outcome, want := range map[record.Outcome][]finding.NobodyAnswered{
		record.Refused:        {{Why: finding.SilenceRefused, Calls: 2}},
		record.Unreachable:    {{Why: finding.SilenceUnreachable, Calls: 2}},
		record.ConnectTimeout: {{Why: finding.SilenceNoConnect, Calls: 2}},
		record.Connected:      nil,
	} {
		run := &record.Run{
			Cells:    []record.Cell{{ID: "storm"}},
			Repeats:  1,
			Scenario: record.Scenario{Client: "connect-only"},
		}
		attempt := record.Attempt{Outcome: outcome}
		s := New(run, Storms{"storm": {{Attempts: []record.Attempt{attempt, attempt}}}})
		if got := factsLike[finding.NobodyAnswered](s.Answer); !slices.Equal(got, want) {
			t.Errorf("%s: %+v, want %+v", outcome, got, want)
		}
	}
}

func TestSuccess(t *testing.T) {
	for client, want := range map[string]record.Outcome{
		"": record.Answered, "asterisk": record.Answered, "single-write": record.Answered, "connect-only": record.Connected,
	} {
		if got := calls.Success(&record.Run{Scenario: record.Scenario{Client: client}}); got != want {
			t.Errorf("client %q: got %s, want %s", client, got, want)
		}
	}
	if got := calls.Success(nil); got != record.Answered {
		t.Errorf("no run: got %s", got)
	}
}
