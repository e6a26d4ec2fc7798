package words

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/finding"
	"agistorm/analysis/gate"
	"agistorm/analysis/gate/expr"
	"agistorm/analysis/metric"
	"agistorm/reports/lists"
)

// gatePhrases are the words for what was measured for a gate, and why it did not pass.
var gatePhrases = map[finding.Code]string{
	"measured":        `Measured {{measure .}}.`,
	"compared":        `Measured {{number .Unit .New}}, before {{number .Unit .Old}}.`,
	"does-not-hold":   `It does not hold in {{failed .}}.`,
	"not-known":       `Storm {{.Storm}}: {{reason .}}.`,
	"not-tried":       `It could not be tried without a namespace: {{stop (notes .Lacks)}}`,
	"not-set":         `It could not be set without a namespace: {{stop (notes .Lacks)}}`,
	"storms-recorded": `{{count .Have}} of {{amount .Of "storm was" "storms were"}} recorded.`,
	"claimed":         `{{claim .}}.`,
	"in-doubt":        `Not sure, because {{.Run}} is in doubt: {{with .Doubt}}{{$.Follow .}}{{end}}`,
	"machine-differs": `The machine differs: {{.Name}} was {{quoted .Old}} in the baseline and is {{quoted .New}} ` +
		`now. Use --across-hosts to compare ratios between settings instead.`,
	"no-new-storm": `The new run has no storm of it.`,
	"served-none":  `No call was served in {{amount .Storms "storm" "storms"}}; in the baseline, calls were.`,
}

// choices say how the value was chosen.
var choices = map[finding.Choice]string{
	finding.Median: ", median of ", finding.Worst: ", the worst of ", finding.AnyOne: ", one of ",
}

func measured(m finding.Measured) string {
	text := Limit(m.Value, expr.Unit(m.Unit))
	switch {
	case m.Instant:
		text = "an instant"
	case m.Least:
		text = "more than " + text
	}
	if m.Choice != "" {
		text += choices[m.Choice] + Amount(m.Storms, "storm", "storms")
	}
	return text
}

// Limit writes a value as limits of gates are written; nil is a wait without an end.
func Limit(v *float64, unit expr.Unit) string {
	switch {
	case v == nil:
		return "no end (lost calls)"
	case unit == expr.Time:
		return Duration(time.Duration(*v))
	case unit == expr.Percent:
		return strconv.FormatFloat(*v, 'f', 2, 64) + " %"
	case unit == expr.Rate:
		return strconv.FormatFloat(*v, 'f', 1, 64) + "/s"
	}
	return strings.TrimSuffix(strconv.FormatFloat(*v, 'f', 1, 64), ".0")
}

// mostNamed storms are named.
const mostNamed = 6

// failed writes "any of 3 storms" or "2 of 5 storms (1 and 4)".
func failed(d finding.DoesNotHold) string {
	all := Amount(d.Of, "storm", "storms")
	if len(d.Storms) == d.Of {
		return "any of " + all
	}
	text := Count(len(d.Storms)) + " of " + all + " (storm " + rows(d.Storms[:min(len(d.Storms), mostNamed)])
	if more := len(d.Storms) - mostNamed; more > 0 {
		text += " and " + Count(more) + " more"
	}
	return text + ")"
}

// reasons why a metric is not known, by their codes.
var reasons = map[metric.Reason]string{
	metric.NoSuchCall:      "no call came far enough",
	metric.NoKernelAccount: "the engine cannot ask the kernel for SYN retransmissions",
	metric.NoServerLog:     "the server keeps no log of its connections",
	metric.OpenSessions:    "the server's log lacks the end of a session",
	metric.OnlyConnects:    "the client only connects",
	metric.QueueUnwatched:  "the accept queue was not watched",
	metric.QueueUnsampled:  "the accept queue was not sampled for ",
	metric.OverflowUnseen:  "the accept queue overflowed between two samples, and none saw it full",
	metric.NotDrained:      "connections were still queued when the watch ended",
	metric.NoReplies:       "nothing was replied, or the record is older than 0.2",
	metric.NoTime:          "the calls were served in no time",
}

