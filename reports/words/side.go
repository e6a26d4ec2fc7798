package words

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/comparison"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/stats"
)

// sidePhrases are the words for facts about two runs beside each other.
var sidePhrases = map[finding.Code]string{
	"run-in-doubt": `{{.Run}} is in doubt as a whole, so no difference is claimed{{with .Doubt}}: ` +
		`{{$.Follow .}}{{else}}.{{end}}`,
	"storms-differ": `No difference is claimed: the storms differ ({{list .Names}}).`,
	"runs-differ": `No difference is claimed: the runs differ in {{list .Kinds}}. Which of these caused a difference ` +
		`is not known.`,
	"one-simulated": `No difference is claimed: {{.Simulated}} is simulated, {{.Measured}} was measured. ` +
		`agistorm plan --validate compares the two.`,
	"only-reference": `No difference is claimed: {{.Setting}} is the only setting in both runs, and a ratio needs ` +
		`two.`,
	"nothing-in-common": `{{.Old}} and {{.New}} have no setting in common, so there is nothing to compare.`,
	"changed":           `{{.Run}} is {{if .Better}}better{{else}}worse{{end}}: {{changes .Changes}}.`,
	"seen-changed":      `By the numbers: {{changes .Changes}}.`,
	"perhaps-changed": `Not decided: {{changes .Changes}}. With {{amount .Settings "setting" "settings"}} compared ` +
		`this may be chance. Run at least {{.Needed}} storms of each (--repeats {{.Needed}}).`,
	"distribution-differs": `{{title .Metric}} with {{.Setting}} is distributed differently, though no shift is ` +
		`shown: {{number .Unit .OldMin}} to {{number .Unit .OldMax}} before, {{number .Unit .NewMin}} to ` +
		`{{number .Unit .NewMax}} now (p {{thousandths .Q}}).`,
	"no-change": `No difference was shown between {{.Old}} and {{.New}} in {{amount .Settings "setting" "settings"}}.`,
	"too-few-storms": `Too few storms{{if not .All}} of {{amount .Settings "setting" "settings"}}{{end}} for a ` +
		`comparison. Run at least {{.Needed}} of each on both sides (--repeats {{.Needed}}).`,
	"not-compared": `Not sure of {{if .Pace}}the server's pace with {{end}}{{list (few .Names)}}, because {{.Run}} is ` +
		`in doubt there: {{with .Doubt}}{{$.Follow .}}{{end}}`,
	"one-run-only": `Not compared: {{amount .Settings "setting" "settings"}} that only one of the runs has.`,
}

// sideFunctions are what the phrases of comparisons and gates can use beside functions.
var sideFunctions = map[string]any{
	"changes": changes, "few": Abbreviated, "number": Number[stats.Number], "measure": measured, "claim": claimed,
	"failed": failed, "thousandths": thousandths,
	"title":  title,
	"reason": reason, "quoted": strconv.Quote,
}

// title names a metric at the begin of a sentence; empty for none.
func title(name string) string {
	if m := metric.Find(name); m != nil {
		return Capital(m.Title())
	}
	return ""
}

// fewChanges fit a paragraph; the table has all.
const fewChanges = 4

// changes writes each as a sentence, "lost with somaxconn 128 from 52 to 102", and counts those that do not fit.
func changes(all []finding.Change) string {
	var parts []string
	for i := range all[:min(len(all), fewChanges)] {
		c := &all[i]
		text := fmt.Sprintf(
			"%s with %s from %s to %s",
			metric.Named(c.Metric).Title(),
			c.Setting,
			Number(c.Unit, c.Old),
			Number(c.Unit, c.New),
		)
		if i > 0 {
			text = Capital(text)
		}
		parts = append(parts, text)
	}
	if more := len(all) - fewChanges; more > 0 {
		parts = append(parts, "The table has "+Count(more)+" more")
	}
	return strings.Join(parts, ". ")
}

// Follow lets the sentences of a doubt follow a colon.
func (s *sentence) Follow(doubt *finding.Finding) string { return clause(s.labels.Sentence(*doubt)) }

// Number writes a value of a metric with its unit.
func Number[N ~float64](unit string, n N) string {
	switch v := float64(n); {
	case stats.Endless(v) && unit == "ratio":
		return "∞×"
	case stats.Endless(v):
		return "no end"
	case unit == "ns":
		return Duration(time.Duration(v))
	case unit == "calls/s":
		return Whole(v) + "/s"
	case unit == string(metric.Percent):
		return strconv.FormatFloat(v, 'f', 1, 64) + " %"
	case unit == "ratio":
		return strconv.FormatFloat(v, 'f', 3, 64) + "×"
	}
	return Whole(float64(n))
}

