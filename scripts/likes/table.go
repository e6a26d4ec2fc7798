package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"agistorm/analysis/record"
	"agistorm/scripts/internal/quantile"
)

// kind is what became of a call, as a dialplan or its caller sees it.
type kind int

const (
	// served: every command of the script was answered.
	served kind = iota
	// noScript: connected, and no command came. AGISTATUS is SUCCESS nevertheless.
	noScript
	// noConnect: refused, reset or unreachable, or over the time for a connect. AGISTATUS is FAILURE.
	noConnect
	kinds
)

func (k kind) String() string { return [kinds]string{"served", "no script", "connect failed"}[k] }

// tally counts the calls of a storm by kind.
type tally struct {
	by [kinds]int
	// others ended in the middle of their script, or were not offered.
	others int
}

func count(attempts []record.Attempt) (t tally) {
	for i := range attempts {
		switch a := &attempts[i]; {
		case a.Outcome == record.Answered:
			t.by[served]++
		case !a.Outcome.Offered() || a.FirstCommand != nil:
			t.others++
		case a.Connected == nil:
			t.by[noConnect]++
		default:
			t.by[noScript]++
		}
	}
	return t
}

// row is a server and its storms.
type row struct {
	server server
	runs   []tally
}

// median returns that of one kind over the storms.
func (r *row) median(k kind) int {
	var all []int
	for _, t := range r.runs {
		all = append(all, t.by[k])
	}
	return quantile.Median(all)
}

// allowed is how far from the real server a number may be, as a part of the calls.
const allowed = 0.1

// distance of a number from a span, 0 within it.
func (s *span) distance(n int) int { return max(0, s.least-n, n-s.most) }

// misses are the kinds that are too far from the real server's.
func (r *row) misses() (list []string) {
	for k := range kinds {
		span, n := r.server.real[k], r.median(k)
		if span != nil && float64(span.distance(n)) > allowed*float64(r.server.calls) {
			list = append(list, fmt.Sprintf("%s: %d of %d calls, the real server has %s", k, n, r.server.calls, span))
		}
	}
	for _, t := range r.runs {
		if t.others > 0 {
			list = append(list, fmt.Sprintf("%d calls were not offered, or ended within their script", t.others))
		}
	}
	return list
}

func (s *span) String() string {
	switch {
	case s == nil:
		return "-"
	case s.least == s.most:
		return strconv.Itoa(s.least)
	}
	return fmt.Sprintf("%d to %d", s.least, s.most)
}

// table has the presets' medians beside the real servers' numbers.
func table(rows []row) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "serve\tcalls")
	for k := range kinds {
		fmt.Fprintf(w, "\t%s\treal", k)
	}
	fmt.Fprintln(w)
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(w, "%s\t%d", r.server.name(), r.server.calls)
		for k := range kinds {
			fmt.Fprintf(w, "\t%d\t%s", r.median(k), r.server.real[k])
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // into memory
	return b.String()
}
