package reports

import (
	"fmt"
	"slices"
	"strconv"

	"agistorm/analysis"
	"agistorm/analysis/metric"
	"agistorm/analysis/stats"
	"agistorm/reports/document"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// moreColumns are the numbers of every setting that the first table has no room for; those that no setting
// knows are left out.
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
			return text(percentile(c.FromStart.Connect.Quantiles, c.FromStart.Connect.P99, 99))
		}},
		column{over: "SUCCESS", name: "unserved", of: unserved})
	return slices.DeleteFunc(all, func(col column) bool { return !filled(s, col) })
}

// proportion writes a part of the calls in percent, with its interval.
func proportion(p stats.Proportion) value {
	if p.N == 0 {
		return text(unknown)
	}
	return value{Text: words.Hundredths(p.Share) + " " +
		"%", Range: words.Hundredths(p.Low) + "–" + words.Hundredths(p.High) + " %"}
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

// dialled reports whether a dialplan called the storms' script.
func dialled(c *analysis.Cell) bool { return c.Dialplan != nil }

func markIf(isBad bool) mark {
	if isBad {
		return bad
	}
	return ""
}

// neighbours are the comparisons of settings, a group of rows each.
func neighbours(s *analysis.Summary) []document.Group {
	return lists.Map(s.Comparisons, func(c analysis.Comparison) document.Group {
		return newSideGroup(c.Old+" against "+c.New, c.Contrast)
	})
}
