package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"agistorm/analysis/record"
	"agistorm/reports/words"
	"agistorm/scenarios/lab"
)

// firstLive is when the first plain line about a storm is due: a short one needs none.
const firstLive = time.Second

// liveBlock returns the storm at a glance.
func liveBlock(l lab.Live) []string {
	head := fmt.Sprintf("%8s  %s  %s of %s offered", words.Duration(max(l.Elapsed, 0)), bar(l.Offered, l.Calls),
		words.Count(l.Offered), words.Count(l.Calls))
	return []string{
		head,
		"          " + strings.Join(liveCounts(l), "   "),
		"          " + strings.Join(liveTimes(l), "   "),
		"          " + strings.Join(lostSoFar(l), "   "), // a line of its own, which 80 columns do not cut
	}
}

// liveLine returns the same in one line.
func liveLine(l lab.Live) string {
	parts := []string{fmt.Sprintf("%s of %s offered", words.Count(l.Offered), words.Count(l.Calls))}
	parts = slices.Concat(parts, liveCounts(l), lostSoFar(l), liveTimes(l))
	return words.Duration(l.Elapsed) + ": " + strings.Join(parts, ", ")
}

// liveCounts returns how many calls are in which state now.
func liveCounts(l lab.Live) []string {
	served, name := l.Outcomes[record.Answered], "answered"
	if n := l.Outcomes[record.Connected]; n > 0 {
		served, name = n, "connected"
	}
	return []string{
		words.Count(l.Connecting()) + " connecting",
		words.Count(l.Open) + " open",
		words.Count(served) + " " + name,
	}
}

// lostSoFar returns the outcomes that are no success, the generator's own too.
func lostSoFar(l lab.Live) (parts []string) {
	for _, o := range record.Outcomes {
		if n := l.Outcomes[o]; n > 0 && !o.Served() {
			parts = append(parts, words.Count(n)+" "+string(o))
		}
	}
	return parts
}

// liveTimes returns the latencies so far, and the queue where it is known.
func liveTimes(l lab.Live) (parts []string) {
	if p50, ok := l.Quantile(0.5); ok {
		p99, _ := l.Quantile(0.99)
		parts = append(parts, fmt.Sprintf("connect p50 %s, p99 %s so far", words.Duration(p50), words.Duration(p99)))
	}
	if q := l.Queue; q != nil {
		depth, capacity := words.Count(q.Depth), words.Count(int(q.Limit)+1)
		parts = append(parts, fmt.Sprintf("accept queue %s of %s", depth, capacity))
	}
	return parts
}

// barWidth in cells.
const barWidth = 20

func bar(n, of int) string {
	full := min(n*barWidth/max(of, 1), barWidth)
	return strings.Repeat("█", full) + strings.Repeat("░", barWidth-full)
}
