package reports

import (
	"strings"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/health"
	"agistorm/analysis/record"
)

// TestGeneratorIsOneLineWhereAllIsWell: its workers are listed only where something is wrong with them.
func TestGeneratorIsOneLineWhereAllIsWell(t *testing.T) {
	s := joined()
	for grade, want := range map[analysis.Grade]string{
		analysis.HealthWell: "Generator: healthy. ", analysis.HealthStrained: "Generator: strained, see the warnings. ",
		analysis.HealthLimit: "Generator: it or its host was the limit. ",
	} {
		s.Health.Grade = grade
		got := render(t, explained, s)
		if !strings.Contains(got, want) || strings.Contains(got, "- worker") != (grade != analysis.HealthWell) {
			t.Errorf("%s: %s", grade, got)
		}
		page := render(t, writeHTML, s)
		if strings.Contains(page, "<details open>") != (grade != analysis.HealthWell) {
			t.Errorf("%s: the page's details are wrongly open or closed", grade)
		}
	}
}

func TestWorkersWorstFirst(t *testing.T) {
	s := sample()
	s.Cells[2].Repeats[1].Health.Workers = []analysis.WorkerHealth{
		worker("1/2", 100*ms, 300*ms), {Worker: record.Worker{Share: "0/2", Attempts: 1000}},
	}
	s.Health = health.WorstHealth(s)
	rows := newGenerator(s).Workers
	first, last := rows[0], rows[len(rows)-1]
	want := "worker 1/2 (somaxconn 1024, storm 2): 2,000 calls, ran for 5 % of the storm, waited for a CPU for 300 ms " +
		"(75 %), longest GC pause none, slowest reply 4.30 ms"
	if got := first.String(); got != want {
		t.Errorf("the first is %q, want %q", got, want)
	}
	want = "worker 0/2 (somaxconn 1024, storm 2): 1,000 calls, ran for – of the storm, waited for a CPU for –, longest " +
		"GC pause –, slowest reply –"
	if got := last.String(); got != want {
		t.Errorf("the last is %q, want %q", got, want)
	}
	if len(rows) != 19 { // 18 storms, one of them with two
		t.Errorf("%d rows, want 19", len(rows))
	}
}

func TestNoHealth(t *testing.T) {
	s := sample()
	s.Health = nil
	if newGenerator(s) != nil || strings.Contains(render(t, Markdown, s), "Generator:") {
		t.Error("it is made up")
	}
}

// TestHealthOfAStorm takes the worst of its workers, and the record's pauses.
func TestHealthOfAStorm(t *testing.T) {
	s := joined()
	first := &s.Cells[0].Repeats[0].Health.Workers[0]
	first.StolenShare, first.OthersShare = ptr(0.47), ptr(0.62)
	got := map[string]string{}
	for _, r := range healthRows(&s.Cells[0]).Rows {
		got[r[0].Text] = r[1].Text
	}
	for name, want := range map[string]string{
		"start lag max": "23.8 ms", "reply lag, from the read of the command, p99": "2.70 ms",
		"reply lag, from the read of the command, max": "4.30 ms",
		"reply lag's share of the handlers' time":      unknown, "thread ran": "15 %", "waited for a CPU": "900 ms (75 %)",
		"longest GC pause (sum)": "1.20 ms (1.30 ms)", "dropped on lo": unknown, "never reached the network": "0",
		"machine's CPU time stolen":   "47 %",
		"CPU time of other processes": "62 %",
	} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	s.Cells[0].Repeats[0].Health.Exhausted = 2
	if v := healthRows(&s.Cells[0]).Rows[7][1]; v.Text != "2" || v.Mark != bad {
		t.Errorf("attempts that never reached the network: %+v", v)
	}
	if time.Duration(
		0,
	) != *worstOf(&analysis.Repeat{Health: &analysis.Health{Workers: []analysis.WorkerHealth{worker("0/1", ms,
		0)}}}).Waited {
		t.Error("a wait of nothing is not 0")
	}
}