func reason(n finding.NotKnown) string {
	text := reasons[metric.Reason(n.Reason)]
	if n.Gap > 0 {
		text += Duration(n.Gap)
	}
	return text
}

// claimed says what a comparison with the baseline shows, and what would decide it.
func claimed(c finding.Claimed) string {
	repeats := " on both sides (--repeats " + strconv.Itoa(c.Needed) + ")"
	switch f := analysis.Finding(c.Claim); {
	case f == analysis.TooFew:
		return fmt.Sprintf("Too few storms: %s, before %s. A comparison needs %s", Count(c.New), Count(c.Old),
			Count(c.Needed)) + repeats
	case f == analysis.Undecided && c.Better && c.NotWorse:
		return "Perhaps better: " + shift(c, "")
	case f == analysis.Undecided:
		return fmt.Sprintf("Perhaps %s, perhaps chance (p %s, corrected %s). Run at least %s", direction(c.Better),
			thousandths(c.P), thousandths(c.Q), Amount(c.Needed, "storm", "storms")) + repeats
	case f == analysis.Differs:
		return Capital(direction(c.Better)) + ": " + shift(c, ", p "+thousandths(c.Q))
	case f == analysis.Split:
		return "Not decided: the storms are distributed differently (p " + thousandths(c.Split.Q) + "). No shift is " +
			"shown: " +
			shift(c, "") + decides(c, repeats)
	case f == analysis.Reference && c.NotWorse, f == analysis.OneSided, f == analysis.Withheld:
		return Capital(claims[f])
	case c.NotWorse:
		return "No worse: " + shift(c, "")
	default:
		return "Not decided: " + shift(c, "") + decides(c, repeats)
	}
}

// shift says by how much the new storms differ, how sure that is, and what matters.
func shift(c finding.Claimed, more string) string {
	text := "the shift is " + signed(c.Unit, c.Shift.Estimate)
	if s := c.Shift; s.Low != nil {
		text += " (95 %: " + signed(c.Unit, *s.Low) + " to " + signed(c.Unit, *s.High) + more + ")"
	}
	return text + ", least relevant difference " + Number(c.Unit, c.Least)
}

// decides says what would decide a comparison; nothing where it is decided.
func decides(c finding.Claimed, repeats string) string {
	switch {
	case c.Needed == 0:
		return ""
	case c.Needed >= c.MostNeeded:
		flag := "--least"
		if c.Unit == string(metric.Calls) || c.Unit == string(metric.Percent) {
			flag = "--least-calls"
		}
		return fmt.Sprintf(". The storms vary too much: %d on both sides would not decide it. Allow a greater "+
			"difference (%s)",
			c.MostNeeded, flag)
	}
	return fmt.Sprintf(". About %s", Amount(c.Needed, "storm", "storms")) + repeats + " would probably decide it"
}

func direction(better bool) string {
	if better {
		return "better"
	}
	return "worse"
}

func thousandths(p float64) string { return strconv.FormatFloat(p, 'f', 3, 64) }

// Gate says what a gate came to for a setting: what was measured, and why.
func Gate(r *gate.Result) string {
	l := Labels{r.Cell: r.Setting}
	if r.Seen == "" || r.Why == nil {
		return strings.Join(lists.Map(gateFindings(r), func(f *finding.Finding) string { return l.Sentence(*f) }), " ")
	}
	return GateSeen(r) + " " + l.NotSure(*r.Why)
}

// GateSeen says what was measured for a gate in doubt, and what the numbers alone come to.
func GateSeen(r *gate.Result) string {
	seen := "By the numbers it " + string(r.Seen) + "."
	if r.Measured == nil {
		return seen
	}
	return Labels{r.Cell: r.Setting}.Sentence(*r.Measured) + " " + seen
}

