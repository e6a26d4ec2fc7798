package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/scripts/internal/quantile"
)

// result is what one backlog gave agistorm: medians of its storms.
type result struct {
	measured
	// least and most calls that a storm served.
	least, most float64
	// perCall is the server's median time from the accept of a served call to its end.
	perCall time.Duration
}

// read takes the results of all settings from a run.
func read(s *analysis.Summary) []result {
	var results []result
	for i := range s.Cells {
		results = append(results, resultOf(&s.Cells[i]))
	}
	return results
}

func resultOf(c *analysis.Cell) result {
	r := result{measured: measured{backlog: c.Effective}}
	var served, timeout, silent, other []float64
	var sessions []time.Duration
	for i := range c.Repeats {
		d := c.Repeats[i].Dialplan
		if d == nil {
			continue
		}
		served = append(served, float64(d.Success-d.Unserved))
		timeout = append(timeout, float64(d.Failure))
		silent = append(silent, float64(d.Unserved))
		other = append(other, float64(d.Hangup))
		sessions = append(sessions, sessionsOf(c.Repeats[i].Raw.Target)...)
	}
	if len(served) > 0 {
		r.least, r.most = slices.Min(served), slices.Max(served)
	}
	r.served, r.perCall = median(served), quantile.Median(sessions)
	r.losses = losses{timeout: median(timeout), silent: median(silent), other: median(other)}
	return r
}

// resultWith returns the result of a backlog, or nil.
func resultWith(results []result, backlog int) *result {
	i := slices.IndexFunc(results, func(r result) bool { return r.backlog == backlog })
	if i < 0 {
		return nil
	}
	return &results[i]
}

func median(values []float64) float64 { return stats.SpreadOf(values).Median }

// sessionsOf are the times that the server took for the calls that it served.
func sessionsOf(t *record.Target) (times []time.Duration) {
	if t == nil {
		return nil
	}
	for i := range t.Peers {
		if p := &t.Peers[i]; p.Fate == record.PeerServed {
			times = append(times, p.Done-p.At)
		}
	}
	return times
}

const heading = `%s beside %s: served / connect timeout / no script
| backlog | %s | agistorm | served in | difference | losses in another class | time per call |
|--:|--:|--:|--:|--:|--:|--:|
`

// table has a line for each backlog that the baseline has.
func (b *baseline) table(results []result) string {
	var out strings.Builder
	fmt.Fprintf(&out, heading, b.arrival, b.caller, b.caller)
	for _, want := range b.rows {
		r := resultWith(results, want.backlog)
		if r == nil {
			continue
		}
		fmt.Fprintf(
			&out,
			"| %d | %s | %s | %.0f to %.0f | %+.0f %% | %.0f %% | %.1f ms |\n",
			r.backlog,
			want,
			r.measured,
			r.least,
			r.most,
			100*(r.served/want.served-1),
			100*r.misplacedShare(want.losses),
			1000*r.perCall.Seconds(),
		)
	}
	return out.String()
}

// String is "69 / 136 / 299", with what is in no class of Asterisk's behind it.
func (m measured) String() string {
	text := fmt.Sprintf("%.0f / %.0f / %.0f", m.served, m.timeout, m.silent)
	if m.other > 0 {
		text += fmt.Sprintf(" (and %.0f others)", m.other)
	}
	return text
}
