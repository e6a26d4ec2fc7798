package main

import (
	"bytes"
	"strings"
	"testing"

	"agistorm/scenarios/lab/rules"
)

// TestVerifyExit: one rule that does not hold is exit code 99, one that could not be checked is 3, and one
// that cannot be had here is neither.
func TestVerifyExit(t *testing.T) {
	for verdict, want := range map[rules.Verdict]int{
		rules.Holds: exitDone, rules.Lacking: exitDone, rules.Unchecked: exitInconclusive, rules.Fails: exitGate,
	} {
		for _, format := range []string{"text", "markdown", "json"} {
			var stdout, stderr bytes.Buffer
			e := &env{stdout: &stdout, stderr: &stderr}
			o := &verifyOptions{format: format}
			report := rules.NewReport([]rules.Result{
				{Name: "some-rule", Rule: "Some rule", Verdict: rules.Holds},
				{Name: "odd-rule", Rule: "Odd rule", Verdict: verdict},
			}, 0)
			if got := e.fail(o.show(e, report)); got != want {
				t.Errorf("%s, %s: exit code %d, want %d", verdict, format, got, want)
			}
			if !strings.Contains(stdout.String(), string(verdict)) || stderr.Len() > 0 {
				t.Errorf("%s, %s: stdout %s, stderr %s", verdict, format, &stdout, &stderr)
			}
		}
	}
	both := rules.NewReport([]rules.Result{{Verdict: rules.Fails}, {Verdict: rules.Unchecked}}, 0)
	e := &env{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}
	if got := e.fail((&verifyOptions{format: "text"}).show(e, both)); got != exitGate {
		t.Errorf("one fails and one could not be checked: exit code %d", got)
	}
}
