package words

import (
	"cmp"
	"slices"
	"strings"
	"text/template"
	"time"

	"agistorm/analysis/capacity"
	"agistorm/reports/lists"
)

// Plan is the answer of a plan, with what its phrases ask of it.
type Plan struct{ *capacity.Answer }

// Proof is a setting that was stormed on this kernel, with what its phrases ask of it.
type Proof struct {
	capacity.Proof
	Confidence float64
}

// None reports whether no storm lost a call.
func (p Proof) None() bool { return p.Storms > 0 && p.Lost.Max == 0 }

// ProofOf returns the proof of a role, nil without storms.
func (p Plan) ProofOf(role capacity.Role) *Proof {
	i := slices.IndexFunc(p.Proofs, func(f capacity.Proof) bool { return f.Role == role && f.Storms > 0 })
	if i < 0 {
		return nil
	}
	return &Proof{p.Proofs[i], p.Question.Confidence}
}

// Proven is the proof of what the answer recommends; nil without one.
func (p Plan) Proven() *Proof {
	if p.Found != nil {
		if f := p.Found.Proof; f != nil && f.Storms > 0 {
			return &Proof{*f, p.Question.Confidence}
		}
		return nil
	}
	return p.ProofOf(capacity.RoleRecommended)
}

// Asked is the storm of a server that runs already, with its own settings; nil without one.
func (p Plan) Asked() *Proof { return p.ProofOf(capacity.RoleAsked) }

// Contradiction is the first proof that contradicts the model; nil without one.
func (p Plan) Contradiction() *Proof {
	if p.Found != nil && p.Found.Proof != nil && p.Found.Proof.Contradicts {
		return p.Proven()
	}
	i := slices.IndexFunc(p.Proofs, func(f capacity.Proof) bool { return f.Contradicts })
	if i < 0 {
		return nil
	}
	return &Proof{p.Proofs[i], p.Question.Confidence}
}

// Helpless returns the fact that no backlog helps; nil where more handlers are recommended instead.
func (p Plan) Helpless() *capacity.HopelessFact {
	if p.Backlog != nil {
		return nil
	}
	return p.Hopeless
}

// Setting that the answer recommends; nil without one.
func (p Plan) Setting() *capacity.Setting {
	switch {
	case p.Found != nil && p.Found.Calls > 0:
		return &p.Found.Setting
	case p.Backlog != nil:
		return &capacity.Setting{Handlers: p.Handlers, Backlog: *p.Backlog}
	}
	return nil
}

// Safer is the proof of the largest useful backlog, where storms of the recommended setting lost calls and its storms
// lost none; nil else.
func (p Plan) Safer() *Proof {
	if !slices.Contains(p.Unproven, capacity.LostCalls) {
		return nil
	}
	if f := p.ProofOf(capacity.RoleLargest); f != nil && f.Lost.N > 0 && f.Lost.Max == 0 {
		return f
	}
	return nil
}

// Again reports whether more storms, or a quiet machine, may prove it.
func (p Plan) Again() bool {
	return slices.Contains(p.Unproven, capacity.LostCalls) || slices.Contains(p.Unproven, capacity.TooFewStorms)
}

// Least is the least setting by simulation, where this kernel needs more; nil else.
func (p Plan) Least() *capacity.Setting {
	if p.LeastSimulated == nil {
		return nil
	}
	return &capacity.Setting{Handlers: p.LeastHandlers, Backlog: *p.LeastSimulated}
}

// Outcome that is predicted for it; nil without one.
func (p Plan) Outcome() *capacity.Outcome {
	if p.Found != nil {
		return &p.Found.Outcome
	}
	return p.Recommended
}

// LongestWait of an answered call, simulated or measured, whichever is longer; nil where neither is known.
func (p Plan) LongestWait() *time.Duration {
	var longest *time.Duration
	if o := p.Outcome(); o != nil {
		longest = o.Longest
	}
	if f := p.Proven(); f != nil && f.Longest != nil && (longest == nil || *f.Longest > *longest) {
		longest = f.Longest
	}
	return longest
}

