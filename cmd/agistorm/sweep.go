package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"agistorm/analysis/gate/expr"
	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/loadgen/caller"
	"agistorm/reports/lists"
	"agistorm/reports/words"
	"agistorm/scenarios"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/lab"
	"agistorm/target/command"
)

// sweepOptions are the flags of sweep. A number that was not given leaves the scenario's.
type sweepOptions struct {
	output            string
	calls, repeats    int
	warmups           int
	workers           int
	seed              uint64
	isolation, engine string
	list              bool
	limits            caller.Limits
	port              uint16
	wait              time.Duration
	client            string
	arrival, sources  string
	gates             []string
	view              view
	simulate          bool
	given             func(flag string) bool
	// server is the user's own; nil for the built-in one.
	server []string
}

// defaultWait is how long a server may take until it listens.
const defaultWait = 30 * time.Second

// splitCommand returns the arguments before the dashes, which stand before the given place, and those behind
// them; nil without any. The place is negative without dashes.
func splitCommand(args []string, dash int) (before, command []string) {
	if dash < 0 {
		return args, nil
	}
	return args[:dash], append([]string{}, args[dash:]...)
}

func init() { verbs = append(verbs, newSweep) }

func newSweep(e *env) *cobra.Command {
	o := &sweepOptions{isolation: string(lab.Auto), engine: loadgen.Auto, wait: defaultWait}
	c := &cobra.Command{
		Use:   "sweep [SCENARIO] [-- COMMAND [ARGUMENT…]]",
		Short: "storm every setting of a scenario, report and recommend",
		Long: `Storm every setting of a scenario, report what was lost and why, and recommend a setting.

SCENARIO is a file, or the name of a built-in scenario (--list shows them; the default is somaxconn). With folklore
it measures what people say of the listen queue, claim by claim.

COMMAND starts your own server in place of the built-in one, once for each storm. It runs unchanged, as you, in
the namespaces of the setting, whose network has no other host. {backlog} in its arguments, and AGISTORM_BACKLOG in
its environment, are the backlog of the setting.`,
		Example: `  agistorm sweep
  agistorm sweep backlogs --repeats 5 -o before
  agistorm sweep folklore --format markdown
  agistorm sweep --calls 500 --gate "somaxconn=4096: lost == 0"
  agistorm sweep backlogs --simulate
  agistorm sweep --client connect-only -- nginx -g "daemon off;"
  agistorm sweep backlogs -- ./agi-server --backlog {backlog}`,
		GroupID:           groupMeasure,
		ValidArgsFunction: scenarioNames,
		RunE: func(c *cobra.Command, args []string) error {
			args, o.server = splitCommand(args, c.ArgsLenAtDash())
			if !o.list && slices.Equal(args[:min(len(args), 1)], []string{folkloreName}) {
				return o.folklore(c, e, args)
			}
			return o.run(c.Context(), e, args)
		},
	}
	f := c.Flags()
	o.given = f.Changed
	f.StringVarP(&o.output, "output", "o", "", "run `directory` to create (default agistorm-SCENARIO-TIME)")
	f.IntVar(&o.repeats, "repeats", 0, "storms of each setting (default: the scenario's)")
	warmupFlag(f, &o.warmups)
	f.IntVar(&o.calls, "calls", 0, "calls of each storm (default: the scenario's)")
	f.StringVar(&o.arrival, "arrival", "", "when the calls come (default: the scenario's): "+arrival.Forms())
	f.StringVar(&o.sources, "sources", "", "client addresses, such as 127.0.0.0/24; of a trace, each host keeps its "+
		"own (default: the scenario's)")
	f.IntVar(&o.workers, "workers", 0,
		"processes that play a storm (default: the scenario's, else as few as the limit of open files allows)")
	f.Uint64Var(&o.seed, "seed", 0, "seed of everything random (default: the scenario's)")
	timeoutFlags(f, &o.limits, " (default: the scenario's)")
	choiceFlag(c, &o.client, "client", "kind of client (default: the scenario's)", caller.Names(nil)...)
	f.Uint16Var(&o.port, "port", 0, "`PORT` on which COMMAND listens (default: the only one that appears)")
	f.DurationVar(&o.wait, "wait", o.wait, "longest wait until COMMAND listens")
	choiceFlag(c, &o.isolation, "isolation", "namespaces that the storms run in",
		string(lab.Auto), string(lab.User), string(lab.Net), string(lab.None))
	engineFlag(c, &o.engine)
	gateFlag(c, &o.gates)
	f.BoolVar(&o.simulate, "simulate", false, "simulate the storms: no connection is made, no namespace is needed")
	f.BoolVar(&o.list, "list", false, "list the built-in scenarios and exit")
	o.view.flags(c)
	return c
}

