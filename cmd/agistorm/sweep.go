package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"agistorm/analysis/gate/expr"
	"agistorm/analysis/record"
	"agistorm/loadgen"
	"agistorm/scenarios"
	"agistorm/scenarios/lab"
)

// sweepOptions are the flags of sweep. A number that was not given leaves the scenario's.
type sweepOptions struct {
	output                string
	calls, repeats        int
	workers               int
	seed                  uint64
	isolation, engine     string
	list                  bool
	connect, firstCommand time.Duration
	session               time.Duration
	gates                 []string
	view                  view
	given                 func(flag string) bool
}

func sweepFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o := &sweepOptions{given: f.Changed}
	f.StringVarP(&o.output, "output", "o", "", "run `directory` to make (default agistorm-SCENARIO-TIME)")
	f.IntVar(&o.repeats, "repeats", 0, "storms of each setting (default: the scenario's)")
	f.IntVar(&o.calls, "calls", 0, "calls of each storm (default: the scenario's)")
	f.IntVar(&o.workers, "workers", 0, "processes that play a storm (default: the scenario's, else as few as the limit of open files allows)")
	f.Uint64Var(&o.seed, "seed", 0, "seed of everything random (default: the scenario's)")
	f.DurationVar(&o.connect, "connect-limit", 0, "patience of a connect (default: the scenario's; Asterisk has 2s)")
	f.DurationVar(&o.firstCommand, "first-command-limit", 0,
		"longest wait from the connect to the first command (default: the scenario's; Asterisk has no such limit)")
	f.DurationVar(&o.session, "session-limit", 0,
		"longest wait from the connect to the server's close (default: the scenario's; Asterisk has no such limit)")
	f.StringVar(&o.isolation, "isolation", "auto", "where the cells live: auto, user, net or none")
	f.StringVar(&o.engine, "engine", "auto", "the generator's engine: auto, epoll or portable")
	gateFlag(f, &o.gates)
	f.BoolVar(&o.list, "list", false, "list the built-in scenarios and end")
	o.view.flags(f)
	return o.run
}

func (o *sweepOptions) run(ctx context.Context, e *env, args []string) error {
	if o.list {
		return listScenarios(e)
	}
	options, err := o.options(e, args)
	if err != nil {
		return err
	}
	dir, err := runDir(o.output, options.Scenario.Name)
	if err != nil {
		return err
	}
	line := newProgressLine(e, o.view.quiet)
	options.Progress, options.Notice = line.show, line.say
	run, err := lab.Sweep(ctx, dir, *options)
	line.clear()
	if run == nil {
		removeEmpty(dir)
		return err
	}
	return o.view.finish(e, dir, err)
}

// options checks everything that the user gave before anything is made.
func (o *sweepOptions) options(e *env, args []string) (*lab.Options, error) {
	if err := o.view.check(); err != nil {
		return nil, err
	}
	if err := checkOutput(o.output, o.given("output")); err != nil {
		return nil, err
	}
	isolation, err := lab.ParseIsolation(o.isolation)
	if err != nil {
		return nil, usageError{err}
	}
	engine, err := loadgen.ParseEngine(o.engine)
	if err != nil {
		return nil, usageError{err}
	}
	scenario, err := o.scenario(args)
	if err != nil {
		return nil, usageError{err}
	}
	return &lab.Options{
		Scenario:  scenario,
		Isolation: isolation,
		Engine:    engine,
		Version:   fullVersion(),
		Command:   e.command,
	}, nil
}

// scenario loads what was named and lays the flags over it.
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
		return nil, err
	}
	if _, err := parseGates(o.gates, expr.Storm{}); err != nil {
		return nil, err
	}
	own := len(s.Gates)
	s.Gates = append(s.Gates, o.gates...)
	for flag, set := range map[string]func(){
		"calls":               func() { s.Storm.Calls = o.calls },
		"repeats":             func() { s.Repeats = o.repeats },
		"workers":             func() { s.Storm.Workers = o.workers },
		"seed":                func() { s.Seed = o.seed },
		"connect-limit":       func() { s.Storm.ConnectLimit = o.connect },
		"first-command-limit": func() { s.Storm.FirstCommandLimit = o.firstCommand },
		"session-limit":       func() { s.Storm.SessionLimit = o.session },
	} {
		if o.given(flag) {
			set()
		}
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

func listScenarios(e *env) error {
	list, err := scenarios.Builtin()
	if err != nil {
		return err
	}
	for _, s := range list {
		fmt.Fprintf(e.stdout, "%-16s %s\n", s.Name, s.Question)
	}
	return nil
}

// runDir makes the run directory, by default one of the present time in the present folder.
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
		return "", fmt.Errorf("the run directory cannot be made: %w", err)
	}
	return dir, nil
}

// freshDir makes a directory named after what it is for and the present time, with a number behind it where there is one: two runs may
// begin in one second.
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

// removeEmpty takes back a run directory into which nothing was measured.
func removeEmpty(dir record.Dir) {
	for _, path := range []string{dir.File("cells"), string(dir)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // something is in it after all: it stays
		}
	}
}

// shown is a path as the user can open it.
func shown(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
