package export

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/lists"
	"agistorm/reports/plain"
)

// CSV writes a row for each storm (RFC 4180). Times are in seconds, and shares from 0 to 1; an empty field is
// not known.
// The wait of a lost call is inf.
func CSV(w io.Writer, s *analysis.Summary) error {
	// The client has a column in any case.
	swept := slices.DeleteFunc(analysis.Differing(s.Run.Cells), func(name string) bool { return name == "client" })
	columns := stormColumns()
	heads := slices.Concat(
		[]string{"cell", "setting", "somaxconn", "backlog", "effective_backlog", "client"},
		swept,
		[]string{"storm"},
	)
	heads = append(heads, lists.Map(columns, func(c stormColumn) string { return c.head })...)
	return writeRows(w, s.Run, heads, func(write func([]string)) {
		for c, r := range s.Storms() {
			values := lists.Map(columns, func(column stormColumn) string { return column.of(&r.Storm) })
			write(slices.Concat(settingRow(s.Run, c, swept), []string{strconv.Itoa(r.N)}, values))
		}
	})
}

// writeRows writes a head and the rows that visit hands on. Of a simulated run each row says so.
func writeRows(w io.Writer, run *record.Run, heads []string, visit func(write func([]string))) error {
	out := csv.NewWriter(w)
	write := func(row []string) { _ = out.Write(lists.Map(row, cell)) } // the writer keeps its first error
	if run.Simulated == nil {
		write(heads)
		visit(write)
	} else {
		write(append(slices.Clone(heads), "simulated"))
		visit(func(row []string) { write(append(row, "true")) })
	}
	out.Flush()
	return out.Error()
}

// cell keeps a text from steering a terminal, and a spreadsheet from taking it for a formula: an apostrophe before it
// says that it is text. A number stays one.
func cell(text string) string {
	begins := strings.HasPrefix(text, "\t")
	text = plain.Line(text)
	if _, err := strconv.ParseFloat(text, 64); err == nil || text == "" {
		return text
	}
	if begins || strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// stormColumn is one number of a storm.
type stormColumn struct {
	head string
	of   func(*metric.Storm) string
}

// scales of the units that are not written as they are, with the suffix that says so.
var scales = map[metric.Unit]struct {
	suffix string
	by     float64
}{
	metric.Time: {"_s", float64(time.Second)}, metric.Rate: {"_per_s", 1}, metric.Percent: {"", 100},
}

// stormColumns are all metrics, and how much they rest on.
func stormColumns() (all []stormColumn) {
	for _, m := range metric.All() {
		scale, scaled := scales[m.Unit]
		if !scaled {
			scale.by = 1
		}
		all = append(all, stormColumn{m.Column + scale.suffix, func(s *metric.Storm) string {
			v := m.Measure(s)
			if v.Known() && stats.Endless(v.Number) {
				return "inf"
			}
			return numberIf(v.Known(), v.Number/scale.by)
		}})
	}
	for _, w := range metric.Waits {
		all = append(all, stormColumn{strings.ReplaceAll(w.Name, "-", "_") + "_count",
			func(s *metric.Storm) string { return number(float64(w.Of(&s.Latencies).Count)) }})
	}
	return append(
		all,
		stormColumn{"start_lag_count", func(s *metric.Storm) string { return number(float64(s.StartLag.Count)) }},
		stormColumn{
			"reply_lag_count",
			func(s *metric.Storm) string { return numberIf(s.Replies.Count > 0, float64(s.Replies.Count)) },
		},
		stormColumn{
			"reply_lag_sum_s",
			func(s *metric.Storm) string { return numberIf(s.Replies.Count > 0, s.Replies.Sum.Seconds()) },
		},
		stormColumn{"queue_limit", func(s *metric.Storm) string {
			if s.Queue == nil {
				return ""
			}
			return number(float64(s.Queue.Limit))
		}},
	)
}

func settingRow(run *record.Run, c *analysis.Cell, swept []string) []string {
	axes := c.Axes()
	row := []string{
		c.ID, c.Label, settingOf(c.Backlog, c.Somaxconn), c.Backlog, settingOf(c.Backlog, c.Effective),
		cmp.Or(axes["client"], run.Scenario.Client),
	}
	return append(row, lists.Map(swept, func(name string) string { return axes[name] })...)
}

// settingOf is empty for an external server, of which it is not known.
func settingOf(backlog string, n int) string {
	if backlog == "" {
		return ""
	}
	return strconv.Itoa(n)
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func seconds(d time.Duration) string { return number(d.Seconds()) }

func numberIf(known bool, v float64) string {
	if !known {
		return ""
	}
	return number(v)
}

var attemptHeads = []string{
	"cell", "storm", "seq", "outcome", "errno", "limit", "reason", "local", "address", "intended_s", "started_s",
	"connected_s", "first_command_s", "done_s", "handshake_s", "syn_retransmits", "commands", "bytes_in",
	"bytes_out", "reply_lag_max_s", "reply_lag_sum_s",
}

// AttemptsCSV writes a row for each attempt; instants are seconds from the storm's start, an empty field did
// not happen or is not known.
func AttemptsCSV(w io.Writer, s *analysis.Summary) error {
	return writeRows(w, s.Run, attemptHeads, func(write func([]string)) {
		for c, r := range s.Storms() {
			for i := range r.Raw.Attempts {
				write(attemptRow(c.ID, r.N, &r.Raw.Attempts[i]))
			}
		}
	})
}

func attemptRow(cell string, storm int, a *record.Attempt) []string {
	handshake, ok := a.Handshake()
	return []string{
		cell, strconv.Itoa(storm), strconv.FormatUint(a.Seq, 10), string(a.Outcome), a.Errno, a.Limit, a.Reason,
		a.Local, a.Address, seconds(a.Intended), instant(a.Started), instant(a.Connected), instant(a.FirstCommand),
		seconds(a.Done), numberIf(ok, handshake.Seconds()), retransmits(a),
		strconv.FormatUint(uint64(a.Commands), 10), strconv.FormatUint(a.BytesIn, 10),
		strconv.FormatUint(a.BytesOut, 10), instant(a.ReplyLag), numberIf(a.ReplyLag != nil, a.ReplyLagSum.Seconds()),
	}
}

func instant(d *time.Duration) string {
	if d == nil {
		return ""
	}
	return seconds(*d)
}

func retransmits(a *record.Attempt) string {
	if a.SYNRetransmits == nil {
		return ""
	}
	return strconv.FormatUint(uint64(*a.SYNRetransmits), 10)
}