// P99 of the wait: measured or, without a proof, simulated; nil where 1 % or more of the calls are not answered.
func (p Plan) P99() *time.Duration {
	if f := p.Proven(); f != nil {
		return OfAll(f.P99, f.Share)
	}
	if o := p.Outcome(); o != nil {
		return OfAll(o.P99, o.Share)
	}
	return nil
}

// OfAll returns a 99th percentile of the wait of the answered calls as one of all calls: nil where 1 % or more are lost.
func OfAll(p99 *time.Duration, lost float64) *time.Duration {
	if lost >= 0.01 {
		return nil
	}
	return p99
}

// Bytes that the setting takes in all.
func (p Plan) Bytes() float64 {
	sum := p.Memory.Queue
	if p.Memory.Handlers != nil {
		sum += *p.Memory.Handlers
	}
	return sum
}

// Unsure reports whether the recommended setting rests on the simulation only.
func (p Plan) Unsure() bool { return p.Status != capacity.Proven }

// Unfinished reports whether the search ended before its answer.
func (p Plan) Unfinished() bool {
	return p.Status == capacity.OverBudget || p.Status == capacity.Interrupted
}

// planFunctions are what the phrases of a plan can use beside functions.
var planFunctions = template.FuncMap{
	"settingOf": PlanSetting, "callsOf": callsOf, "hundredths": Hundredths, "portion": Portion, "bytes": Bytes,
	"bareBytes": bareBytes, "rate": Rate, "noteOf": Note, "countLong": Count[int64],
	"int":     func(v float64) int { return int(v) },
	"ratio":   func(a, b float64) string { return Whole(a / b) },
	"wait":    func(d *time.Duration) string { return Timeout(d.Round(time.Millisecond)) },
	"claimed": func(each float64) float64 { return each * claimedQueue },
}

// Role names a setting that was stormed, by why.
func Role(r capacity.Role) string { return cmp.Or(roleWords[r], string(r)) }

var roleWords = map[capacity.Role]string{
	capacity.RoleRecommended: "recommended", capacity.RoleSmaller: "an eighth smaller",
	capacity.RoleSimulated: "least by simulation",
	capacity.RoleLargest:   "largest useful", capacity.RoleRate: "a tenth below the rate", capacity.RoleAsked: "as " +
		"asked",
}

// reasonPhrases are why an answer is not proven.
var reasonPhrases = map[capacity.Reason]Phrase{
	capacity.Asked:       `no storm was asked for (--simulate-only)`,
	capacity.NoNamespace: `this machine gives no network namespace, so no setting was stormed`,
	capacity.TooFewStorms: `{{with .Proven}}{{amount .Storms "storm" "storms"}} of {{count .Needed}} were played ` +
		`within the budget of {{limit $.Question.Budget}}{{else}}the budget of {{limit .Question.Budget}} left no ` +
		`time for the storms{{end}}`,
	capacity.LostCalls: `{{with .Proven}}the storms lost up to {{amount (int .Lost.Max) "call" "calls"}} of ` +
		`{{count .Calls}}{{else}}the storms lost calls{{end}}, and {{with .Question.Lose}}at most {{portion .}} may ` +
		`be lost{{else}}none may be lost{{end}}`,
	capacity.WaitedTooLong: `the storms' 99th percentile of the wait was over ` +
		`{{limit .Question.FirstCommandTimeout}}{{with .Proven}}{{with .P99}} ({{wait .}}){{end}}{{end}}`,
	capacity.NoAnswer:      `no setting was found that could be stormed`,
	capacity.RunningServer: `the server is running, so only its own settings were stormed`,
	capacity.Failed:        `the storm could not be played{{with .Failure}} ({{.}}){{end}}`,
}

// Reasons why it is not proven, as clauses.
func (p Plan) Reasons() string {
	return strings.Join(lists.Map(p.Unproven, func(r capacity.Reason) string {
		if phrase, known := reasonPhrases[r]; known {
			return phrase.With(p)
		}
		return string(r)
	}), "; ")
}

