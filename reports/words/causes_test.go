package words

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/stats"
)

// stepSample is one of each code, with all that its words can say.
func stepSample(code finding.StepCode) finding.Step {
	return finding.Step{
		Code: code, Limit: 2 * time.Second, Errno: "ETIMEDOUT",
		Example: finding.Sight{
			At: 12 * ms, Queue: &finding.Depth{Depth: 129, Holds: 129}, Waited: 50 * ms, Entered: 200 * ms,
			Accepted: new(time.Duration), Address: "[::1]:4573", Error: "no such command",
		},
	}
}

// TestSteps shows the words of every step in testdata/steps.golden: of all calls of a chain, and of one.
func TestSteps(t *testing.T) {
	var samples []finding.Step
	for _, code := range slices.Sorted(maps.Keys(stepPhrases)) {
		samples = append(samples, stepSample(code))
	}
	for _, place := range slices.Sorted(maps.Keys(placePhrases)) {
		s := stepSample(finding.SYNDropped)
		s.Places = []finding.Place{place}
		samples = append(samples, s)
	}
	again := stepSample(finding.SYNDropped)
	again.Again, again.Places = 1, []finding.Place{finding.AcceptQueue}
	again.AgainPlaces, again.Example.Retransmitted = []finding.Place{
		finding.SYNQueue,
		finding.Loopback,
	}, []time.Duration{
		1032 * ms,
	}
	again.Example.Queue = &finding.Depth{Depth: 17, Holds: 21, Drops: 379}
	often := again
	often.Again, often.AgainPlaces = 7, nil
	there := stepSample(finding.SYNDroppedThere)
	there.Again = 2
	var b strings.Builder
	for _, s := range append(samples, again, often, there) {
		b.WriteString(string(s.Code) + "\n  " + Chain([]finding.Step{s}) + "\n  " + Example([]finding.Step{s}) + "\n")
	}
	golden(t, "testdata/steps.golden", b.String())
}

// TestChecksHaveWords holds every rule and cause to its words.
func TestChecksHaveWords(t *testing.T) {
	var b strings.Builder
	for _, rule := range slices.Sorted(maps.Keys(equations)) {
		for _, medium := range []finding.Place{finding.Loopback, finding.Link} {
			if text := Equation(finding.Check{Rule: rule, Medium: medium}); !strings.Contains(b.String(), text+"\n") {
				b.WriteString(string(rule) + ": " + text + "\n")
			}
		}
	}
	for _, c := range slices.Sorted(maps.Keys(checkCauses)) {
		b.WriteString(string(c) + ": " + cause(unbalanced(finding.RuleSegments, c, 3)) + "\n")
	}
	golden(t, "testdata/checks.golden", b.String())
}

// TestNumber writes values of metrics with their units.
func TestNumber(t *testing.T) {
	for unit, want := range map[string]string{"ns": "1.50 ms", "calls": "1,500,000", "calls/s": "1,500,000/s"} {
		if got := Number(unit, 1.5e6); got != want {
			t.Errorf("%s: %s, want %s", unit, got, want)
		}
	}
	if got := Number("ratio", stats.NoEnd); got != "∞×" {
		t.Errorf("some of none is %s", got)
	}
}
