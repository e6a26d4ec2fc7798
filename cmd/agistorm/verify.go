package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"agistorm/reports/verify"
	"agistorm/reports/words"
	"agistorm/scenarios/lab"
	"agistorm/scenarios/lab/rules"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	format string
	names  []string
	list   bool
	quiet  bool
}

func init() { verbs = append(verbs, newVerify) }

func newVerify(e *env) *cobra.Command {
	o := &verifyOptions{format: formatText}
	c := &cobra.Command{
		Use:     "verify",
		Short:   "check the rules of the listen queue on this kernel",
		Example: "  agistorm verify\n  agistorm verify --rule capacity,somaxconn-cuts --format json",
		GroupID: groupMeasure,
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c.Context(), e, args) },
	}
	choiceFlag(c, &o.format, "format", "format of stdout", formatText, formatMarkdown, formatJSON)
	f := c.Flags()
	f.StringSliceVar(&o.names, "rule", nil,
		"only the rule of this `name`; several with commas, or repeatable (default: all)")
	f.BoolVar(&o.list, "list", false, "list the rules and exit")
	quietFlag(c, &o.quiet)
	return c
}

func (o *verifyOptions) run(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return usagef("verify takes no argument, got %q; --rule names the rules to check", args[0])
	}
	list, err := rules.Select(o.names)
	if err != nil {
		return usageError{err}
	}
	if o.list {
		rules.List(e.stdout, list)
		return nil
	}
	report, err := o.measure(ctx, e, list)
	if err != nil {
		return err
	}
	return o.show(e, report)
}

// measure checks the rules, and shows its progress on a terminal.
func (o *verifyOptions) measure(ctx context.Context, e *env, list []rules.Rule) (*rules.Report, error) {
	progress, done := newProgress(e, o.quiet, 0), map[string]bool{}
	report, err := lab.Verify(ctx, list, func(r rules.Result) {
		done[r.Name] = true
		progress.show(0, "", fmt.Sprintf("%d of %d rules checked", len(done), len(list)))
	})
	progress.clear()
	if report != nil {
		report.Version = fullVersion()
		if report.Refused != nil {
			report.Reason = words.Note(*report.Refused)
		}
	}
	return report, err
}

// show prints the report and judges it: a rule that does not hold is a failed gate, one that could not be
// checked is inconclusive.
func (o *verifyOptions) show(e *env, report *rules.Report) error {
	if err := verify.Forms[o.format](e.stdout, report, e.width); err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	switch {
	case report.Counts.Fail > 0:
		return errGate
	case report.Counts.Unchecked > 0:
		return errInconclusive
	}
	return nil
}
