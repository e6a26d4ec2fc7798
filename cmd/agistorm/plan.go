package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"agistorm/analysis"
	"agistorm/analysis/capacity"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/loadgen"
	"agistorm/reports"
	"agistorm/reports/gates"
	"agistorm/scenarios"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/lab"
	"agistorm/scenarios/planner"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// planOptions are the flags of plan.
type planOptions struct {
	ask          planner.Ask
	output       string
	simulateOnly bool
	gates        []string
	server       []string
	// url of a server that runs already; empty for none.
	url         string
	allowRemote bool
	port        uint16
	wait        time.Duration
	view        view
	validate    validateOptions
	given       func(flag string) bool
}

func init() { verbs = append(verbs, newPlan) }

func newPlan(e *env) *cobra.Command {
	o := &planOptions{wait: defaultWait, ask: planner.Ask{Confidence: planner.DefaultConfidence}}
	c := &cobra.Command{
		Use:   "plan [SCENARIO | agi://HOST[:PORT][/SCRIPT]] [-- COMMAND [ARGUMENT…]]",
		Short: "how many handlers and which backlog are enough, simulated and then proven on this kernel",
		Long: `Find the least number of handlers and the least backlog that serve an arrival of calls, and their cost.
The search simulates the listen queue. Then the recommended setting, a smaller one and the largest useful one are
stormed on this kernel, in namespaces of their own.

SCENARIO is a file or the name of a built-in scenario: its first setting is the question, and flags override it.
COMMAND is your own server, started instead of the built-in one. A URL is a server that is already running: it gets the
calls once. For both, handlers and work are measured where they are not given.

Exit codes: 0 answered and proven, or only simulated as asked; 3 not proven, or the budget was too small; 99 this kernel
contradicts the simulation, or a gate failed; 2 the question is incomplete or impossible; 130 interrupted.`,
		Example: `  agistorm plan --calls 5000 --in 10s --work "lognormal 50ms p99 400ms"
  agistorm plan --calls 2000 --arrival burst --work 5ms --behaviour pool:16 --simulate-only
  agistorm plan --calls 1000 --in 2s --work 20ms --like asterisk-java --lose 0.1% --budget 5m -o capacity
  agistorm plan --find rate --in 10s --work 5ms --behaviour pool:16
  agistorm plan --calls 500 --in 1s -- ./agi-server --backlog {backlog}
  agistorm plan --validate -o grid`,
		GroupID:           groupMeasure,
		ValidArgsFunction: scenarioNames,
		RunE: func(c *cobra.Command, args []string) error {
			args, o.server = splitCommand(args, c.ArgsLenAtDash())
			return o.run(c.Context(), e, args)
		},
	}
	o.given = c.Flags().Changed
	o.questionFlags(c.Flags())
	o.runFlags(c)
	o.validate.flags(c.Flags())
	return c
}

// questionFlags define what is asked.
func (o *planOptions) questionFlags(f *pflag.FlagSet) {
	a := &o.ask
	f.IntVarP(&a.Calls, "calls", "n", 0, "calls that arrive")
	f.DurationVar(&a.In, "in", 0, "`time` in which they arrive, at random instants of even slots")
	f.StringVar(&a.Arrival, "arrival", "", "arrival of the calls instead: "+arrival.Forms())
	f.StringVar(&a.Trace, "trace", "", "call log, packet capture or recording `FILE` whose calls arrive; clauses as "+
		"in --arrival \"trace FILE\"")
	f.StringVar(&a.Work, "work", "", "how long a call keeps a handler busy before its first command: "+work.Form)
	f.StringVar(&a.Behaviour, "behaviour", "", "how the server works: "+strings.Join(spec.Behaviours(), ", ")+
		`; N is what it has today (default "pool:N")`)
	f.StringVar(&a.Like, "like", "", "well-known `server` to behave like, as serve --like")
	f.DurationVar(&a.ConnectTimeout, "connect-timeout", 0, "longest wait for a connection (default 2s, Asterisk's)")
	f.DurationVar(&a.FirstCommandTimeout, "first-command-timeout", 0,
		"99 of 100 calls must get their first command within it (default 1s)")
	f.DurationVar(&a.RTT, "rtt", 0, "round trip between callers and server")
	shareFlag(f, &a.Lose, "lose", "0%", "share of the calls that may be lost, such as 0.1%")
	shareFlag(f, &a.Confidence, "confidence", "95%", "confidence of the median share of lost calls")
	f.DurationVar(&a.Budget, "budget", planner.DefaultBudget, "longest time for the whole plan")
	f.StringVar(&a.Find, "find", "", "with the word `rate`: find the highest rate of arrival, or the largest "+
		"burst, that the server of --behaviour can take")
	f.Uint64Var(&a.Seed, "seed", 0, "seed of everything random (default 1, or the scenario's)")
}

