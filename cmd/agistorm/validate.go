package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"agistorm/analysis/record"
	"agistorm/analysis/validation"
	"agistorm/reports"
	"agistorm/scenarios/lab"
)

// validateOptions are the flags of plan that are about the validation of the simulator.
type validateOptions struct {
	// asked: validate the simulator instead of planning.
	asked bool
	// short plays a few settings of the grid.
	short bool
	// all flags of the verb.
	all *pflag.FlagSet
}

func (o *validateOptions) flags(f *pflag.FlagSet) {
	o.all = f
	f.BoolVar(&o.asked, "validate", false, "instead of planning, compare the simulator with this kernel: play the "+
		"scenario grid (about 12 minutes), or take RUN, the directory of a finished sweep of it")
	f.BoolVar(&o.short, "short", false, "with --validate: a few settings of the grid, for CI")
}

// withValidation are the flags of plan that go with a validation.
var withValidation = []string{"validate", "short", "output", "format", "no-color", "quiet"}

// check refuses what is not about a validation where one is asked for, and what is where none is.
func (o *validateOptions) check(server []string) (err error) {
	switch {
	case o.short && !o.asked:
		return usagef("--short is about --validate, which is not given")
	case !o.asked:
		return nil
	case server != nil:
		return usagef("--validate plays the built-in target: leave out COMMAND")
	}
	o.all.Visit(func(f *pflag.Flag) {
		if !slices.Contains(withValidation, f.Name) {
			err = usagef("--validate has a question of its own, the scenario grid: leave out --%s", f.Name)
		}
	})
	return err
}

// run plays the grid into a run directory, or takes the one that was given, and shows how far the simulator is right.
func (o *validateOptions) run(ctx context.Context, e *env, output string, v *view, args []string) error {
	if err := checkOutput(output, o.all.Changed("output")); err != nil {
		return err
	}
	var report *validation.Report
	var err error
	switch {
	case len(args) > 1:
		return usagef("plan --validate takes one run directory, got %d", len(args))
	case len(args) == 1 && output != "":
		return usagef("--output is for a new run, and %s has its own directory", args[0])
	case len(args) == 1:
		if _, err := record.Dir(args[0]).Run(); err != nil {
			return usageError{err}
		}
		report, err = lab.ValidateRun(record.Dir(args[0]), o.short)
	default:
		report, err = o.play(ctx, e, output, v)
	}
	if err != nil {
		return err
	}
	if err := showValidation(e, v, report); err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	return map[validation.Status]error{
		validation.Failed: errGate, validation.Inconclusive: errInconclusive,
	}[report.Status]
}

// play plays the grid for real.
func (o *validateOptions) play(ctx context.Context, e *env, output string, v *view) (*validation.Report, error) {
	scenario, err := lab.ValidationScenario(o.short)
	if err != nil {
		return nil, err
	}
	dir, err := runDir(output, scenario.Name)
	if err != nil {
		return nil, err
	}
	progress := newProgress(e, v.quiet, 0)
	report, run, err := lab.Validate(ctx, dir, lab.Options{
		Scenario: scenario, Isolation: lab.Auto, Version: fullVersion(), Command: e.command, Progress: progress.sweep,
	}, o.short)
	progress.clear()
	if run == nil {
		dir.RemoveEmpty()
		return report, err
	}
	fmt.Fprintf(e.stderr, "Run: %s\n", shown(string(dir)))
	if err == nil {
		err = keepValidation(dir, report)
	}
	return report, err
}

// keepValidation writes it beside the run that it is of.
func keepValidation(dir record.Dir, r *validation.Report) error {
	asJSON := func(w io.Writer) error { return reports.ValidationJSON(w, r) }
	asMarkdown := func(w io.Writer) error { return reports.ValidationMarkdown(w, r) }
	return errors.Join(
		record.WriteFile(dir.File("validation.json"), asJSON), record.WriteFile(dir.File("validation.md"), asMarkdown))
}

func showValidation(e *env, v *view, r *validation.Report) error {
	switch v.format {
	case formatMarkdown:
		return reports.ValidationMarkdown(e.stdout, r)
	case formatJSON:
		return reports.ValidationJSON(e.stdout, r)
	}
	return reports.ValidationText(e.stdout, r, v.textOptions(e))
}
