package analysis

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"agistorm/analysis/finding"
	"agistorm/analysis/record"
	"agistorm/scenarios/axis"
)

const somaxconnSysctl = axis.SomaxconnSysctl

// largest is both the greatest somaxconn and the backlog that asks for all of it.
const largest = record.MaxBacklog

// fullBacklog reports whether the application asks for all that somaxconn allows.
func fullBacklog(c record.Cell) bool {
	return c.Backlog == record.BacklogMax || c.Backlog == strconv.Itoa(largest)
}

// LabelSeparator stands between the parts of a cell's label.
const LabelSeparator = " + "

// Labels names each cell as tables and figures show it: its limit, and what it is on the other axes on which the cells differ.
func Labels(cells []record.Cell) []string {
	swept := Differing(cells)
	labels := make([]string, len(cells))
	for i := range cells {
		labels[i] = strings.Join(append([]string{limitLabel(cells[i])}, otherParts(&cells[i], swept)...), LabelSeparator)
	}
	return labels
}

// otherParts are what a cell is on some axes beside its limit.
func otherParts(c *record.Cell, names []string) []string { return axis.Values(c.Axes()).Labels(names) }

// Incomplete is why not all storms that were planned of the setting can be judged by; nil where they can.
func (c *Cell) Incomplete(run *record.Run) finding.Fact {
	for i := range c.Repeats {
		if r := &c.Repeats[i]; len(r.Damaged) > 0 {
			return finding.Damaged{Problem: r.Damaged[0]}
		}
	}
	if n, planned := len(c.Repeats), run.Planned(c.ID); n == 0 || n < planned {
		return finding.StormsRecorded{Have: n, Of: planned}
	}
	return nil
}

func limitLabel(c record.Cell) string {
	somaxconn := "somaxconn " + axis.FormatLimit(c.Somaxconn)
	switch {
	case c.Backlog == "":
		return c.ID // somebody else's server
	case fullBacklog(c):
		return somaxconn
	default:
		return "backlog " + c.Backlog + " (" + somaxconn + ")"
	}
}

// Differing lists the axes, beside those of the queue's length, on which not all cells are the same.
func Differing(cells []record.Cell) []string {
	return slices.DeleteFunc(axis.Differing(axesOf(cells)...), func(name string) bool { return axis.Named(name).Queue })
}

func axesOf(cells []record.Cell) (all []axis.Values) {
	for i := range cells {
		all = append(all, cells[i].Axes())
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// rounded is a median as a whole number.
func rounded(v float64) int { return int(math.Round(v)) }