// GateBrief says only what was measured, or where nothing was, why.
func GateBrief(r *gate.Result) string {
	if m := r.Measured; m != nil {
		if fact, is := m.Fact.(finding.Measured); is {
			fact.Choice = ""
			return Labels{}.Sentence(finding.Finding{Fact: fact})
		}
	}
	return Gate(r)
}

// gateFindings returns those that a result has.
func gateFindings(r *gate.Result) []*finding.Finding {
	return slices.DeleteFunc([]*finding.Finding{r.Measured, r.Why}, func(f *finding.Finding) bool { return f == nil })
}

// GateName names the gate of a result.
func GateName(r *gate.Result) string {
	if r.Baseline == "" {
		return r.Gate
	}
	return strings.Join(lists.NonEmpty("no worse than "+r.Baseline, r.Metric), ": ")
}

// GateSetting names the setting of a result, with what its numbers are divided by.
func GateSetting(r *gate.Result) string {
	return strings.Join(lists.NonEmpty(r.Setting, RatioTo(r.RatioTo, r.Reference)), ", ")
}

// FillGates writes the words of a judgement, for export.
func FillGates(v *gate.Verdict) {
	Labels{}.Fill(v.Doubts)
	for i := range v.Results {
		r := &v.Results[i]
		r.Gate = GateName(r)
		for _, f := range gateFindings(r) {
			f.Words = Labels{r.Cell: r.Setting}.Sentence(*f)
		}
	}
}

// GateHeadline states in one sentence what the gates come to.
func GateHeadline(v *gate.Verdict) string { return markSimulated(v.Simulated, gateHeadline(v)) }

func gateHeadline(v *gate.Verdict) string {
	unsure := slices.ContainsFunc(v.Results, func(r gate.Result) bool { return r.Seen != "" })
	switch n, all := gatesOf(v, v.Status, statusOf); {
	case v.Status == gate.Inconclusive && (unsure || len(v.Doubts) > 0):
		return unsureHeadline(v)
	case all == 0:
		return "There is no gate: nothing was judged"
	default:
		return gatesCame(v.Status, n, all)
	}
}

// gatesCame states how many gates are of a status.
func gatesCame(status gate.Status, n, all int) string {
	of := fmt.Sprintf("%d of %d gates", n, all)
	switch {
	case all == 1:
		of = "The gate"
	case status == gate.Passed && n == all:
		of = fmt.Sprintf("All %d gates", all)
	}
	if status == gate.Inconclusive {
		return of + " could not be judged"
	}
	return of + " " + string(status)
}

// unsureHeadline states what the numbers alone come to, then why that is not sure.
func unsureHeadline(v *gate.Verdict) string {
	text := "No gate could be judged"
	failed, all := gatesOf(v, gate.Failed, seenOf)
	unknown, _ := gatesOf(v, gate.Inconclusive, seenOf)
	switch {
	case failed > 0:
		text = "By the numbers " + clause(gatesCame(gate.Failed, failed, all))
	case unknown < all:
		text = "By the numbers " + clause(gatesCame(gate.Passed, all-unknown, all))
	}
	if len(v.Doubts) > 0 {
		return text + ". " + strings.TrimSuffix(Labels{}.NotSure(v.Doubts[0]), ".")
	}
	unsure, _ := gatesOf(v, gate.Inconclusive, statusOf)
	return text + ". Not sure of " + verb(all, "it", fmt.Sprintf("%d of them", unsure))
}

func statusOf(r *gate.Result) gate.Status { return r.Status }

// seenOf is what the numbers of a result come to.
func seenOf(r *gate.Result) gate.Status { return cmp.Or(r.Seen, r.Status) }

// gatesOf counts the gates, each once for however many settings, and those of a status in any setting.
func gatesOf(v *gate.Verdict, status gate.Status, of func(*gate.Result) gate.Status) (n, all int) {
	in := map[string]bool{}
	for _, r := range v.Results {
		in[GateName(&r)] = in[GateName(&r)] || of(&r) == status
	}
	for _, is := range in {
		if is {
			n++
		}
	}
	return n, len(in)
}
