package main

import (
	"strings"
	"testing"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/record"
)

// good is a run of 200 calls as it should be: 128 lost some of them in each of 3 storms, 4096 none.
func good() *analysis.Summary {
	return &analysis.Summary{
		Conclusive: true,
		Run:        &record.Run{Repeats: 3, Scenario: record.Scenario{Calls: 200}},
		Cells: []analysis.Cell{
			cell(128, analysis.Spread{N: 3, Min: 1, Median: 70, Max: 72}),
			cell(4096, analysis.Spread{N: 3}),
		},
	}
}

func cell(backlog int, lost analysis.Spread) analysis.Cell {
	c := analysis.Cell{Cell: record.Cell{Effective: backlog}, Label: "a setting", Lost: lost}
	for n := 1; n <= 3; n++ {
		c.Repeats = append(
			c.Repeats,
			analysis.Repeat{
				N:      n,
				Health: &analysis.Health{Workers: make([]analysis.WorkerHealth, 1)},
				Raw: &record.Repeat{
					Attempts: make([]record.Attempt, 200),
					Queue:    make([]record.QueueSample, 1),
					Kernel:   &record.Kernel{},
					Target:   &record.Target{},
				},
			},
		)
	}
	return c
}

func TestCheckSummary(t *testing.T) {
	tests := []struct {
		name   string
		change func(*analysis.Summary)
		want   string // in the only line; empty for none
	}{
		{"good", func(*analysis.Summary) {}, ""},
		{"inconclusive", func(s *analysis.Summary) { s.Conclusive = false }, "conclusive"},
		{"partial", func(s *analysis.Summary) {
			s.Partial = &finding.Partial{Interrupted: true}
			s.Answer = []finding.Finding{{Fact: *s.Partial}}
		}, "interrupted"},
		{"one storm lost nothing", func(s *analysis.Summary) { s.Cells[0].Lost.Min = 0 }, "lost no call"},
		{"the largest lost one", func(s *analysis.Summary) { s.Cells[1].Lost.Max = 1 }, "lost 1 calls"},
		{"no small setting", func(s *analysis.Summary) { s.Cells = s.Cells[1:] }, "0 settings of 128"},
		{"no large setting", func(s *analysis.Summary) { s.Cells = s.Cells[:1] }, "0 with room for all"},
		{
			"a storm is missing",
			func(s *analysis.Summary) { s.Cells[0].Repeats = s.Cells[0].Repeats[1:] },
			"2 storms of 3",
		},
		{"an attempt is missing", func(s *analysis.Summary) {
			s.Cells[0].Repeats[1].Raw.Attempts = s.Cells[0].Repeats[1].Raw.Attempts[1:]
		}, "storm 2 has 199 attempts of 200"},
		{
			"the link dropped packets",
			func(s *analysis.Summary) { dropOnLink(s, "6.16.0") },
			"storm 2: the link dropped 7",
		},
		{
			"that of a newer kernel did",
			func(s *analysis.Summary) { dropOnLink(s, "7.0-rc1") },
			"storm 2: the link dropped 7",
		},
		{"the link of an older kernel did", func(s *analysis.Summary) { dropOnLink(s, "6.15.9") }, ""},
		{"no health", func(s *analysis.Summary) { s.Cells[0].Repeats[0].Health = nil }, "storm 1 lacks the health"},
		{
			"no worker",
			func(s *analysis.Summary) { s.Cells[0].Repeats[0].Health.Workers = nil },
			"storm 1 lacks the health",
		},
		{"no kernel.json", func(s *analysis.Summary) { s.Cells[0].Repeats[0].Raw.Kernel = nil }, "storm 1 lacks"},
		{"no target.json", func(s *analysis.Summary) { s.Cells[0].Repeats[0].Raw.Target = nil }, "storm 1 lacks"},
		{"no queue.jsonl", func(s *analysis.Summary) { s.Cells[0].Repeats[0].Raw.Queue = nil }, "storm 1 lacks"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := good()
			test.change(s)
			got := checkSummary(s)
			switch {
			case test.want == "" && len(got) > 0:
				t.Errorf("got %q, want nothing wrong", got)
			case test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)):
				t.Errorf("got %q, want one line with %q", got, test.want)
			}
		})
	}
}

// dropOnLink lets the link of a storm drop packets.
func dropOnLink(s *analysis.Summary, kernel string) {
	s.Run.Host.Kernel = kernel
	s.Cells[0].Repeats[1].Raw.Kernel.Link = &record.Link{Kind: "veth", Dropped: 7}
}

func TestRepeatsAreEnough(t *testing.T) {
	s := good()
	s.Run.Repeats = 2
	if got := strings.Join(checkSummary(s), "\n"); !strings.Contains(got, "want 3 or more") {
		t.Errorf("two storms of each setting pass: %q", got)
	}
}

func TestMissingFilesAreNamed(t *testing.T) {
	got := strings.Join(check(record.Dir(t.TempDir())), "\n")
	for _, want := range []string{"report.html is missing", "queue.png is missing", "run.json"} {
		if !strings.Contains(got, want) {
			t.Errorf("an empty folder: %q lacks %q", got, want)
		}
	}
}
