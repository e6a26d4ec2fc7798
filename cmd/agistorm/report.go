package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports"
	"agistorm/reports/export"
)

// reportOptions are the flags of report.
type reportOptions struct {
	output string
	export string
	view   view
	given  func(flag string) bool
}

func reportFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o := &reportOptions{given: f.Changed}
	f.StringVarP(&o.output, "output", "o", "",
		"`directory` to make of several shares, or for two runs side by side (default agistorm-merged-TIME, agistorm-compared-TIME)")
	f.StringVar(&o.export, "export", "", "write the run to stdout in another `form` instead: "+formNames())
	o.view.flags(f)
	return o.run
}

func (o *reportOptions) run(_ context.Context, e *env, args []string) error {
	if err := o.view.check(); err != nil {
		return err
	}
	switch {
	case o.export != "" && o.given("format"):
		return usagef("--export and --format are two forms for one stdout: give one")
	case len(args) == 0 && o.export == export.SchemaForm:
		return export.Schema(e.stdout)
	case len(args) == 0:
		return usagef("report takes a run directory, two to compare, or those of all the shares of one storm")
	case len(args) == 1:
		return o.one(e, record.Dir(args[0]))
	}
	if o.export != "" {
		return usagef("--export writes one run, and these are %d", len(args))
	}
	runs, err := readRuns(args)
	switch {
	case err != nil:
		return err
	case shares(runs) > 0:
		return o.merge(e, args)
	case len(args) > 2:
		return usagef("report compares two runs, an old one and a new one, and these are %d; only the shares of one storm can be more", len(args))
	}
	return o.compare(e, args[0], args[1])
}

func readRuns(args []string) ([]*record.Run, error) {
	var runs []*record.Run
	for _, arg := range args {
		run, err := record.Dir(arg).Run()
		if err != nil {
			return nil, usageError{err}
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// shares counts the runs that hold one share of a storm.
func shares(runs []*record.Run) (n int) {
	for _, run := range runs {
		if run.Share != nil {
			n++
		}
	}
	return n
}

func (o *reportOptions) one(e *env, dir record.Dir) error {
	if o.output != "" {
		return usagef("--output is for the shares of a storm and for two runs beside each other; one run is drawn again where it lies")
	}
	if _, err := dir.Run(); err != nil {
		return usageError{err}
	}
	if o.export != "" {
		return o.write(e, dir)
	}
	return o.view.show(e, dir)
}

// write puts the run on stdout in the form that was asked for, and nothing else.
func (o *reportOptions) write(e *env, dir record.Dir) error {
	form, err := export.Find(o.export)
	if err != nil {
		return usageError{err}
	}
	summary, err := analysis.Analyse(dir)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(e.stdout)
	if err = form.Write(out, summary); err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", o.export, err)
	}
	return nil
}

func formNames() string {
	var names []string
	for _, f := range export.Forms() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// merge makes one run of the shares of a storm, and draws that.
func (o *reportOptions) merge(e *env, args []string) error {
	var shares []record.Dir
	for _, arg := range args {
		shares = append(shares, record.Dir(arg))
	}
	into, err := runDir(o.output, "merged")
	if err != nil {
		return err
	}
	if _, err := record.MergeShares(into, shares...); err != nil {
		removeEmpty(into)
		if errors.Is(err, record.ErrNotShares) {
			return usageError{err}
		}
		return err
	}
	return o.view.show(e, into)
}

// compare sets two runs side by side.
func (o *reportOptions) compare(e *env, oldDir, newDir string) error {
	if sameDir(oldDir, newDir) {
		return usagef("%s is compared with itself: give two runs", oldDir)
	}
	if _, err := os.Stat(record.Dir(o.output).File("run.json")); err == nil && o.output != "" {
		return usagef("%s is a run directory: a comparison needs one of its own", o.output)
	}
	old, err := analysis.Analyse(record.Dir(oldDir))
	if err != nil {
		return err
	}
	new, err := analysis.Analyse(record.Dir(newDir))
	if err != nil {
		return err
	}
	side := analysis.Compare(oldDir, old, newDir, new, analysis.DefaultLeast)
	into, err := comparisonDir(o.output)
	if err != nil {
		return fmt.Errorf("the directory of the comparison cannot be made: %w", err)
	}
	written := reports.WriteSide(into, side)
	if err := errors.Join(o.view.printSide(e, side), unwritable(written)); err != nil {
		return err
	}
	fmt.Fprintf(e.stderr, "Comparison: %s\n", shown(filepath.Join(into, "comparison.html")))
	if side.Inconclusive() {
		return errInconclusive
	}
	return nil
}

// sameDir tells whether two names are of one directory.
func sameDir(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// comparisonDir makes the directory of a comparison; one that exists may be used again.
func comparisonDir(path string) (string, error) {
	if path == "" {
		return freshDir("compared")
	}
	return path, os.MkdirAll(path, 0o777)
}
