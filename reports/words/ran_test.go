package words

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// TestPriorities: what was in force is stated once for all storms that are alike, and what is not known is left out.
func TestPriorities(t *testing.T) {
	ahead := &record.Priority{Nice: -10, AutogroupNice: ptr(-10), Session: 5}
	plain := &record.Priority{AutogroupNice: ptr(0), Session: 7}
	const first = "nice -10, session nice -10 (before other work)"
	const none = "nice 0, session nice 0 (no priority over other work)"
	both := "generator and target: "
	for name, tt := range map[string]struct {
		workers []*record.Priority
		target  *record.Target
		want    string
	}{
		"an older record":      {[]*record.Priority{nil}, &record.Target{}, ""},
		"before other work":    {[]*record.Priority{ahead, ahead}, &record.Target{Priority: ahead}, both + first},
		"not permitted":        {[]*record.Priority{plain}, &record.Target{Priority: plain}, both + none},
		"an external server":   {[]*record.Priority{ahead}, nil, first},
		"sessions not grouped": {[]*record.Priority{{Nice: -10}}, nil, "nice -10 (before other work)"},
		"not alike": {[]*record.Priority{ahead}, &record.Target{Priority: plain},
			"generator: " + first + "; target: " + none},
	} {
		raw := &record.Repeat{Target: tt.target}
		for _, p := range tt.workers {
			raw.Storm.Workers = append(raw.Storm.Workers, record.Worker{Priority: p})
		}
		s := &analysis.Summary{Cells: []analysis.Cell{{Repeats: []analysis.Repeat{{Raw: raw}, {Raw: raw}}}}}
		if got := distinct(s, priorities); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestRan shows what is said of a run and of its parts in testdata/report.golden.
func TestRan(t *testing.T) {
	amber := record.Host{Name: "amber", OS: "linux", Arch: "amd64", Kernel: "6.18.0", CPU: "EPYC", CPUs: 2,
		MemoryBytes: 8 << 30, OpenFiles: 20000}
	at := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	cells := []record.Cell{{ID: "a", Backlog: "max", Calls: 9}, {ID: "b", Backlog: "128"}}
	scenario := record.Scenario{Name: "default", Question: "Which backlog?", Arrival: "2000 at once", Client: "asterisk",
		Calls: 2000, ConnectLimit: 2 * second, FirstCommandLimit: 10 * second, SessionLimit: 30 * second, Link: "veth"}
	storm := record.Repeat{Storm: record.Storm{Engine: "portable", Lacks: []string{"late calls"}}}
	var b strings.Builder
	for _, run := range []*record.Run{
		{Scenario: scenario, Cells: cells, Repeats: 3, Seed: 7, Host: amber, Version: "0.2.0", Started: at,
			Isolation: record.Isolation{Mode: record.IsolationUser}},
		{Scenario: record.Scenario{Calls: 2000}, Cells: cells[1:], CellRepeats: map[string]int{"b": 2}, Share: &record.Share{
			K: 1, N: 3, Calls: 667, StartAt: at}, Host: record.Host{OS: "linux", CPUs: 1}, Isolation: record.Isolation{
			Mode: record.IsolationHost, Reason: &record.Note{Words: "user namespaces are off"}, Asked: []record.Asked{
				{Cell: cells[1], Lacks: record.Notes{{Words: "net.core.somaxconn is 4096 here"}}},
				{Cell: cells[1], Lacks: record.Notes{{Words: "it too"}}}}}},
		{Scenario: record.Scenario{Arrival: "9 at once", Client: "asterisk", Server: &record.Server{
			Behaviour: "pool:2", Work: "5ms"}}, Cells: []record.Cell{
			{ID: "a", Backlog: "max", Values: map[string]string{"calls": "9", "handlers": "2", "rtt": "0s"}},
			{ID: "b", Backlog: "max", Values: map[string]string{"calls": "99", "handlers": "4", "rtt": "0s"}}}},
		{Merged: []record.Share{{K: 0, N: 2, Calls: 1, Host: &amber}, {K: 1, N: 2, Calls: 2}}},
	} {
		s := &analysis.Summary{Run: run}
		for _, c := range run.Cells {
			s.Cells = append(s.Cells, analysis.Cell{Cell: c, Repeats: []analysis.Repeat{{Raw: &storm}}})
		}
		b.WriteString("run\n")
		for _, term := range Ran(s) {
			fmt.Fprintf(&b, "  %s: %s\n", term.Name, term.Text)
		}
	}
	remark := map[string]any{"Cell": "somaxconn 128", "Repeat": 2, "Text": "The link was late."}
	rules := []map[string]any{
		{"Counts": map[string]int{"Hold": 1, "Fail": 1, "Unchecked": 0}, "System": "Linux 6.18", "Seconds": 4.2},
		{
			"Counts":  map[string]int{"Hold": 20, "Fail": 0, "Unchecked": 2, "Lacking": 1},
			"System":  "Linux 6.18",
			"Seconds": 61.0,
			"Reason":  "user namespaces are off",
		},
	}
	rule := map[string]any{
		"Rule":     "The queue holds one more",
		"Name":     "queue-one-more",
		"Measured": "129",
		"Reason":   "",
		"Tries":    2,
	}
	b.WriteString("report\n")
	for _, text := range []string{
		CommandAgain, CommandOfShare, ScenarioAgain, NoStormOf, NoWorkers, NavWhy,
		NumbersOf.With("Accept queue"), NumbersIn.With("Accept queue"), WarningsOf.With(1), WarningsOf.With(7),
		MoreWarnings.With(map[string]any{"N": 3, "File": "report.html"}), Remark.With(remark), RemarkOf.With(remark),
		Explanation.With(map[string]string{"Setting": "a", "Calls": "9 lost", "Words": "SYN dropped", "Example": "call 3"}),
		EnoughHere.With(map[string]any{"Name": "net.core.somaxconn", "Want": 1024, "Has": 4096}),
		FileFor.With(map[string]string{"For": "a host", "Path": "/etc/sysctl.d/90-listen-queue.conf"}),
		MismatchOf.With(map[string]string{"Outcome": "answered", "Fate": "script-timeout"}), string(LiveSysctl),
		string(LiveSystemd), LiveCompose.With("net.core.somaxconn=4096"), LivePod.With("net.core.somaxconn"),
		RulesLine.With(rules[0]), RulesLine.With(rules[1]), RulesReason.With(rules[1]), RulesMeasured.With(rule),
		RulesRule.With(rule),
	} {
		fmt.Fprintf(&b, "  %s\n", text)
		for _, one := range strings.SplitAfter(text, ". ") {
			if n := len(strings.Fields(one)); n > 25 {
				t.Errorf("%d words: %s", n, one)
			}
		}
	}
	golden(t, "testdata/report.golden", b.String())
}
