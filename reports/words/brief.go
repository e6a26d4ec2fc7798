package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/capacity"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/analysis/stats"
)

// mostSentences is how many of a verdict fit a glance.
const mostSentences = 3

// Ranks of what a glance says, the most important first.
const (
	rankOutcome = iota
	rankRemedy
	rankCause
	rankUsual
	rankDetail
	// rankAdvised is said by what stands under the verdict.
	rankAdvised
)

// ranks of the facts that are not of rankUsual.
var ranks = map[finding.Code]int{
	"no-storm": rankOutcome, "nobody-answered": rankOutcome, "server-ended": rankOutcome, "outcome": rankOutcome,
	"calls-lost": rankOutcome, "calls-late": rankOutcome, "none-lost": rankOutcome, "nothing-lost": rankOutcome,
	"run-partial": rankAdvised, "server-too-slow": rankRemedy, "server-overloaded": rankRemedy,
	"other-listener": rankRemedy, "stopped-accepting": rankRemedy, "socket-stuck": rankRemedy,
	"lost-before-listener": rankRemedy, "loopback-drops": rankRemedy, "link-drops": rankRemedy,
	"closed-at-once": rankRemedy, "raise-backlog": rankRemedy, "short-backlog": rankRemedy, "settings-mixed": rankRemedy,
	"application-backlog": rankCause, "queue-full": rankCause, "queue-never-full": rankCause, "slow-calls": rankCause,
	"ended-by-timeout": rankCause, "own-backlog": rankCause,
	"sysctl-not-enough": rankDetail, "no-difference": rankDetail, "sweep-larger": rankDetail,
}

// harms are the facts of which a glance has the first only: its table has the others.
var harms = []finding.Code{"calls-lost", "calls-late"}

// FirstHarmed is the ID of the setting that the verdict names first as one that loses or delays calls; empty without
// one.
func FirstHarmed(s *analysis.Summary) string {
	i := slices.IndexFunc(s.Answer, func(f finding.Finding) bool { return slices.Contains(harms, f.Code()) })
	if i < 0 || len(s.Answer[i].Settings) == 0 {
		return ""
	}
	return s.Answer[i].Settings[0]
}

// Brief is the verdict for a glance: what matters most of it, in at most three sentences.
func Brief(s *analysis.Summary) string {
	texts := make([][]string, len(s.Answer))
	places := make([]int, len(s.Answer))
	for i, text := range LabelsOf(s).Sentences(s.Answer) {
		places[i], texts[i] = i, sentencesOf(text)
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(rankOf(s, a), rankOf(s, b)) })
	takes := make([]int, len(s.Answer))
	room := mostSentences
	for _, first := range []bool{true, false} {
		for _, i := range places {
			n := len(texts[i]) - takes[i]
			switch {
			case rankOf(s, i) == rankAdvised, !first && takes[i] == 0:
				continue
			case first:
				n = min(n, 1)
			}
			n = min(n, room)
			takes[i], room = takes[i]+n, room-n
		}
	}
	var said []string
	for i, n := range takes {
		said = append(said, texts[i][:n]...)
	}
	return markSimulated(runOf(s).Simulated != nil, strings.Join(said, " "))
}

// PlanBrief is the verdict of a plan for a glance, in at most three sentences.
func PlanBrief(a *capacity.Answer) string {
	all := sentencesOf(PlanVerdict(a))
	return strings.Join(all[:min(mostSentences, len(all))], " ")
}

// rankOf ranks one finding of an answer.
func rankOf(s *analysis.Summary, i int) int {
	code := s.Answer[i].Code()
	rank, known := ranks[code]
	if !known {
		rank = rankUsual
	}
	earlier := func(f finding.Finding) bool { return slices.Contains(harms, f.Code()) }
	switch {
	case s.Recommendation != nil && (code == "raise-backlog" || code == "short-backlog"):
		return rankAdvised
	case slices.Contains(harms, code) && slices.ContainsFunc(s.Answer[:i], earlier):
		return rankDetail
	case delays(s.Answer[i].Fact):
		return rankCause
	}
	return rank
}

// delays reports whether a fact is of settings that lose no call, but delay some.
func delays(f finding.Fact) bool {
	none, is := f.(finding.NoneLost)
	return is && none.Late != nil && none.Late.Max > 0
}

// sentencesOf separates sentences.
func sentencesOf(text string) (all []string) {
	for text != "" {
		before, after, more := strings.Cut(text, ". ")
		if more {
			before += "."
		}
		all, text = append(all, before), after
	}
	return all
}

// NotSure says of what a run is not sure, why, and what to do about it.
func (l Labels) NotSure(f finding.Finding) string {
	of, about := l.doubted(&f), f
	if of != "" {
		about.Settings = nil // they stand in front already
	}
	return "Not sure" + of + ", because " + clause(l.Sentence(about))
}

// namesSettings are the doubts whose words name the settings in a way of their own.
var namesSettings = []finding.Code{"unmeasured", "not-in-force"}

