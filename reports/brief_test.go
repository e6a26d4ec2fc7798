package reports

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/reports/document"
)

// glanceLines are the lines that a glance may have: under it stand two more, and the prompt.
const glanceLines = document.ScreenLines - 3

// glance writes what a terminal of 80 columns shows.
func glance(w io.Writer, s *analysis.Summary) error {
	return Text(w, s, TextOptions{Width: document.ScreenWidth, Lines: glanceLines})
}

// runInDoubt is a run whose generator was held up in every setting.
func runInDoubt() *analysis.Summary {
	s := sample()
	s.Conclusive = false
	s.Recommendation.Provisional = true
	s.Doubts = []finding.Finding{
		{Settings: []string{"somaxconn-128", "somaxconn-512"}, Fact: finding.HeldUp{
			By: finding.HeldUpCPU, Held: 919 * ms, Of: 1480 * ms, Storms: 3, Worst: "somaxconn-128", Storm: 2, Workers: 1,
			Hurt: true, CPUs: 2, Others: 0.62,
		}},
		{Settings: []string{"somaxconn-4096"}, Metrics: []string{"first-command", "served"}, Fact: finding.ReplyLag{
			Max: 412 * ms, Storms: 3, Effect: finding.LagOnPace}},
		{Settings: []string{"somaxconn-1024"}, Fact: finding.NotOffered{Calls: 12, Late: 12}},
	}
	return s
}

// grid is a run of 36 settings with long names.
func grid() *analysis.Summary {
	s := sample()
	cells := s.Cells
	s.Cells = nil
	for i := range 36 {
		c := cells[i%len(cells)]
		c.ID = fmt.Sprint("cell-", i)
		c.Label = fmt.Sprintf("work lognormal 5ms p99 200ms, calls %d, %s", 1000+i, c.Label)
		s.Cells = append(s.Cells, c)
	}
	for i := range s.Answer {
		s.Answer[i].Settings = []string{fmt.Sprint("cell-", i)}
	}
	return s
}

// judged is a run with a gate that fails, and one that passes.
func judged() *analysis.Summary {
	s := sample()
	s.Run.Scenario.Gates = []string{"lost == 0", "p99(first-command) < 5s"}
	return s
}

// ended is a run that was interrupted before its first storm ended.
func ended() *analysis.Summary {
	s := sample()
	for i := range s.Cells {
		s.Cells[i].Repeats, s.Cells[i].Metrics = nil, nil
	}
	s.Conclusive, s.Recommendation, s.Health, s.Comparisons = false, nil, nil, nil
	s.Doubts = []finding.Finding{{Fact: finding.NoStorm{}}}
	s.Partial = &finding.Partial{Interrupted: true, Planned: 18}
	s.Answer = []finding.Finding{s.Doubts[0], {Fact: *s.Partial}}
	return s
}

// screens are runs of every kind.
var screens = map[string]func() *analysis.Summary{
	"sample": sample, "single": single, "alien": alien, "joined": joined, "grid": grid, "judged": judged,
	"setting-in-doubt": settingInDoubt, "run-in-doubt": runInDoubt, "ended": ended, "connecting": connectOnly,
	"judged-in-doubt": func() *analysis.Summary {
		s := runInDoubt()
		s.Run.Scenario.Gates = judged().Run.Scenario.Gates
		return s
	},
}

// TestScreens: whatever was run, the text fits a screen of 80 columns with two lines and a prompt under it.
func TestScreens(t *testing.T) {
	for name, make := range screens {
		got := render(t, glance, make())
		goldenText(t, filepath.Join("testdata", "screen-"+name+".golden"), got)
		if n := strings.Count(got, "\n"); n > glanceLines {
			t.Errorf("%s has %d lines, want at most %d:\n%s", name, n, glanceLines, got)
		}
		for line := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > document.ScreenWidth {
				t.Errorf("%s: a line of %d columns: %s", name, n, line)
			}
		}
	}
}

// TestGlanceHasSixColumns at most, and none in which nothing is known.
func TestGlanceHasSixColumns(t *testing.T) {
	for name, make := range screens {
		table := glanceTable(make())
		if n := len(table.Columns); n > 6 {
			t.Errorf("%s has %d columns", name, n)
		}
		for i, column := range table.Columns {
			known := func(r document.Row) bool { return r[i].Text != unknown }
			if len(table.Rows()) > 0 && !slices.ContainsFunc(table.Rows(), known) {
				t.Errorf("%s: nothing is known in column %s", name, column.Title())
			}
		}
	}
}

// TestGlanceIsTheSameOnEveryTerminal: a colleague with a larger screen sees the same rows.
func TestGlanceIsTheSameOnEveryTerminal(t *testing.T) {
	omitted := regexp.MustCompile(`… and \d+ more settings`)
	rows := func(width int) string {
		return omitted.FindString(render(t, func(w io.Writer, s *analysis.Summary) error {
			return Text(w, s, TextOptions{Width: width, Lines: glanceLines})
		}, grid()))
	}
	if at80, at200 := rows(80), rows(200); at80 == "" || at80 != at200 {
		t.Errorf("%q on 80 columns, %q on 200", at80, at200)
	}
}

// TestDoubtNeverHidesTheFinding: every form begins with what was seen; what to set stays, marked provisional.
func TestDoubtNeverHidesTheFinding(t *testing.T) {
	s := runInDoubt()
	for _, f := range forms {
		got := visible(render(t, f.write, s))
		seen, unsure := strings.Index(got, "somaxconn 128 loses 1,402 of 2,000 calls"), strings.Index(got, "Not sure of ")
		if seen < 0 || unsure < seen {
			t.Errorf("%s: seen at %d, not sure at %d", f.name, seen, unsure)
		}
		for _, want := range []string{
			"Not sure of somaxconn 128 and 512, because the generator was short of CPU",
			"Give it a CPU of its own", "provisional", "net.core.somaxconn",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s has no %q", f.name, want)
			}
		}
	}
	if got := statusOf(s); got.Class != "doubt" || got.Words != "Inconclusive: a setting that helps was found" {
		t.Errorf("status %+v", got)
	}
}

// TestProvisionalFiles: a file that is copied unread says it, too.
func TestProvisionalFiles(t *testing.T) {
	for _, f := range dropIns(runInDoubt()) {
		if !strings.Contains(f.Content, "# Provisional: the run was not conclusive.\n") {
			t.Errorf("%s: %s", f.Name, f.Content)
		}
	}
	if content := dropIns(sample())[0].Content; strings.Contains(content, "rovisional") {
		t.Errorf("a sure run: %s", content)
	}
}

// TestSimulatedScreen says that nothing was measured.
func TestSimulatedScreen(t *testing.T) {
	s := sample()
	s.Run.Simulated = &record.Simulated{}
	if got := render(t, glance, s); !strings.HasPrefix(got, "Simulated, not measured: ") {
		t.Errorf("it begins %.60q", got)
	}
}
