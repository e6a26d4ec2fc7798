package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"agistorm/analysis/listeners"
	"agistorm/analysis/record"
	seen "agistorm/analysis/watch"
	report "agistorm/reports/watch"
	"agistorm/reports/words"
	"agistorm/target/metrics/openmetrics"
	"agistorm/target/metrics/scrape"
	"agistorm/target/tracefs"
	"agistorm/target/watch"
)

// watchOptions are the flags of watch.
type watchOptions struct {
	span                    time.Duration
	format, output, metrics string
	noColor, quiet, drops   bool
	record                  recordOptions
	given                   func(flag string) bool
	// write writes the documents.
	write func(dir record.Dir, r *seen.Report) error
}

func init() { verbs = append(verbs, newWatch) }

const watchHelp = `Watch the accept queues of listeners over time: how deep they were and for how long, how long
connections waited, when they overflowed and what that dropped.

It sends no packet and changes nothing. It sees the listeners of this network namespace, and as root those of all
others, such as containers. Each WHAT is a port, an address with or without one, a process, or a container by name or
ID. What does not listen yet is watched as soon as it does. A listener that restarts stays one row.

An idle listener is sampled 4 times a second, and one whose queue is not empty up to 1,000 times. Memory is bounded,
however long it lasts. Ctrl-C, SIGTERM or SIGHUP ends it with the report and exit code 0; so does --for, and a signal
before that time with 130.

--record writes down when SYNs arrive at the ports of WHAT: a trace for storm, sweep and plan, such as
"plan --trace day.rec busiest minute". It needs root or CAP_NET_RAW.

--drops counts the reasons with which the kernel drops packets, on the whole host (root). A SYN at a full accept queue
has none: the drops of the listener count it.`

func newWatch(e *env) *cobra.Command {
	o := &watchOptions{format: formatText, write: report.Write}
	c := &cobra.Command{
		Use:   "watch [PORT | ADDRESS | PID | CONTAINER]...",
		Short: "watch the queues of listeners over time: peaks, waiting times, overflows",
		Long:  watchHelp,
		Example: "  agistorm watch\n  agistorm watch 4573 --for 24h -o day\n" +
			"  agistorm watch 4573 my-container --metrics 127.0.0.1:9573\n" +
			"  sudo agistorm watch 4573 --record day.rec",
		GroupID: groupMeasure,
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c.Context(), e, args) },
	}
	f := c.Flags()
	o.given = f.Changed
	f.DurationVar(&o.span, "for", 0, "end after this time, such as 24h (default: at a signal)")
	choiceFlag(c, &o.format, "format", "format of the report on stdout", formatText, formatMarkdown, formatJSON)
	f.StringVarP(&o.output, "output", "o", "", "`directory` for the report as a page, Markdown, JSON and figures")
	f.StringVar(&o.metrics, "metrics", "", "`address` that shows metrics to Prometheus, at /metrics")
	o.record.flags(c)
	dropsFlag(f, &o.drops)
	f.BoolVar(&o.noColor, "no-color", false, "no colours (NO_COLOR does the same)")
	quietFlag(c, &o.quiet)
	return c
}

func (o *watchOptions) run(ctx context.Context, e *env, args []string) error {
	if err := o.check(args); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := o.prepare(); err != nil {
		return err
	}
	view := newWatchView(e, o.quiet)
	w, err := watch.New(watch.Config{What: args, Said: o.record.heard(view.said)})
	if errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("watch reads the accept queues of Linux; %s does not show them", runtime.GOOS)
	}
	if err != nil {
		return err
	}
	defer w.Close()
	return o.watch(ctx, e, w, view, args)
}

