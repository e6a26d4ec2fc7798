package words

import (
	"agistorm/analysis/capacity"
)

// PlanFigures are in the order in which the report of a plan shows them. All but Notes and Labels are filled with a
// Plan.
var PlanFigures = []*Figure{
	&FigurePlanShort, &FigurePlanBacklog, &FigurePlanHandlers, &FigurePlanMap, &FigurePlanQueue,
}

// PlottedCase is a row of the figure for management.
type PlottedCase struct {
	Today bool
	// Factor of the calls; 1 as asked.
	Factor int
	Calls  int
	// Lost share, 0 to 1.
	Lost float64
}

// PlottedCurve names what a curve over settings shows.
type PlottedCurve struct {
	// Least that is enough, and the Useful largest; nil where there is none. Handlers: of handlers, not of a backlog.
	Least, Useful *int
	Handlers      bool
	// Below the least, lost share of the calls; nil where nothing smaller was simulated.
	Below     *int
	BelowLost float64
}

// PlottedMap is the map of lost calls: the least handlers with which some backlog holds the limits; nil without.
type PlottedMap struct{ Handlers, Backlog *int }

// PlottedDepth is a queue over time: the deepest of each; nil where there is none.
type PlottedDepth struct {
	Simulated, Measured *int
	Full                int
}

// PlanSubtitle states what was asked.
const PlanSubtitle Phrase = `{{with .Question}}{{callsOf $.Calls .Span}} · work {{.Work}}{{end}}`

// simulatedNote says where the numbers are from.
const simulatedNote = ` Simulated, not measured.`

// The words of each figure of a plan.
var (
	FigurePlanShort = Figure{
		Name: "plan-short", Title: `Callers that are lost`, Subtitle: ` `,
		Alt: `Bars of the share of callers that are lost.`, Axis: `of 100 callers`,
		Caption: `Computed, not tried.{{if .Least}} Bars of more callers are for a smaller setting than recommended.` +
			`{{else if .Setting}} {{if .Today}}All bars but the first{{else}}All bars{{end}} are for ` +
			`the recommended setting.{{end}}`,
		Notes: `{{if .Lost}}bad: {{portion .Lost}} lost{{else}}good: none lost{{end}}`,
		Labels: map[string]Phrase{
			"case": `{{if .Today}}as it is today{{else if eq .Factor 1}}as recommended{{else}}{{.Factor}} times the ` +
				`callers{{end}}`,
		},
	}
	FigurePlanBacklog = Figure{
		Name: "plan-backlog", Title: `Lost calls and wait against backlog`, Subtitle: PlanSubtitle,
		Alt: `Two curves against the backlog: lost calls, and the 99th percentile of the wait.`,
		Axis: `backlog (logarithmic){{with .ByBacklog}}{{with (index . 0).Setting.Handlers}}, with ` +
			`{{amount . "handler" "handlers"}}{{end}}{{end}}`,
		Caption: `Top: the share of the calls that are lost. Bottom: the 99th percentile of the wait for the first ` +
			`command; a cross means that 1 % or more are lost. Green: enough, and still of use.{{with .Useful}} ` +
			`Calls queued beyond {{backlog .Backlog}} are served too late.{{end}}` + simulatedNote,
		Notes: curveNotes, Labels: curveLabels,
	}
	FigurePlanHandlers = Figure{
		Name: "plan-handlers", Title: `Lost calls and wait against handlers`, Subtitle: PlanSubtitle,
		Alt:  `Two curves against the number of handlers: lost calls, and the 99th percentile of the wait.`,
		Axis: `handlers{{with .ByHandlers}}, with a backlog of {{backlog (index . 0).Setting.Backlog}}{{end}}`,
		Caption: `Top: the share of the calls that are lost. Bottom: the 99th percentile of the wait for the first ` +
			`command; a cross means that 1 % or more are lost. Green: enough.` + simulatedNote,
		Notes: curveNotes, Labels: curveLabels,
	}
	FigurePlanMap = Figure{
		Name: "plan-map", Title: `Lost calls by handlers and backlog`, Subtitle: PlanSubtitle,
		Alt:  `A map of lost calls, in rows by handlers and in columns by backlog.`,
		Axis: `backlog`, Upright: `handlers`,
		Caption: `Each field shows the median share of lost calls, in percent. Within the thick line most storms ` +
			`hold the limits. A field with – loses none, but its calls wait too long.` + simulatedNote,
		Notes: `{{if .Handlers}}good: enough: {{amount (value .Handlers) "handler" "handlers"}}, backlog ` +
			`{{backlog (value .Backlog)}}{{else}}bad: nothing here is enough{{end}}`,
		Labels: map[string]Phrase{"boundary": `most storms hold the limits`, "least": `none lost`, "most": `all lost`},
	}
	FigurePlanQueue = Figure{
		Name: "plan-queue", Title: `Accept queue over time{{if not .Asked}}, as recommended` +
			`{{end}}`, Subtitle: PlanSubtitle,
		Alt: `Depth of the accept queue over time.`, Axis: sinceStart,
		Caption: `Connections that wait for the server{{if .Asked}}{{if .QueueSimulated}}: simulated with the ` +
			`recommended setting{{if .QueueMeasured}}, and measured as the server is now{{end}}{{else}}, measured as ` +
			`the server is now{{end}}{{else if .Found}}, measured on this kernel with a tenth fewer calls than were ` +
			`found{{else}}, in one storm of the recommended setting` +
			`{{if and .QueueSimulated .QueueMeasured}}: simulated, and measured on this kernel` +
			`{{else if .QueueMeasured}}, measured on this kernel{{else}}, simulated only{{end}}{{end}}.` +
			`{{if .Setting}} At the dashed line the {{if .Asked}}recommended {{end}}queue is full.{{end}}`,
		Notes: `{{with .Measured}}main: measured: {{count (value .)}} at most
{{end}}{{with .Simulated}}plain: simulated: {{count (value .)}} at most{{end}}`,
		Labels: map[string]Phrase{
			"simulated": `simulated`, "measured": `measured on this kernel`, "full": `full at {{count .}}`,
		},
	}
)

