package plots

import (
	"fmt"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/reports/lists"
	english "agistorm/reports/words"
)

// subtitle says what was played.
func subtitle(s *analysis.Summary) string {
	parts := []string{storms(s)}
	if run := s.Run; run != nil {
		parts = []string{
			prefixed("calls: ", run.Scenario.Arrival), prefixed("server: ", english.Target(&run.Scenario)),
			prefixed("kernel ", run.Host.Kernel), storms(s),
		}
		if run.Share != nil {
			parts = append(parts, fmt.Sprintf("share %d/%d", run.Share.K, run.Share.N))
		}
		if run.Partial != "" {
			parts = append(parts, "partial")
		}
	}
	return strings.Join(lists.NonEmpty(parts...), " · ")
}

// prefixed returns text with a prefix, nothing for nothing.
func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// storms counts the repeats of the cells.
func storms(s *analysis.Summary) string {
	repeats := append(repeatsOf(s), mostRepeats(s))
	switch least, most := slices.Min(repeats), slices.Max(repeats); {
	case most == 0:
		return "no storm finished"
	case least != most:
		return fmt.Sprintf("%d to %d storms per setting", least, most)
	case most == 1:
		return "one storm" + bySetting(s, " per setting")
	}
	return fmt.Sprintf("%d storms", slices.Max(repeats)) + bySetting(s, " per setting")
}

// bySetting returns text if there are several settings, else nothing.
func bySetting(s *analysis.Summary, text string) string {
	if len(s.Cells) < 2 {
		return ""
	}
	return text
}

// allStorms returns a text about all storms if there are several, with "of a setting" in its place
// if there are several of those.
func allStorms(s *analysis.Summary, format string) string {
	if mostRepeats(s) < 2 {
		return ""
	}
	return fmt.Sprintf(format, bySetting(s, " of a setting"))
}

func mostRepeats(s *analysis.Summary) int { return slices.Max(append(repeatsOf(s), 0)) }

// repeatsOf counts the storms of each setting.
func repeatsOf(s *analysis.Summary) []int {
	return lists.Map(s.Cells, func(c analysis.Cell) int { return len(c.Repeats) })
}

// sentence returns a row's notes for those who cannot see them, with a blank before it.
func sentence(label string, notes []note) string {
	return " " + label + ": " + strings.Join(lists.Map(notes, func(n note) string { return n.text }), ", ") + "."
}

// stormName returns the name of a storm among those of its setting, nothing for the only one.
func stormName(c *analysis.Cell, r *analysis.Repeat) string {
	if len(c.Repeats) < 2 {
		return ""
	}
	return fmt.Sprintf("storm %d of %d", r.N, len(c.Repeats))
}

// whichStorms returns the sentence of a caption that says which storms were chosen of which
// settings, with a blank before it; nothing without a choice.
func whichStorms(s *analysis.Summary, shown int) string {
	text := ""
	if most := mostRepeats(s); most > 1 {
		text = fmt.Sprintf(" Of %d storms%s the one with the median number of lost calls is drawn (the worse of two).",
			most, bySetting(s, " of each setting"))
	}
	if n := len(s.Cells); n > shown {
		which := "from the shortest queue to the longest"
		if _, ok := recommended(s, byEffective(s.Cells)); ok {
			which = "the shortest queue, the recommended one and the one below it, and the longest"
		}
		text += fmt.Sprintf(" Of the %d settings these are shown: %s.", n, which)
	}
	return text
}

// sharedCounters returns the sentence of a caption that says what the kernel's counters count
// beside the storm, with a blank before it; nothing if the storm was alone in its network
// namespace.
func sharedCounters(s *analysis.Summary) string {
	if s.Run == nil || s.Run.Isolation.Own() {
		return ""
	}
	return " The kernel counts for all listeners of the server's network namespace together."
}