// doubted names the metrics and the settings that a doubt concerns; empty for the run as a whole, and for the only
// setting.
func (l Labels) doubted(f *finding.Finding) string {
	settings := ""
	switch {
	case slices.Contains(namesSettings, f.Code()), len(l) < 2, len(f.Settings) == 0:
	case len(f.Settings) == len(l):
		settings = "any setting"
	default:
		settings = l.Names(f.Settings)
	}
	switch metrics := List(f.Metrics); {
	case metrics == "" && settings == "":
		return ""
	case metrics == "":
		return " of " + settings
	case settings == "":
		return " of " + metrics
	default:
		return " of " + metrics + " with " + settings
	}
}

// Doubted says in two sentences of what a run is not sure: why, and what to do. Further doubts are counted.
func Doubted(s *analysis.Summary) string {
	doubts := doubtsOf(s)
	if len(doubts) == 0 {
		return ""
	}
	said := sentencesOf(LabelsOf(s).NotSure(doubts[0]))
	if n := len(said); n > 2 {
		said = []string{said[0], said[n-1]}
	}
	return strings.Join(append(said, moreDoubts(len(doubts)-1)...), " ")
}

func moreDoubts(n int) []string {
	if n < 1 {
		return nil
	}
	return []string{"There " + verb(n, "is ", "are ") + Amount(n, "more doubt", "more doubts") + "."}
}

// Sure is empty where the doubts have said it. Else it says on how many storms the numbers rest, and how the
// generator did.
func Sure(s *analysis.Summary) string {
	least, most := 0, 0
	for i := range s.Cells {
		n := len(s.Cells[i].Repeats)
		if most = max(most, n); i == 0 || n < least {
			least = n
		}
	}
	if most == 0 || !s.Conclusive {
		return ""
	}
	of := ""
	if len(s.Cells) > 1 {
		of = " of each setting"
	}
	storms := Amount(most, "storm", "storms")
	if least < most {
		storms = fmt.Sprintf("%d to %s", least, storms)
	}
	parts := []string{storms + of}
	if most == 1 {
		parts[0] += " (how far the numbers vary is unknown)"
	}
	if h := s.Health; h != nil {
		parts = append(parts, healths[h.Grade])
	}
	if n := warnings(s); n > 0 {
		parts = append(parts, Amount(n, "warning", "warnings"))
	}
	return "How sure: " + strings.Join(parts, "; ") + "."
}

// healths say how the generator did.
var healths = map[analysis.Grade]string{
	analysis.HealthWell: "generator healthy", analysis.HealthStrained: "generator strained",
	analysis.HealthLimit: "the generator or its host was the limit",
}

// warnings counts those of a run and of its storms.
func warnings(s *analysis.Summary) int {
	n := len(s.Warnings)
	for _, r := range s.Storms() {
		n += len(r.Warnings)
	}
	return n
}

// Pace is what load generators show of a run in a line: its calls, how long they took, how many were served per
// second and how long they waited. What is not known is left out.
func Pace(s *analysis.Summary, c *analysis.Cell, success record.Outcome) string {
	calls := Amount(int(c.Offered().Median), "call", "calls")
	if d, ok := c.ServedFor(); ok {
		calls += " in " + Duration(d)
	}
	if served, ok := c.Metrics["served"]; ok && served.Median > 0 {
		calls += ", " + Whole(served.Median) + "/s served"
	}
	parts := []string{calls}
	wait := "first-command"
	if success == record.Connected {
		wait = "connect"
	}
	if waits := waitsOf(c, wait); waits != "" {
		parts = append(parts, strings.ReplaceAll(wait, "-", " ")+waits)
	}
	text := strings.Join(parts, "; ") + "."
	if len(s.Cells) > 1 {
		return "With " + c.Label + ": " + text
	}
	return text
}

// waitsOf are the percentiles of a latency of all offered calls; where half of them were lost, of those that came so
// far.
func waitsOf(c *analysis.Cell, wait string) string {
	if p50 := c.Metrics["p50("+wait+")"]; p50.N > 0 && stats.Endless(p50.Median) {
		return waitsOfServed(c, wait)
	}
	var parts []string
	for _, name := range []string{"p50", "p90", "p99", "max"} {
		m := metric.Named(name + "(" + wait + ")")
		v, known := c.Metrics[m.Name]
		switch {
		case !known || !m.Enough(int64(c.Metrics["offered"].Min)):
		case stats.Endless(v.Median):
			return " " + strings.Join(append(parts, name+" "+LostWait), ", ") // so is what is longer
		default:
			parts = append(parts, name+" "+Duration(time.Duration(v.Median)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + strings.Join(parts, ", ")
}

// waitsOfServed are the percentiles of a latency of the calls that were not lost before it.
func waitsOfServed(c *analysis.Cell, wait string) string {
	i := slices.IndexFunc(metric.Waits, func(w metric.Wait) bool { return w.Name == wait })
	q := metric.Waits[i].Of(&c.Latencies).Quantiles
	if q.Count == 0 {
		return ""
	}
	parts := []string{" (without the lost) p50 " + Duration(q.P50)}
	if metric.Enough(q.Count, 99) {
		parts = append(parts, "p99 "+Duration(q.P99))
	}
	return strings.Join(append(parts, "max "+Duration(q.Max)), ", ")
}

// GatesLeft says how many results of gates a glance has no room for.
func GatesLeft(rows int) string {
	return "… and " + Amount(rows, "more result", "more results") + " (--explain)."
}

// Left says how many settings a table has no room for.
func Left(rows int) string {
	return "… and " + Amount(rows, "more setting", "more settings") + " in the report."
}
