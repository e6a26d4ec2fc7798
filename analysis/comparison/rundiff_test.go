package comparison

import (
	"slices"
	"strings"
	"testing"

	"agistorm/analysis/record"
)

// TestDifferentServers: servers are compared by what they do; runs of 0.1.0 by their scenario's file, or their words.
func TestDifferentServers(t *testing.T) {
	const source = "name: a\ntarget:\n  behaviour: pool:4\n  work: 5ms\nseed: 1\n"
	now := record.Scenario{Source: source, Server: &record.Server{Behaviour: "pool:4", Work: "5ms"}}
	old := record.Scenario{Source: source, Target: "pool of 4"}
	for name, c := range map[string]struct {
		a, b record.Scenario
		want []RunDiff
	}{
		"the same": {now, now, nil},
		"another work": {now, record.Scenario{Server: &record.Server{Behaviour: "pool:4", Work: "6ms"}},
			[]RunDiff{{KindTarget, "work", "5ms", "6ms"}}},
		"of 0.1.0": {old, now, nil},
		"another of 0.1.0": {
			record.Scenario{Source: strings.Replace(source, "5ms", "7ms", 1), Target: "pool of 4, slow"}, now,
			[]RunDiff{{KindTarget, "target", "pool of 4, slow", "pool:4, 5ms"}},
		},
		"external": {record.Scenario{Target: "agi://a"}, record.Scenario{Target: "agi://b"},
			[]RunDiff{{KindTarget, "target", "agi://a", "agi://b"}}},
	} {
		if got := diffsOfRuns(&record.Run{Scenario: c.a}, &record.Run{Scenario: c.b}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
