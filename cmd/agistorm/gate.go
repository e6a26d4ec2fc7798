package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"agistorm/analysis"
	"agistorm/analysis/gate"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/record"
	"agistorm/reports/gates"
	"agistorm/scenarios/lab"
)

// gateOptions are the flags of gate.
type gateOptions struct {
	gates         []string
	format        string
	baseline      string
	least         string
	leastCalls    string
	acrossHosts   bool
	given         func(flag string) bool
	leastByMetric analysis.Least
}

func gateFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o := &gateOptions{given: f.Changed}
	gateFlag(f, &o.gates)
	f.StringVar(&o.baseline, "baseline", "", "an earlier run's `directory`: fail where this run is worse than that")
	f.StringVar(&o.least, "least", "5%", "least difference from the baseline that fails, `PERCENT` of a latency, at least 4ms, or of a rate")
	f.StringVar(&o.leastCalls, "least-calls", "1%", "least difference in lost or late calls that fails, `PERCENT` of the calls")
	f.BoolVar(&o.acrossHosts, "across-hosts", false, "the baseline is of another machine or kernel: compare ratios between settings of each run")
	f.StringVar(&o.format, "format", "text", "what stdout gets: text, markdown, json, junit or github (annotations)")
	return o.run
}

// gateFlag is the same on every verb that has it.
func gateFlag(f *pflag.FlagSet, to *[]string) {
	f.StringArrayVar(to, "gate", nil, "a `condition` that must hold, such as \"lost == 0\", \"p99(connect) < 50ms\" or \"somaxconn=128: lost > 0\"; may be given again")
}

// parseGates reads conditions, and refuses those that such a storm cannot decide.
func parseGates(sources []string, storm expr.Storm) ([]expr.Condition, error) {
	var all []expr.Condition
	for _, source := range sources {
		c, err := expr.Parse(source)
		if err != nil {
			return nil, err
		}
		if why := c.Settled(storm); why != "" {
			return nil, fmt.Errorf("gate %q: %s", c.Source, why)
		}
		all = append(all, c)
	}
	return all, nil
}

// checkGates holds gates against what is known beforehand of a storm at somebody else's server: its calls and client, and no setting. Those
// of a share are about the whole storm.
func (o *stormOptions) checkGates(load *lab.Load) error {
	schedule, err := load.Schedule()
	if err != nil {
		return err
	}
	conditions, err := parseGates(o.gates, expr.Storm{Calls: schedule.Len(), Client: load.Client.Name, Foreign: true})
	if err != nil {
		return err
	}
	axes := gate.Axes(&record.Cell{ID: lab.StormCell})
	for i := range conditions {
		if !conditions[i].Selects(axes) {
			return fmt.Errorf("gate %q selects no setting: of a server that is already running none is known, so want a gate without one", conditions[i].Source)
		}
	}
	return nil
}

func (o *gateOptions) run(_ context.Context, e *env, args []string) error {
	form, err := o.check(args)
	if err != nil {
		return err
	}
	dir := record.Dir(args[0])
	if _, err := dir.Run(); err != nil {
		return usageError{err}
	}
	summary, err := analysis.Analyse(dir)
	if err != nil {
		return err
	}
	v, err := o.judge(args[0], summary)
	if err != nil {
		return err
	}
	if err := form.Write(e.stdout, v); err != nil {
		return fmt.Errorf("the judgement cannot be written: %w", err)
	}
	return verdictError(v)
}

// check finds what is wrong with the flags and arguments.
func (o *gateOptions) check(args []string) (gates.Form, error) {
	i := slices.IndexFunc(gates.Forms, func(f gates.Form) bool { return f.Name == o.format })
	switch {
	case len(args) != 1:
		return gates.Form{}, usagef("gate takes one run directory, got %d", len(args))
	case i < 0:
		return gates.Form{}, usagef("format %q: want text, markdown, json, junit or github", o.format)
	case o.baseline == "" && (o.given("least") || o.given("least-calls") || o.acrossHosts):
		return gates.Form{}, usagef("--least, --least-calls and --across-hosts are about a --baseline, and there is none")
	}
	var err error
	if o.leastByMetric.Relative, err = percentOf("least", o.least, 1000); err == nil {
		o.leastByMetric.Calls, err = percentOf("least-calls", o.leastCalls, 100)
	}
	return gates.Forms[i], err
}

