package folklore

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"testing"

	"agistorm/analysis/finding"
	"agistorm/scenarios/lab"
	"agistorm/scenarios/lab/rules"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // else each child sleeps 1 s at its end under the race detector
	if code, ok := lab.Role(os.Args[1:]); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// groups returns all of them.
func groups() []group { return append(slices.Clone(light), bursts) }

// TestDeclarations: every claim has a code of its own, a source and numbers that something measures.
func TestDeclarations(t *testing.T) {
	known := map[string]bool{}
	for _, g := range groups() {
		for _, s := range g.storms {
			known[s.name] = true
		}
	}
	for _, m := range rules.Measurements() {
		known[m.Name] = true
	}
	name, seen := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`), map[string]bool{}
	for _, c := range Claims() {
		if !name.MatchString(c.Code) || seen[c.Code] || c.Source == "" || len(c.needs) == 0 {
			t.Errorf("claim %+v", c.Code)
		}
		seen[c.Code] = true
		for _, from := range c.from {
			if len(rules.Measurements()) > 0 && !known[from] {
				t.Errorf("%s: nothing measures %s", c.Code, from)
			}
		}
	}
}

// TestScenarios: each group makes a scenario whose settings are its storms, in their order.
func TestScenarios(t *testing.T) {
	for _, g := range groups() {
		s, err := g.scenario(3)
		if err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
		if len(s.Settings) != len(g.storms) || s.Repeats != 3 {
			t.Errorf("%s: %d settings of %d storms, %d repeats", g.name, len(s.Settings), len(g.storms), s.Repeats)
		}
		for i, storm := range g.storms {
			for axis, value := range storm.setting {
				if got := s.Settings[i][axis]; got != value {
					t.Errorf("%s: %s %q, want %q", storm.name, axis, got, value)
				}
			}
		}
	}
}

// TestJudged: a claim without one of its numbers is not measured, and has the reason.
func TestJudged(t *testing.T) {
	c := Claim{
		Code: "some-claim", from: []string{"one", "two"}, needs: []string{"a", "b"},
		judge: func(n Numbers) Verdict { return either(n["a"] < n["b"]) },
	}
	one, doubt := source{numbers: Numbers{"a": 1}}, finding.Finding{Fact: finding.NoDifference{}}
	for name, tt := range map[string]struct {
		two    source
		want   Verdict
		reason string
		doubts int
	}{
		"as it says": {source{numbers: Numbers{"b": 2}}, Holds, "", 0},
		"otherwise":  {source{numbers: Numbers{"b": 1}}, Fails, "", 0},
		"in doubt":   {source{numbers: Numbers{"b": 1}, doubts: []finding.Finding{doubt}}, Fails, "", 1},
		"no number":  {source{numbers: Numbers{"c": 1}}, Unmeasured, "no number b", 0},
		"a reason":   {source{reason: "no veth", doubts: []finding.Finding{doubt}}, Unmeasured, "no veth", 0},
	} {
		r := c.judged(map[string]source{"one": one, "two": tt.two})
		if r.Verdict != tt.want || r.Reason != tt.reason || len(r.Doubts) != tt.doubts {
			t.Errorf("%s: %+v", name, r)
		}
		if measured := r.Numbers != nil; measured != (tt.want != Unmeasured) {
			t.Errorf("%s: numbers %v", name, r.Numbers)
		}
	}
	if r := c.judged(map[string]source{"one": one}); r.Verdict != Unmeasured || r.Reason != interrupted {
		t.Errorf("not reached: %+v", r)
	}
	got := count([]Result{
		{Verdict: Holds, Doubts: []finding.Finding{doubt, doubt}}, {Verdict: Fails}, {Verdict: Depends},
		{Verdict: Unmeasured},
	})
	if got != (Counts{Hold: 1, Fail: 1, Depend: 1, Unmeasured: 1, InDoubt: 1}) {
		t.Errorf("%+v", got)
	}
}

// TestSourceOf: what was not reached is interrupted, what failed has its reason.
func TestSourceOf(t *testing.T) {
	for verdict, want := range map[rules.Verdict]string{
		rules.Holds: "", rules.Unchecked: "because", rules.Lacking: "because", "": interrupted,
	} {
		got := sourceOf(rules.Result{Verdict: verdict, Reason: "because", Numbers: Numbers{"a": 1}})
		if got.reason != want || (got.numbers != nil) != (want == "") {
			t.Errorf("%q: %+v", verdict, got)
		}
	}
}

// TestInterrupted: what was interrupted before it began measures nothing, and leaves nothing behind.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	folder := t.TempDir()
	r, err := Run(ctx, Options{Folder: folder, Repeats: 1, Isolation: lab.None})
	if len(rules.Measurements()) == 0 {
		if !errors.Is(err, ErrNotLinux) {
			t.Errorf("%v", err)
		}
		return
	}
	if !errors.Is(err, context.Canceled) || r.Counts.Unmeasured != len(claims) {
		t.Errorf("%+v, %v", r, err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
