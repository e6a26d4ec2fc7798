package reports

import (
	"io"
	"strings"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

func TestGeneratorLine(t *testing.T) {
	lag := analysis.Quantiles{Count: 900, P99: 3 * ms, Max: 4 * ms}
	for _, tt := range []struct {
		name string
		h    analysis.RunHealth
		want string
	}{
		{"nothing is known", analysis.RunHealth{}, "Nothing else is known of it."},
		{"the start lag only", analysis.RunHealth{StartLag: lag}, "Calls started up to 4.00 ms late (p99 3.00 ms)."},
		{"of few calls", analysis.RunHealth{StartLag: analysis.Quantiles{Count: 99, P99: 3 * ms, Max: 4 * ms}}, "Calls started up to 4.00 ms late."},
		{
			"one worker, all known",
			analysis.RunHealth{StartLag: lag, CPUShare: ptr(0.26), RunQueueShare: ptr(0.004), Waited: ptr(800 * us),
				Pauses: &record.Pauses{}, LoopbackDrops: ptr(uint64(0)), Workers: 1,
				StolenShare: ptr(0.009), OthersShare: ptr(0.009)},
			"Calls started up to 4.00 ms late (p99 3.00 ms); its thread ran for up to 26 % of a storm and waited for a CPU for up to 800 µs (<1 % of the time that it wanted one); " +
				"no collector pause; lo dropped nothing.",
		},
		{
			"the reply lag", analysis.RunHealth{ReplyLag: &analysis.ReplyLag{Count: 4000, P99: 5 * ms, Max: 412 * ms,
				Share: ptr(0.31)}},
			"Replies came up to 412 ms after their command (p99 5.00 ms), which cost up to 31 % of the handlers' time.",
		},
		{
			"hardly any reply lag", analysis.RunHealth{ReplyLag: &analysis.ReplyLag{Count: 9, Max: 40 * us, Share: ptr(0.0004)}},
			"Replies came up to 40.0 µs after their command, which cost less than 1 % of the handlers' time.",
		},
		{
			"the reply lag from the read, at an external server", analysis.RunHealth{ReplyLag: &analysis.ReplyLag{Count: 9,
				Max: 40 * us, FromRead: true}},
			"Replies came up to 40.0 µs after the read of their command.",
		},
		{
			"on a link", analysis.RunHealth{StartLag: lag, LinkDrops: ptr(uint64(0))},
			"Calls started up to 4.00 ms late (p99 3.00 ms); the link dropped nothing.",
		},
		{
			"on a link that drops", analysis.RunHealth{StartLag: lag, LinkDrops: ptr(uint64(668))},
			"Calls started up to 4.00 ms late (p99 3.00 ms); the link dropped up to 668 packets per storm.",
		},
		{
			"several workers, all bad",
			analysis.RunHealth{NotOffered: 3, Exhausted: 1, CPUShare: ptr(0.16), RunQueueShare: ptr(0.77), Waited: ptr(7658 * ms),
				Pauses: &record.Pauses{Count: 2, Longest: 10 * ms, Total: 15 * ms}, LoopbackDrops: ptr(uint64(1)),
				Workers: 6, StolenShare: ptr(0.47), OthersShare: ptr(0.62)},
			"4 attempts never reached the network; none of its threads ran for more than 16 % of a storm, or waited for a CPU for more than 7.66 s (77 % of the time that it wanted one); " +
				"collector pauses up to 10.0 ms, 15.0 ms in all; up to 47 % of its machine's CPU time stolen by " +
				"a hypervisor; other processes used up to 62 % of the CPU time; " +
				"lo dropped up to 1 packet per storm.",
		},
	} {
		if got := generatorLine(&tt.h); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestGeneratorIsOneLineWhereAllIsWell: its workers are told only where there is something wrong with them.
func TestGeneratorIsOneLineWhereAllIsWell(t *testing.T) {
	s := joined()
	for grade, want := range map[analysis.Grade]string{
		analysis.HealthWell: "Generator: healthy. ", analysis.HealthStrained: "Generator: strained, see the warnings. ",
		analysis.HealthLimit: "Generator: it or its host was the limit. ",
	} {
		s.Health.Grade = grade
		got := render(t, func(w io.Writer, s *analysis.Summary) error { return Text(w, s, TextOptions{}) }, s)
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
	s.Health = analysis.WorstHealth(s)
	rows := newGenerator(s).Workers
	first, last := rows[0], rows[len(rows)-1]
	want := "worker 1/2 (somaxconn 1024, storm 2): 2,000 calls, ran for 5 % of the storm, waited for a CPU for 300 ms " +
		"(75 %), longest collector pause none, slowest reply 4.30 ms"
	if got := first.String(); got != want {
		t.Errorf("the first is %q, want %q", got, want)
	}
	want = "worker 0/2 (somaxconn 1024, storm 2): 1,000 calls, ran for – of the storm, waited for a CPU for –, longest " +
		"collector pause –, slowest reply –"
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
		"longest collector pause (sum)": "1.20 ms (1.30 ms)", "dropped on lo": unknown, "never reached the network": "0", "machine's CPU time stolen": "47 %",
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
	if time.Duration(0) != *worstOf(&analysis.Repeat{Health: &analysis.Health{Workers: []analysis.WorkerHealth{worker("0/1", ms, 0)}}}).Waited {
		t.Error("a wait of nothing is not 0")
	}
}