// scenarioNames completes those of the built-in scenarios, and files.
func scenarioNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	list, err := scenarios.Builtin()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	all := lists.Map(list, func(s scenarios.Scenario) string { return cobra.CompletionWithDesc(s.Name, s.Question) })
	return append(all, cobra.CompletionWithDesc(folkloreName, folkloreQuestion)), cobra.ShellCompDirectiveDefault
}

func (o *sweepOptions) run(ctx context.Context, e *env, args []string) error {
	if o.list {
		return listScenarios(e)
	}
	options, err := o.options(e, args)
	if err != nil {
		return err
	}
	traces, err := tracesOf(options.Scenario)
	if err != nil {
		return err
	}
	dir, err := e.runDir(o.output, options.Scenario.Name)
	if err != nil {
		return err
	}
	progress := newProgress(e, o.view.quiet, 0)
	if !o.view.quiet {
		progress.say(traceLines(traces...)...)
	}
	options.Progress, options.Recorded = progress.sweep, progress.counter()
	options.Notice = func(run *record.Run) { progress.say(words.Notices(run)...) }
	play := lab.Sweep
	if o.simulate {
		play = lab.Simulate
	}
	over, still := o.sayWait(ctx, progress), progress.ticking()
	run, err := play(ctx, dir, *options)
	over()
	still()
	o.view.progress = progress
	return o.view.finish(e, dir, run, err)
}

// waitSaid is how long an interrupt may take to end the user's own server without a word.
const waitSaid = 300 * time.Millisecond

// sayWait says after an interrupt that the user's own server has not ended yet, until over is called.
func (o *sweepOptions) sayWait(ctx context.Context, p *progress) (over func()) {
	if o.server == nil {
		return func() {}
	}
	swept, done := context.WithCancel(context.Background())
	go func() {
		select {
		case <-swept.Done():
			return
		case <-ctx.Done():
		}
		select {
		case <-swept.Done():
		case <-time.After(waitSaid):
			p.say("Waiting up to " + words.Timeout(command.DefaultGrace) + " for the command to end. A second " +
				"interrupt kills it.")
		}
	}()
	return done
}

// options checks everything that the user gave before anything is created.
func (o *sweepOptions) options(e *env, args []string) (*lab.Options, error) {
	if err := checkOutput(o.output, o.given("output")); err != nil {
		return nil, err
	}
	scenario, err := o.scenario(args)
	if err != nil {
		return nil, usageError{err}
	}
	if err := checkWarmups(o.warmups); err != nil {
		return nil, err
	}
	if err := o.checkSimulate(); err != nil {
		return nil, err
	}
	server, err := o.serverCommand()
	if err != nil {
		return nil, err
	}
	return &lab.Options{
		Scenario:  scenario,
		Server:    server,
		Warmups:   o.warmups,
		Isolation: lab.Isolation(o.isolation),
		Engine:    o.engine,
		Version:   fullVersion(),
		Command:   e.command,
	}, nil
}

// checkSimulate refuses what a simulation has not.
func (o *sweepOptions) checkSimulate() error {
	if !o.simulate {
		return nil
	}
	if o.server != nil {
		return usagef("--simulate starts no server: leave out COMMAND, and describe the server in the scenario " +
			"(target:)")
	}
	for _, flag := range []string{"isolation", "engine", "workers"} {
		if o.given(flag) {
			return usagef("--simulate makes no connection: leave out --%s", flag)
		}
	}
	return nil
}

// serverCommand returns the user's own server; nil for the built-in one.
func (o *sweepOptions) serverCommand() (*lab.ServerCommand, error) {
	switch {
	case o.server == nil && (o.given("port") || o.given("wait")):
		return nil, usagef("--port and --wait are about a COMMAND, and there is none. Example: " +
			"agistorm sweep -- ./agi-server --backlog {backlog}")
	case o.server == nil:
		return nil, nil
	case len(o.server) == 0:
		return nil, usagef("missing command behind --. Example: agistorm sweep -- ./agi-server --backlog {backlog}")
	case o.wait <= 0:
		return nil, usagef("wait %v: want a time above 0s", o.wait)
	}
	return &lab.ServerCommand{Argv: o.server, Port: o.port, Wait: o.wait}, nil
}

