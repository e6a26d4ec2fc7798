package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/gate"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/record"
	"agistorm/reports/gates"
	"agistorm/reports/lists"
	"agistorm/scenarios/lab"
)

// gateOptions are the flags of gate.
type gateOptions struct {
	gates       []string
	format      string
	baseline    string
	least       comparison.Least
	acrossHosts bool
	view        view
	given       func(flag string) bool
}

func init() { verbs = append(verbs, newGate) }

func newGate(e *env) *cobra.Command {
	o := &gateOptions{format: gates.Forms[0].Name, least: comparison.BetweenRuns}
	c := &cobra.Command{
		Use:   "gate DIR",
		Short: "judge a run by its gates, or against an earlier run",
		Example: `  agistorm gate after --gate "lost == 0" --gate "p99(connect) < 50ms"
  agistorm gate after --baseline before --least 10%
  agistorm gate after --baseline before --format junit`,
		GroupID: groupRead,
		RunE:    func(_ *cobra.Command, args []string) error { return o.run(e, args) },
	}
	f := c.Flags()
	o.given = f.Changed
	gateFlag(c, &o.gates)
	f.StringVar(&o.baseline, "baseline", "", "`directory` of an earlier run: fail where this run is worse, "+
		"pass where it is shown to be no worse")
	percentFlag(f, &o.least.Relative, "least", "5%", 1000,
		"least difference from the baseline that matters, of a latency (at least 4ms) or of a rate; "+
			"where it is not given, three standard deviations of the baseline's storms, from 5% to 25%")
	percentFlag(f, &o.least.Calls, "least-calls", "1%", 100,
		"least difference in lost or late calls that matters, in percent of the calls; "+
			"where it is not given, three standard deviations of the baseline's storms, from 1% to 10%")
	f.BoolVar(&o.acrossHosts, "across-hosts", false,
		"the baseline is of another machine or kernel: compare ratios between settings of each run")
	choiceFlag(c, &o.format, "format", "format of stdout",
		lists.Map(gates.Forms, func(f gates.Form) string { return f.Name })...)
	o.view.textFlags(c)
	return c
}

// gateFlag is the same on every verb that has it.
func gateFlag(c *cobra.Command, to *[]string) {
	gateFlagLike(c, to, "\"lost == 0\" or \"p99(connect) < 50ms\"")
}

// gateFlagLike gives its own examples of conditions.
func gateFlagLike(c *cobra.Command, to *[]string, examples string) {
	c.Flags().StringArrayVar(to, "gate", nil, "a `condition` that must hold, such as "+examples+"; repeatable")
}

// percentFlag takes a percentage from 0 to most as a part of 1.
func percentFlag(f *pflag.FlagSet, to *float64, name, value string, most float64, usage string) {
	f.Var(&parsed[float64]{text: value, kind: "PERCENT", to: to, parse: func(text string) (float64, error) {
		percent, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
		if err != nil || !strings.HasSuffix(text, "%") || !(percent >= 0 && percent <= most) {
			return 0, fmt.Errorf("%s %q: want a percentage from 0%% to %.0f%%, such as 5%%", name, text, most)
		}
		return percent / 100, nil
	}}, name, usage)
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

// checkGates holds gates against what is known of a storm at an external server: its calls and client, and no
// setting. Those of a share are about the whole storm.
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
			return fmt.Errorf("gate %q selects no setting: of a server that is already running none is known, "+
				"so want a gate without one", conditions[i].Source)
		}
	}
	return nil
}

func (o *gateOptions) run(e *env, args []string) error {
	switch {
	case len(args) == 0:
		return usagef("missing run directory. Example: agistorm gate agistorm-somaxconn-20261123-100000")
	case len(args) > 1:
		return usagef("gate takes one run directory, got %d", len(args))
	case o.baseline == "" && (o.given("least") || o.given("least-calls") || o.acrossHosts):
		return usagef("--least, --least-calls and --across-hosts are about a --baseline, and there is none")
	}
	summary, err := analyse(record.Dir(args[0]))
	if err != nil {
		return err
	}
	v, err := o.judge(args[0], summary)
	if err != nil {
		return err
	}
	if err := o.write(e, v); err != nil {
		return fmt.Errorf("cannot write the judgement: %w", err)
	}
	if o.format == formatText && v.Status != gate.Passed {
		fmt.Fprintf(e.stderr, "Why: agistorm report %s --explain\n", args[0])
	}
	return verdictErrors[v.Status]
}

