package reports

import (
	"html"
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/reports/document"
)

// TestGatesOfTheRun: page and Markdown say what the gates of the scenario come to, what failed first.
func TestGatesOfTheRun(t *testing.T) {
	s := sample()
	s.Run.Scenario.Gates = []string{"lost < 100%", "somaxconn=128: lost == 0"}
	if got, class := gatesSection(s); class != "bad" {
		t.Fatalf("%+v", got)
	} else if rows := got.Blocks[1].(document.Table).Rows(); len(rows) != 7 ||
		rows[0][1].Text != "somaxconn=128: lost == 0" {
		t.Fatalf("%+v", rows)
	}
	page, text := render(t, writeHTML, s), render(t, Markdown, s)
	for _, want := range []string{
		`<header class="verdict bad">`, `<strong>1 of 2 gates failed</strong>`, `<section class="gates bad" ` +
			`aria-labelledby="gates"><h2 id="gates">1 of 2 gates failed</h2>`, `<a href="#gates">Gates</a>`,
		`<td class="failed">✗ failed</td><th scope="row"><code>somaxconn=128: lost == 0</code></th><td>somaxconn ` +
			`128</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if want := "**1 of 2 gates failed**\n\n| status | gate | setting | result |"; !strings.Contains(text, want) {
		t.Errorf("summary.md has no %s:\n%s", want, text)
	}
	s.Conclusive, s.Doubts = false, []finding.Finding{
		{Fact: finding.Noticed{Note: record.Note{Words: "the <host> was busy"}}},
	}
	const unsure = "By the numbers 1 of 2 gates failed. Not sure, because the <host> was busy"
	if got, class := gatesSection(s); class != "doubt" || got.Title != unsure {
		t.Errorf("%+v", got)
	}
	if page := render(t, writeHTML, s); !strings.Contains(page, html.EscapeString(unsure)+"</h2>") {
		t.Error("the page has no doubt in place of the gates' result")
	}
}

// TestGatesThatCannotBeJudged: a run of another version may have some.
func TestGatesThatCannotBeJudged(t *testing.T) {
	for _, source := range []string{"charm == 0", "somaxconn=5: lost == 0"} {
		s := sample()
		s.Run.Scenario.Gates = []string{source}
		if got, class := gatesSection(s); class != "doubt" || got.Title != "The gates cannot be judged" ||
			len(got.Blocks) != 2 {
			t.Errorf("%s: %+v", source, got)
		}
		if page := render(t, writeHTML, s); !strings.Contains(page, "The gates cannot be judged</h2>\n<p>") {
			t.Errorf("%s: the page does not say it", source)
		}
	}
	share := sample()
	share.Run.Share, share.Run.Scenario.Gates = &record.Share{N: 2}, []string{"lost == 0"}
	for name, s := range map[string]*analysis.Summary{"a share, whose gates wait for the merge": share,
		"a run without gates": {}} {
		if got, class := gatesSection(s); got.Title != "" || class != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