// claims of a comparison, for a table.
var claims = map[analysis.Finding]string{
	analysis.Differs:   "different",
	analysis.Slight:    "too small to matter",
	analysis.NotShown:  "no difference shown",
	analysis.TooFew:    "too few storms",
	analysis.Undecided: "too few storms to decide",
	analysis.Split:     "distributed differently, no shift shown",
	analysis.Reference: "only the reference differs",
	analysis.OneSided:  "not known on both sides",
	analysis.Withheld:  "not comparable",
}

// Claim says what a comparison shows of a metric.
func Claim(f analysis.Finding, better bool) string {
	switch f {
	case analysis.Differs:
		return direction(better)
	case analysis.Undecided:
		return "perhaps " + direction(better) + ": " + claims[f]
	}
	return claims[f]
}

// Comparison is the answer of two runs beside each other in a paragraph.
func Comparison(s *comparison.SideBySide) string {
	l := sideLabels(s)
	seen, rest := s.Answer, []finding.Finding(nil)
	if len(s.Withheld) == 0 {
		seen, rest = nil, s.Answer
	}
	text := strings.Join(slices.Concat(l.Sentences(seen), l.Sentences(s.Withheld), l.Sentences(rest)), " ")
	return markSimulated(s.Old.Simulated && s.New.Simulated, text)
}

// sideLabels are the labels of both runs.
func sideLabels(s *comparison.SideBySide) Labels {
	l := Labels{}
	for _, side := range []*comparison.Side{&s.Old, &s.New} {
		if side.Summary != nil {
			maps.Copy(l, LabelsOf(side.Summary))
		}
	}
	return l
}

// RatioTo says what ratios are of: "as ratios to somaxconn 64 (12, then 14)"; empty for the numbers themselves.
func RatioTo(setting string, by *analysis.Divisor) string {
	if setting == "" {
		return ""
	}
	text := "as ratios to " + setting
	if by != nil {
		text += fmt.Sprintf(" (%s, then %s)", Number(by.Unit, by.Old), Number(by.Unit, by.New))
	}
	return text
}

// OnlyIn says which run has a setting that the other has not.
func OnlyIn(u comparison.Unmatched) string { return u.Setting + " (only in " + u.Run + ")" }

// diffNames are the names of things in which runs differ, where the code is no word.
var diffNames = map[string]string{
	"connect_timeout": "connect timeout", "first_command_timeout": "first-command timeout",
	"session_timeout": "session timeout", "rtt": "round trip",
}

// Unlike says how two runs differ in one thing. What has commas of its own stands in quotes.
func Unlike(u comparison.RunDiff) string {
	quote := func(s string) string {
		switch {
		case s == "":
			return "none"
		case strings.Contains(s, ","):
			return `"` + s + `"`
		}
		return s
	}
	return cmp.Or(diffNames[u.Name], u.Name) + ": " + quote(u.Old) + ", then " + quote(u.New)
}

// TestLegend says what a comparison shows.
func TestLegend() string {
	return fmt.Sprintf("old and new: median of the storms of a setting, with its 95 %% interval from %d storms on. "+
		"p: probability that storms of one and the same setting differ this much (Mann-Whitney U test, corrected for "+
		"the number of settings by Benjamini and Hochberg). A difference is claimed at p ≤ %.2f, from %d storms on "+
		"either side, and at the least relevant difference: 1 %% of the calls, 5 %% and 4 ms of a latency, 5 %% of "+
		"the calls served. More settings need more storms. Storms are distributed differently where a "+
		"Kolmogorov-Smirnov test shows it at that p, and a quartile differs by the least relevant difference. "+
		"Latencies are of all offered calls. A latency has no row where so many calls were lost that it has no end.",
		stats.LeastInterval, stats.Alpha, stats.LeastCompared)
}

// signed writes a difference; one that rounds to nothing has no sign.
func signed(unit string, v float64) string {
	text := Number(unit, math.Abs(v))
	switch {
	case text == Number(unit, 0.0):
		return text
	case v < 0:
		return "-" + text
	}
	return "+" + text
}

// FillSide writes the words of a comparison, for export.
func FillSide(s *comparison.SideBySide) {
	l := sideLabels(s)
	l.Fill(s.Answer)
	l.Fill(s.Withheld)
	for _, side := range []*comparison.Side{&s.Old, &s.New} {
		if side.Summary != nil {
			own := LabelsOf(side.Summary)
			own.Fill(side.Answer)
			own.Fill(side.Doubts)
			own.Fill(side.Damage)
		}
	}
	for i := range s.Settings {
		l.fillDoubts(s.Settings[i].Doubted)
	}
}
