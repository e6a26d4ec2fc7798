package main

import (
	"path/filepath"
	"testing"

	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/scenarios"
	"agistorm/scenarios/lab"
)

// TestChecksHoldAfterAShortQuiet: what the counters gained agrees with what clients and target saw, for a server
// that overflows, one that works on when its callers have gone, and phantoms of clients that have closed.
func TestChecksHoldAfterAShortQuiet(t *testing.T) {
	if !namespaces() {
		t.Skip("this machine refuses a network namespace")
	}
	for name, text := range map[string]string{
		"overflow": "storm: {calls: 600}\ntarget: {behaviour: \"pool:16\", work: 5ms}\n" +
			"settings: [{somaxconn: 64, backlog: max}]\n",
		"works on": "storm: {calls: 60, first-command-timeout: 100ms}\ntarget: {behaviour: \"pool:1\", work: 30ms}\n" +
			"settings: [{somaxconn: 128, backlog: max}]\n",
		"connects only": "storm: {calls: 300, client: connect-only}\ntarget: {behaviour: \"pool:4\", work: 5ms}\n" +
			"settings: [{somaxconn: 32, backlog: max}]\n",
	} {
		dir, err := record.Create(filepath.Join(t.TempDir(), "run"))
		if err != nil {
			t.Fatal(err)
		}
		scenario, err := scenarios.Parse("test.yaml", []byte("name: test\nrepeats: 1\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		run, err := lab.Sweep(t.Context(), dir, lab.Options{Scenario: scenario, Isolation: lab.Auto})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		id := run.Cells[0].ID
		r, err := dir.Repeat(id, 1)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		s := summary.New(run, map[string][]*record.Repeat{id: {r}})
		for _, b := range s.Cells[0].Repeats[0].Checks {
			if b.Residual != 0 {
				t.Errorf("%s: %s: residual %d", name, b.Rule, b.Residual)
			}
		}
	}
}
