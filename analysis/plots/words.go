package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"agistorm/analysis"
)

// whole writes a number of calls, a median perhaps; halves go up.
func whole(v float64) string { return analysis.Count(int(math.Round(v))) }

// median of the values, 0 without any. It leaves them as they are.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// subtitle says what was played.
func subtitle(s *analysis.Summary) string {
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if s.Run != nil {
		if arrival := s.Run.Scenario.Arrival; arrival != "" {
			add("calls: " + arrival)
		}
		if target := s.Run.Scenario.Target; target != "" {
			add("server: " + target)
		}
		if kernel := s.Run.Host.Kernel; kernel != "" {
			add("kernel " + kernel)
		}
	}
	add(storms(s))
	if run := s.Run; run != nil && run.Share != nil {
		add(fmt.Sprintf("share %d/%d", run.Share.K, run.Share.N))
	}
	if s.Run != nil && s.Run.Partial != "" {
		add("partial")
	}
	return strings.Join(parts, " · ")
}

// storms counts the repeats of the cells.
func storms(s *analysis.Summary) string {
	least, most := math.MaxInt, 0
	for i := range s.Cells {
		n := len(s.Cells[i].Repeats)
		least, most = min(least, n), max(most, n)
	}
	switch {
	case most == 0:
		return "no storm finished"
	case least != most:
		return fmt.Sprintf("%d to %d storms a setting", least, most)
	case most == 1:
		return "one storm" + bySetting(s, " a setting")
	}
	return fmt.Sprintf("%d storms", most) + bySetting(s, " a setting")
}

// bySetting is text where there are several settings, else empty.
func bySetting(s *analysis.Summary, text string) string {
	if len(s.Cells) < 2 {
		return ""
	}
	return text
}

// sentence is a row's notes for those who cannot see them, with a blank before it.
func sentence(label string, notes []note) string {
	texts := make([]string, len(notes))
	for i, n := range notes {
		texts[i] = n.text
	}
	return " " + label + ": " + strings.Join(texts, ", ") + "."
}