// scenario loads the named scenario and applies the flags to it.
func (o *sweepOptions) scenario(args []string) (*scenarios.Scenario, error) {
	if len(args) > 1 {
		return nil, fmt.Errorf("sweep takes one scenario, got %d", len(args))
	}
	name := scenarios.Default
	if len(args) == 1 {
		name = args[0]
	}
	s, err := scenarios.Load(name)
	if err != nil {
		return nil, orFolklore(name, err)
	}
	if err := o.checkVaried(s); err != nil {
		return nil, err
	}
	if _, err := parseGates(o.gates, expr.Storm{}); err != nil {
		return nil, err
	}
	own := len(s.Gates)
	s.Gates = append(s.Gates, o.gates...)
	for flag, set := range map[string]func(){
		"arrival":               func() { o.setArrival(s) },
		"sources":               func() { s.Storm.Sources = o.sources },
		"client":                func() { s.Storm.Client = o.client },
		"repeats":               func() { s.Repeats = o.repeats },
		"workers":               func() { s.Storm.Workers = o.workers },
		"seed":                  func() { s.Seed = o.seed },
		"connect-timeout":       func() { s.Storm.ConnectTimeout = o.limits.Connect },
		"first-command-timeout": func() { s.Storm.FirstCommandTimeout = o.limits.FirstCommand },
		"session-timeout":       func() { s.Storm.SessionTimeout = o.limits.Session },
	} {
		if o.given(flag) {
			set()
		}
	}
	if o.given("calls") { // after an arrival, which may have its own number
		s.Storm.Calls = o.calls
	}
	err = s.Validate()
	if field := (*scenarios.FieldError)(nil); errors.As(err, &field) {
		for i := range o.gates {
			if field.Path == fmt.Sprintf("gates[%d]", own+i) {
				return nil, fmt.Errorf("--gate %w", field.Err)
			}
		}
	}
	return s, err
}

// checkVaried refuses flags for what the settings of a scenario differ in.
func (o *sweepOptions) checkVaried(s *scenarios.Scenario) error {
	for _, v := range []struct{ axis, flag, what string }{
		{"calls", "calls", "calls"}, {"arrival", "arrival", "arrivals"}, {"rate", "arrival", "rates"},
	} {
		if _, varies := s.Settings[0][v.axis]; varies && o.given(v.flag) {
			return fmt.Errorf("--%s: the settings of this scenario give %s, each its own", v.flag, v.what)
		}
	}
	return nil
}

// setArrival gives the storms another arrival. A trace has its own number of calls and its own time.
func (o *sweepOptions) setArrival(s *scenarios.Scenario) {
	s.Storm.Arrival = o.arrival
	if arrival.IsTrace(o.arrival) {
		s.Storm.Calls, s.Storm.Duration = 0, 0
	}
}

func listScenarios(e *env) error {
	list, err := scenarios.Builtin()
	if err != nil {
		return err
	}
	for _, s := range list {
		fmt.Fprintf(e.stdout, "%-16s %s\n", s.Name, s.Question)
	}
	fmt.Fprintf(e.stdout, "%-16s %s\n", folkloreName, folkloreQuestion)
	return nil
}

// runDir creates the run directory that the program leaves if it is ended at once.
func (e *env) runDir(path, scenario string) (record.Dir, error) {
	dir, err := runDir(path, scenario)
	e.left.is(dir)
	return dir, err
}

// runDir creates the run directory, by default one named after the time, in the working directory.
func runDir(path, scenario string) (record.Dir, error) {
	if path == "" {
		fresh, err := freshDir(scenario)
		if err != nil {
			return "", err
		}
		path = fresh
	}
	dir, err := record.Create(path)
	if err != nil {
		return "", fmt.Errorf("cannot create the run directory: %w", err)
	}
	return dir, nil
}

// freshDir creates a directory named after its use and the time, with a number behind it where that exists:
// two runs may begin in one second.
func freshDir(what string) (string, error) {
	name := fmt.Sprintf("agistorm-%s-%s", what, time.Now().Format("20060102-150405"))
	path := name
	for n := 2; ; n++ {
		err := os.Mkdir(path, 0o777)
		if !errors.Is(err, fs.ErrExist) {
			return path, err
		}
		path = fmt.Sprintf("%s-%d", name, n)
	}
}

// shown returns a path as the user can open it.
func shown(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
