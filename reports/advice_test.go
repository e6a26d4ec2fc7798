package reports

import (
	"slices"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/words"
)

// TestTightNote: what just fits is said beside the line, with the next longer queue if that helps and was
// tried without a loss.
func TestTightNote(t *testing.T) {
	cell := func(effective int, lost float64) analysis.Cell {
		return analysis.Cell{
			Cell:    record.Cell{Effective: effective},
			Repeats: make([]analysis.Repeat, 1),
			Lost:    analysis.Spread{N: 1, Max: lost},
		}
	}
	for name, tt := range map[string]struct {
		margin float64
		cells  []analysis.Cell
		want   string
	}{
		"room enough": {0.2, []analysis.Cell{cell(400, 0), cell(512, 0)}, ""},
		"a longer one": {0.04, []analysis.Cell{cell(1024, 0), cell(256, 9), cell(400, 0), cell(512, 0)},
			"leaves 4 % of the queue free; 512 leaves more"},
		"none that is longer": {0.04, []analysis.Cell{cell(256, 9), cell(400, 0), cell(400, 0)},
			"leaves 4 % of the queue free"},
		"the longer one loses too": {0, []analysis.Cell{cell(400, 0), cell(512, 0), cell(512, 1), cell(1024, 0)},
			"leaves 0 % of the queue free"},
		"not in this order either": {0, []analysis.Cell{cell(512, 1), cell(512, 0), cell(400, 0)},
			"leaves 0 % of the queue free"},
		"not one that can be set": {0.1, []analysis.Cell{cell(400, 0), cell(largest, 0)}, "leaves 10 % of the queue free"},
		"one without a storm": {0.1, []analysis.Cell{cell(400, 0), {Cell: record.Cell{Effective: 512}}},
			"leaves 10 % of the queue free"},
	} {
		if got := advise(&analysis.Summary{Cells: tt.cells, Recommendation: &analysis.Recommendation{Backlog: 400,
			Margin: &tt.margin}}).Note; got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestAdviceForARunningServer: the line is the server's own setting, somaxconn is that of the server's namespace, and
// a socket unit is offered only where one can be what listens.
func TestAdviceForARunningServer(t *testing.T) {
	here := 128
	for kind, want := range map[string]struct {
		change analysis.Change
		line   string
		unit   bool
	}{
		"nginx":   {analysis.ChangeApplication, "listen … backlog=1024;", false},
		"systemd": {analysis.ChangeApplication, "Backlog=1024", true},
		"xinetd":  {analysis.ChangeApplication, "listen(fd, 1024)", true},
		"unknown": {analysis.ChangeApplication, "listen(fd, 1024)", true},
		"go":      {analysis.ChangeSysctl, "net.core.somaxconn = 1024", false},
	} {
		run := &record.Run{ServerProcess: &record.Process{Name: "server", Kinds: []string{kind}}}
		if kind == "unknown" {
			run.ServerProcess.Kinds = nil
		}
		run.Host.Sysctls = map[string]string{somaxconn: "4096"}
		s := &analysis.Summary{Run: run, Conclusive: true, Recommendation: &analysis.Recommendation{Somaxconn: 1024,
			Backlog: 1024, Change: want.change, From: 5, Waiting: 500, Calls: 500, Untried: true, Here: &here}}
		a := advise(s)
		unit := slices.ContainsFunc(a.Files, func(f dropIn) bool { return f.Name == "backlog.conf" })
		if a.Line != want.line || unit != want.unit || a.Files[0].Name != "90-listen-queue.conf" {
			t.Errorf("%s: %q, a unit %v, files %+v; want %q, %v", kind, a.Line, unit, a.Files, want.line, want.unit)
		}
		if got := statusOf(s).Words; got == words.StatusHelped {
			t.Errorf("%s: %q of a value that was not tried", kind, got)
		}
	}
}
