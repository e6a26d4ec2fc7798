package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

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

// cells returns what a row shows. Counts are summed over the runs; what was said and seen is the median of
// the runs, and for what is off the worst stands beside it.
func (r row) cells(of []figures) []string {
	connects, early := 0, 0
	times := make([][]time.Duration, 7)
	for _, f := range of {
		connects += f.connects
		early += f.early
		for i, d := range []time.Duration{f.saidP50, f.saidP99, f.seenP50, f.seenP99, f.offP50, f.offP99, f.offMax} {
			times[i] = append(times[i], d)
		}
	}
	cells := []string{r.name, thousands(connects)}
	for i, values := range times {
		text := formatDuration(quantile.Median(values))
		if i >= 4 && len(of) > 1 {
			text += " (" + formatDuration(slices.Max(values)) + ")"
		}
		cells = append(cells, text)
	}
	tooShort := "–"
	if r.target.never {
		tooShort = thousands(early)
	}
	return append(cells, tooShort, r.target.String())
}

// String returns the target as the table shows it.
func (t target) String() string {
	var wants []string
	for _, limit := range t.limits() {
		wants = append(wants, limit.name+" ≤ "+formatDuration(limit.want))
	}
	if t.never {
		wants = append(wants, "none too short")
	}
	return cmp.Or(strings.Join(wants, ", "), "–")
}

// formatDuration writes a duration of 0 or more with three digits that count at most.
func formatDuration(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "µs"}} {
		if d >= unit.size {
			return formatNumber(float64(d)/float64(unit.size)) + " " + unit.name
		}
	}
	return fmt.Sprintf("%d ns", d.Nanoseconds())
}

func formatNumber(v float64) string {
	decimals := 2
	for limit := 9.995; v >= limit && decimals > 0; limit *= 10 {
		decimals--
	}
	text := fmt.Sprintf("%.*f", decimals, v)
	if decimals == 0 {
		return text
	}
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// thousands writes 10000 as 10,000.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