// percentOf reads a flag's percentage from 0 to most as a part of 1.
func percentOf(flag, value string, most float64) (float64, error) {
	percent, err := strconv.ParseFloat(strings.TrimSuffix(value, "%"), 64)
	if err != nil || !strings.HasSuffix(value, "%") || !(percent >= 0 && percent <= most) {
		return 0, usagef("%s %q: want a percentage from 0%% to %.0f%%, such as 5%%", flag, value, most)
	}
	return percent / 100, nil
}

// judge holds the run against its own gates, those of the flags, and the baseline.
func (o *gateOptions) judge(name string, s *analysis.Summary) (*gate.Verdict, error) {
	if _, err := parseGates(o.gates, expr.Storm{Calls: s.Run.Calls()}); err != nil {
		return nil, usageError{err}
	}
	sources := slices.Concat(s.Run.Scenario.Gates, o.gates)
	if len(sources) == 0 && o.baseline == "" {
		return nil, usagef("%s has no gates: give --gate CONDITION or --baseline DIR, or put `gates:` into its scenario", name)
	}
	v, err := judgeRun(name, s, sources)
	if err != nil || o.baseline == "" {
		return v, err
	}
	dir := record.Dir(o.baseline)
	if _, err := dir.Run(); err != nil {
		return nil, usageError{fmt.Errorf("baseline: %w", err)}
	}
	if sameDir(o.baseline, name) {
		return nil, usagef("baseline: %s is compared with itself: give an earlier run", name)
	}
	old, err := analysis.Analyse(dir)
	if err != nil {
		return nil, err
	}
	against := gate.Baseline{Least: o.leastByMetric, AcrossHosts: o.acrossHosts}.Against(o.baseline, old, name, s)
	return v.And(against), nil
}

func judgeRun(name string, s *analysis.Summary, sources []string) (*gate.Verdict, error) {
	conditions, err := parseGates(sources, expr.Storm{}) // a run keeps its gates, whatever they are
	if err != nil {
		return nil, usageError{err}
	}
	v, err := gate.Judge(s, name, conditions)
	if err != nil {
		return nil, usageError{err}
	}
	return v, nil
}

// verdictError is what the exit code says.
func verdictError(v *gate.Verdict) error {
	switch v.Status {
	case gate.Failed:
		return errGate
	case gate.Inconclusive:
		return errInconclusive
	}
	return nil
}

// gateFiles are the judgement's forms in a run directory.
var gateFiles = map[string]string{"junit": "gates.xml", "json": "gates.json", "markdown": "gates.md"}

// judge writes the judgement of a fresh run into its directory, prints it, and says by its error what it comes to.
func (v *view) judge(e *env, dir record.Dir, s *analysis.Summary) error {
	verdict, err := judgeRun(string(dir), s, s.Run.Scenario.Gates)
	if err != nil {
		return err
	}
	var errs []error
	for _, form := range gates.Forms {
		if name := gateFiles[form.Name]; name != "" {
			errs = append(errs, record.WriteFile(dir.File(name), func(w io.Writer) error { return form.Write(w, verdict) }))
		}
	}
	switch v.format {
	case "text":
		fmt.Fprintln(e.stdout)
		errs = append(errs, gates.Text(e.stdout, verdict))
	case "json": // stdout is one JSON object
		errs = append(errs, gates.Text(e.stderr, verdict))
	case "markdown": // the summary has them
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("the gates' judgement cannot be written: %w", err)
	}
	return verdictError(verdict)
}
