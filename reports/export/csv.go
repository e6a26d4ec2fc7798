package export

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
)

// CSV writes a row for each storm (RFC 4180). Latencies and times are in seconds; an empty field is not known.
func CSV(w io.Writer, s *analysis.Summary) error {
	out := csv.NewWriter(w)
	swept := analysis.Differing(s.Run.Cells)
	if err := out.Write(stormHeads(swept)); err != nil {
		return err
	}
	err := each(s, func(c *analysis.Cell, r *analysis.Repeat) error {
		return out.Write(slices.Concat(settingRow(s.Run, c, swept), stormRow(r)))
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// stormHeads have a column for each axis, by which storms can be grouped: sysctls, where cells differ in them, by their dotted names.
func stormHeads(swept []string) []string {
	heads := slices.Concat([]string{"cell", "setting", "somaxconn", "backlog", "effective_backlog", "client"}, swept,
		[]string{"storm", "offered", "lost", "late", "slow", "phantoms", "syns_lost"})
	for _, o := range record.Outcomes {
		heads = append(heads, "outcome_"+string(o))
	}
	for _, l := range latencyNames {
		for _, q := range []string{"count", "min_s", "p50_s", "p90_s", "p99_s", "max_s"} {
			heads = append(heads, l.name+"_"+q)
		}
	}
	heads = append(heads, "reply_lag_count", "reply_lag_p50_s", "reply_lag_p90_s", "reply_lag_p99_s", "reply_lag_max_s",
		"reply_lag_sum_s",
		"reply_lag_share")
	return append(heads, "queue_limit", "queue_peak", "queue_mean", "queue_full_s", "drain_s", "served_per_s")
}

var latencyNames = []struct {
	name string
	of   func(*analysis.Repeat) analysis.Quantiles
}{
	{"handshake", func(r *analysis.Repeat) analysis.Quantiles { return r.Latencies.Handshake.Quantiles }},
	{"connect", func(r *analysis.Repeat) analysis.Quantiles { return r.Latencies.Connect.Quantiles }},
	{"first_command", func(r *analysis.Repeat) analysis.Quantiles { return r.Latencies.FirstCommand.Quantiles }},
	{"session", func(r *analysis.Repeat) analysis.Quantiles { return r.Latencies.Session.Quantiles }},
	{"start_lag", func(r *analysis.Repeat) analysis.Quantiles { return r.StartLag }},
}

func settingRow(run *record.Run, c *analysis.Cell, swept []string) []string {
	row := []string{c.ID, c.Label, settingOf(c.Backlog, c.Somaxconn), c.Backlog, settingOf(c.Backlog, c.Effective), cmp.Or(c.Client, run.Scenario.Client)}
	for _, name := range swept {
		row = append(row, c.Sysctls[name])
	}
	return row
}

func stormRow(r *analysis.Repeat) []string {
	row := []string{strconv.Itoa(r.N), strconv.Itoa(r.Offered), strconv.Itoa(r.Lost), late(r), strconv.Itoa(r.Slow), known(r.Phantoms), known(r.SYNsLost)}
	for _, o := range record.Outcomes {
		row = append(row, strconv.Itoa(r.Outcomes[o]))
	}
	for _, l := range latencyNames {
		q := l.of(r)
		row = append(row, strconv.FormatInt(q.Count, 10))
		for _, d := range []time.Duration{q.Min, q.P50, q.P90, q.P99, q.Max} {
			row = append(row, secondsIf(q.Count > 0, d))
		}
	}
	return append(slices.Concat(row, replyLagRow(r.ReplyLag), queueRow(r.Queue)), known(r.ServedRate))
}

// replyLagRow has the share of the handlers' time last, 0 to 1.
func replyLagRow(l *analysis.ReplyLag) []string {
	if l == nil {
		return make([]string, 7)
	}
	return []string{strconv.Itoa(l.Count), seconds(l.P50), seconds(l.P90), seconds(l.P99), seconds(l.Max),
		seconds(l.Sum), known(l.Share)}
}

func queueRow(q *analysis.Queue) []string {
	if q == nil {
		return make([]string, 5)
	}
	return []string{strconv.FormatUint(uint64(q.Limit), 10), strconv.FormatUint(uint64(q.Peak), 10), number(q.Mean), seconds(q.Full), seconds(q.Drain)}
}

// settingOf is empty for somebody else's server, of which it is not known.
func settingOf(backlog string, n int) string {
	if backlog == "" {
		return ""
	}
	return strconv.Itoa(n)
}

func late(r *analysis.Repeat) string {
	if !r.LateKnown() {
		return ""
	}
	return strconv.Itoa(r.Late)
}

// known is empty for what is not.
func known[T int | uint64 | float64 | uint32](n *T) string {
	if n == nil {
		return ""
	}
	return number(float64(*n))
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func seconds(d time.Duration) string { return number(d.Seconds()) }

func secondsIf(known bool, d time.Duration) string {
	if !known {
		return ""
	}
	return seconds(d)
}

var attemptHeads = []string{
	"cell", "storm", "seq", "outcome", "errno", "limit", "reason", "local", "address", "intended_s", "started_s", "connected_s", "first_command_s",
	"done_s", "handshake_s", "syn_retransmits", "commands", "bytes_in", "bytes_out", "reply_lag_max_s", "reply_lag_sum_s",
}

// AttemptsCSV writes a row for each attempt; instants are seconds from the storm's start, an empty field did not happen or is not known.
func AttemptsCSV(w io.Writer, s *analysis.Summary) error {
	out := csv.NewWriter(w)
	if err := out.Write(attemptHeads); err != nil {
		return err
	}
	err := each(s, func(c *analysis.Cell, r *analysis.Repeat) error {
		for i := range r.Raw.Attempts {
			if err := out.Write(attemptRow(c.ID, r.N, &r.Raw.Attempts[i])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func attemptRow(cell string, storm int, a *record.Attempt) []string {
	handshake, ok := a.Handshake()
	return []string{
		cell, strconv.Itoa(storm), strconv.FormatUint(a.Seq, 10), string(a.Outcome), a.Errno, a.Limit, a.Reason, a.Local, a.Address,
		seconds(a.Intended), instant(a.Started), instant(a.Connected), instant(a.FirstCommand), seconds(a.Done), secondsIf(ok, handshake),
		known(a.SYNRetransmits), strconv.FormatUint(uint64(a.Commands), 10), strconv.FormatUint(a.BytesIn, 10), strconv.FormatUint(a.BytesOut, 10),
		instant(a.ReplyLag), secondsIf(a.ReplyLag != nil, a.ReplyLagSum),
	}
}

func instant(d *time.Duration) string {
	if d == nil {
		return ""
	}
	return seconds(*d)
}