// check reads what needs no look.
func (o *watchOptions) check(args []string) error {
	if o.given("for") && o.span <= 0 {
		return usagef("for %v: want a time above 0, such as 24h", o.span)
	}
	if o.given("output") && (o.output == "" || o.output == "-") {
		return usagef("output %q: want the name of a directory; --format says what comes to stdout", o.output)
	}
	for _, arg := range args {
		if err := listeners.CheckWord(arg); err != nil {
			return usageError{err}
		}
	}
	if _, _, err := net.SplitHostPort(o.metrics); err != nil && o.metrics != "" {
		return usagef("metrics %q: want HOST:PORT, such as 127.0.0.1:9573", o.metrics)
	}
	return o.record.check(args)
}

// prepare makes sure at the beginning that the documents can be written at the end.
func (o *watchOptions) prepare() error {
	if o.output == "" {
		return nil
	}
	if err := os.Mkdir(o.output, 0o755); err != nil && !os.IsExist(err) {
		return fmt.Errorf("cannot create the directory of the report: %w", err)
	}
	f, err := os.CreateTemp(o.output, ".watch-*")
	if err != nil {
		return fmt.Errorf("cannot write into the directory of the report: %w", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// watch watches until the time is over or a signal comes, and reports.
func (o *watchOptions) watch(ctx context.Context, e *env, w *watch.Watcher, view *watchView, what []string) error {
	metrics, stop, err := showMetrics(o.metrics, watchMetrics(w))
	if err != nil {
		return err
	}
	defer stop()
	if metrics != nil {
		w.Except(metrics.place(), metrics.accepted.Load)
	}
	running, cancel := context.WithCancel(ctx)
	if o.span > 0 {
		running, cancel = context.WithTimeout(ctx, o.span)
	}
	defer cancel()
	recording, err := o.record.start(ctx, w, what, view.said)
	if err != nil {
		return err
	}
	lines := append(words.WatchBegins(w.Now(), o.span), o.record.begins(recording))
	if metrics != nil {
		lines = append(lines, fmt.Sprintf("Metrics: http://%s/metrics", metrics.bound()))
	}
	ended := view.show(running, w, lines)
	endReasons := func() *record.DropReasons { return nil }
	if o.drops {
		endReasons = tracefs.Count()
	}
	failure := w.Run(running)
	cancel()
	r := w.End()
	r.Reasons = endReasons()
	recorded, incomplete := o.record.end(recording, r)
	view.close()
	if err := <-ended; errors.Is(err, syscall.ENOSPC) {
		r.Events = append(r.Events, seen.Event{At: r.To, Kind: seen.DiskFull, Text: "the log on stderr"})
	}
	r.Version, r.Interrupted = fullVersion(), ctx.Err() != nil
	err = errors.Join(failure, o.report(e, r), incomplete)
	if recorded != "" && !o.quiet {
		fmt.Fprintln(e.stderr, recorded)
	}
	if err == nil && o.span > 0 {
		err = ctx.Err()
	}
	return err
}

// report writes the documents, and the report to stdout whatever became of them.
func (o *watchOptions) report(e *env, r *seen.Report) error {
	var written error
	if o.output != "" {
		dir := record.Dir(o.output)
		if written = o.write(dir, r); errors.Is(written, syscall.ENOSPC) {
			r.Events = append(r.Events, seen.Event{At: r.To, Kind: seen.DiskFull, Text: shown(o.output)})
		}
		if written == nil {
			defer fmt.Fprintf(e.stderr, "Report: %s\n", shown(dir.File(report.Page)))
		}
	}
	colour := e.stdoutTerminal && !o.noColor && e.getenv("NO_COLOR") == ""
	err := report.Forms[o.format](e.stdout, r, report.Options{Width: e.width, Colour: colour})
	if err != nil {
		err = fmt.Errorf("the report cannot be written: %w", err)
	}
	return errors.Join(unwritable(written), err)
}

// watchMetrics shows what was seen so far.
func watchMetrics(w *watch.Watcher) scrape.Page {
	return scrape.Page{ContentType: openmetrics.ContentType, Write: func(to io.Writer) error {
		r := w.Now()
		r.Version = fullVersion()
		return report.Metrics(to, r)
	}}
}
