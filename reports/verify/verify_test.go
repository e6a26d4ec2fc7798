package verify

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"agistorm/scenarios/lab/rules"
)

func sample() *rules.Report {
	r := rules.NewReport([]rules.Result{
		{
			Name:     "capacity",
			Rule:     "The accept queue holds backlog + 1 connections",
			Verdict:  rules.Holds,
			Expected: "5",
			Measured: "5",
			Tries:    1,
		},
		{
			Name:     "count",
			Rule:     "One > none",
			Verdict:  rules.Fails,
			Expected: "ListenOverflows +1",
			Measured: "ListenOverflows +0",
			Tries:    3,
		},
		{
			Name:    "memory",
			Rule:    "A queued connection takes memory",
			Verdict: rules.Unchecked,
			Reason:  "it needs a network namespace of its own",
		},
		{Name: "linear", Rule: "It has the sysctl", Verdict: rules.Lacking, Reason: "this kernel has no such sysctl"},
	}, 1234567*time.Microsecond)
	r.System, r.Reason = "Linux 9.9", "no network namespace of our own: refused"
	return r
}

func write(t *testing.T, form string, width int) string {
	t.Helper()
	var b strings.Builder
	if err := Forms[form](&b, sample(), width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestForms(t *testing.T) {
	const line = "1 rule holds, 1 does not, 1 could not be checked, 1 cannot be had here on Linux 9.9, in 1 s."
	for form, want := range map[string]string{
		"text": `1 rule holds, 1 does not, 1 could not be checked, 1 cannot be had here on Linux 9.9, in 1 s.

No network namespace of our own: refused.

verdict        rule                              expected            measured
holds          The accept queue holds backlog +  5                   5
               1 connections [capacity]
does not hold  One > none [count]                ListenOverflows +1  ListenOverflows +0 (at try 3)
not checked    A queued connection takes memory                      it needs a network namespace of
               [memory]                                              its own
not here       It has the sysctl [linear]                            this kernel has no such sysctl
`,
		"markdown": line + `

No network namespace of our own: refused.

| verdict | rule | expected | measured |
| :-- | :-- | :-- | :-- |
| **holds** | The accept queue holds backlog + 1 connections \[capacity\] | 5 | 5 |
| **does not hold** | One > none \[count\] | ListenOverflows +1 | ListenOverflows +0 (at try 3) |
| **not checked** | A queued connection takes memory \[memory\] |  | it needs a network namespace of its own |
| not here | It has the sysctl \[linear\] |  | this kernel has no such sysctl |
`,
	} {
		if got := write(t, form, 100); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", form, got, want)
		}
	}
	if got := write(t, "json", 0); !strings.Contains(got, `"verdict": "does not hold"`) {
		t.Errorf("JSON: %s", got)
	}
}

// TestWidth: without a terminal the lines are not longer than a person can read.
func TestWidth(t *testing.T) {
	for _, width := range []int{0, 70, 80, 1000} {
		for line := range strings.Lines(write(t, "text", width)) {
			limit := width
			if width == 0 {
				limit = defaultWidth
			}
			if n := utf8.RuneCountInString(line); n > limit+1 {
				t.Errorf("width %d: a line of %d", width, n)
			}
		}
	}
}