// shareFlag takes a percentage, or 0, as a part of 1.
func shareFlag(f *pflag.FlagSet, to *float64, name, value, usage string) {
	f.Var(&parsed[float64]{text: value, kind: "PERCENT", to: to, parse: func(text string) (float64, error) {
		number, percent := strings.CutSuffix(text, "%")
		share, err := strconv.ParseFloat(number, 64)
		if err != nil || !percent && share != 0 {
			return 0, fmt.Errorf("%s %q: want a percentage, such as %s", name, text, value)
		}
		return share / 100, nil
	}}, name, usage)
}

// runFlags define what is done for the answer, and how it is shown.
func (o *planOptions) runFlags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.simulateOnly, "simulate-only", false, "storm nothing on this kernel")
	f.Uint16Var(&o.port, "port", 0, "`PORT` on which COMMAND listens (default: the only one that appears)")
	f.DurationVar(&o.wait, "wait", o.wait, "longest wait until COMMAND listens")
	f.BoolVar(&o.allowRemote, "allow-remote", false, "storm a URL that is not this host's loopback")
	gateFlag(c, &o.gates)
	f.StringVarP(&o.output, "output", "o", "", "run `directory` to create (default agistorm-plan-TIME)")
	o.view.flags(c)
}

func (o *planOptions) run(ctx context.Context, e *env, args []string) error {
	if err := o.validate.check(o.server); err != nil {
		return err
	}
	if o.validate.asked {
		return o.validate.run(ctx, e, o.output, &o.view, args)
	}
	plan, err := o.plan(e, args)
	if err != nil {
		return err
	}
	storm, err := o.storm(ctx, e, plan)
	if err != nil {
		return err
	}
	dir, err := e.runDir(o.output, "plan")
	if err != nil {
		return err
	}
	progress := newProgress(e, o.view.quiet, 0)
	if !o.view.quiet {
		progress.say(traceLines(plan.Trace())...)
	}
	plan.Options.Progress, plan.Options.Recorded = progress.sweep, progress.counter()
	still := progress.ticking()
	answer, err := o.answer(ctx, plan, storm, dir)
	still()
	progress.clear()
	if answer == nil {
		dir.RemoveEmpty()
		return err
	}
	return o.finish(e, dir, answer, err)
}

// answer answers the question, after what is not known of the user's own server was measured.
func (o *planOptions) answer(
	ctx context.Context, plan *planner.Plan, storm *lab.StormOptions, dir record.Dir,
) (*capacity.Answer, error) {
	switch {
	case storm != nil:
		if _, err := lab.Storm(ctx, dir, *storm); err != nil {
			return nil, err
		}
		return plan.Observe(ctx, &o.ask, dir, o.url)
	case plan.Options.Server != nil:
		return plan.AnswerFor(ctx, &o.ask, dir)
	}
	return plan.Answer(ctx, dir)
}

// storm returns the only storm of a server that runs already; nil without one.
func (o *planOptions) storm(ctx context.Context, e *env, plan *planner.Plan) (*lab.StormOptions, error) {
	if o.url == "" {
		return nil, nil
	}
	storm, limits := &plan.Scenario.Storm, plan.Scenario.Storm.Limits()
	limits.FirstCommand, limits.Session = planner.LongSession, planner.LongSession
	s := &stormOptions{
		arrival: storm.Arrival, calls: storm.Calls, duration: storm.Duration, engine: loadgen.Auto,
		seed:   plan.Scenario.Seed,
		limits: limits, client: storm.Caller(), repeats: 1, gates: o.gates, allowRemote: o.allowRemote,
		given: func(flag string) bool { return flag == "calls" && storm.Calls > 0 || flag == "arrival" },
	}
	return s.options(ctx, e, []string{o.url})
}

// plan checks everything that the user gave before anything is created.
func (o *planOptions) plan(e *env, args []string) (*planner.Plan, error) {
	if err := checkOutput(o.output, o.given("output")); err != nil {
		return nil, err
	}
	if err := o.takeArguments(args); err != nil {
		return nil, usageError{err}
	}
	server, err := o.serverCommand()
	if err != nil {
		return nil, err
	}
	plan, err := planner.New(&o.ask)
	if err != nil {
		return nil, usageError{err}
	}
	plan.SimulateOnly, plan.Gates = o.simulateOnly, o.gates
	plan.Options = lab.Options{
		Server: server, Engine: loadgen.Auto, Version: fullVersion(), Command: e.command,
	}
	return plan, nil
}

