package reports

import (
	"fmt"
	"strconv"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/stats"
	"agistorm/reports/document"
	"agistorm/reports/words"
)

// moreColumns are the numbers of every setting that the first table has no room for; those that no setting knows are left out.
func moreColumns(s *analysis.Summary) []column {
	all := []column{
		{over: "lost", name: "of all", of: func(c *analysis.Cell) value { return proportion(c.Shares.Lost) }},
		{over: "lost SYNs", name: "per call", of: func(c *analysis.Cell) value { return decimals(c.SYNsLost) }},
	}
	for _, m := range metric.Select(func(m *metric.Metric) bool { return m.Table == metric.MoreTable }) {
		all = append(all, columnOf(m))
	}
	all = append(all,
		column{over: "from start, p99", name: "of connected", of: func(c *analysis.Cell) value {
			return text(percentile(c.FromStart.Connect, c.FromStart.Connect.P99, 99))
		}},
		column{over: "SUCCESS", name: "unserved", of: unserved})
	var known []column
	for _, col := range all {
		for i := range s.Cells {
			if col.of(&s.Cells[i]).Text != unknown {
				known = append(known, col)
				break
			}
		}
	}
	return known
}

// moreLegend explains them.
func moreLegend(s *analysis.Summary) []string {
	lines := []string{
		"lost of all: share of the calls of all storms, with its 95 % interval (Wilson), as if each call were a trial of its own. " +
			"lost SYNs: those without a SYN-ACK.",
		"mean queue, queue full: of the accept queue, until it was last not empty. drained after: from the last arrival until then.",
		"from start, p99 of connected: connect latency of the calls that connected, counted from when the generator really began them. " +
			"Every other latency counts from the intended start: else a generator that is held up would hide the server's slowest " +
			"moments (coordinated omission).",
	}
	for i := range s.Cells {
		if s.Cells[i].Dialplan != nil {
			return append(lines, "SUCCESS unserved: calls reported as SUCCESS although no script ran, of all that AGISTATUS reports so.")
		}
	}
	return lines
}

// proportion writes a part of the calls in percent, with its interval.
func proportion(p stats.Proportion) value {
	if p.N == 0 {
		return text(unknown)
	}
	return value{Text: hundredths(p.Share) + " %", Range: hundredths(p.Low) + "–" + hundredths(p.High) + " %"}
}

// hundredths writes a part of 1 in percent, with two digits that count.
func hundredths(part float64) string {
	switch v := 100 * part; {
	case v != 0 && v < 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	default:
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	}
}

// decimals is a small number over the repeats.
func decimals(s *analysis.Spread) value {
	return written(s, func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) })
}

// unserved are the calls that the dialplan takes for served.
func unserved(c *analysis.Cell) value {
	if c.Dialplan == nil {
		return text(unknown)
	}
	return value{
		Text: fmt.Sprintf("%s of %s", words.Count(c.Dialplan.Unserved), words.Count(c.Dialplan.Success)),
		Mark: markIf(c.Dialplan.Unserved > 0),
	}
}

func markIf(isBad bool) mark {
	if isBad {
		return bad
	}
	return neutral
}

// neighbours are the comparisons of settings, a group of rows each.
func neighbours(s *analysis.Summary) []document.Group {
	var groups []document.Group
	for i := range s.Comparisons {
		c := &s.Comparisons[i]
		groups = append(groups, newSideGroup(c.Old+" against "+c.New, c.Contrast))
	}
	return groups
}

// neighbourLegend explains them.
func neighbourLegend() string {
	return "Each setting against the next one, where they differ in one thing only. " + words.TestLegend()
}