// omissionPhrases are what Erlang's formulae leave out.
var omissionPhrases = map[capacity.Omission]Phrase{
	capacity.OmitsRetransmission: `dropped SYNs that are retransmitted after 1 s`,
	capacity.OmitsConnectTimeout: `the connect timeout of {{limit .Question.ConnectTimeout}}`,
	capacity.OmitsFiniteQueue:    `the limit of the accept queue`,
	capacity.OmitsShape:          `the shape of arrivals and work`,
}

// Omissions of Erlang's formulae.
func (p Plan) Omissions() string {
	return List(lists.Map(p.Erlang.LeftOut, func(o capacity.Omission) string {
		if phrase, known := omissionPhrases[o]; known {
			return phrase.With(p)
		}
		return string(o)
	}))
}

// The first sentence of an answer, by what was found.
const (
	planFound Phrase = `{{if .Unfinished}}Best so far: {{else if .Unsure}}By simulation, {{end}}{{with .Setting}}` +
		`{{if .Handlers}}{{amount .Handlers "handler" "handlers"}} and a backlog of {{backlog .Backlog}}{{else}}a ` +
		`backlog of {{backlog .Backlog}}{{end}}{{end}}{{with .Somaxconn}} (somaxconn {{backlog (value .)}}){{end}}` +
		`{{if .Handlers}} are{{else}} is{{end}} enough for {{callsOf .Question.Calls .Question.Span}}` +
		`{{with .LongestWait}}: longest wait {{wait .}}{{end}}{{if .Memory}}, memory {{bytes .Bytes}}{{end}}.`
	planNoRate Phrase = `Not even one call holds the limits with {{settingOf .Found.Setting}}.`
	planRate   Phrase = `{{if .Unfinished}}Best so far: {{else if .Unsure}}By simulation, {{end}}{{with .Found}}` +
		`{{with .Setting}}{{if .Handlers}}{{amount .Handlers "handler" "handlers"}} and a backlog of ` +
		`{{backlog .Backlog}}{{else}}a backlog of {{backlog .Backlog}}{{end}}{{end}} can take {{if .Rate}}` +
		`{{rate (value .Rate)}} ({{callsOf .Calls $.Question.Span}}){{else}}{{callsOf .Calls $.Question.Span}}{{end}}` +
		`{{end}}{{with .LongestWait}}: longest wait {{wait .}}{{end}}.`
	planHopeless Phrase = `{{with .Hopeless}}No backlog helps{{if .Handlers}} ` +
		`{{amount .Handlers "handler" "handlers"}}{{end}}: {{if .Outcome.Share}}even a backlog of ` +
		`{{backlog .Best.Backlog}} loses {{portion .Outcome.Share}} of {{callsOf $.Question.Calls $.Question.Span}}` +
		`{{else}}calls wait too long even with a backlog of {{backlog .Best.Backlog}}` +
		`{{with .Outcome.P99}} (99 % within {{wait .}}){{end}}{{end}}.{{if .Need}} ` +
		`{{amount (value .Need) "handler is" "handlers are"}} enough.{{else if .Tried}} Up to {{count .Tried}} ` +
		`handlers were tried, and none is enough.{{else}} The server itself is too slow for them.{{end}}{{end}}`
	planNothing Phrase = `No setting was found{{if eq .Status "interrupted"}} before the interruption` +
		`{{else if eq .Status "over-budget"}} within the budget of {{limit .Question.Budget}}{{end}}.`
)

// lead chooses the phrase of the first sentence.
func (p Plan) lead() Phrase {
	switch {
	case p.Helpless() != nil:
		return planHopeless
	case p.Found != nil && p.Found.Calls == 0:
		return planNoRate
	case p.Found != nil:
		return planRate
	case p.Backlog != nil:
		return planFound
	}
	return planNothing
}

// PlanLead is the answer in one sentence: handlers, backlog, longest wait, memory.
func PlanLead(a *capacity.Answer) string {
	p := Plan{a}
	return Capital(p.lead().With(p))
}

