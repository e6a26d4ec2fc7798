package summary

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"agistorm/analysis/record"
)

// Storms are the repeats of a run by the ID of their cell: repeat N stands at
// index N - 1, nil where it is absent.
type Storms map[string][]*record.Repeat

// read reads all storms at once as far as there are CPUs; their order, and that of the problems, is the
// run's.
func read(d record.Dir, run *record.Run) (Storms, []string) {
	storms, steps := Storms{}, run.Steps()
	for _, c := range run.Cells {
		storms[c.ID] = make([]*record.Repeat, run.Planned(c.ID))
	}
	problems := make([][]string, len(steps))
	record.InParallel(len(steps), func(i int) {
		step := steps[i]
		storms[step.Cell][step.N-1], problems[i] = readStorm(d, step.Cell, step.N)
	})
	return storms, slices.Concat(problems...)
}

// readStorm is nil for a repeat that is absent, or of which no number can be trusted.
func readStorm(d record.Dir, cell string, n int) (*record.Repeat, []string) {
	if !d.Has(cell, n) {
		return nil, nil
	}
	storm, err := d.Repeat(cell, n)
	lines := errorLines(d, err)
	switch {
	case errors.Is(err, record.ErrAttempts):
		storm = nil // counted, the calls that are missing would pass for calls that were not lost
	case storm != nil:
		storm.Damaged = lines
	}
	return storm, lines
}

// errorLines returns each joined error a line, with paths as seen from the run directory:
// the same run must read the same wherever it lies.
func errorLines(d record.Dir, err error) []string {
	if err == nil {
		return nil
	}
	cells := "cells" + string(filepath.Separator)
	text := strings.ReplaceAll(err.Error(), filepath.Join(string(d), cells)+string(filepath.Separator), cells)
	return strings.Split(text, "\n")
}
