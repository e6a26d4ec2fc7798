package export

import (
	"io"
	"strings"

	"golang.org/x/perf/benchfmt"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/plain"
)

// units of the values, and which way is better.
var units = []struct {
	unit, better string
	of           func(*analysis.Repeat) (float64, bool)
}{
	{"lost-calls", "lower", func(r *analysis.Repeat) (float64, bool) { return float64(r.Lost), true }},
	{"late-calls", "lower", func(r *analysis.Repeat) (float64, bool) { return float64(r.Late), r.LateKnown() }},
	{"connect-p50-ns", "lower", func(r *analysis.Repeat) (float64, bool) { return wait(r, "connect", 50) }},
	{"connect-p99-ns", "lower", func(r *analysis.Repeat) (float64, bool) { return wait(r, "connect", 99) }},
	{"first-command-p99-ns", "lower", func(r *analysis.Repeat) (float64, bool) { return wait(r, "first-command", 99) }},
	{"served-calls/s", "higher", func(r *analysis.Repeat) (float64, bool) {
		if r.ServedRate == nil {
			return 0, false
		}
		return *r.ServedRate, true
	}},
}

// wait is a percentile of all offered calls; false where it is that of lost ones, which has no end.
func wait(r *analysis.Repeat, name string, percent float64) (float64, bool) {
	ns, known := analysis.Waits[name].Of(r, percent)
	return ns, known && !analysis.Endless(ns)
}

// Benchmarks writes Go's benchmark format: a line for each storm, so that benchstat has its samples, named after its setting.
func Benchmarks(w io.Writer, s *analysis.Summary) error {
	out := benchfmt.NewWriter(w)
	for _, u := range units {
		meta := &benchfmt.UnitMetadata{UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: u.unit, Key: "better"}, OrigUnit: u.unit, Value: u.better}
		if err := out.Write(meta); err != nil {
			return err
		}
	}
	swept := analysis.Differing(s.Run.Cells)
	return each(s, func(c *analysis.Cell, r *analysis.Repeat) error {
		return out.Write(&benchfmt.Result{Config: config(s.Run), Name: benchfmt.Name(benchmarkName(c, swept)), Iters: 1, Values: values(r)})
	})
}

func values(r *analysis.Repeat) (all []benchfmt.Value) {
	for _, u := range units {
		if v, ok := u.of(r); ok {
			all = append(all, benchfmt.Value{Value: v, Unit: u.unit})
		}
	}
	return all
}

// config is what all storms have in common; what is not known is left out.
func config(run *record.Run) (all []benchfmt.Config) {
	for _, c := range [][2]string{
		{"goos", run.Host.OS}, {"goarch", run.Host.Arch}, {"cpu", run.Host.CPU}, {"kernel", run.Host.Kernel}, {"agistorm", run.Version},
		{"scenario", run.Scenario.Name}, {"arrival", run.Scenario.Arrival}, {"target", run.Scenario.Target},
	} {
		if value := strings.TrimSpace(plain.Line(c[1])); value != "" {
			all = append(all, benchfmt.Config{Key: c[0], Value: []byte(value), File: true})
		}
	}
	return all
}

// benchmarkName is the setting as sub-names, which benchstat can group by: "Storm/somaxconn=128/backlog=max".
func benchmarkName(c *analysis.Cell, swept []string) string {
	if c.Backlog == "" {
		return "Storm"
	}
	parts := []string{"Storm", "somaxconn=" + analysis.Setting(c.Somaxconn), "backlog=" + c.Backlog}
	if c.Client != "" {
		parts = append(parts, "client="+c.Client)
	}
	for _, sysctl := range swept {
		if value, known := c.Sysctls[sysctl]; known {
			parts = append(parts, sysctl+"="+value)
		}
	}
	for i := range parts {
		parts[i] = strings.ReplaceAll(strings.Join(strings.Fields(parts[i]), "_"), "/", "_")
	}
	return strings.Join(parts, "/")
}
