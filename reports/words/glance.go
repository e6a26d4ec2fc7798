package words

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/calls"
	"agistorm/analysis/capacity"
	"agistorm/analysis/finding"
	"agistorm/analysis/metric"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// Glance is what the first look at a run must show, with what its phrases ask of it.
type Glance struct {
	*analysis.Summary
	// Worst is the setting that lost most, Best the recommended one or else that which lost least. Both are nil
	// without a storm, and the same in a run of one setting.
	Worst, Best *GlanceCell
	Storms      int
}

// GlanceCell is a setting with storms.
type GlanceCell struct{ *analysis.Cell }

// GlanceOf looks at a run.
func GlanceOf(s *analysis.Summary) Glance {
	g := Glance{Summary: s}
	for i := range s.Cells {
		c := GlanceCell{&s.Cells[i]}
		g.Storms += len(c.Repeats)
		if len(c.Repeats) == 0 {
			continue
		}
		if g.Worst == nil || c.harm(g.Worst) > 0 {
			g.Worst = &c
		}
		if g.Best == nil || c.better(g.Best, s.Recommendation) {
			g.Best = &c
		}
	}
	return g
}

// harm compares what two settings lost, or else what they delayed.
func (c GlanceCell) harm(than *GlanceCell) int {
	return cmp.Or(cmp.Compare(c.Lost.Median, than.Lost.Median), cmp.Compare(c.Lost.Max, than.Lost.Max),
		cmp.Compare(c.Late.Median, than.Late.Median))
}

// better reports whether a setting is nearer to what is recommended; without that, whether it harmed less.
func (c GlanceCell) better(than *GlanceCell, rec *analysis.Recommendation) bool {
	if rec == nil || rec.From != 0 {
		return c.harm(than) < 0
	}
	enough := func(one *analysis.Cell) bool { return one.Effective >= rec.Backlog }
	if a, b := enough(c.Cell), enough(than.Cell); a != b {
		return a
	}
	return c.Effective < than.Effective
}

// Offered is the most calls of a storm.
func (c GlanceCell) Offered() int {
	most := 0
	for i := range c.Repeats {
		most = max(most, c.Repeats[i].Offered)
	}
	return most
}

// LostCalls writes how many were lost, LateCalls how many were late; Unknown where that is not known.
func (c GlanceCell) LostCalls() string { return spreadCount(c.Lost) }

// LateCalls writes how many calls were late.
func (c GlanceCell) LateCalls() string { return spreadCount(c.Late) }

// LostShare is the greatest part of a storm's calls that was lost, LateShare that which was late.
func (c GlanceCell) LostShare() float64 { return c.share(c.Lost.Max) }

// LateShare is the greatest part of a storm's calls that was late.
func (c GlanceCell) LateShare() float64 { return c.share(c.Late.Max) }

func (c GlanceCell) share(n float64) float64 {
	if offered := c.Offered(); offered > 0 {
		return min(n/float64(offered), 1)
	}
	return 0
}

// Waits of the served calls: until the first command, or for a client that only connects until the connection.
func (g Glance) waits(c *GlanceCell) metric.Quantiles {
	if calls.Success(g.Run) == record.Connected {
		return c.Latencies.Connect.Quantiles
	}
	return c.Latencies.FirstCommand.Quantiles
}

// P99 of the best setting's wait; nil where it is not that of all its calls, or not known.
func (g Glance) P99() *time.Duration {
	q := g.waits(g.Best)
	if !metric.Enough(q.Count, 99) {
		return nil
	}
	return OfAll(&q.P99, g.Best.LostShare())
}

// Longest wait of the best setting's served calls; nil where none is known.
func (g Glance) Longest() *time.Duration {
	if q := g.waits(g.Best); q.Count > 0 {
		return &q.Max
	}
	return nil
}

// Several reports whether the run has several settings.
func (g Glance) Several() bool { return len(g.Cells) > 1 }

// Longer reports whether the best setting has the longer queue.
func (g Glance) Longer() bool { return g.Best.Effective > g.Worst.Effective }

// Overloaded reports whether the server was seen to be too slow for its calls.
func (g Glance) Overloaded() bool {
	return slices.ContainsFunc(g.Answer, func(f finding.Finding) bool {
		switch f.Fact.(type) {
		case finding.ServerTooSlow, finding.ServerOverloaded:
			return true
		}
		return false
	})
}

// Simulated reports whether a model made the numbers.
func (g Glance) Simulated() bool { return runOf(g.Summary).Simulated != nil }

// Own reports whether agistorm started the server itself.
func (g Glance) Own() bool { return !External(g.Summary) }

func spreadCount(s analysis.Spread) string {
	if s.N == 0 {
		return Unknown
	}
	return median(finding.Range{Median: s.Median, Min: s.Min, Max: s.Max})
}

// HeadlineWords are the most that a headline has.
const HeadlineWords = 12

