package words

// Titles of the sections of a plan.
const (
	TitlePlan       = "agistorm plan"
	TitleManagement = "For management"
	TitleEnough     = "How much is enough"
	TitleWhatIf     = "At more calls, and as it is today"
	TitleLimits     = "Where more is of no use"
	TitleCosts      = "What it costs"
	TitleProof      = "Proof on this kernel: predicted and measured"
	TitlePlanned    = "What was asked, simulated and measured"
)

// What stands with the numbers of a plan.
const (
	HeadUseful   = "largest useful backlog"
	EnoughBrief  = "Simulated: the least backlog for each number of handlers; the wait is for the first command."
	EnoughLegend = "Simulated. The backlog is the least that holds the limits with these handlers; lost calls and " +
		"waits are those of that backlog. Load is the handlers' mean utilisation. The wait is for the first command."
	WhatIfLegend = "Simulated, not measured. The wait is for the first command; – where 1 % or more of the calls are " +
		"not answered."
	ProofLegend = "Lost: share of the calls, simulated for the same arrivals and measured (median, and the range " +
		"over the storms). Missed: storms that lost more, or kept callers waiting longer, than the limits allow. " +
		"Without \"contradicts\" the kernel did as predicted, within 5 % of the calls."

	// PlanRaised is about the first row of that table.
	PlanRaised Phrase = `{{if .Least}}The first row has the setting that this kernel needs: more than simulated.{{end}}`
	// PlanBound says what storms without a lost call prove.
	PlanBound Phrase = `{{with .StormsBound}}None lost in {{amount $.Storms "storm" "storms"}} means: with ` +
		`{{hundredths $.Confidence}} % confidence, at most {{portion (value .)}} of such storms lose a call.{{end}}`
	// PlanMissed are storms that did not hold the limits.
	PlanMissed Phrase = `{{with .Missed}}{{.}} missed{{end}}`
	// PlanDoubtful are storms that prove nothing.
	PlanDoubtful Phrase = `{{with .Doubtful}}In {{amount . "storm" "storms"}} the generator or the machine was the ` +
		`limit: {{verb . "it proves" "they prove"}} nothing.{{end}}`
	// PlanToday names the settings of today.
	PlanToday Phrase = `today: somaxconn {{backlog .Somaxconn}}, listen({{.Asked}})`
	// PlanTimes names a multiple of the calls.
	PlanTimes Phrase = `{{.Factor}} × the calls`
	// PlanProvisional is of a setting that no storm has proven.
	PlanProvisional Phrase = `provisional: not proven {{if .Safer}}on this kernel, but {{with .Safer}}` +
		`{{backlog .Setting.Backlog}} lost none in {{amount .Storms "storm" "storms"}}{{end}}{{else if .Again}}here; ` +
		`rerun with a larger --budget on a quiet machine{{else}}on this kernel{{end}}`
	// PlanHandlers is what to set first.
	PlanHandlers Phrase = `Run {{amount .Setting.Handlers "handler" "handlers"}} in the server{{with .Utilisation}} ` +
		`({{percent (value .)}} busy on average){{end}}.`
)

// Verdicts of a table's row.
const (
	PlanHolds     = "enough"
	PlanFails     = "not enough"
	PlanDiffers   = "contradicts"
	PlanUnsettled = "not sure"
)
