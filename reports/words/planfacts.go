package words

import (
	"cmp"

	"agistorm/analysis/capacity"
	"agistorm/reports/lists"
)

// claimedQueue is the queue of the claim about its memory.
const claimedQueue = 8192

// costFacts are what the setting takes.
var costFacts = []fact{
	{"full accept queue", `{{with .Memory}}{{amount .Queued "connection" "connections"}} × {{bareBytes .PerQueued}} ` +
		`= {{bytes .Queue}}{{end}}`},
	{"how it was measured", `{{with .Memory}}{{if and .QueuedMeasured .Measured}}on this kernel, of ` +
		`{{amount .Measured.Connections "queued connection" "queued connections"}}, the server's ends only: ` +
		`{{if .Measured.AtLeast}}at least, from the size of a socket (/proc/net/protocols){{else}}from the caches ` +
		`that grew by one object each (/proc/slabinfo){{end}}{{else if .QueuedMeasured}}on this kernel{{else}}not on ` +
		`this kernel: the number is of Linux 6.18{{end}}{{with .Measured}}{{with .Unknown}}; {{noteOf .}}{{end}}` +
		`{{end}}{{end}}`},
	{"accepted connection", `{{with .Memory}}{{with .Measured}}{{with .Accepted}}{{if $.Memory.Measured.AtLeast}}at ` +
		`least {{end}}{{count (value .)}} B of the kernel's memory{{end}}{{end}}{{end}}`},
	{"handlers", `{{with .Memory}}{{if .Handlers}}{{amount .Sessions "session" "sessions"}} × ` +
		`{{bareBytes (value .PerSession)}} = {{bytes (value .Handlers)}} {{if eq $.Question.Kind "command"}}of ` +
		`the server's memory (growth of VmRSS in the storms){{else}}of the built-in target's memory; your server may ` +
		`need more{{end}}{{else if .Sessions}}not measured{{end}}{{end}}`},
	{"common claims", `{{with .Memory}}{{bareBytes .ClaimedPerQueued}} for each queued connection; 1.25 MB for ` +
		`8,192. {{if .QueuedMeasured}}Measured{{else}}Known{{end}}: {{bareBytes .PerQueued}}, ` +
		`{{ratio .PerQueued .ClaimedPerQueued}} times as much as the first, and ` +
		`{{bytes (claimed .PerQueued)}} for 8,192.{{end}}`},
}

// PlanCosts are what the setting takes.
func PlanCosts(a *capacity.Answer) []Term { return terms(Plan{a}, costFacts) }

// questionFacts are what was asked, and how the answer was found.
var questionFacts = []fact{
	{"calls", `{{with .Question}}{{callsOf .Calls .Span}} (arrival: {{.Arrival}}){{if .Find}}; the number ` +
		`is sought{{end}}{{end}}`},
	{"work", `{{with .Question}}{{.Work}} (mean {{limit .MeanWork}}){{end}}`},
	{"server", `{{with .Question}}{{with .Server}}{{.}}, {{end}}{{with .Like}}like {{.}}, {{end}}` +
		`{{if and .Planned (eq .Handlers 0)}}pool:N{{else}}{{.Behaviour}}{{end}}` +
		`{{if .Planned}} (the number of handlers is to be found){{end}}` +
		`{{with .Measured}}; measured first: {{$.Measured}}{{end}}{{end}}`},
	{"limits", `{{with .Question}}{{if .Lose}}at most {{portion .Lose}} of the calls{{else}}no call{{end}} lost, 99 ` +
		`% of the first commands within {{limit .FirstCommandTimeout}}{{end}}`},
	{"callers", `{{with .Question}}connect timeout {{limit .ConnectTimeout}}{{with .RTT}}, round trip {{limit .}}` +
		`{{end}}{{end}}; simulated {{if .Searched.OneMachine}}on one machine with the server{{else}}on hosts of ` +
		`their own{{end}}`},
	{"simulated", `{{with .Searched}}{{amount .Settings "setting" "settings"}} in {{amount .Simulations "storm" ` +
		`"storms"}} of {{countLong .Calls}} calls in all, within {{duration .Simulating}}{{with .Undecided}}; ` +
		`{{amount . "setting" "settings"}} undecided{{end}}{{with .NotMonotonic}}; ` +
		`{{amount . "larger setting" "larger settings"}} kept the limits less often than a smaller one{{end}}` +
		`{{if .Cut}}; the budget ended before all were done{{end}}; seed ` +
		`{{$.Question.Seed}}{{end}}`},
	{"measured", `{{with .Searched}}{{if .Storms}}{{amount .Storms "storm" "storms"}} on this kernel` +
		`{{with .Proving}}, within {{duration .}}{{end}}{{else}}nothing{{end}}{{end}}`},
}

// PlanFacts are what was asked, and how the answer was found.
func PlanFacts(a *capacity.Answer) []Term { return terms(Plan{a}, questionFacts) }

// factWords name what was measured first.
var factWords = map[capacity.Fact]string{capacity.FactHandlers: "handlers", capacity.FactWork: "work"}

// Measured names what was measured before the search.
func (p Plan) Measured() string {
	return List(lists.Map(p.Question.Measured, func(f capacity.Fact) string { return cmp.Or(factWords[f], string(f)) }))
}
