package words

import (
	"agistorm/analysis/finding"
)

// generatorPhrases are the words for the generator, the client and the target.
var generatorPhrases = map[finding.Code]string{
	"not-offered": `{{amount .Calls "call" "calls"}} never reached the network{{$.In}}: ` +
		`{{if .Exhausted}}{{count .Exhausted}} for lack of ports or descriptors{{end}}{{if and .Exhausted .Late}}, ` +
		`{{end}}{{if .Late}}{{count .Late}} for lack of time{{end}}. {{if not .Exhausted}}Use fewer calls, more ` +
		`workers (--workers) or an idle machine.{{else if not .Late}}Use fewer calls, more ports (--sources) or a ` +
		`higher limit of open files.{{else}}Use fewer calls, an idle machine, or more ports (--sources) and ` +
		`descriptors.{{end}}`,
	"start-lag": `The generator started calls up to {{duration .Max}} late in {{amount .Storms "storm" "storms"}} ` +
		`(worst: {{$.Label .Worst}}, storm {{.Storm}}). More than {{limit .Limit}}, a quarter of the connect ` +
		`timeout, is too late. Use fewer calls or an idle machine.`,
	"generator-held-up": `The generator was {{if eq .By "cpu"}}short of CPU{{else if eq .By "gc-pause"}}stopped by a ` +
		`GC pause{{else if eq .By "stop"}}stopped by a signal{{else}}saturated{{end}}{{template "place" ($.At .Storms .Worst .Storm .Worker .Workers)}}. ` +
		`{{if eq .By "cpu"}}It waited {{duration .Held}} of the {{duration .Of}} in which it needed one. ` +
		`{{with .Others}}Other processes used {{percent .}} of the CPU time meanwhile. {{end}}` +
		`{{else if eq .By "gc-pause"}}The pause took {{duration .Held}}. ` +
		`{{else if eq .By "stop"}}The longest stop took {{duration .Held}}. {{else}}Its thread was busy for ` +
		`{{duration .Held}} of {{duration .Of}}. {{end}}{{if .Hurt}}{{template "doing"}} {{else}}No call was lost or ` +
		`late there, but latencies are partly its own. {{end}}{{if eq .By "stop"}}Run it again, ` +
		`and stop none of its processes.{{else if eq .By "gc-pause"}}Use fewer calls, or more ` +
		`workers with fewer calls each (--workers).{{else if eq .By "load"}}Use more workers (--workers) on as many ` +
		`CPUs, several machines (--worker), or fewer calls.{{else if and .CPUs (gt .Workers .CPUs)}}Use a machine ` +
		`with more CPUs ({{.Workers}} workers share {{.CPUs}}), several machines (--worker), or fewer calls.` +
		`{{else}}Give it a CPU of its own, stop other work on the machine, or use fewer calls.{{end}}`,
	"reply-lag": `The generator was {{if eq .Effect "latencies"}}slow{{else}}too slow{{end}} to reply in ` +
		`{{amount .Storms "storm" "storms"}}{{$.In}}: commands waited up to {{duration .Max}}{{if .FromRead}}, ` +
		`counted from their read{{end}}{{with .HandlerShare}}. That cost {{most (value .)}} of the handlers' time` +
		`{{end}}. {{if eq .Effect "calls"}}Lost, late and slow calls there may be its own doing.` +
		`{{else if eq .Effect "pace"}}No call was lost, late or slow there, but the server's pace is in doubt.` +
		`{{else}}Latencies and the server's pace are partly its own there.{{end}} Use fewer calls, more workers ` +
		`(--workers) or an idle machine.`,
	"steal": `A hypervisor took up to {{percent .Most}} of the {{if .Server}}machine's{{else}}generator's{{end}} CPU ` +
		`time in {{if eq .Of 1}}the storm{{else}}{{count .Storms}} of {{count .Of}} storms{{end}} (steal). ` +
		`{{if .Server}}Server and generator were slower for it: late and slow calls, and latencies,{{else}}Latencies` +
		`{{end}} are partly its doing. Measure where the CPUs are yours.`,
	"no-tcp-info": `The {{.Engine}} engine cannot ask the kernel for SYN retransmissions. Late calls and the ` +
		`handshake's latency are unknown.`,
	"connections-only": `The client only connected. That proves connections, not that a script ran` +
		`{{if eq .Phantoms "known"}}.{{else if eq .Phantoms "at-least"}}. Of phantoms only a lower bound is known; ` +
		`the others count as connected.{{else}}; a phantom counts as connected, since this client cannot see it.` +
		`{{end}}`,
	"own-clocks": `Each machine's times are those of its own clock. Latencies and lags are right; starts on ` +
		`different machines cannot be compared exactly.`,
	"versions-differ": `The shares were played by different versions: {{list .Versions}}.`,
	"accept-errors": `The target had no file descriptors left{{$.In}} ({{amount .Accepts "accept" "accepts"}} ` +
		`failed). Lost calls there may be its own doing. Raise its limit of open files (ulimit -n), or serve fewer ` +
		`at once (behaviour pool:N).`,
	"link-limit": `The link dropped {{amount .Dropped "packet" "packets"}} in a storm that lost ` +
		`{{amount .Lost "call" "calls"}}{{$.In}}. Whether the accept queue was long enough is unknown. Use fewer ` +
		`calls, or Linux 6.16 or later.`,
	"answered-not-served": `{{amount .Calls "answered call was" "answered calls were"}} not served by the server's ` +
		`own account, in {{amount .Storms "storm" "storms"}}{{$.In}}. At the server: {{fates .Fates}}. That is no ` +
		`success: look for these calls in the server's log.`,
}

// place is where something was worst.
const place = `{{define "place"}}{{if or .Label .Worker}} ({{if gt .Storms 1}}the worst of {{.Storms}} storms: ` +
	`{{end}}{{with .Label}}{{.}}, storm {{$.Storm}}{{end}}{{if and .Label .Worker}}, {{end}}{{with .Worker}}worker ` +
	`{{.}}{{end}}){{end}}{{end}}`
