package comparison

import (
	"slices"
	"strings"
	"testing"
	"time"

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

// TestDifferentSimulations: of a simulated run beside a measured one only that is said; two simulations differ in what
// they assume.
func TestDifferentSimulations(t *testing.T) {
	measured := record.Run{Host: record.Host{Kernel: "6.1", CPU: "x", CPUs: 2, Sysctls: map[string]string{"a": "1"}}}
	slow := record.Run{Simulated: &record.Simulated{Costs: map[string]time.Duration{"Accept": time.Second}}}
	fast := record.Run{Simulated: &record.Simulated{Costs: map[string]time.Duration{"Accept": time.Millisecond}}}
	for name, c := range map[string]struct {
		a, b *record.Run
		want []RunDiff
	}{
		"measured, simulated": {&measured, &slow, []RunDiff{{KindSimulated, "simulated", "no", "yes"}}},
		"simulated, measured": {&slow, &measured, []RunDiff{{KindSimulated, "simulated", "yes", "no"}}},
		"two simulations":     {&slow, &fast, []RunDiff{{KindMachine, "Accept", "1s", "1ms"}}},
		"the same":            {&slow, &slow, nil},
	} {
		if got := diffsOfRuns(c.a, c.b); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
