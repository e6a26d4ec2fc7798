package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"agistorm/reports/words"
	"agistorm/scripts/internal/quantile"
)

const heading = "| client | connects | reported: p50 | p99 | packets: p50 | p99 | off by: p50 | p99 | max " +
	"| too short | wanted |\n" + `|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
`

// table is the result in Markdown, a line for each row; runs hold the rows' figures.
func table(runs [][]figures) string {
	var out strings.Builder
	out.WriteString(heading)
	for n, row := range rows {
		of := make([]figures, len(runs))
		for i := range runs {
			of[i] = runs[i][n]
		}
		fmt.Fprintf(&out, "| %s |\n", strings.Join(row.cells(of), " | "))
	}
	return out.String()
}

// cells returns what a row shows. Counts are summed over the runs; what was reported and seen is the median of
// the runs, and for what is off the worst stands beside it.
func (r row) cells(of []figures) []string {
	connects, early := 0, 0
	times := make([][]time.Duration, 7)
	for _, f := range of {
		connects += f.connects
		early += f.early
		for i, d := range []time.Duration{
			f.reportedP50, f.reportedP99, f.seenP50, f.seenP99, f.offP50, f.offP99, f.offMax,
		} {
			times[i] = append(times[i], d)
		}
	}
	cells := []string{r.name, words.Count(connects)}
	for i, values := range times {
		text := words.Duration(quantile.Median(values))
		if i >= 4 && len(of) > 1 {
			text += " (" + words.Duration(slices.Max(values)) + ")"
		}
		cells = append(cells, text)
	}
	tooShort := "–"
	if r.target.never {
		tooShort = words.Count(early)
	}
	return append(cells, tooShort, r.target.String())
}

// String returns the target as the table shows it.
func (t target) String() string {
	var wants []string
	for _, limit := range t.limits() {
		wants = append(wants, limit.name+" ≤ "+words.Duration(limit.want))
	}
	if t.never {
		wants = append(wants, "none too short")
	}
	return cmp.Or(strings.Join(wants, ", "), "–")
}
