package reports

import (
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// settingInDoubt is a conclusive run that is not sure of its first setting.
func settingInDoubt() *analysis.Summary {
	s := sample()
	s.Doubts = []finding.Finding{{Settings: []string{"somaxconn-128"},
		Fact: finding.ReplyLag{Max: 412 * ms, Storms: 3, Effect: finding.LagOnCalls}}}
	for i := range s.Cells[0].Repeats {
		s.Cells[0].Repeats[i].ReplyLag.Grade, s.Cells[0].Repeats[i].Health.Grade = analysis.HealthLimit, analysis.HealthLimit
	}
	s.Health = health.WorstHealth(s)
	return s
}

// TestSettingInDoubt: the setting is marked in every table, once the mark is explained, and the reason
// stands in the verdict alone.
func TestSettingInDoubt(t *testing.T) {
	s := settingInDoubt()
	for name, want := range map[string][]string{
		"text": {"somaxconn 128 ? ", "somaxconn 4096   ", "Not sure of somaxconn 128, because"},
		"explained": {"somaxconn 128 ? ", "somaxconn 512   ", "? after a setting: what it shows is inconclusive",
			"Generator: the limit in some settings."},
		"md": {"| somaxconn 128 ? | 128 |", "| somaxconn 512 | 512 |", "<sub>? after a setting",
			"Generator: the limit in some settings."},
		"html": {`>somaxconn 128</a><small class="warned">? inconclusive</small>`, `>somaxconn 512</a></th>`,
			"? after a setting", "the limit in some settings"},
	} {
		for _, f := range forms {
			if f.name != name {
				continue
			}
			got := render(t, f.write, s)
			for _, text := range want {
				if !strings.Contains(got, text) {
					t.Errorf("%s has no %q", name, text)
				}
			}
			if n := strings.Count(visible(got), "the generator was too slow to reply"); n != 1 {
				t.Errorf("%s says %d times why, want once", name, n)
			}
			if strings.Contains(got, words.DoubtsOfRun+"<") {
				t.Errorf("%s doubts the run as a whole", name)
			}
		}
	}
	s.Conclusive = false
	if title := doubtsTitle(s); title != words.DoubtsOfSettings {
		t.Errorf("the doubts have the title %q", title)
	}
	s.Doubts[0].Settings = nil
	if title := doubtsTitle(s); title != words.DoubtsOfRun {
		t.Errorf("the doubts of the run have the title %q", title)
	}
	if text := render(t, Markdown, s); strings.Contains(text, "128 ?") {
		t.Error("where the run as a whole is in doubt no setting is marked")
	}
}

// TestSlowCallsAndTheLag: a server that waited for the generator is not called too slow.
func TestSlowCallsAndTheLag(t *testing.T) {
	for grade, want := range map[analysis.Grade]string{
		analysis.HealthWell:     "Conclusive: no call was lost, but the server is too slow for its calls",
		analysis.HealthStrained: "Conclusive: no call was lost, but some waited for their first command",
	} {
		s := &analysis.Summary{Conclusive: true, Cells: []analysis.Cell{{Slow: analysis.Spread{Max: 1},
			Repeats: []analysis.Repeat{
				{ReplyLag: &analysis.ReplyLag{Grade: grade}}}}}}
		if got := statusOf(s); got.Words != want || got.Class != "doubt" {
			t.Errorf("%s: %+v", grade, got)
		}
	}
}

// TestExplainedLag: --explain shows the lag of every setting, and what it cost or why that is not known.
func TestExplainedLag(t *testing.T) {
	for s, want := range map[*analysis.Summary]string{
		sample(): "somaxconn 512, how late the generator replied: p50 110 µs, p99 2.70 ms, max 4.30 ms; 5 % of the " +
			"handlers' time.",
		alien(): "storm, how late the generator replied: p50 110 µs, p99 2.70 ms, max 4.30 ms from the read of the " +
			"command; " +
			"what that cost the handlers is not known, since the server keeps no log of its connections.",
	} {
		if got := strings.Join(explanations(s), "\n"); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestMismatchRows: what client and server say differently stands in the table of the storms, 0 where a storm
// has none.
func TestMismatchRows(t *testing.T) {
	s := sample()
	c := &s.Cells[0]
	c.Repeats[1].Mismatches = []calls.Mismatch{{Outcome: record.Answered, Fate: "script-timeout", Count: 16},
		{Outcome: record.Reset, Fate: "served", Count: 1}}
	c.Repeats[2].LostToLimits = &calls.LimitLosses{FirstCommand: 3, Session: 2}
	rows := map[string][]string{}
	for _, r := range callRows(c, record.Answered).Rows {
		for _, v := range r[1:] {
			rows[r[0].Text] = append(rows[r[0].Text], v.Text+string(v.Mark))
		}
	}
	for name, want := range map[string]string{
		"answered for the client, script-timeout for the server": "0good 16bad 0good",
		"reset for the client, served for the server":            "0good 1bad 0good",
		"lost only to this storm's timeouts (Asterisk has none)": "0 0 5",
	} {
		if got := strings.Join(rows[name], " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if n := len(callRows(&s.Cells[1], record.Answered).Rows); n != len(rows)-4 { // and no phantom's fate there
		t.Errorf("%d rows for a setting without any of it, %d with all", n, len(rows))
	}
}

// TestLimitsAreTheStorms: the report says which limit is not Asterisk's.
func TestLimitsAreTheStorms(t *testing.T) {
	page := render(t, writeHTML, sample())
	for _, want := range []string{
		"first command 3 s and session 10 s, which are this storm&#39;s own (Asterisk has neither)",
		"without a command within the first-command timeout. That is this storm&#39;s own: Asterisk waits until its caller " +
			"hangs up.",
		"did not end within the session timeout. That timeout is this storm&#39;s own: Asterisk has none.",
		`<dt id="term-reply-lag">reply lag</dt>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
}
