package gates

import (
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/finding"
	"agistorm/analysis/gate"
	"agistorm/reports/document"
	"agistorm/reports/words"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

func sample() *gate.Verdict {
	return &gate.Verdict{
		Scenario: "gate", Run: "run", Status: gate.Failed,
		Results: []gate.Result{
			{Gate: "lost == 0", Cell: "a", Setting: "somaxconn 4096", Status: gate.Passed, Measured: measured(0, finding.Worst)},
			{Gate: "lost == 0", Cell: "b", Setting: "somaxconn 128", Status: gate.Failed, Measured: measured(60, ""),
				Why: &finding.Finding{Fact: finding.DoesNotHold{Storms: []int{1, 3}, Of: 3}}},
			{Gate: "phantom == 0", Cell: "b", Setting: "somaxconn 128", Status: gate.Inconclusive, Why: &finding.Finding{
				Fact: finding.NotKnown{Storm: 1, Reason: "no-server-log"}}},
		},
	}
}

func measured(v float64, choice finding.Choice) *finding.Finding {
	return &finding.Finding{Fact: finding.Measured{Value: &v, Choice: choice, Storms: 3}}
}

// differing refuses a baseline.
var differing = []finding.Finding{{Fact: finding.MachineDiffers{Name: "kernel", Old: "one", New: "another"}}}

func inconclusive() *gate.Verdict {
	v := &gate.Verdict{Scenario: "gate", Run: "run", Status: gate.Inconclusive, Doubts: []finding.Finding{
		{Fact: finding.NoStorm{}}, {Fact: finding.Incomplete{Storms: 1, Have: 31, Of: 40}}}}
	v.Results = append(
		v.Results,
		gate.Result{Gate: "lost == 0", Setting: "all", Status: gate.Inconclusive, Why: &v.Doubts[0]},
	)
	return v
}

func write(t *testing.T, f Form, v *gate.Verdict) string {
	t.Helper()
	var b strings.Builder
	if err := f.Write(&b, v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, v := range map[string]*gate.Verdict{"sample": sample(), "inconclusive": inconclusive()} {
		for _, f := range Forms {
			path, got := filepath.Join("testdata", name+"."+f.Name+".golden"), write(t, f, v)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if diff := cmp.Diff(string(want), got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got); -update writes it anew\n%s", path, err, diff)
			}
		}
	}
}

func TestHeadline(t *testing.T) {
	passed, unknown, refused := sample(), sample(), sample()
	refused.Doubts = differing // and yet a gate failed
	passed.Status, passed.Results = gate.Passed, passed.Results[:1]
	unknown.Status, unknown.Results = gate.Inconclusive, unknown.Results[2:]
	for _, f := range Forms {
		got := write(t, f, refused)
		if !strings.Contains(got, "60") || !strings.Contains(got, "another") || strings.Contains(got, "Inconclusive:") {
			t.Errorf("%s of a failed gate beside a doubt:\n%s", f.Name, got)
		}
	}
	both := sample()
	both.Status = gate.Passed
	for i := range both.Results {
		both.Results[i].Status = gate.Passed
	}
	for want, v := range map[string]*gate.Verdict{
		"All 2 gates passed": both, "1 of 2 gates failed": sample(), "The gate passed": passed,
		"No gate could be judged. Not sure, because no storm was recorded. Run it again to the end": inconclusive(),
		"The gate could not be judged": unknown, "There is no gate: nothing was judged": {Status: gate.Passed},
	} {
		if got := words.GateHeadline(v); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What comes from a file can neither end an element, a line or an annotation.
func TestHostile(t *testing.T) {
	const evil = "</testcase><script>|x|\r\n::error title=a,b::c%0A\x1b[31m\x00]]>"
	v := sample()
	v.Scenario = evil
	for i := range v.Results {
		v.Results[i].Gate, v.Results[i].Setting = evil, evil
		v.Results[i].Why = &finding.Finding{Fact: finding.Damaged{Problem: evil}}
	}
	for _, f := range Forms {
		got := write(t, f, v)
		if strings.ContainsAny(got, "\x1b\x00") {
			t.Errorf("%s: control characters got through", f.Name)
		}
		switch f.Name {
		case "junit":
			if err := xml.Unmarshal([]byte(got), &junitSuites{}); err != nil || strings.Contains(got, "<script>") {
				t.Errorf("junit: %v\n%s", err, got)
			}
		case "github":
			for line := range strings.Lines(got) {
				if !regexp.MustCompile(`^::(error|warning|notice) title=[^:,]*::[^\r\n]*\n$`).MatchString(line) {
					t.Errorf("github: %q", line)
				}
			}
		case "markdown":
			if n := len(regexp.MustCompile(`(^|[^\\])\|`).FindAllString(got, -1)); n != 5*5 ||
				strings.Contains(got, "<script>") {
				t.Errorf("markdown: %d column marks in\n%s", n, got)
			}
		}
	}
}

// A run that proves nothing and has no gates is no green suite.
func TestJUnitWithoutGates(t *testing.T) {
	v := inconclusive()
	v.Results = nil
	var all junitSuites
	if err := xml.Unmarshal([]byte(write(t, Form{Write: JUnit}, v)), &all); err != nil || all.Tests != 1 ||
		all.Errors != 1 ||
		all.Failures != 0 {
		t.Errorf("%+v, %v, want one error", all, err)
	}
}

// TestJUnitBesideARefusedBaseline: gates that passed are no green suite where the baseline could not be compared.
func TestJUnitBesideARefusedBaseline(t *testing.T) {
	v := sample()
	v.Status, v.Results, v.Doubts = gate.Inconclusive, v.Results[:1], differing
	var all junitSuites
	if err := xml.Unmarshal([]byte(write(t, Form{Write: JUnit}, v)), &all); err != nil || all.Tests != 2 ||
		all.Errors != 1 ||
		all.Failures != 0 {
		t.Errorf("%+v, %v, want one that passed and one error", all, err)
	}
}

// TestDoubtedGates: what the numbers come to stands before the doubt, in every form that has sentences.
func TestDoubtedGates(t *testing.T) {
	doubt := finding.Finding{Settings: []string{"b"}, Fact: finding.ReplyLag{Storms: 2, Effect: finding.LagOnCalls}}
	setting := sample()
	setting.Status, setting.Results = gate.Inconclusive, setting.Results[:2]
	setting.Results[1].Status, setting.Results[1].Seen, setting.Results[1].Why = gate.Inconclusive, gate.Failed, &doubt
	whole := sample()
	doubt.Settings = nil
	whole.Status, whole.Doubts, whole.Results = gate.Inconclusive, []finding.Finding{doubt}, whole.Results[:2]
	for i := range whole.Results {
		r := &whole.Results[i]
		r.Seen, r.Status, r.Why = r.Status, gate.Inconclusive, &whole.Doubts[0]
	}
	for want, v := range map[string]*gate.Verdict{
		"By the numbers the gate failed. Not sure of it":                                                    setting,
		"By the numbers the gate failed. Not sure, because the generator was too slow to reply in 2 storms": whole,
	} {
		if got := words.GateHeadline(v); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		for _, f := range Forms {
			got := strings.Join(strings.Fields(write(t, f, v)), " ")
			seen := strings.Contains(got, "By the numbers it failed") || strings.Contains(got, `"seen": "failed"`) ||
				strings.Contains(got, "By the numbers the gate failed")
			if !seen || !strings.Contains(got, "60") && f.Name != "github" {
				t.Errorf("%s hides what was seen:\n%s", f.Name, got)
			}
		}
	}
}

// TestScreen: however many gates and settings there are, the text fits a screen of 80 columns with a line and the
// prompt under it; what failed is never left out for what passed.
func TestScreen(t *testing.T) {
	many := &gate.Verdict{Status: gate.Failed}
	for i := range 36 {
		for _, source := range []string{"lost == 0", "p99(first-command) < 500ms"} {
			r := gate.Result{Gate: source, Setting: fmt.Sprintf("work lognormal 5ms p99 200ms, calls %d", 1000+i),
				Status: gate.Passed, Measured: measured(float64(i), finding.Worst)}
			if i == 35 {
				r.Status, r.Why = gate.Failed, &finding.Finding{Fact: finding.DoesNotHold{Storms: []int{1, 3}, Of: 3}}
			}
			many.Results = append(many.Results, r)
		}
	}
	for name, v := range map[string]*gate.Verdict{"sample": sample(), "inconclusive": inconclusive(), "many": many} {
		var out strings.Builder
		o := document.TextOptions{Width: document.ScreenWidth, Lines: document.ScreenLines - 3}
		if err := Terminal(&out, v, o); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n > document.ScreenLines-3 {
			t.Errorf("%s has %d lines:\n%s", name, n, &out)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > document.ScreenWidth {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		if name == "many" && (strings.Count(out.String(), "✗ failed") != 2 ||
			!strings.Contains(out.String(), "more results")) {
			t.Errorf("not the failed ones first, and how many are left out:\n%s", &out)
		}
	}
}
