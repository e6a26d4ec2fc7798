package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/gate"
	"agistorm/analysis/record"
	"agistorm/analysis/summary"
	"agistorm/reports"
	"agistorm/reports/document"
	"agistorm/reports/plots"
)

// view is how a result is shown on stdout.
type view struct {
	format  string
	noColor bool
	quiet   bool
	explain bool
	// progress that is still shown; nil without any.
	progress *progress
}

func (v *view) flags(c *cobra.Command) {
	v.format = formatText
	choiceFlag(c, &v.format, "format", "format of stdout", formatText, formatMarkdown, formatJSON)
	v.textFlags(c)
	quietFlag(c, &v.quiet)
}

// textFlags say how the text looks.
func (v *view) textFlags(c *cobra.Command) {
	c.Flags().BoolVar(&v.noColor, "no-color", false, "no colours (NO_COLOR does the same)")
	c.Flags().BoolVar(&v.explain, "explain", false, "everything instead of one screen: every number, and why calls "+
		"were lost, late or slow (also --full)")
}

// quietFlag is the same on every verb that has it.
func quietFlag(c *cobra.Command, to *bool) {
	c.Flags().BoolVarP(to, "quiet", "q", false, "no progress on stderr")
}

// checkOutput checks the name of a run directory to create; given reports whether the user gave one.
func checkOutput(name string, given bool) error {
	switch {
	case name == "-":
		return usagef("output -: a run is a directory, which stdout cannot hold; --format json puts its summary there")
	case name == "" && given:
		return usagef("output: want the name of a directory, got none")
	}
	return nil
}

// finish shows what was measured, if anything was, and returns what cut the measuring short, if anything did.
func (v *view) finish(e *env, dir record.Dir, run *record.Run, failure error) error {
	if run == nil {
		v.progress.clear()
		dir.RemoveEmpty()
		return failure
	}
	v.progress.writing(failure)
	summary, err := summary.Read(dir)
	if err == nil {
		err = v.show(e, dir, summary)
	}
	if failure != nil && slices.ContainsFunc(reported, func(r error) bool { return errors.Is(err, r) }) {
		return failure // it counts more than what the measured part shows
	}
	return errors.Join(failure, err)
}

// drawFigures is a variable for the tests of the verbs, which write many reports and read few.
var drawFigures = plots.Draw

// show draws the report of a run directory and prints the result.
func (v *view) show(e *env, dir record.Dir, summary *analysis.Summary) error {
	figures, err := drawFigures(summary)
	if err != nil {
		v.progress.clear()
		return fmt.Errorf("drawing the figures: %w", err)
	}
	written := reports.Write(dir, summary, figures)
	v.progress.clear()
	if err := errors.Join(v.print(e, summary), unwritable(written)); err != nil {
		return err
	}
	gates := v.judged(e, dir, summary)
	fmt.Fprintf(e.stderr, "Report: %s\n", shown(dir.File("report.html")))
	if v.format == formatText && !v.explain {
		fmt.Fprintf(e.stderr, "The rest: agistorm report %s --explain\n", dir)
	}
	return ending(summary, gates)
}

// judged judges a fresh run by its gates, if it has any. Its error stands for the exit code.
func (v *view) judged(e *env, dir record.Dir, summary *analysis.Summary) error {
	if len(summary.Run.Scenario.Gates) == 0 {
		return nil
	}
	err := v.judge(e, dir, summary)
	if errors.Is(err, gate.ErrShare) {
		fmt.Fprintln(e.stderr, gate.ErrShare)
		return nil
	}
	return err
}

// ending returns the error that stands for the exit code of a run, given that of its gates: a gate that failed comes
// first, then a server that fails beyond the doubts of the generator, then these doubts.
func ending(s *analysis.Summary, gates error) error {
	unsure := gates != nil || !s.Conclusive
	switch {
	case gates != nil && !errors.Is(gates, errInconclusive):
		return gates
	case s.ServedNothing() && (!unsure || s.AllLost()):
		return errServedNothing
	case s.ServerDied():
		return errServerEnded
	case unsure:
		return errInconclusive
	}
	return nil
}

// unwritable returns one line for a report that could not be written: its files fail alike.
func unwritable(err error) error {
	if err == nil {
		return nil
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("the report cannot be written: %s", first)
}

func (v *view) print(e *env, s *analysis.Summary) error {
	switch v.format {
	case formatMarkdown:
		return reports.Markdown(e.stdout, s)
	case formatJSON:
		return reports.JSON(e.stdout, s)
	}
	options := v.textOptions(e)
	if s.Partial != nil {
		options.Lines-- // what ended it early has a line, too
	}
	return reports.Text(e.stdout, s, options)
}

func (v *view) textOptions(e *env) reports.TextOptions {
	colour := e.stdoutTerminal && !v.noColor && e.getenv("NO_COLOR") == ""
	return reports.TextOptions{Colour: colour, Width: e.width, Explain: v.explain, Lines: glanceLines}
}

// glanceLines of a screen are left for the text: under it stand the path of the report, how to see the rest, and the
// prompt.
const glanceLines = document.ScreenLines - 3

// printSide prints a comparison of two runs.
func (v *view) printSide(e *env, s *comparison.SideBySide) error {
	switch v.format {
	case formatMarkdown:
		return reports.SideMarkdown(e.stdout, s)
	case formatJSON:
		return reports.SideJSON(e.stdout, s)
	}
	return reports.SideText(e.stdout, s, v.textOptions(e))
}
