package reports

import (
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// TestGatesOfTheRun: page and Markdown say what the gates of the scenario come to, what failed first.
func TestGatesOfTheRun(t *testing.T) {
	s := sample()
	s.Run.Scenario.Gates = []string{"lost < 100%", "somaxconn=128: lost == 0"}
	if j := judgementOf(s); j.Class != "bad" || len(j.Rows) != 7 || j.Rows[0].Gate != "somaxconn=128: lost == 0" {
		t.Fatalf("%+v", j)
	}
	page, text := render(t, forms[4].write, s), render(t, Markdown, s)
	for _, want := range []string{
		`<header class="verdict bad">`, `<strong>1 of 2 gates failed</strong>`, `<section class="gates bad" aria-labelledby="gates"><h2 id="gates">1 of 2 gates failed</h2>`, `<a href="#gates">Gates</a>`,
		`<th scope="row"><code>somaxconn=128: lost == 0</code></th><td>somaxconn 128</td><td class="failed">✗ failed</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if want := "**1 of 2 gates failed.**\n\n| | gate | setting | result |"; !strings.Contains(text, want) {
		t.Errorf("summary.md has no %s:\n%s", want, text)
	}
	s.Conclusive, s.Doubts = false, []finding.Finding{{Fact: finding.Noticed{Text: "the <host> was busy"}}}
	if j := judgementOf(s); j.Class != "doubt" || !strings.HasPrefix(j.Headline, "Inconclusive: The <host>") {
		t.Errorf("%+v", j)
	}
	if page := render(t, forms[4].write, s); !strings.Contains(page, "Inconclusive: The &lt;host&gt; was busy</h2>") {
		t.Error("the page has no doubt in place of the gates' result")
	}
}

// TestGatesThatCannotBeJudged: a run of another version may have some.
func TestGatesThatCannotBeJudged(t *testing.T) {
	for _, source := range []string{"charm == 0", "somaxconn=5: lost == 0"} {
		s := sample()
		s.Run.Scenario.Gates = []string{source}
		if j := judgementOf(s); j.Class != "doubt" || !strings.HasPrefix(j.Headline, "The gates cannot be judged: ") || j.Rows != nil {
			t.Errorf("%s: %+v", source, j)
		}
	}
	share := sample()
	share.Run.Share, share.Run.Scenario.Gates = &record.Share{N: 2}, []string{"lost == 0"}
	if j := judgementOf(share); j != nil {
		t.Errorf("a share's gates wait for the merge: %+v", j)
	}
	if j := judgementOf(&analysis.Summary{}); j != nil {
		t.Errorf("a run without gates: %+v", j)
	}
}
