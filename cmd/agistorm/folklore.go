package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	lore "agistorm/reports/folklore"
	"agistorm/scenarios"
	"agistorm/scenarios/lab"
	"agistorm/scenarios/lab/folklore"
	"agistorm/scenarios/near"
)

// The name that stands for the claims about the listen queue among the scenarios, and what it asks.
const (
	folkloreName     = "folklore"
	folkloreQuestion = "What people say of the listen queue, claim by claim: does it hold on this kernel?"
)

// folkloreFlags are those of sweep that the claims leave open: their storms are fixed.
var folkloreFlags = []string{"output", "repeats", "isolation", "format", "no-color", "quiet"}

// folkloreRepeats are the storms of each setting by default.
const folkloreRepeats = 3

// folklore checks what was given, and measures.
func (o *sweepOptions) folklore(c *cobra.Command, e *env, args []string) error {
	if err := o.checkFolklore(c, args); err != nil {
		return err
	}
	return o.runFolklore(c.Context(), e)
}

// orFolklore returns the error of a scenario that there is not, or that folklore was misspelt.
func orFolklore(name string, err error) error {
	if hint := near.Hint(name, []string{folkloreName}); hint != "" {
		return fmt.Errorf("no built-in scenario %q%s", name, hint)
	}
	return err
}

// checkFolklore finds what makes no sense with the claims.
func (o *sweepOptions) checkFolklore(c *cobra.Command, args []string) error {
	var refused error
	c.Flags().Visit(func(f *pflag.Flag) {
		if refused == nil && !slices.Contains(folkloreFlags, f.Name) {
			refused = usagef("--%s: the storms of folklore are fixed; its flags are %s", f.Name,
				alternatives(folkloreFlags))
		}
	})
	switch {
	case len(args) > 1:
		return usagef("sweep takes one scenario, got %d", len(args))
	case o.server != nil:
		return usagef("folklore is about the kernel, not about a command: leave out what is behind --")
	case refused != nil:
		return refused
	case o.given("repeats") && (o.repeats < 1 || o.repeats > scenarios.MaxRepeats):
		return usagef("repeats %d: want 1 to %d", o.repeats, scenarios.MaxRepeats)
	}
	return checkOutput(o.output, o.given("output"))
}

// runFolklore measures the claims, and shows what was measured also where the rest was not reached.
func (o *sweepOptions) runFolklore(ctx context.Context, e *env) error {
	folder, err := folkloreFolder(o.output)
	if err != nil {
		return fmt.Errorf("cannot create the run directory: %w", err)
	}
	progress := newProgress(e, o.view.quiet, 0)
	begin := time.Now()
	report, failure := folklore.Run(ctx, folklore.Options{
		Folder: folder, Repeats: cmp.Or(o.repeats, folkloreRepeats), Isolation: lab.Isolation(o.isolation),
		Version: fullVersion(), Command: e.command,
		Progress: func(done, of int) {
			text := fmt.Sprintf("%d of %d measurements and storms are done", done, of)
			progress.show(time.Since(begin), text, text)
		},
	})
	progress.clear()
	if report == nil {
		_ = os.Remove(folder) // it is empty
		return failure
	}
	err = o.showFolklore(e, folder, report)
	if failure != nil && errors.Is(err, errInconclusive) {
		return failure // the interrupt is why
	}
	return errors.Join(failure, err)
}

// showFolklore writes the report's files and prints it. Its error stands for the exit code.
func (o *sweepOptions) showFolklore(e *env, folder string, report *folklore.Report) error {
	written := lore.Write(folder, report)
	err := lore.Forms[o.view.format](e.stdout, report, o.view.textOptions(e))
	if err := errors.Join(err, unwritable(written)); err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "Report: %s\n", shown(filepath.Join(folder, lore.Page)))
	if report.Counts.Unmeasured+report.Counts.InDoubt > 0 {
		return errInconclusive
	}
	return nil
}

// folkloreFolder creates the folder of the report and of the storms' run directories: a new one, or an empty one.
func folkloreFolder(path string) (string, error) {
	if path == "" {
		return freshDir(folkloreName)
	}
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	entries, err := os.ReadDir(path)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty: name a directory that does not exist", path)
	}
	return path, err
}