// planRests are what follows the first sentence, by the status: how sure the answer is.
var planRests = map[capacity.Status]Phrase{
	capacity.Proven: `{{with .Proven}}Proven on this kernel: {{if .None}}none lost in ` +
		`{{amount .Storms "storm" "storms"}} of {{amount .Calls "call" "calls"}}{{with .StormsBound}}, so at most ` +
		`{{portion (value .)}} of storms lose any ({{hundredths $.Question.Confidence}} % confidence){{end}}{{else}}` +
		`{{portion .Share}} lost (median of {{amount .Storms "storm" "storms"}} of {{amount .Calls "call" "calls"}}, ` +
		`up to {{whole .Lost.Max}}){{end}}{{with .Missed}}; {{amount . "storm" "storms"}} missed the limits{{end}}.` +
		`{{end}}{{with .Least}} By simulation alone {{settingOf .}} would be enough: this kernel needs more.{{end}}`,
	capacity.Simulated: `Not tried on this kernel: {{.Reasons}}.`,
	capacity.NotProven: `Not proven: {{.Reasons}}.{{with .Asked}} As it is, it lost ` +
		`{{if .None}}none{{else}}{{portion .Share}}{{end}} of {{amount .Calls "call" "calls"}}.{{end}}`,
	capacity.Contradicted: `This kernel contradicts the simulation{{with .Contradiction}}: with ` +
		`{{settingOf .Setting}} it predicts {{portion .Predicted.Share}} lost, and ` +
		`{{amount .Storms "storm" "storms"}} lost {{portion .Share}}{{end}}. Do not rely on this answer.`,
	capacity.OverBudget: `{{if .Setting}}The budget of {{limit .Question.Budget}} ended before the search was over. ` +
		`{{end}}Give it more time with --budget.`,
	capacity.Interrupted: `Interrupted before the search was over{{if .Backlog}}: a smaller setting may be enough` +
		`{{end}}.`,
}

// PlanRest says how sure the answer is.
func PlanRest(a *capacity.Answer) string {
	return planRests[a.Status].With(Plan{a})
}

// PlanVerdict is the answer of a plan in a paragraph.
func PlanVerdict(a *capacity.Answer) string {
	return strings.TrimSpace(PlanLead(a) + " " + PlanRest(a))
}

// planStatus is the status in a few words, and the class of their colour.
var planStatus = map[capacity.Status]struct{ class, words string }{
	capacity.Proven:       {"good", "Answered, and proven on this kernel"},
	capacity.Simulated:    {"doubt", "Answered by simulation only"},
	capacity.NotProven:    {"doubt", "Answered, but not proven"},
	capacity.Contradicted: {"bad", "The kernel contradicts the simulation"},
	capacity.Hopeless:     {"bad", "No backlog helps"},
	capacity.OverBudget:   {"doubt", "Budget too small"},
	capacity.Interrupted:  {"doubt", "Interrupted"},
}

// PlanStatus returns the status in a few words, and the class of their colour.
func PlanStatus(a *capacity.Answer) (class, text string) {
	s, known := planStatus[a.Status]
	if !known {
		return "doubt", string(a.Status)
	}
	return s.class, s.words
}

// MostLost is the greatest share of the calls that any storm of it lost, 0 to 1: measured or, without a proof,
// simulated.
func (p Plan) MostLost() float64 {
	switch f, o := p.Proven(), p.Outcome(); {
	case f != nil && f.Calls > 0:
		return f.Lost.Max / float64(f.Calls)
	case o != nil && p.Calls() > 0:
		return o.Lost.Max / float64(p.Calls())
	}
	return 0
}

// Calls is the number of calls of the storms that were played or, without a proof, simulated.
func (p Plan) Calls() int {
	switch f := p.Proven(); {
	case p.Found != nil && f != nil:
		return f.Calls
	case p.Found != nil && p.Found.Calls > 0:
		return p.Found.Calls
	}
	return p.Question.Calls
}

// Callers names the callers and when they call: "5,000 callers within 10 s".
func (p Plan) Callers() string {
	text := Amount(p.Calls(), "caller", "callers")
	if p.Question.Span == 0 {
		return text + " at the same moment"
	}
	return text + " within " + Timeout(p.Question.Span)
}

