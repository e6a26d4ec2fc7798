package words

// Titles of the sections of reports, and what stands over their parts.
const (
	TitleGates       = "Gates"
	TitleGatesFailed = "The gates cannot be judged"
	TitleWarnings    = "Warnings"
	TitleAdvice      = "What to set"
	TitleProvisional = "What to set (provisional)"
	TitleFiles       = "Files ready to copy"
	TitleAddresses   = "By address"
	TitleSettings    = "Every setting"
	TitleMore        = "More of every setting"
	TitleNeighbours  = "Setting against setting"
	TitleFigures     = "Figures"
	NavWhy           = "Why"
	TitleWhy         = "Why calls were lost, late or slow"
	TitleReasons     = "Drop reasons of this host's kernel"
	TitleStorms      = "Storm by storm"
	TitleGenerator   = "Generator"
	TitleWorkers     = "Its workers in each storm, the worst first"
	TitleRun         = "What was run"
	TitleOutcomes    = "How to read the outcomes"
	TitleValidity    = "How far this reaches"
	TitleScenario    = "The scenario, as it was run"
	TitleTerms       = "What the words mean"
	NavLimits        = "Limits"
	TitleSysctls     = "Sysctls of the host; the run did not change them"
	TitleLatencies   = "Latencies of the calls that connected, of all its storms"
	TitleEachStorm   = "Each storm"

	// Of a comparison of two runs.
	TitleDiffers   = "They differ in"
	TitleDamage    = "Not whole"
	TitleUnmatched = "Not compared"
	TitleCompared  = "Setting by setting"
	TitleAlone     = "What each run alone says"

	// Labels begin each line of a list on a terminal.
	LabelDoubts  = "Not sure, because"
	LabelWarning = "Warning"
)

// Sentences of reports that have no numbers.
const (
	CommandAgain   = "The command, to run it again:"
	CommandOfShare = "The command of the first share:"
	ScenarioAgain  = "Save it as a file, and agistorm sweep FILE runs it again."
	CopyCommand    = "the command"
	CopyScenario   = "the scenario"
	NoStormOf      = "No storm of this setting was recorded."
	NoWorkers      = "The record has no workers."
)

// Sentences of reports that have some.
const (
	// NumbersOf stands over the numbers of a figure, NumbersIn names their table.
	NumbersOf Phrase = `In numbers: {{.}}`
	NumbersIn Phrase = `{{.}} in numbers`
	// WarningsOf counts those of single storms, MoreWarnings those that are in a file only.
	WarningsOf   Phrase = `{{amount . "warning" "warnings"}} of single storms`
	MoreWarnings Phrase = `{{amount .N "more warning" "more warnings"}} in {{.File}}`
	// Remark is a warning of one storm, RemarkOf with its setting.
	Remark   Phrase = `Storm {{.Repeat}}: {{.Text}}`
	RemarkOf Phrase = `{{.Cell}}, storm {{.Repeat}}: {{.Text}}`
	// Explanation is why some calls of a setting were lost, late or slow, with an example.
	Explanation Phrase = `{{.Setting}}, {{.Calls}}: {{.Words}}. For example {{.Example}}.`
	// EnoughHere is a setting that the host has already.
	EnoughHere Phrase = `{{.Name}} ≥ {{.Want}} (this host has {{.Has}}: leave it)`
	// FileFor stands over a file to copy.
	FileFor Phrase = "For {{.For}}: `{{.Path}}`"
	// MismatchOf names calls of which client and server say different things.
	MismatchOf Phrase = `{{.Outcome}} for the client, {{.Fate}} for the server`
)

// How a file to copy takes effect.
const (
	LiveSysctl Prose = "`sysctl --system`, then restart the server: a new limit does not reach a socket that is " +
		"already listening."
	LiveSystemd Prose  = "`systemctl daemon-reload`, then stop the service and `systemctl restart NAME.socket`."
	LiveCompose Phrase = "`docker compose up --detach` recreates the container; without compose it is " +
		"`docker run --sysctl {{.}} …`."
	LivePod Phrase = "The kubelet must allow it: `--allowed-unsafe-sysctls={{.}}`. Rolling the pods out again sets it."
)

// What two runs come to beside each other, in a few words beside its colour.
const (
	StatusNotComparable = "Not comparable"
	StatusBoth          = "Worse and better"
	StatusWorse         = "Worse"
	StatusBetter        = "Better"
	StatusSpread        = "Distributed differently, no shift shown"
	StatusTooFew        = "Too few storms"
	StatusNoDifference  = "No difference shown"
)

// What the rules of the listen queue come to.
const (
	RulesLine Phrase = `{{with .Counts}}{{amount .Hold "rule holds" "rules hold"}}, ` +
		`{{amount .Fail "does not" "do not"}}, {{.Unchecked}} could not be checked{{with .Lacking}}, {{.}} cannot be ` +
		`had here{{end}}{{end}} on {{.System}}, in {{printf "%.0f" .Seconds}} s`
	RulesReason   Phrase = `{{if and .Reason .Counts.Unchecked}}{{sentence .Reason}}{{end}}`
	RulesMeasured Phrase = `{{.Measured}}{{.Reason}}{{if gt .Tries 1}} (at try {{.Tries}}){{end}}`
	RulesRule     Phrase = `{{.Rule}} [{{.Name}}]`
)
