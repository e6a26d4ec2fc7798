package analysis

import (
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

// plainBacklog reports whether the application asks for all that somaxconn allows, or is the user's own and asks
// for the same in all settings: a label need not say it.
func plainBacklog(c record.Cell) bool {
	return slices.Contains([]string{record.BacklogMax, strconv.Itoa(record.MaxBacklog), record.BacklogOwn}, c.Backlog)
}

// LabelSeparator stands between the parts of a cell's label.
const LabelSeparator = " + "

// Labels names each cell as tables and figures show it: its limit, and what it is on the other axes on which
// the cells differ.
func Labels(cells []record.Cell) []string {
	swept := Differing(cells)
	labels := make([]string, len(cells))
	for i := range cells {
		labels[i] = strings.Join(
			append([]string{limitLabel(cells[i])}, axis.Values(cells[i].Axes()).Labels(swept)...),
			LabelSeparator,
		)
	}
	return labels
}

func limitLabel(c record.Cell) string {
	somaxconn := "somaxconn " + axis.FormatLimit(c.Somaxconn)
	switch {
	case c.Backlog == "":
		return c.ID // an external server
	case plainBacklog(c):
		return somaxconn
	default:
		return "backlog " + c.Backlog + " (" + somaxconn + ")"
	}
}

// Differing lists the axes, beside those of the queue's length, on which not all cells are the same.
func Differing(cells []record.Cell) []string {
	return slices.DeleteFunc(axis.Differing(AxesOf(cells)...), func(name string) bool { return axis.Named(name).Queue })
}

// Replaced lists the axes on which the settings of a run differ and whose values replace one of these facts of
// the run: what the run's description has of them is the first setting's.
func Replaced(run *record.Run, facts ...string) []string {
	return slices.DeleteFunc(Differing(run.Cells), func(name string) bool {
		return !slices.Contains(facts, axis.Named(name).Fact)
	})
}

// AxesOf returns the values of each cell on its axes.
func AxesOf(cells []record.Cell) (all []axis.Values) {
	for i := range cells {
		all = append(all, cells[i].Axes())
	}
	return all
}