// write puts the judgement on stdout, in the form that was asked for.
func (o *gateOptions) write(e *env, v *gate.Verdict) error {
	if o.format == formatText {
		return gates.Terminal(e.stdout, v, o.view.textOptions(e))
	}
	i := slices.IndexFunc(gates.Forms, func(f gates.Form) bool { return f.Name == o.format })
	return gates.Forms[i].Write(e.stdout, v)
}

// judge holds the run against its own gates, those of the flags, and the baseline.
func (o *gateOptions) judge(name string, s *analysis.Summary) (*gate.Verdict, error) {
	if _, err := parseGates(o.gates, expr.Storm{Calls: s.Run.Calls()}); err != nil {
		return nil, usageError{err}
	}
	if len(s.Run.Scenario.Gates)+len(o.gates) == 0 && o.baseline == "" {
		return nil, usagef("%s has no gates: give --gate CONDITION or --baseline DIR, or add `gates:` to its scenario",
			name)
	}
	v, err := judgeRun(name, s, o.gates)
	if err != nil || o.baseline == "" {
		return v, err
	}
	if sameDir(o.baseline, name) {
		return nil, usagef("baseline: %s is compared with itself: give an earlier run", name)
	}
	old, err := analyse(record.Dir(o.baseline))
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	against := gate.Baseline{Least: o.leastAsked(), AcrossHosts: o.acrossHosts}.Against(o.baseline, old, name, s)
	return v.And(against), nil
}

// leastAsked is the least difference. One that the user gives stays as it is, however much the storms vary.
func (o *gateOptions) leastAsked() comparison.Least {
	least := o.least
	if o.given("least") {
		least.MostRelative = 0
	}
	if o.given("least-calls") {
		least.MostCalls = 0
	}
	return least
}

// judgeRun holds the run against its own gates and others. One of its own that cannot be read, or selects nothing, is
// inconclusive: the run's description is damaged, and the forms say so.
func judgeRun(name string, s *analysis.Summary, others []string) (*gate.Verdict, error) {
	var conditions []expr.Condition
	var broken []gate.Result
	for _, source := range s.Run.Scenario.Gates {
		c, err := expr.Parse(source)
		if err == nil {
			_, err = gate.Judge(s, name, []expr.Condition{c})
		}
		switch {
		case errors.Is(err, gate.ErrShare):
			return nil, usageError{err}
		case err != nil:
			broken = append(broken, gate.Broken(source, err))
		default:
			conditions = append(conditions, c)
		}
	}
	further, err := parseGates(others, expr.Storm{}) // a run keeps its gates, whatever they are
	if err != nil {
		return nil, usageError{err}
	}
	v, err := gate.Judge(s, name, append(conditions, further...))
	if err != nil {
		return nil, usageError{err}
	}
	if len(broken) == 0 {
		return v, nil
	}
	return v.And(&gate.Verdict{Status: gate.Passed, Results: broken}), nil
}

// verdictErrors stand for the exit codes of judgements; none for a gate that passed.
var verdictErrors = map[gate.Status]error{gate.Failed: errGate, gate.Inconclusive: errInconclusive}

// gateFiles are the judgement's forms in a run directory.
var gateFiles = map[string]string{"junit": "gates.xml", "json": "gates.json", "markdown": "gates.md"}

// judge writes the judgement of a fresh run into its directory; the text and the Markdown of the run have it. Its
// error stands for the exit code.
func (v *view) judge(e *env, dir record.Dir, s *analysis.Summary) error {
	verdict, err := judgeRun(string(dir), s, nil)
	if err != nil {
		return err
	}
	var errs []error
	for _, form := range gates.Forms {
		if name := gateFiles[form.Name]; name != "" {
			write := func(w io.Writer) error { return form.Write(w, verdict) }
			errs = append(errs, record.WriteFile(dir.File(name), write))
		}
	}
	if v.format == formatJSON { // stdout is one JSON object
		errs = append(errs, gates.Text(e.stderr, verdict))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("cannot write the gates' judgement: %w", err)
	}
	return verdictErrors[verdict.Status]
}
