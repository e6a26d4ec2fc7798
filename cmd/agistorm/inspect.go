package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"agistorm/analysis/gate"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/listeners"
	"agistorm/reports/inspect"
	"agistorm/target/scan"
)

// inspectOptions are the flags of inspect.
type inspectOptions struct {
	format  string
	all     bool
	gates   []string
	between time.Duration
	since   string
	noColor bool
}

func init() { verbs = append(verbs, newInspect) }

const inspectHelp = `Show the accept queue of every TCP listener, the worst first, and what to change.

It sends no packet and changes nothing. It sees the listeners of this network namespace, and as root those of all
others, such as containers. WHAT is a port, an address with or without one, a process, or a container by name or ID.
A number is a port; where nothing listens on it, a process.

Drops are those since a socket listens. They never go down, so two looks show what was dropped meanwhile: --for looks
twice, and --since FILE compares with an earlier --format json. Only --for shows a server that accepts nothing.

Gates are about each listener: drops, depth (also in percent of the queue) and backlog. A selector before the colon
names some of them by port, address, process, pid, netns or container: "port=4573: drops == 0".`

func newInspect(e *env) *cobra.Command {
	o := &inspectOptions{format: formatText}
	c := &cobra.Command{
		Use:   "inspect [PORT | ADDRESS | PID | CONTAINER]",
		Short: "show every listener of this host: its queue, drops, and what to change",
		Long:  inspectHelp,
		Example: "  agistorm inspect\n  agistorm inspect 4573 --for 10s\n" +
			"  agistorm inspect --gate \"drops == 0\" --format json",
		GroupID: groupMeasure,
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c.Context(), e, args) },
	}
	f := c.Flags()
	f.BoolVar(&o.all, "all", false, "also listeners without a fault (JSON always has them)")
	f.DurationVar(&o.between, "for", 0, "look twice, so far apart, and judge what was dropped meanwhile (10s)")
	f.StringVar(&o.since, "since", "", "judge what was dropped since this `file`, an earlier --format json")
	gateFlagLike(c, &o.gates, "\"drops == 0\" or \"depth < 80%\"")
	choiceFlag(c, &o.format, "format", "format of stdout", formatText, formatMarkdown, formatJSON)
	f.BoolVar(&o.noColor, "no-color", false, "no colours (NO_COLOR does the same)")
	return c
}

func (o *inspectOptions) run(ctx context.Context, e *env, args []string) error {
	conditions, err := o.check(args)
	if err != nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	report, err := o.look(ctx)
	if errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("inspect reads the accept queues of Linux; %s does not show them", runtime.GOOS)
	}
	if err != nil {
		return err
	}
	report.Version = fullVersion()
	listeners.Judge(report)
	if err := choose(report, args); err != nil {
		return err
	}
	if err := hold(report, conditions); err != nil {
		return err
	}
	colour := e.stdoutTerminal && !o.noColor && e.getenv("NO_COLOR") == ""
	shown := inspect.Options{All: o.all || len(args) > 0, Width: e.width, Colour: colour}
	if err := inspect.Forms[o.format](e.stdout, report, shown); err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	switch {
	case ctx.Err() != nil: // within --for
		return ctx.Err()
	case report.Gates != nil:
		return verdictErrors[report.Gates.Status]
	}
	return nil
}

// check reads what needs no look.
func (o *inspectOptions) check(args []string) (conditions []expr.Condition, err error) {
	switch {
	case len(args) > 1:
		return nil, usagef("inspect takes one port, address, process or container, got %d", len(args))
	case o.between < 0:
		return nil, usagef("for %v: want a time above 0, such as 10s", o.between)
	case o.between > 0 && o.since != "":
		return nil, usagef("--for and --since both say from when on drops count: want one of them")
	}
	for _, source := range o.gates {
		c, err := listeners.ParseGate(source)
		if err != nil {
			return nil, usageError{err}
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}

// look looks at all listeners, and compares with an earlier look where that is asked for.
func (o *inspectOptions) look(ctx context.Context) (*listeners.Report, error) {
	if o.between > 0 {
		return scan.Window(ctx, o.between)
	}
	var earlier *listeners.Report
	if o.since != "" {
		text, err := readBounded(o.since)
		if err != nil {
			return nil, usageError{fmt.Errorf("since: %w", err)}
		}
		if earlier, err = listeners.ReadEarlier(text); err != nil {
			return nil, usagef("since %s: %w", o.since, err)
		}
	}
	report, err := scan.Now()
	if err != nil || earlier == nil {
		return report, err
	}
	if err := report.Since(earlier); err != nil {
		return nil, usagef("since %s: %w", o.since, err)
	}
	return report, nil
}

// maxEarlier bounds an earlier look, in bytes.
const maxEarlier = 64 << 20

// readBounded reads a file, a pipe or a device up to that bound.
func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEarlier+1))
	if err == nil && len(text) > maxEarlier {
		err = fmt.Errorf("%s: larger than %d MiB", name, maxEarlier>>20)
	}
	return text, err
}

// choose leaves the listeners that are asked for.
func choose(r *listeners.Report, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if r.Listeners = r.Matches(args[0]); len(r.Listeners) > 0 {
		return nil
	}
	hint := ""
	if r.Unseen.Namespaces > 0 || r.Unseen.Processes > 0 {
		hint = "; there are network namespaces that only root may see"
	}
	return fmt.Errorf("nothing listens on %s%s", args[0], hint)
}

// hold judges the gates, if there are any.
func hold(r *listeners.Report, conditions []expr.Condition) error {
	if len(conditions) == 0 {
		return nil
	}
	err := r.Hold(conditions)
	var nothing *gate.NothingSelected
	if errors.As(err, &nothing) {
		return usagef("gate %q selects no listener", nothing.Condition.Source)
	}
	return err
}
