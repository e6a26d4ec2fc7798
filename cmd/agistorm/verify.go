package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

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

func verifyFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o := &verifyOptions{}
	f.StringVar(&o.format, "format", "text", "what stdout gets: text or json")
	f.StringSliceVar(&o.names, "rule", nil, "only the rule of this `name`; several with commas, or the flag again (default: all)")
	f.BoolVar(&o.list, "list", false, "list the rules and end")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no progress on stderr")
	return o.run
}

func (o *verifyOptions) run(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return usagef("verify takes no argument, got %q; --rule names the rules to check", args[0])
	}
	if o.format != "text" && o.format != "json" {
		return usagef("format %q: want text or json", o.format)
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

// measure shows how far it is, on a terminal.
func (o *verifyOptions) measure(ctx context.Context, e *env, list []rules.Rule) (*rules.Report, error) {
	show := e.stderrTerminal && !o.quiet
	done := map[string]bool{}
	progress := func(r rules.Result) {
		done[r.Name] = true
		if show {
			fmt.Fprintf(e.stderr, "\r\x1b[K%d of %d rules checked", len(done), len(list))
		}
	}
	report, err := lab.Verify(ctx, list, progress)
	if show {
		fmt.Fprint(e.stderr, "\r\x1b[K")
	}
	if report != nil {
		report.Version = fullVersion()
	}
	return report, err
}

// show prints the report and judges it: a rule that does not hold is a failed gate; one that could not
// be checked leaves the question open.
func (o *verifyOptions) show(e *env, report *rules.Report) error {
	write := func() error { return report.Text(e.stdout, e.width) }
	if o.format == "json" {
		write = func() error { return report.JSON(e.stdout) }
	}
	if err := write(); err != nil {
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