// headlines of a run, the fullest first: a setting may have a long name.
var headlines = []Phrase{
	`{{if not .Several}}{{with .Worst}}{{if .Lost.Max}}{{.LostCalls}} of {{amount .Offered "call" "calls"}} ` +
		`{{if eq .LostCalls "1"}}is{{else}}are{{end}} lost{{if .Late.Max}}, {{.LateCalls}} more late{{end}}` +
		`{{else if .Late.Max}}None of {{amount .Offered "call" "calls"}} is lost, but {{.LateCalls}} late` +
		`{{else if .Late.N}}None of {{amount .Offered "call" "calls"}} is lost or late{{else}}None of ` +
		`{{amount .Offered "call" "calls"}} is lost{{end}}{{end}}.{{end}}`,
	`{{if .Worst.Lost.Max}}{{if .Best.Lost.Max}}Every setting loses calls: {{.Best.LostCalls}} of ` +
		`{{count .Best.Offered}} with {{.Best.Label}}{{else}}{{.Worst.Label}} loses {{.Worst.LostCalls}} of ` +
		`{{amount .Worst.Offered "call" "calls"}}; {{.Best.Label}} loses none{{end}}` +
		`{{else if .Worst.Late.Max}}No setting loses a call; {{.Worst.Label}} delays {{.Worst.LateCalls}}` +
		`{{else}}No setting loses{{if .Worst.Late.N}} or delays{{end}} a call{{end}}.`,
	`{{if .Worst.Lost.Max}}{{if .Best.Lost.Max}}Every setting loses calls, the best {{.Best.LostCalls}}{{else}}The ` +
		`worst setting loses {{.Worst.LostCalls}} calls; the best none{{end}}{{else}}No setting loses a call; ` +
		`the worst delays {{.Worst.LateCalls}}{{end}}.`,
}

// Headline is what a run shows, in at most HeadlineWords.
func Headline(s *analysis.Summary) string {
	g := GlanceOf(s)
	if said := LabelsOf(s).Sentences(first(s.Answer)); len(said) > 0 && (g.Worst == nil || servedNobody(s.Answer)) {
		sentence, _, _ := strings.Cut(said[0], ". ")
		return Short(stop(sentence), StatusUnsure+".")
	}
	if g.Worst == nil {
		return "No storm was finished."
	}
	for _, p := range headlines {
		if text := markSimulated(g.Simulated(), p.With(g)); text != "" && words(text) <= HeadlineWords {
			return text
		}
	}
	return StatusUnsure + "."
}

func words(text string) int { return len(strings.Fields(text)) }

// Short returns a sentence, what stands before its colon, or something instead: the first that is short enough for a
// headline.
func Short(text, instead string) string {
	if head, _, found := strings.Cut(text, ": "); words(text) > HeadlineWords && found {
		text = stop(head)
	}
	if words(text) > HeadlineWords {
		return instead
	}
	return text
}

func first(all []finding.Finding) []finding.Finding { return all[:min(1, len(all))] }

// servedNobody reports whether the answer is that nobody answered.
func servedNobody(answer []finding.Finding) bool {
	if len(answer) == 0 {
		return false
	}
	_, is := answer[0].Fact.(finding.NobodyAnswered)
	return is
}

// KeyNumber is one of the three numbers that a run comes to.
type KeyNumber struct{ Value, Name, Note string }

// KeyNumbers are lost calls, late ones, and how long the queue must be or how long calls waited.
func KeyNumbers(s *analysis.Summary) []KeyNumber {
	g := GlanceOf(s)
	if g.Worst == nil {
		return nil
	}
	if !g.Several() {
		return []KeyNumber{
			{g.Worst.LostCalls(), keyOf.With(g.Worst), keyStorms.With(g)},
			{g.Worst.LateCalls(), "late", keyLate.With(g)}, g.wait(),
		}
	}
	if g.Worst.Lost.Max == 0 {
		return []KeyNumber{
			{g.Worst.LostCalls(), keyOf.With(g.Worst), keyAll},
			{g.Worst.LateCalls(), "late", keyWorst.With(g)}, g.length(),
		}
	}
	return []KeyNumber{
		{g.Worst.LostCalls(), keyOf.With(g.Worst), keyWorst.With(g)},
		{g.Best.LostCalls(), keyOf.With(g.Best), keyBest.With(g)}, g.length(),
	}
}

// length is how long the queue must be; how long calls waited where that is not known.
func (g Glance) length() KeyNumber {
	rec := g.Recommendation
	if rec == nil {
		return g.wait()
	}
	return KeyNumber{Backlog(rec.Backlog), "effective backlog", keyLength.With(rec)}
}

// wait is how long calls waited, as far as that is known.
func (g Glance) wait() KeyNumber {
	if p99 := g.P99(); p99 != nil {
		return KeyNumber{Duration(*p99), keyWait.With(calls.Success(g.Run)), keyWait99.With(g)}
	}
	if longest := g.Longest(); longest != nil {
		return KeyNumber{Duration(*longest), keyWait.With(calls.Success(g.Run)), keyWaitLongest.With(g)}
	}
	return KeyNumber{Unknown, keyWait.With(calls.Success(g.Run)), "not known"}
}

const keyAll = "in every setting"

