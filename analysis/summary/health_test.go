package summary

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/health"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
)

// played is a worker whose thread ran and waited for so long in a storm of 6 s, with one pause.
func played(ran, waited, pause time.Duration) record.Worker {
	return record.Worker{
		Share: "0/1", Attempts: 10, Wall: 6 * time.Second,
		Thread: &record.Thread{CPU: ran, Waited: waited},
		Pauses: &record.Pauses{Count: 1, Longest: pause, Total: pause},
	}
}

// healthOf judges one storm of 10 calls, some of them lost, by its workers. The connect limit
// is 2 s, so the tolerance is 500 ms.
func healthOf(m made, workers ...record.Worker) *analysis.Health {
	m.calls = 10
	run, all := madeRun(cellOf{tuned(4), storms(m)})
	all["somaxconn-4"][0].Storm.Workers = workers
	return New(run, all).Cells[0].Repeats[0].Health
}

func TestGrades(t *testing.T) {
	lossy, tardy := made{timeout: 1}, made{late: 1}
	tests := []struct {
		name   string
		storm  made
		worker record.Worker
		want   analysis.Grade
	}{
		{"a sweep of 2,000 calls on two shared CPUs", lossy, played(150*ms, 57*ms, 0), analysis.HealthWell},
		{"a storm of 10,000 calls there", lossy, played(1967*ms, 1339*ms, 0), analysis.HealthWell},
		{"waited as long as it ran", lossy, played(600*ms, 600*ms, 0), analysis.HealthWell},
		{"waited longer than it ran", lossy, played(600*ms, 601*ms, 0), analysis.HealthLimit},
		{"and a call was late", tardy, played(600*ms, 601*ms, 0), analysis.HealthLimit},
		{"and no call was impaired", made{}, played(600*ms, 601*ms, 0), analysis.HealthStrained},
		{"waited much longer, but within the tolerance", lossy, played(10*ms, 500*ms, 0), analysis.HealthWell},
		{"a pause within the tolerance", lossy, played(1, 0, 500*ms), analysis.HealthWell},
		{"a pause beyond it", lossy, played(1, 0, 501*ms), analysis.HealthLimit},
		{"a pause beyond it, and no call was impaired", made{}, played(1, 0, 501*ms), analysis.HealthStrained},
		{"busy for 95 % of the storm", lossy, played(4000*ms, 1700*ms, 0), analysis.HealthLimit},
		{"busy for less", lossy, played(4000*ms, 1699*ms, 0), analysis.HealthWell},
		{"busy, and no call was impaired", made{}, played(5800*ms, 0, 0), analysis.HealthStrained},
		{"late by the tolerance", made{lag: 500 * ms}, record.Worker{}, analysis.HealthWell},
		{"late by more, though no call was impaired", made{lag: 501 * ms}, record.Worker{}, analysis.HealthLimit},
		{"a call was not offered", made{notOffered: 1}, record.Worker{}, analysis.HealthLimit},
		{"no port was left for a call", made{exhausted: 1}, record.Worker{}, analysis.HealthLimit},
		{"lo dropped enough to explain the loss", made{timeout: 3, dropped: 3}, record.Worker{}, analysis.HealthWell},
		{"nothing is known", lossy, record.Worker{Wall: time.Second}, analysis.HealthWell},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := healthOf(tt.storm, tt.worker).Grade; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Without a connect limit it is not known what a delay changed.
func TestGradeWithoutALimit(t *testing.T) {
	run, all := madeRun(cellOf{tuned(4), storms(made{calls: 10, timeout: 1, lag: time.Hour})})
	run.Scenario.ConnectLimit = 0
	all["somaxconn-4"][0].Storm.Workers = []record.Worker{played(1, time.Hour, time.Hour)}
	if got := New(run, all).Cells[0].Repeats[0].Health.Grade; got != analysis.HealthWell {
		t.Errorf("got %q", got)
	}
}

func TestHealthNumbers(t *testing.T) {
	raw := made{calls: 10, notOffered: 2, exhausted: 1, dropped: 7}.storm(tuned(4))
	good, bad := played(3*time.Second, time.Second, 0), played(time.Second, 2*time.Second, 0)
	good.Share, bad.Share = "0/3", "1/3"
	unknown := record.Worker{Share: "2/3", Wall: time.Second}
	raw.Storm.Workers = []record.Worker{unknown, good, bad}
	got := summariseOne(raw, func(r *record.Run) { r.Scenario.ConnectLimit = 2 * time.Second }).Health
	want := &analysis.Health{
		Grade: analysis.HealthLimit, Tolerance: 500 * ms, NotOffered: 2, Exhausted: 1, LoopbackDrops: ptr(uint64(7)),
		Workers: []analysis.WorkerHealth{
			{Worker: bad, CPUShare: ptr(1.0 / 6), RunQueueShare: ptr(2.0 / 3)},
			{Worker: good, CPUShare: ptr(0.5), RunQueueShare: ptr(0.25)},
			{Worker: unknown},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("health (-want +got):\n%s", diff)
	}
}

// Of several storms the worst of each number is kept, and what one does not know another may.
func TestWorstHealth(t *testing.T) {
	run, all := madeRun(
		cellOf{
			tuned(4),
			storms(made{calls: 10, lag: 30 * ms, notOffered: 1}, made{calls: 10, dropped: 9}, made{calls: 10}),
		},
	)
	storm := all["somaxconn-4"]
	storm[0].Storm.Workers = []record.Worker{played(3*time.Second, time.Second, 5*ms), {Share: "1/2"}}
	storm[1].Storm.Workers = []record.Worker{played(time.Second, 2*time.Second, 4*ms)}
	got := health.WorstHealth(New(run, all))
	want := &analysis.RunHealth{
		Grade: analysis.HealthLimit,
		StartLag: metric.Quantiles{
			Count: 29,
			P90:   30 * ms,
			P95:   30 * ms,
			P99:   30 * ms,
			Max:   30 * ms,
		}, // of 9, 10 and 10 that started
		NotOffered: 1, LoopbackDrops: ptr(uint64(9)),
		CPUShare: ptr(0.5), RunQueueShare: ptr(2.0 / 3), Waited: ptr(2 * time.Second),
		Pauses: &record.Pauses{Count: 1, Longest: 5 * ms, Total: 5 * ms}, Workers: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("worst health (-want +got):\n%s", diff)
	}
	if got := health.WorstHealth(&analysis.Summary{Cells: []analysis.Cell{{Repeats: []analysis.Repeat{{}}}}}); got != nil {
		t.Errorf("nothing is known: got %+v", got)
	}
}

// TestHeldUp: each stall is one finding about the run, with where it was worst.
func TestHeldUp(t *testing.T) {
	two := func(w record.Worker) []record.Worker {
		w.Share, w.Host = "1/2", "box"
		return []record.Worker{{Share: "0/2"}, w}
	}
	one := finding.HeldUp{Storms: 1, Worst: "somaxconn-4", Storm: 1, Worker: "0/1", Workers: 1, Hurt: true}
	with := func(by finding.HeldUpBy, held, of time.Duration) finding.HeldUp {
		fact := one
		fact.By, fact.Held, fact.Of = by, held, of
		return fact
	}
	tests := []struct {
		name             string
		storms           []*made
		cpus             int
		workers          [][]record.Worker
		doubts, warnings []finding.HeldUp
	}{
		{
			name: "starved, one storm", storms: storms(made{timeout: 1}),
			workers: [][]record.Worker{{played(220*ms, 860*ms, 0)}},
			doubts:  []finding.HeldUp{with(finding.HeldUpCPU, 860*ms, 1080*ms)},
		},
		{
			name:   "starved in two of three storms, in one of them without a loss",
			storms: storms(made{timeout: 1}, made{timeout: 1}, made{}), cpus: 1,
			workers: [][]record.Worker{
				two(played(300*ms, 600*ms, 0)),
				two(played(300*ms, 900*ms, 0)),
				two(played(300*ms, 700*ms, 0)),
			},
			doubts: []finding.HeldUp{
				{By: finding.HeldUpCPU, Held: 900 * ms, Of: 1200 * ms, Storms: 2, Worst: "somaxconn-4", Storm: 2,
					Worker: "1/2 on box", Workers: 2, CPUs: 1, Hurt: true},
			},
			warnings: []finding.HeldUp{
				{By: finding.HeldUpCPU, Held: 700 * ms, Of: 1000 * ms, Storms: 1, Worst: "somaxconn-4", Storm: 3,
					Worker: "1/2 on box", Workers: 2, CPUs: 1},
			},
		},
		{
			name: "paused", storms: storms(made{timeout: 1}), workers: [][]record.Worker{{played(1, 0, 600*ms)}},
			doubts: []finding.HeldUp{with(finding.HeldUpGC, 600*ms, 0)},
		},
		{
			name: "stopped", storms: storms(made{timeout: 1}),
			workers: [][]record.Worker{{{Share: "0/1", Stops: &record.Stops{Count: 1, Longest: 400 * ms}}}},
			doubts:  []finding.HeldUp{with(finding.HeldUpStop, 400*ms, 0)},
		},
		{
			name: "busy", storms: storms(made{timeout: 1}), workers: [][]record.Worker{{played(5000*ms, 900*ms, 0)}},
			doubts: []finding.HeldUp{with(finding.HeldUpLoad, 5900*ms, 6*time.Second)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, m := range tt.storms {
				m.calls = 10
			}
			run, all := madeRun(cellOf{tuned(4), tt.storms})
			run.Host.CPUs = tt.cpus
			for i, workers := range tt.workers {
				all["somaxconn-4"][i].Storm.Workers = workers
			}
			s := New(run, all)
			if diff := cmp.Diff(tt.doubts, factsLike[finding.HeldUp](s.Doubts)); diff != "" {
				t.Errorf("doubts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.warnings, factsLike[finding.HeldUp](s.Warnings)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDoubtOfOneSetting: where a generator was held up in one setting only, the others stay conclusive.
func TestDoubtOfOneSetting(t *testing.T) {
	run, all := madeRun(
		cellOf{tuned(4), storms(made{timeout: 9, peak: 5})},
		cellOf{tuned(64), storms(made{timeout: 5, peak: 65})},
		cellOf{tuned(4096), storms(made{peak: 90})},
	)
	all["somaxconn-64"][0].Storm.Workers = []record.Worker{played(220*ms, 860*ms, 0)}
	s := New(run, all)
	if !s.Conclusive || s.Recommendation == nil || s.Recommendation.Backlog != 4096 {
		t.Errorf("conclusive %v, %+v", s.Conclusive, s.Recommendation)
	}
	if len(s.DoubtsOf("somaxconn-64", "lost")) != 1 || len(s.DoubtsOf("somaxconn-4", "lost")) > 0 ||
		len(s.RunDoubts()) > 0 {
		t.Errorf("doubts %s", asText(s.Doubts))
	}
}
