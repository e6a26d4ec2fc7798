package words

import "agistorm/analysis/finding"

// answerPhrases are the words for what the settings of a run lose.
var answerPhrases = map[finding.Code]string{
	"calls-lost": `{{$.Names}} {{$.Verb "loses" "lose"}} {{calls .Calls}} of {{amount .Of "call" "calls"}} ` +
		`({{storms .Calls}}).`,
	"calls-late": `{{$.Names}} {{$.Verb "delays" "delay"}} {{calls .Calls}} of {{amount .Of "call" "calls"}} by 1 s ` +
		`or more ({{storms .Calls}}).`,
	"none-lost": `{{$.Names}} {{$.Verb "loses" "lose"}} {{if .Of}}none of {{amount .Of "call" "calls"}}{{else}}none` +
		`{{end}}{{with .Late}}{{if .Max}}, but {{$.Verb "delays" "delay"}} {{calls .}} by 1 s or more{{else}} and ` +
		`{{$.Verb "delays" "delay"}} none{{end}}{{end}}.`,
	"settings-mixed": `These settings differ in more than the length of the queue, so the cause of the difference is ` +
		`unknown.`,
	"nothing-lost": `No setting lost {{if .Late}}or delayed {{end}}a call in {{amount .Storms "storm" "storms"}}` +
		`{{if .Calls}} of {{amount .Calls "call" "calls"}}{{end}}.`,
	"no-difference": `{{if $.Settings}}Even {{$.Names}} was enough. {{end}}A larger burst or a slower server may ` +
		`show a difference.`,
	"outcome": `{{if .Lost.Max}}{{count .AllLost}} of {{amount .Calls "call" "calls"}}{{template "whole" .}}` +
		`{{$.With}} {{verb .AllLost "is" "are"}} lost{{if gt .Storms 1}} ({{between .Lost}} per storm){{end}}: ` +
		`{{outcomes .LostAs}}.{{if and .Late .Served}} {{if eq 0 (value .Late)}}No {{template "success" .}} call is` +
		`{{else}}{{count (value .Late)}} of {{count .Served}} {{template "success" .}} calls ` +
		`{{verb (value .Late) "is" "are"}}{{end}} 1 s or more late.{{end}}{{else}}None of ` +
		`{{amount .Calls "call" "calls"}}{{template "whole" .}}{{$.With}} is lost{{if and .Late .Served}}` +
		`{{if eq 0 (value .Late)}} or late{{else}}, but {{count (value .Late)}} {{verb (value .Late) "is" "are"}} 1 ` +
		`s or more late{{end}}{{end}}.{{if .Connected}}{{if .Unseen}} All connected for the client; whether the ` +
		`server had every connection is not known.{{else if not .Unaccepted}} All ` +
		`connected.{{end}}{{end}}{{end}}{{with .Unaccepted}} {{amount . "call was" "calls were"}} still in the ` +
		`accept queue when the record ended: neither lost nor served.{{end}}`,
	"phantoms": `{{if .AtLeast}}At least {{end}}` +
		`{{amount .Calls "lost call was a phantom" "lost calls were phantoms"}}{{$.In}}: connected for the client, ` +
		`but never for the server. The last ACK of each was dropped at the full accept queue.`,
	"closed-at-once": `The server itself closed {{amount .Calls "connection" "connections"}}{{$.In}} ` +
		`{{if .Connected}}at once{{else}}before its first command{{end}}{{if .Reset}} ({{if eq .Reset .Calls}}all` +
		`{{else}}{{count .Reset}}{{end}} by a reset){{end}}.{{with .Perhaps}} Up to ` +
		`{{amount . "more connection" "more connections"}} may have been closed like this. A client cannot tell ` +
		`them from phantoms that its own FIN let into the queue.{{end}} A longer queue will not help these. ` +
		`{{if .Connected}}Either that is all that it does for a silent client, or it{{else}}Probably it{{end}} ` +
		`reached a limit of its own: raise it. Such limits are maxclients (redis), worker_connections and limit_conn ` +
		`(nginx), maxconn (haproxy), instances, per_source and cps (xinetd), and open files (ulimit -n).`,
	"slow-calls": `{{amount .Calls "answered call" "answered calls"}}{{if .PerStorm}} per storm{{end}}{{$.In}} ` +
		`waited 1 s or more for the first command, up to {{duration .Longest}}.{{if eq .Blame "server"}} The server ` +
		`is slower than its calls arrive; a longer queue will not help.{{else if eq .Blame "generator"}} The ` +
		`generator kept the server waiting for its replies.{{else if eq .Blame "hypervisor"}} A hypervisor took up ` +
		`to {{percent .CPUShare}} of the CPU time meanwhile.{{else if eq .Blame "other-processes"}} Other processes ` +
		`used up to {{percent .CPUShare}} of the CPU time meanwhile.{{end}}`,
	"ended-by-timeout": `{{if .FirstCommand}}{{amount .FirstCommand "call" "calls"}}{{$.In}} ` +
		`{{verb .FirstCommand "is" "are"}} lost only to this storm's first-command timeout` +
		`{{with .FirstCommandTimeout}} of {{limit .}}{{end}}, which Asterisk does not have. {{end}}` +
		`{{if .Session}}{{amount .Session "call" "calls"}}{{$.In}} {{verb .Session "is" "are"}} lost only to its ` +
		`session timeout{{with .SessionTimeout}} of {{limit .}}{{end}}, which Asterisk does not have.{{end}}`,
	"nobody-answered": `{{if eq .Why "refused"}}Nothing is listening{{with .Address}} on {{.}}{{end}}: ` +
		`{{template "all" .}} refused.{{else if eq .Why "unreachable"}}{{with .Address}}{{.}}{{else}}The address` +
		`{{end}} cannot be reached from here{{with .Reason}} ({{.}}){{end}}: {{template "all" .}} lost.` +
		`{{else if eq .Why "no-connection"}}{{with .Address}}{{.}}{{else}}The server{{end}} accepts no connection ` +
		`within the connect timeout{{with .Reason}} ({{.}}){{end}}: {{template "all" .}} lost.` +
		`{{else if eq .Why "closed"}}{{with .Address}}{{.}}{{else}}The server{{end}} closes every connection at once` +
		`{{with .Reason}} ({{.}}){{end}}: {{template "all" .}} lost.` +
		`{{else if eq .Why "session-timeout"}}No call was answered: this storm's session timeout of ` +
		`{{limit .Timeout}} ended {{count .Ended}}. Asterisk has no such timeout.{{else}}No call was answered` +
		`{{if .Ended}} within this storm's first-command timeout of {{limit .Timeout}}{{end}}. The server does not ` +
		`speak FastAGI, or it serves no call{{with .Reason}} ({{.}}){{end}}.{{end}}`,
	"run-partial": `The run is partial: {{if .Interrupted}}it was interrupted{{else if .Failure}}{{.Failure}}` +
		`{{else if .Shares}}{{list (partialShares .Shares)}}{{else}}{{count .Missing}} of ` +
		`{{amount .Planned "storm" "storms"}} {{verb .Missing "is" "are"}} missing or broken{{end}}.`,
}

// shared are parts of phrases.
const shared = `{{define "whole"}}{{if gt .Storms 1}} in {{.Storms}} storms{{end}}{{with .Share}} (share ` +
	`{{.K}}/{{.N}} of a storm of {{count .Calls}}){{end}}{{end}}` +
	`{{define "success"}}{{if .Connected}}connected{{else}}answered{{end}}{{end}}` +
	`{{define "all"}}{{if eq .Calls 1}}the only call was{{else}}all {{count .Calls}} calls were{{end}}{{end}}` +
	`{{define "doing"}}Lost and late calls there may be its own doing.{{end}}`
