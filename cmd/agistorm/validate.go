package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"agistorm/analysis/record"
	"agistorm/analysis/validation"
	"agistorm/reports"
	"agistorm/scenarios/lab"
)

// validateOptions are the flags of plan that are about the validation of the simulator.
type validateOptions struct {
	validate, short bool
}

// flags are those of the verb; the first asks for a validation in the place of a plan.
func (o *validateOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.validate, "validate", false,
		"hold the simulator against this kernel: play the scenario grid, or take a finished run of it (RUN)")
	f.BoolVar(&o.short, "short", false, "with --validate: a few settings of the grid, for CI")
}

// check refuses what is about a validation where none is asked for.
func (o *validateOptions) check() error {
	if o.short && !o.validate {
		return usagef("--short is about --validate, which is not given")
	}
	return nil
}

// run plays the grid into a run directory, or takes the one that was given, and shows how far the simulator is right.
func (o *validateOptions) run(ctx context.Context, e *env, output string, v *view, args []string) error {
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
		removeEmpty(dir)
		return report, err
	}
	fmt.Fprintf(e.stderr, "Run: %s\n", shown(string(dir)))
	return report, err
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
