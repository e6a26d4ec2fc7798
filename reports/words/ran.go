package words

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// fact is a name, and the phrase of what it stands for.
type fact struct {
	name string
	text Phrase
}

// ran are what the phrases of a run speak of.
type ran struct {
	*record.Run
	External            bool
	Engines, Priorities string
	// Listened is how the user's own server did.
	Listened string
}

// What was run, on which machine, and when.
var (
	scenarioFacts = []fact{
		{"scenario", `{{.Scenario.Name}}`},
		{"question", `{{question .Scenario}}`},
		{"simulated", `{{with .Simulated}}{{assumed .}}{{end}}`},
		{"arrival", `{{.Scenario.Arrival}}{{first .Run "arrival" "calls"}}`},
		{"client", `{{.Scenario.Client}}{{first .Run "client"}}`},
		{"link", `{{if and .Simulated (not .Scenario.RTT)}}lossless, without delay{{else}}{{with link .Scenario}}` +
			`{{.}}{{else}}{{if not .External}}loopback{{end}}{{end}}{{end}}{{first .Run "link" "rtt"}}`},
		{"target", `{{target .Scenario}}{{first .Run "behaviour" "work"}}`},
		{"listened", `{{.Listened}}`},
		{"notes", `{{sentences .Notes}}`},
		{"timeouts", `{{with .Scenario}}{{if .ConnectLimit}}connect {{limit .ConnectLimit}}; first command ` +
			`{{limit .FirstCommandLimit}} and session {{limit .SessionLimit}}, which are this storm's own (Asterisk ` +
			`has neither){{end}}{{end}}`},
		{"share", `{{with .Share}}{{.K}}/{{.N}}, {{count .Calls}} of {{amount $.Scenario.Calls "call" "calls"}}; it ` +
			`started at {{utc .StartAt}} by this machine's clock{{end}}`},
		{"storms", `{{with len .Steps}}{{amount (len $.Cells) "setting" "settings"}}, ` +
			`{{if $.CellRepeats}}{{amount . "storm" "storms"}} in all{{else}}{{amount $.Repeats "storm" "storms"}} ` +
			`each{{end}}{{with $.Calls}} of {{if (index $.Cells 0).Calls}}up to {{end}}{{amount . "call" "calls"}}` +
			`{{end}}; seed {{$.Seed}}{{end}}`},
		{"isolation", `{{if not .Simulated}}{{with .Isolation}}{{if eq .Mode "host"}}none: the host's own network ` +
			`namespace{{else}}{{.Mode}}{{if .Own}}, a fresh one for every storm; the host's settings were not touched` +
			`{{end}}{{end}}{{with .Reason}} ({{recorded .}}){{end}}{{end}}{{end}}`},
		{"left out", `{{commas (leftOut .Isolation)}}`},
		{"engine", `{{.Engines}}`},
		{"priority", `{{.Priorities}}`},
	}
	hostFacts = []fact{
		{"system", `{{.OS}}{{with .Arch}}/{{.}}{{end}} {{.Kernel}}`},
		{"CPU", `{{if .CPUs}}{{.CPUs}} × {{or .CPU "unknown CPU"}}{{else}}{{.CPU}}{{end}}`},
		{"memory", `{{with .MemoryBytes}}{{gibibytes .}}{{end}}`},
		{"open files", `{{with .OpenFiles}}{{long .}} per process{{end}}`},
	}
	timeFacts = []fact{{"started", `{{utc .Started}}`}, {"finished", `{{utc .Finished}}`}, {"agistorm", `{{.Version}}`}}
)

// ranFunctions are what the phrases of a run can use beside functions.
var ranFunctions = map[string]any{
	"link": Link, "leftOut": LeftOut, "question": Question, "recorded": Note, "utc": UTC, "gibibytes": gibibytes,
	"assumed": assumed, "long": Count[uint64], "first": firstSetting, "replaced": analysis.Replaced,
	"sentences": func(notes record.Notes) string { return strings.Join(lists.Map(notes, Note), " ") },
	"commas":    func(texts []string) string { return strings.Join(texts, ", ") },
}

// firstSetting states whose these facts of a run are, where its settings differ in them.
func firstSetting(run *record.Run, facts ...string) string {
	axes := analysis.Replaced(run, facts...)
	if len(axes) == 0 {
		return ""
	}
	return " (first setting; others differ in " + List(axes) + ")"
}

// terms fills in the facts that are known.
func terms(of any, facts []fact) []Term {
	return Known(lists.Map(facts, func(f fact) Term { return Term{f.name, f.text.With(of)} }))
}

// Known leaves out what is not known.
func Known(terms []Term) []Term {
	return slices.DeleteFunc(terms, func(t Term) bool { return t.Text == "" || t.Text == Unknown })
}

// Ran describes what was run and where.
func Ran(s *analysis.Summary) []Term {
	run := runOf(s)
	of := ran{run, External(s), distinct(s, engine), distinct(s, priorities), distinct(s, listened)}
	where := terms(&run.Host, hostFacts)
	if len(run.Merged) > 0 {
		where = lists.Map(run.Merged, machine)
	}
	return slices.Concat(terms(of, scenarioFacts), where, terms(run, timeFacts))
}

// machine describes that of a share.
func machine(s record.Share) Term {
	parts := []string{Machine(&s) + ": " + Amount(s.Calls, "call", "calls")}
	if s.Host != nil {
		for _, t := range terms(s.Host, hostFacts) {
			parts = append(parts, t.Name+" "+t.Text)
		}
	}
	return Term{fmt.Sprintf("share %d/%d", s.K, s.N), strings.Join(parts, "; ")}
}

// distinct joins the different texts about the storms of a run.
func distinct(s *analysis.Summary, of func(*record.Repeat) []string) string {
	var all []string
	for _, r := range s.Storms() {
		if r.Raw != nil {
			all = append(all, of(r.Raw)...)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(lists.NonEmpty(all...)), "; ")
}

// engine names the generator's engine of a storm, and what it cannot measure.
func engine(r *record.Repeat) []string {
	if len(r.Storm.Lacks) == 0 {
		return []string{r.Storm.Engine}
	}
	return []string{r.Storm.Engine + " (it cannot measure: " + strings.Join(r.Storm.Lacks, ", ") + ")"}
}

// priorities say how the processes of a storm competed for the CPU, as the kernel had it.
func priorities(r *record.Repeat) (all []string) {
	var target *record.Priority
	if r.Target != nil {
		target = r.Target.Priority
	}
	for _, w := range r.Storm.Workers {
		all = append(all, Priorities(w.Priority, target)...)
	}
	return all
}

// UTC writes a time to the second.
func UTC(t time.Time) string {
	if t.IsZero() {
		return Unknown
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

func gibibytes(bytes uint64) string {
	return strconv.FormatFloat(float64(bytes)/(1<<30), 'f', 1, 64) + " GiB"
}

// listened describes how the user's own server listened in a storm.
func listened(r *record.Repeat) []string {
	if r.Served == nil {
		return nil
	}
	text := "at " + r.Served.Address
	if r.Served.Loopback {
		text += ", loopback only"
	}
	if n := len(r.Served.Sockets); n > 1 {
		text += ", " + Amount(n, "socket", "sockets")
	}
	if r.Served.Daemonised {
		text += ", by a daemon that the command started"
	}
	return []string{text}
}