// The names and notes of the key numbers.
const (
	keyOf     Phrase = `lost of {{count .Offered}}`
	keyStorms Phrase = `{{with .Worst}}{{if ne .Lost.Min .Lost.Max}}{{whole .Lost.Min}} to ` +
		`{{whole .Lost.Max}} in {{end}}{{end}}{{if eq .Storms 1}}one storm{{else}}{{.Storms}} storms{{end}}`
	keyLate  Phrase = `{{if .Worst.Late.N}}served 1 s or more late{{else}}not known{{end}}`
	keyWorst Phrase = `with {{.Worst.Label}}, the worst setting`
	keyBest  Phrase = `{{if .Best.Late.Max}}and {{.Best.LateCalls}} late, {{else if .Best.Late.N}}and none late, ` +
		`{{end}}with {{.Best.Label}}`
	keyLength      Phrase = `to set at least{{with .Peak}}; deepest queue {{depth .}}{{end}}`
	keyWait        Phrase = `wait for {{if eq . "connected"}}the connection{{else}}the first command{{end}}`
	keyWait99      Phrase = `at most, for 99 % of the calls{{if .Several}} with {{.Best.Label}}{{end}}`
	keyWaitLongest Phrase = `at most, for the calls that were served{{if .Several}} with {{.Best.Label}}{{end}}`
)

// runManagement are the three sentences for people who do not know the trade: what happened, what helps, what it takes.
var runManagement = []Phrase{
	`{{if .Simulated}}By calculation{{else}}In {{amount .Storms "trial" "trials"}}{{if .Own}} on this machine{{end}}` +
		`{{end}}, {{with .Worst}}{{if .Lost.Max}}up to {{portion .LostShare}}{{else}}none{{end}} of ` +
		`{{amount .Offered "caller" "callers"}} {{if .Lost.Max}}were{{else}}was{{end}} lost{{end}}.`,
	`{{if not .Worst.Lost.Max}}{{with .P99}}Of 100 callers, 99 were served within {{wait .}}{{else}}How long they ` +
		`waited is not known{{end}}{{else if not .Several}}{{with .Longest}}Those who were served waited up to ` +
		`{{wait .}}{{else}}How long the others waited is not known{{end}}{{else if .Best.Lost.Max}}The best setting ` +
		`that was tried still loses up to {{portion .Best.LostShare}}{{else}}{{if .Longer}}With a longer waiting line` +
		`{{else}}With the best setting that was tried{{end}}, none is lost{{with .Best}}{{if .Late.Max}}, but ` +
		`{{portion .LateShare}} of the callers wait a second or more{{end}}{{end}}{{end}}.`,
	`{{if not .Conclusive}}Something disturbed the trials, so they should be repeated before anything is changed` +
		`{{else if .Recommendation}}It takes one changed number and a restart of the server, no other machine` +
		`{{else if .Worst.Lost.Max}}{{if .Overloaded}}It takes a faster server, or one that works on more calls at ` +
		`the same time{{else}}What helps is not known yet: try a longer waiting line, then a faster server{{end}}` +
		`{{else}}Nothing has to be changed for so many callers; for more of them, repeat the trials{{end}}.`,
}

// RunManagement returns the three sentences about a run; nothing without a storm, or where nobody answered.
func RunManagement(s *analysis.Summary) string {
	g := GlanceOf(s)
	if g.Worst == nil || servedNobody(s.Answer) {
		return ""
	}
	return strings.Join(lists.Map(runManagement, func(p Phrase) string { return p.With(g) }), " ")
}

// planHeadlines are the first sentences of a plan in short.
var planHeadlines = map[Phrase]Phrase{
	planFound: `{{if .Unfinished}}So far, {{else if .Unsure}}By simulation, {{end}}{{with .Setting}}{{if .Handlers}}` +
		`{{amount .Handlers "handler" "handlers"}} and {{end}}backlog {{backlog .Backlog}} {{if .Handlers}}are` +
		`{{else}}is{{end}}{{end}} enough for {{amount .Calls "call" "calls"}}.`,
	planRate: `{{if .Unfinished}}So far, {{else if .Unsure}}By simulation, {{end}}{{with .Found}}{{with .Setting}}` +
		`{{if .Handlers}}{{amount .Handlers "handler" "handlers"}} and {{end}}backlog {{backlog .Backlog}}{{end}} ` +
		`can take {{if .Rate}}{{rate (value .Rate)}}{{else}}{{amount .Calls "call" "calls"}}{{end}}{{end}}.`,
	planNoRate: `Not even one call holds the limits.`,
	planHopeless: `{{with .Hopeless}}No backlog helps{{if .Need}}: ` +
		`{{amount (value .Need) "handler is" "handlers are"}} needed{{else}}: the server is too slow{{end}}.{{end}}`,
	planNothing: `No setting was found{{if eq .Status "interrupted"}} before the interruption` +
		`{{else if eq .Status "over-budget"}} within the budget{{end}}.`,
}

// PlanHeadline is what a plan shows, in at most HeadlineWords.
func PlanHeadline(a *capacity.Answer) string {
	p := Plan{a}
	return Capital(planHeadlines[p.lead()].With(p))
}
