package reports

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// unknown stands for what is not known.
const unknown = words.Unknown

// largest is the greatest backlog and somaxconn; it is shown as "max".
const largest = record.MaxBacklog

// mark says whether a number is good news.
type mark = document.Mark

const (
	neutral mark = ""
	good    mark = "good"
	bad     mark = "bad"
)

// value is one number as tables show it.
type value = document.Cell

func text(s string) value { return value{Text: s} }

// writers of a metric's values, by its unit; all others are counts.
var writers = map[metric.Unit]func(float64) string{
	metric.Time: func(ns float64) string {
		if stats.Endless(ns) {
			return words.LostWait
		}
		return words.Duration(time.Duration(ns))
	},
	metric.Rate:    func(v float64) string { return words.Whole(v) + "/s" },
	metric.Percent: func(v float64) string { return words.Hundredths(v/100) + " %" },
}

// measured is a metric over the storms of a setting; a percentile of too few calls is not shown.
func measured(m *metric.Metric, c *analysis.Cell) value {
	s, known := c.Metrics[m.Name]
	if least, ok := c.AtLeast(m); ok && least > 0 {
		return marked(m, text(words.AtLeast(writerOf(m)(least))), least)
	}
	if !known || !m.Enough(int64(c.Metrics["offered"].Min)) {
		return text(unknown)
	}
	return marked(m, written(&s, writerOf(m)), s.Max)
}

// measuredIn is a metric of one storm.
func measuredIn(m *metric.Metric, r *analysis.Repeat) value {
	v := m.Measure(&r.Storm)
	if v.Least && v.Number > 0 {
		return marked(m, text(words.AtLeast(writerOf(m)(v.Number))), v.Number)
	}
	if !v.Known() || !m.Enough(int64(r.Offered)) {
		return text(unknown)
	}
	return marked(m, text(writerOf(m)(v.Number)), v.Number)
}

func writerOf(m *metric.Metric) func(float64) string {
	if write, ok := writers[m.Unit]; ok {
		return write
	}
	return words.Whole
}

// marked says whether a number that ought to be 0 in every storm is.
func marked(m *metric.Metric, v value, most float64) value {
	if m.OughtToBeZero {
		v.Mark = markOf(most == 0)
	}
	return v
}

// markOf is good news or bad.
func markOf(isGood bool) mark {
	if isGood {
		return good
	}
	return bad
}

// written is the median, and the range where that reads otherwise.
func written(s *analysis.Spread, write func(float64) string) value {
	if s == nil || s.N == 0 {
		return text(unknown)
	}
	v := text(write(s.Median))
	if least, most := write(s.Min), write(s.Max); least != most {
		v.Range = least + "–" + most
	}
	return v
}

// orUnknown writes what p points to, if it is known.
func orUnknown[T any](p *T, write func(T) string) string {
	if p == nil {
		return unknown
	}
	return write(*p)
}

func optionalCount[T int | uint64](n *T) string { return orUnknown(n, words.Count[T]) }

// duration of a quantile is not known where nothing was measured.
func duration(q metric.Quantiles, d time.Duration) string { return percentile(q, d, 0) }

// percentile of a latency, d at percent, is not known of too few calls.
func percentile(q metric.Quantiles, d time.Duration, percent float64) string {
	if !metric.Enough(q.Count, percent) {
		return unknown
	}
	return words.Duration(d)
}

// effective is the backlog that the kernel kept; of an external server it is known where its queue was watched.
func effective(c *analysis.Cell) string {
	if c.Backlog != "" {
		return words.Backlog(c.Effective)
	}
	if seen, ok := c.SeenBacklog(); ok {
		return words.Count(seen)
	}
	return unknown
}

// peak is the deepest accept queue of the repeats, and what the queue holds.
func peak(c *analysis.Cell) string {
	if c.QueuePeak == nil {
		return unknown
	}
	var most uint32
	for i := range c.Repeats {
		if q := c.Repeats[i].Queue; q != nil {
			most = max(most, q.Limit)
		}
	}
	return words.Whole(c.QueuePeak.Max) + " of " + words.Capacity(most)
}

// runOf is the run's description, never nil.
func runOf(s *analysis.Summary) *record.Run { return cmp.Or(s.Run, &record.Run{}) }

// success is what a call is that is not lost.
func success(s *analysis.Summary) record.Outcome { return calls.Success(s.Run) }

// shell writes a command as it can be typed again.
func shell(command []string) string {
	return strings.Join(lists.Map(command, shellWord), " ")
}

func shellWord(w string) string {
	safe := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:=,@%+", r)
	}
	if w != "" && strings.IndexFunc(w, func(r rune) bool { return !safe(r) }) < 0 {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
