package export

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/plain"
	"agistorm/reports/words"
	"agistorm/scenarios/axis"
)

// benchmarked are the metrics for benchstat.
func benchmarked() []*metric.Metric {
	return metric.Select(func(m *metric.Metric) bool { return m.Benchmarked })
}

// unitOf a metric in Go's benchmark format, where it is its name too: "connect-p50-ns".
func unitOf(m *metric.Metric) string {
	return strings.ReplaceAll(m.Column, "_", "-") + "-" + string(m.Unit)
}

// betters are what benchstat calls a direction.
var betters = map[metric.Better]string{metric.Fewer: "lower", metric.More: "higher"}

// Benchmarks writes Go's benchmark format: a line for each storm, so that benchstat has its samples, named
// after its setting.
func Benchmarks(w io.Writer, s *analysis.Summary) error {
	out := benchfmt.NewWriter(w)
	for _, m := range benchmarked() {
		unit := unitOf(m)
		meta := &benchfmt.UnitMetadata{
			UnitMetadataKey: benchfmt.UnitMetadataKey{
				Unit: unit,
				Key:  "better",
			}, OrigUnit: unit, Value: betters[m.Better]}
		if err := out.Write(meta); err != nil {
			return err
		}
	}
	swept := analysis.Differing(s.Run.Cells)
	for c, r := range s.Storms() {
		name := benchfmt.Name(benchmarkName(c, swept))
		err := out.Write(&benchfmt.Result{Config: config(s.Run), Name: name, Iters: 1, Values: values(r)})
		if err != nil {
			return err
		}
	}
	return nil
}

// values of a storm; a wait of lost calls, which has no end, is none.
func values(r *analysis.Repeat) (all []benchfmt.Value) {
	for _, m := range benchmarked() {
		if v := m.Measure(&r.Storm); v.Known() && !stats.Endless(v.Number) {
			all = append(all, benchfmt.Value{Value: v.Number, Unit: unitOf(m)})
		}
	}
	return all
}

// config is what all storms have in common; what is not known is left out.
func config(run *record.Run) (all []benchfmt.Config) {
	for _, c := range []struct {
		key, value string
		facts      []string
	}{
		{"goos", run.Host.OS, nil}, {"goarch", run.Host.Arch, nil}, {"cpu", run.Host.CPU, nil},
		{"kernel", run.Host.Kernel, nil}, {"agistorm", run.Version, nil}, {"scenario", run.Scenario.Name, nil},
		{"simulated", words.SimulatedIf(run, "", ""), nil},
		{"arrival", run.Scenario.Arrival, []string{"arrival", "calls"}},
		{"target", words.Target(&run.Scenario), []string{"behaviour", "work"}},
	} {
		value := strings.TrimSpace(plain.Line(c.value))
		if value != "" && len(analysis.Replaced(run, c.facts...)) == 0 {
			all = append(all, benchfmt.Config{Key: c.key, Value: []byte(value), File: true})
		}
	}
	return all
}

// benchmarkName is the setting as sub-names, which benchstat can group by: "Storm/somaxconn=128/backlog=max".
func benchmarkName(c *analysis.Cell, swept []string) string {
	if c.Backlog == "" {
		return "Storm"
	}
	parts, axes := []string{"Storm"}, c.Axes()
	for _, name := range axis.Names(axes) {
		if axis.Named(name).Queue || slices.Contains(swept, name) {
			parts = append(parts, name+"="+axes[name])
		}
	}
	for i := range parts {
		parts[i] = strings.ReplaceAll(strings.Join(strings.Fields(plain.Line(parts[i])), "_"), "/", "_")
	}
	return strings.Join(parts, "/")
}
