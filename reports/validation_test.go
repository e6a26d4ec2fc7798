package reports

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/analysis/validation"
)

// asSimulated is the sample, simulated: without a host, a kernel and a generator.
func asSimulated() *analysis.Summary {
	s := sample()
	run := *s.Run
	run.Host, run.Isolation = record.Host{}, record.Isolation{Mode: record.IsolationSimulator}
	run.Simulated = &record.Simulated{
		CPUs: 2, Costs: map[string]time.Duration{"Connect": 22 * us, "Accept": 18 * us},
		Sysctls: map[string]string{"net.ipv4.tcp_syncookies": "1"},
	}
	s.Run, s.Health, s.Warnings = &run, nil, nil
	for _, r := range s.Storms() {
		r.Health, r.ReplyLag, r.Counters, r.Checks, r.Warnings = nil, nil, nil, nil, nil
		r.Raw.Storm.Engine = "model"
	}
	return s
}

// validated is a validation of two settings, one of which is predicted wrongly.
func validated() *validation.Report {
	spread := func(least, median, most float64) stats.Spread {
		return stats.Spread{N: 7, Min: least, Median: median, Max: most}
	}
	return &validation.Report{
		Status: validation.Failed, Losing: 1, LosingGoal: 1,
		All:     validation.Totals{Cells: 2, Right: 1, Goal: 2, WithPlanned: 1, MedianError: 4.3, PlannedMedianError: 5},
		Pools:   validation.Totals{Cells: 1, Right: 1, Goal: 1, WithPlanned: 1},
		HeldOut: validation.Totals{Cells: 1, Right: 0, Goal: 1, MedianError: 8.5},
		Host:    record.Host{OS: "linux", Kernel: "6.18.0", CPU: "Xeon", CPUs: 2},
		Cells: []validation.Cell{
			{
				ID: "a", Given: map[string]string{"backlog": "128", "calls": "2000"}, Position: 1, Class: validation.Pool,
				Calls: 2000, Storms: 7, Share: 85.5, Range: 3,
				Numbers: []validation.Number{
					{Metric: "lost", Measured: spread(1690, 1710, 1750), Actual: spread(1708, 1708, 1708),
						Planned: spread(1720, 1720, 1720)},
					{Metric: "p99(first-command)", Measured: spread(stats.NoEnd, stats.NoEnd, stats.NoEnd),
						Actual: spread(stats.NoEnd, stats.NoEnd, stats.NoEnd)},
				},
				Actual: validation.Verdict{Error: -0.1, Right: true}, Planned: validation.Verdict{Error: 0.5, Right: true},
			},
			{
				ID: "b", Given: map[string]string{"backlog": "32", "behaviour": "thread", "work": "50ms"}, Position: 3,
				HeldOut: true, Class: validation.Other, Calls: 1000, Storms: 7,
				Numbers: []validation.Number{
					{Metric: "lost", Measured: spread(0, 0, 51), Actual: spread(85, 85, 85), Planned: spread(100, 100, 100)},
					{Metric: "late", Measured: spread(14, 71, 134), Actual: spread(60, 60, 60)},
					{Metric: "max(queue)", Measured: spread(33, 33, 33), Actual: spread(33, 33, 33)},
				},
				Actual: validation.Verdict{Error: 8.5}, Planned: validation.Verdict{Error: 10},
				Why: []validation.Reason{validation.CPUDecides},
			},
		},
	}
}

// TestSimulatedGolden: every form of a simulated run says so in its first line, and claims nothing of a kernel.
func TestSimulatedGolden(t *testing.T) {
	golden(t, filepath.Join("testdata", "simulated.text.golden"), asSimulated(), forms[0].write)
	golden(t, filepath.Join("testdata", "simulated.md.golden"), asSimulated(), Markdown)
}

func TestValidationGolden(t *testing.T) {
	for name, write := range map[string]func(io.Writer, *validation.Report) error{
		"text": func(w io.Writer, r *validation.Report) error {
			return ValidationText(w, r, TextOptions{Width: 100})
		},
		"md":   ValidationMarkdown,
		"json": ValidationJSON,
	} {
		var b bytes.Buffer
		if err := write(&b, validated()); err != nil {
			t.Fatal(err)
		}
		goldenText(t, filepath.Join("testdata", "validation."+name+".golden"), b.String())
	}
}

// TestValidationUnjudged: without namespaces nothing is shown but why.
func TestValidationUnjudged(t *testing.T) {
	var b bytes.Buffer
	r := validation.New(validation.Input{Measured: &analysis.Summary{Run: &record.Run{}}})
	if err := ValidationText(&b, r, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	const want = "No prediction was judged. Not sure, because the storms had no network namespace of their own, so the " +
		"settings cannot be tried. Not sure, because there are 0 settings, and a verdict needs 36.\n"
	if b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