// curveNotes and curveLabels are those of lost calls and wait against a part of the setting.
const curveNotes Phrase = `{{if .Least}}good: enough: {{backlog (value .Least)}} or more
{{with .Below}}bad: {{if $.Handlers}}{{amount (value .) "handler loses" "handlers lose"}}{{else}}a backlog of ` +
	"{{backlog (value .)}} loses{{end}} {{portion $.BelowLost}}" + `
{{end}}{{else}}bad: none of these is enough
{{end}}{{with .Useful}}plain: of no use: more than {{backlog (value .)}}{{end}}`

var curveLabels = map[string]Phrase{
	"lost": `lost calls, %`, "wait": `wait, 99th percentile`, "holds": `enough`, "fails": `not enough`,
	"least": `least enough: {{backlog .}}`, "useful": `largest useful: {{backlog .}}`,
	"limit": `first-command timeout {{limit .}}`, "range": `least to most of any storm`,
}

// PlottedCases are today, the recommended setting, and multiples of the calls.
func PlottedCases(a *capacity.Answer) (all []PlottedCase) {
	if d := a.Today; d != nil {
		all = append(all, PlottedCase{Today: true, Factor: 1, Calls: a.Question.Calls, Lost: d.Outcome.Share})
	}
	if o := a.Recommended; o != nil {
		all = append(all, PlottedCase{Factor: 1, Calls: a.Question.Calls, Lost: o.Share})
	}
	for _, s := range a.Scaled {
		all = append(all, PlottedCase{Factor: s.Factor, Calls: s.Calls, Lost: s.Outcome.Share})
	}
	return all
}

// MapField writes a share of lost calls, 0 to 1, in percent without the sign, as a map's field has room for.
func MapField(share float64) string {
	if share > 0 && share < 0.005 {
		return "<1"
	}
	return PartNumber(share)
}
