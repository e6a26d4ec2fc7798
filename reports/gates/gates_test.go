package gates

import (
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/finding"
	"agistorm/analysis/gate"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

func sample() *gate.Verdict {
	return &gate.Verdict{
		Scenario: "gate", Run: "run", Status: gate.Failed,
		Results: []gate.Result{
			{Gate: "lost == 0", Cell: "a", Setting: "somaxconn 4096", Status: gate.Passed, Measured: "0, the worst of 3 storms"},
			{Gate: "lost == 0", Cell: "b", Setting: "somaxconn 128", Status: gate.Failed, Measured: "60", Why: "it does not hold in 2 of 3 storms (storm 1, 3)"},
			{Gate: "phantom == 0", Cell: "b", Setting: "somaxconn 128", Status: gate.Inconclusive, Why: "storm 1: phantoms are known in a sweep only, whose target keeps a log of its connections"},
		},
	}
}

func inconclusive() *gate.Verdict {
	v := &gate.Verdict{Scenario: "gate", Run: "run", Status: gate.Inconclusive, Doubts: []finding.Finding{{Fact: finding.Noticed{Text: "the generator was late"}}, {Fact: finding.Noticed{Text: "a storm is missing"}}}}
	v.Results = append(v.Results, gate.Result{Gate: "lost == 0", Setting: "all", Status: gate.Inconclusive, Doubt: &v.Doubts[0]})
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
	refused.Doubts = []finding.Finding{{Fact: finding.Noticed{Text: "the baseline is of another host"}}} // and yet a gate failed
	passed.Status, passed.Results = gate.Passed, passed.Results[:1]
	unknown.Status, unknown.Results = gate.Inconclusive, unknown.Results[2:]
	for _, f := range Forms {
		got := write(t, f, refused)
		if !strings.Contains(got, "60") || !strings.Contains(got, "another host") || strings.Contains(got, "Inconclusive:") {
			t.Errorf("%s of a failed gate beside a doubt:\n%s", f.Name, got)
		}
	}
	both := sample()
	both.Status = gate.Passed
	for i := range both.Results {
		both.Results[i].Status = gate.Passed
	}
	for want, v := range map[string]*gate.Verdict{
		"All 2 gates passed": both, "1 of 2 gates failed": sample(), "The gate passed": passed, "Inconclusive: The generator was late": inconclusive(),
		"Inconclusive: the gate could not be judged": unknown, "There is no gate: nothing was judged": {Status: gate.Passed},
	} {
		if got := Headline(v); got != want {
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
		v.Results[i].Gate, v.Results[i].Setting, v.Results[i].Why = evil, evil, evil
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
			if n := len(regexp.MustCompile(`(^|[^\\])\|`).FindAllString(got, -1)); n != 5*5 || strings.Contains(got, "<script>") {
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
	if err := xml.Unmarshal([]byte(write(t, Form{Write: JUnit}, v)), &all); err != nil || all.Tests != 1 || all.Errors != 1 || all.Failures != 0 {
		t.Errorf("%+v, %v, want one error", all, err)
	}
}

// TestJUnitBesideARefusedBaseline: gates that passed are no green suite where the baseline could not be compared.
func TestJUnitBesideARefusedBaseline(t *testing.T) {
	v := sample()
	v.Status, v.Results, v.Doubts = gate.Inconclusive, v.Results[:1], []finding.Finding{{Fact: finding.Noticed{Text: "kernel: one in the baseline, another now"}}}
	var all junitSuites
	if err := xml.Unmarshal([]byte(write(t, Form{Write: JUnit}, v)), &all); err != nil || all.Tests != 2 || all.Errors != 1 || all.Failures != 0 {
		t.Errorf("%+v, %v, want one that passed and one error", all, err)
	}
}
