package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/reports"
	"agistorm/reports/export"
	"agistorm/reports/lists"
)

// reportOptions are the flags of report.
type reportOptions struct {
	output string
	export export.Form
	view   view
	given  func(flag string) bool
}

func init() { verbs = append(verbs, newReport) }

func newReport(e *env) *cobra.Command {
	o := &reportOptions{}
	c := &cobra.Command{
		Use:   "report DIR...",
		Short: "regenerate the report of a run, compare two runs, or merge the shares of a storm",
		Example: `  agistorm report before --explain
  agistorm report before after
  agistorm report before --export csv
  agistorm report --export json-schema`,
		GroupID: groupRead,
		RunE:    func(_ *cobra.Command, args []string) error { return o.run(e, args) },
	}
	f := c.Flags()
	o.given = f.Changed
	f.StringVarP(&o.output, "output", "o", "",
		"`directory` to create for several shares, or two runs side by side (default agistorm-merged-TIME, "+
			"agistorm-compared-TIME)")
	f.Var(&parsed[export.Form]{kind: "form", to: &o.export, parse: export.Find}, "export",
		"write the run to stdout in another form instead: "+strings.Join(formNames(), ", "))
	completes(c, "export", formNames())
	o.view.flags(c)
	return c
}

func (o *reportOptions) run(e *env, args []string) error {
	switch {
	case o.given("export") && o.given("format"):
		return usagef("--export and --format are two forms for one stdout: give one")
	case len(args) == 0 && o.export.Name == export.SchemaForm:
		return export.Schema(e.stdout)
	case len(args) == 0:
		return usagef("missing run directory. Example: agistorm report agistorm-somaxconn-20261123-100000")
	case len(args) == 1:
		return o.one(e, record.Dir(args[0]))
	}
	if o.given("export") {
		return usagef("--export writes one run, and these are %d", len(args))
	}
	runs, err := readRuns(args)
	shares := slices.ContainsFunc(runs, func(r *record.Run) bool { return r.Share != nil })
	switch {
	case shares && !errors.Is(err, record.ErrNoRun):
		return o.merge(e, args)
	case err != nil:
		return err
	case len(args) > 2:
		return usagef("report compares two runs, the old one first, and got %d; only shares of one storm can be more",
			len(args))
	}
	return o.compare(e, args[0], args[1])
}

// analyse reads a run; a directory that holds none is a wrong argument.
func analyse(dir record.Dir) (*analysis.Summary, error) {
	if _, err := dir.Run(); err != nil {
		return nil, usageError{err}
	}
	return summary.Read(dir)
}

// readRuns returns the runs that can be read, and why others cannot.
func readRuns(args []string) (runs []*record.Run, err error) {
	for _, arg := range args {
		run, failure := record.Dir(arg).Run()
		if failure != nil {
			err = errors.Join(err, failure)
			continue
		}
		runs = append(runs, run)
	}
	if err != nil {
		err = usageError{err}
	}
	return runs, err
}

func (o *reportOptions) one(e *env, dir record.Dir) error {
	if o.output != "" {
		return usagef("--output is for several runs; the report of one run is regenerated in its own directory")
	}
	summary, err := analyse(dir)
	switch {
	case err != nil:
		return err
	case o.given("export"):
		return o.write(e, summary)
	}
	return o.view.show(e, dir, summary)
}

// write puts the run on stdout in the form that was asked for, and nothing else.
func (o *reportOptions) write(e *env, summary *analysis.Summary) error {
	out := bufio.NewWriter(e.stdout)
	err := o.export.Write(out, summary)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", o.export.Name, err)
	}
	return nil
}

func formNames() []string {
	return lists.Map(export.Forms(), func(f export.Form) string { return f.Name })
}

// merge makes one run of the shares of a storm, and reports it.
func (o *reportOptions) merge(e *env, args []string) error {
	shares := lists.Map(args, func(arg string) record.Dir { return record.Dir(arg) })
	into, err := runDir(o.output, "merged")
	if err != nil {
		return err
	}
	merged, err := record.MergeShares(into, shares...)
	if err != nil {
		into.RemoveEmpty()
		if errors.Is(err, record.ErrNotShares) {
			return usageError{err}
		}
		return err
	}
	return o.view.finish(e, into, merged, nil)
}

// compare sets two runs side by side.
func (o *reportOptions) compare(e *env, oldDir, newDir string) error {
	if sameDir(oldDir, newDir) {
		return usagef("%s is compared with itself: give two runs", oldDir)
	}
	if _, err := os.Stat(record.Dir(o.output).File("run.json")); err == nil && o.output != "" {
		return usagef("%s is a run directory: a comparison needs one of its own", o.output)
	}
	old, err := summary.Read(record.Dir(oldDir))
	if err != nil {
		return err
	}
	new, err := summary.Read(record.Dir(newDir))
	if err != nil {
		return err
	}
	side := comparison.Compare(oldDir, old, newDir, new, comparison.BetweenRuns)
	into, err := comparisonDir(o.output)
	if err != nil {
		return fmt.Errorf("cannot create the directory of the comparison: %w", err)
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

// sameDir reports whether two names are of one directory.
func sameDir(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// comparisonDir creates the directory of a comparison; one that exists may be used again.
func comparisonDir(path string) (string, error) {
	if path == "" {
		return freshDir("compared")
	}
	return path, os.MkdirAll(path, 0o777)
}