// management are the three sentences for people who do not know the trade: how many callers, how long they wait,
// what it takes.
var management = []Phrase{
	`{{if .Helpless}}By calculation, {{portion .Helpless.Outcome.Share}} of {{.Callers}} are lost` +
		`{{else if .Setting}}{{with .Proven}}In {{amount .Storms "trial" "trials"}} on this machine{{else}}By ` +
		`calculation{{end}}, {{with .MostLost}}at most {{portion .}} of {{$.Callers}} are{{else}}none of ` +
		`{{.Callers}} is{{end}} lost{{else}}No way was found yet to serve {{.Callers}}{{end}}.`,
	`{{if .Setting}}{{with .P99}}Of 100 callers, 99 are served within {{wait .}}{{else}}Some callers hang up ` +
		`before they are served{{end}}{{with $.LongestWait}}, and those who are served wait {{wait .}} at most` +
		`{{end}}.{{else}}{{with .Helpless}}Those who are served wait up to {{with .Outcome.Longest}}{{wait .}}` +
		`{{else}}an unknown time{{end}}.{{else}}How long they would wait is not known yet.{{end}}{{end}}`,
	`{{if .Helpless}}It takes {{with .Helpless.Need}}a server that works on {{count (value .)}} calls at the same ` +
		`time{{else}}a faster server{{end}}; a longer waiting line does not help.{{else if .Contradiction}}` +
		`Calculation and trial disagree, so neither can be relied on yet.{{else if .Setting}}It takes ` +
		`{{with .Setting}}{{if .Handlers}}a server that works on {{amount .Handlers "call" "calls"}} at the same ` +
		`time, and {{end}}a waiting line for {{amount .Backlog "more call" "more calls"}}{{end}}{{if .Memory}}, in ` +
		`{{bytes .Bytes}} of memory{{end}}.{{else}}The search needs more time.{{end}}`,
}

// Management returns the three sentences.
func Management(a *capacity.Answer) string {
	return strings.Join(lists.Map(management, func(p Phrase) string { return p.With(Plan{a}) }), " ")
}

// limits are where more is of no use, and what the textbook says.
var limits = []string{
	`{{with .Useful}}Largest useful backlog: {{backlog .Backlog}}, from {{rate .Rate}} × ` +
		`{{limit .Timeout}} (first-command timeout){{if .Handlers}}; the rate is ` +
		`{{amount .Handlers "handler" "handlers"}} ÷ {{limit .Work}} of work{{else}}; the rate was measured{{end}}. ` +
		`Calls behind a longer queue are served too late. Asterisk itself has no first-command timeout.{{if .Tried}} ` +
		`Simulated, that backlog {{if .Held}}is enough too{{else}}is not enough{{end}}.{{end}}{{end}}`,
	`{{with .Hopeless}}{{if .Handlers}}With {{amount .Handlers "handler" "handlers"}}{{else}}With this server` +
		`{{end}}, {{backlog .Best.Backlog}} is the best backlog: it loses {{if .Outcome.Share}}` +
		`{{whole .Outcome.Lost.Median}} of {{amount $.Question.Calls "call" "calls"}}{{else}}none, but calls wait ` +
		`too long{{with .Outcome.P99}} (99 % within {{wait .}}){{end}}{{end}}.{{if .Need}} The least number of ` +
		`handlers that helps is {{count (value .Need)}}.{{end}}{{end}}`,
	`{{with .Found}}{{with .Above}}{{callsOf (value .) $.Question.Span}} no longer hold the limits.{{end}}` +
		`{{with .Capacity}} The handlers' capacity is {{rate (value .)}}.{{end}}{{end}}`,
	`{{with .Erlang}}Erlang C asks for {{amount .Handlers "handler" "handlers"}} for {{printf "%.3g" .Load}} ` +
		`erlangs: 99 % then wait at most {{limit .WaitP99}}. It leaves out {{$.Omissions}}.{{end}}`,
}

// PlanLimits say where more is of no use, and what the textbook says.
func PlanLimits(a *capacity.Answer) []string { return filled(Plan{a}, limits...) }
