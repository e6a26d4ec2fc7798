package words

import "agistorm/analysis/finding"

// recordPhrases are the words for the record of a run.
var recordPhrases = map[finding.Code]string{
	"no-storm":   `No storm was recorded. Run it again to the end.`,
	"unmeasured": `There is no storm{{$.With}}. Run it again to the end.`,
	"shares-missing": `{{amount (len .Shares) "share is" "shares are"}} missing ({{list .Shares}}): merge the run ` +
		`directories of all machines.`,
	"not-in-force": `{{$.Names}} was not in force in storm {{.Storm}}: {{.Name}} was {{.Got}} instead of {{.Want}}. Run it ` +
		`again as root, or where namespaces are permitted.`,
	"incomplete": `{{if .Interrupted}}The run was interrupted when {{count .Have}} of {{amount .Of "call" "calls"}} ` +
		`had ended. Run it again to the end.{{else}}The record of {{amount .Storms "storm" "storms"}}{{$.In}} is not whole: it has ` +
		`{{count .Have}} of {{amount .Of "attempt" "attempts"}}. Run it again.{{end}}`,
	"noticed":        `{{sentence (note .Note)}}`,
	"record-damaged": `The record is damaged: {{stop .Problem}}`,
	"storms-missing": `{{$.Names}}: {{len .Repeats}} of {{amount .Of "storm" "storms"}} ` +
		`{{verb (len .Repeats) "is" "are"}} missing (repeat {{rows .Repeats}}).`,
	"one-storm": `{{amount .Settings "setting was" "settings were"}} stormed only once. How far ` +
		`{{if eq .Settings 1}}its{{else}}their{{end}} numbers vary is unknown.`,
	"server-ended": `The server {{if .Stopped}}was stopped by a signal and did not run on{{else if .Signal}}was ` +
		`ended by a signal ({{.Signal}}){{else}}ended with exit status {{.Code}}{{end}} in {{if eq .Storms 1}}a storm` +
		`{{else}}{{count .Storms}} storms{{end}}{{$.In}}. Calls that came later are lost to that, not to its queue.` +
		`{{with .Output}} Its output ended with “{{lines .}}”.{{end}}`,
	"storm-began-busy": `{{if .Unseen}}Whether the server was at rest before {{count .Storms}} of ` +
		`{{amount .Of "storm" "storms"}} cannot be seen from here. Each began after a pause{{else}}{{count .Storms}} ` +
		`of {{amount .Of "storm" "storms"}} began before the server was at rest. It was still at work, or others use ` +
		`it, after a pause{{end}} of up to {{duration .Waited}}. A longer --pause may help.`,
	"queue-unwatched": `The accept queue was not watched in {{amount .Storms "storm" "storms"}}: {{stop (note .Why)}}`,
}
