package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const heading = `| who says it | connects | says: p50 | p99 | packets: p50 | p99 | off by: p50 | p99 | max | too short | wanted |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
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

// cells of a row. Counts are summed over the runs; what was said and seen is the median of the
// runs, and for what is off the worst stands beside it.
func (r row) cells(of []figures) []string {
	connects, early := 0, 0
	for i := range of {
		connects += of[i].connects
		early += of[i].early
	}
	median := func(value func(figures) time.Duration) string { return formatDuration(quantile(sorted(of, value), 0.5)) }
	worst := func(value func(figures) time.Duration) string {
		if len(of) == 1 {
			return median(value)
		}
		return fmt.Sprintf("%s (%s)", median(value), formatDuration(quantile(sorted(of, value), 1)))
	}
	return []string{
		r.name, thousands(connects),
		median(func(f figures) time.Duration { return f.saidP50 }),
		median(func(f figures) time.Duration { return f.saidP99 }),
		median(func(f figures) time.Duration { return f.seenP50 }),
		median(func(f figures) time.Duration { return f.seenP99 }),
		worst(func(f figures) time.Duration { return f.offP50 }),
		worst(func(f figures) time.Duration { return f.offP99 }),
		worst(func(f figures) time.Duration { return f.offMax }),
		r.target.sampleTooSmall(early), r.target.String(),
	}
}

func sorted(of []figures, value func(figures) time.Duration) []time.Duration {
	values := make([]time.Duration, len(of))
	for i := range of {
		values[i] = value(of[i])
	}
	slices.Sort(values)
	return values
}

// sampleTooSmall is how many were, where that is asked.
func (t target) sampleTooSmall(early int) string {
	if !t.never {
		return "–"
	}
	return thousands(early)
}

// String is the target as the table says it.
func (t target) String() string {
	var wants []string
	for _, limit := range []struct {
		name string
		d    time.Duration
	}{{"p50", t.p50}, {"p99", t.p99}, {"max", t.max}} {
		if limit.d > 0 {
			wants = append(wants, fmt.Sprintf("%s ≤ %s", limit.name, formatDuration(limit.d)))
		}
	}
	if t.never {
		wants = append(wants, "none too short")
	}
	if len(wants) == 0 {
		return "–"
	}
	return strings.Join(wants, ", ")
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
