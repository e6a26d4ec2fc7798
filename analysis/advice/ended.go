package advice

import (
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/finding"
)

// The last lines of a server's output that are quoted, and how long each may be.
const (
	quotedLines  = 3
	quotedLength = 160
)

// serverEnded are the settings in a storm of which the user's own server ended, or was stopped.
func serverEnded(s *analysis.Summary) []finding.Finding {
	var fact finding.ServerEnded
	cells, storms := s.StormsWhere(func(_ *analysis.Cell, r *analysis.Repeat) bool {
		if !r.ServerEnded() {
			return false
		}
		if fact.Storm == 0 {
			end := r.Server.Ended
			fact.Storm, fact.Code, fact.Signal, fact.Stopped = r.N, end.Code, end.Signal, end.Stopped
			fact.Output = lastLines(r.Raw.Output)
		}
		return true
	})
	fact.Storms = storms
	return analysis.FactOf(fact, cells)
}

func lastLines(output string) []string {
	lines := strings.FieldsFunc(output, func(r rune) bool { return r == '\n' || r == '\r' })
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.TrimSpace(line) == "" })
	lines = lines[max(len(lines)-quotedLines, 0):]
	for i, line := range lines {
		if runes := []rune(strings.ToValidUTF8(line, "?")); len(runes) > quotedLength {
			lines[i] = string(runes[:quotedLength]) + "…"
		}
	}
	return lines
}