// takeArguments reads the scenario, and finds flags that exclude each other.
func (o *planOptions) takeArguments(args []string) (err error) {
	switch {
	case len(args) > 1:
		return fmt.Errorf("plan takes one scenario or one URL, got %d", len(args))
	case len(o.gates) > 0 && o.simulateOnly:
		return errors.New("--gate judges storms on this kernel, and --simulate-only plays none: give one of them")
	}
	if _, err := parseGates(o.gates, expr.Storm{}); err != nil {
		return err
	}
	switch {
	case len(args) == 0:
	case !strings.Contains(args[0], "://"):
		o.ask.Scenario, err = scenarios.Load(args[0])
	case strings.HasPrefix(strings.ToLower(args[0]), tcpScheme):
		return fmt.Errorf("%s: want an agi:// URL: a plan is about how long callers wait for a first command", args[0])
	case o.server != nil:
		return errors.New("a URL is a server that runs already, and a COMMAND one to start: give one of them")
	case o.simulateOnly:
		return errors.New("a server that runs already is stormed once to learn its pace: leave out --simulate-only")
	default:
		o.url, o.ask.Unmeasured = args[0], true
	}
	return err
}

// serverCommand returns the user's own server; nil for the built-in one.
func (o *planOptions) serverCommand() (*lab.ServerCommand, error) {
	s := sweepOptions{server: o.server, port: o.port, wait: o.wait, given: o.given}
	server, err := s.serverCommand()
	if server != nil && o.simulateOnly {
		return nil, usagef("a COMMAND is stormed to measure it and to prove the answer: leave out --simulate-only")
	}
	o.ask.Unmeasured = o.ask.Unmeasured || server != nil
	return server, err
}

// finish shows the answer, and returns the error that stands for its exit code.
func (o *planOptions) finish(e *env, dir record.Dir, a *capacity.Answer, failure error) error {
	written := reports.WritePlan(dir, a)
	if err := errors.Join(o.print(e, a), unwritable(written)); err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "Plan: %s\n", shown(dir.File("plan.html")))
	if failure != nil {
		return failure
	}
	judged := o.judge(e, dir, a)
	if judged != nil && !errors.Is(judged, errInconclusive) {
		return judged
	}
	return cmp.Or(planEnding(a), judged)
}

// judge holds the storms of the proof against the gates.
func (o *planOptions) judge(e *env, dir record.Dir, a *capacity.Answer) error {
	if len(o.gates) == 0 || a.Searched.Storms == 0 {
		return nil
	}
	s, err := summary.Read(dir)
	if err != nil {
		return err
	}
	judged := o.view.judged(e, dir, s)
	if o.view.format == formatText {
		if err := o.printGates(e, dir, s); err != nil {
			return err
		}
	}
	return judged
}

// printGates shows under the answer what the gates come to.
func (o *planOptions) printGates(e *env, dir record.Dir, s *analysis.Summary) error {
	verdict, err := judgeRun(string(dir), s, s.Run.Scenario.Gates)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.stdout)
	if o.view.explain {
		return gates.Terminal(e.stdout, verdict, o.view.textOptions(e))
	}
	return gates.Brief(e.stdout, verdict, o.view.textOptions(e))
}

// planGateLines are what the gates take under the answer of a plan.
const planGateLines = 6

// planEnding returns the error that stands for the exit code of an answer.
func planEnding(a *capacity.Answer) error {
	switch {
	case a.Status == capacity.Proven:
		return nil
	case a.Status == capacity.Contradicted:
		return errGate
	case a.Simulation() && (a.Status == capacity.Simulated || a.Status == capacity.Hopeless):
		return nil
	}
	return errInconclusive
}

func (o *planOptions) print(e *env, a *capacity.Answer) error {
	switch o.view.format {
	case formatMarkdown:
		return reports.PlanMarkdown(e.stdout, a)
	case formatJSON:
		return reports.PlanJSON(e.stdout, a)
	}
	options := o.view.textOptions(e)
	if len(o.gates) > 0 {
		options.Lines -= planGateLines
	}
	return reports.PlanText(e.stdout, a, options)
}
