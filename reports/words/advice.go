package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"agistorm/analysis"
	"agistorm/analysis/record"
	"agistorm/reports/lists"
	"agistorm/target/known"
)

// Prose is text with what is to be typed between backticks.
type Prose string

// Span is a piece of prose.
type Span struct {
	Code bool
	Text string
}

// Spans separates prose and code.
func (p Prose) Spans() []Span {
	var all []Span
	for i, text := range strings.Split(string(p), "`") {
		all = append(all, Span{i%2 == 1, text})
	}
	return all
}

// Plain is for where there is no other type for code.
func (p Prose) Plain() string { return strings.ReplaceAll(string(p), "`", "") }

// Advice is a recommendation, and what there is to know of the host.
type Advice struct {
	*analysis.Recommendation
	// Host is the somaxconn of the host during the run; nil where it is not known.
	Host *int
	// Servers are the kinds of well-known server that the run's may be.
	Servers []string
	// DropIn is the file for the sysctl.
	DropIn string
	// Planned: it is the answer of a plan, no finding of a run.
	Planned bool
	// Longer is the next longer queue that was tried and lost no call; 0 without one.
	Longer int
}

// Enough reports whether the host has what is recommended: a file with less would lower it for every other server.
func (a Advice) Enough() bool { return a.Host != nil && *a.Host >= a.Somaxconn }

// LittleRoom reports whether so little of the queue was free that the next storm may fill it.
func (a Advice) LittleRoom() bool { return a.Margin != nil && *a.Margin < littleRoom }

// littleRoom is the part of a queue below which the next storm, which is not the same, may fill it.
const littleRoom = 0.2

// Note says what the setting is worth; empty where there is nothing to weigh.
func (a Advice) Note() string {
	return strings.Join(filled(a, `{{if .Provisional}}provisional, since the run is not sure{{if or .From `+
		`.Untried .Late .LittleRoom}}; {{end}}{{end}}{{if .From}}has room for the storm, but was not tried `+
		`itself{{else if .Untried}}has room for the deepest queue seen, but was not tried itself`+
		`{{else if .Late}}lost no call, but {{whole .Late}} per storm (median) came 1 s or more late`+
		`{{else if .LittleRoom}}leaves {{percent (value .Margin)}} of the queue free`+
		`{{with .Longer}}; {{.}} leaves more{{end}}{{end}}`), "")
}

const hadSomaxconn = `This host {{if .Planned}}has {{value .Host}}{{else}}had {{value .Host}} during the run{{end}}`

const container = ` A container has a value of its own: set it there too.`

// Steps are what to do, in their order.
func (a Advice) Steps() []Prose {
	own, live := a.serverSteps()
	if a.Change == analysis.ChangeApplication {
		return slices.Concat(own, prose(a, "`net.core.somaxconn` must be as large, on the host and in a container, "+
			"which has a value of its own."), live)
	}
	return slices.Concat(prose(
		a,
		"{{if .Enough}}"+hadSomaxconn+", which is enough: leave it as it "+
			"is.{{else}}"+
			"{{if .Host}}"+hadSomaxconn+", which is too little. {{end}}"+
			"Put the line into `{{.DropIn}}` and apply it with `sysctl --system`.{{end}}"+container), own, live)
}

// Brief is what to do for a glance: the file and how it takes effect, then the server.
func (a Advice) Brief() []Prose {
	var all []Prose
	if a.Change != analysis.ChangeApplication && !a.Enough() {
		all = prose(a, "In `{{.DropIn}}`, then run `sysctl --system`{{if .Host}} (was {{value .Host}}){{end}}.")
	}
	if s := oneServer(a.Servers); s != nil {
		return append(all, a.serverStep(s)+" "+Prose(cmp.Or(s.Live, known.Restart)))
	}
	if step := a.eitherServer(); step != "" && !a.Own {
		return append(all, step)
	}
	const bound = "{{if gt .Useful .Backlog}}between {{.Backlog}} and {{.Useful}}{{else if eq .Useful .Backlog}}" +
		"{{.Backlog}}{{else}}at least {{.Backlog}}{{end}}"
	switch {
	case a.Own:
		return append(all, prose(a, "Restart the server: it passes as many to listen() by itself.")...)
	case a.Change == analysis.ChangeApplication:
		return append(all, prose(a, "Pass "+bound+" to listen(), then restart the server. "+
			"`net.core.somaxconn` must be as large.")...)
	}
	return append(all, prose(a, "Pass "+bound+" to listen(), then restart the server.")...)
}

// eitherServer is what to set where the server may be one of two; empty for another number, or one without a setting.
func (a Advice) eitherServer() Prose {
	servers := serversOf(a.Servers)
	if len(servers) != 2 || servers[0].Setting == "" || servers[1].Setting == "" {
		return ""
	}
	return Prose(fmt.Sprintf("Set `%s` for %s, or `%s` for %s. Then restart the server.",
		servers[0].SettingOf(a.Backlog), servers[0].Name, servers[1].SettingOf(a.Backlog), servers[1].Name))
}

// serverSteps are what to set in the server itself, and how it takes effect.
func (a Advice) serverSteps() (set, live []Prose) {
	servers := serversOf(a.Servers)
	for _, s := range servers {
		set = append(set, a.serverStep(s))
	}
	switch {
	case a.Own:
		set = prose(a, "The server itself passes as many to listen().")
	case len(set) == 0 && a.Change == analysis.ChangeApplication:
		set = prose(a, "Pass that backlog to listen(){{if not .Useful}}, or the largest number ("+
			Count(record.MaxBacklog)+"), which the kernel cuts to `net.core.somaxconn`{{end}}.")
	case len(set) == 0 && a.Planned:
		set = prose(a, "Pass a backlog of {{.Backlog}} to listen(): the kernel keeps the smaller of it and "+
			"`net.core.somaxconn`.")
	case len(set) == 0:
		set = prose(a, "{{if eq .Change \"both\"}}The sysctl alone is not enough, as this run shows: the application "+
			"must pass at least as many to listen().{{else}}The application must pass at least as many to listen()."+
			"{{end}} The kernel keeps the smaller of the two.")
	}
	live = prose(a, "Restart the server, or let it call listen() again: a new limit does not reach a socket that is "+
		"already listening.")
	if len(servers) == 1 && servers[0].Live != known.Restart {
		live = []Prose{Prose(servers[0].Live)}
	}
	return set, live
}

// serverStep is what to set in a well-known server.
func (a Advice) serverStep(s *known.Server) Prose {
	return Prose(cmp.Or(s.Advice(a.Backlog), fmt.Sprintf("%s, which by itself passes %s: set `%s` in %s.",
		s.Name, s.Default, s.SettingOf(a.Backlog), s.FileOf(a.Backlog))))
}

// serversOf returns the well-known servers of these kinds.
func serversOf(kinds []string) (all []*known.Server) {
	for _, kind := range kinds {
		if s := known.Of(kind); s != nil {
			all = append(all, s)
		}
	}
	return all
}

// oneServer returns the well-known server of these kinds; nil where it may be several, or none.
func oneServer(kinds []string) *known.Server {
	if servers := serversOf(kinds); len(servers) == 1 {
		return servers[0]
	}
	return nil
}

// takesEffect continues what to set in a server with how that takes effect: ", then restart the server."
func takesEffect(kinds []string) string {
	if s := oneServer(kinds); s != nil && s.Live != known.Restart {
		return ". " + Prose(s.Live).Plain()
	}
	return ", then restart the server."
}

// passedBacklog names where a server is given a backlog: "listen … backlog=1024; in nginx"; empty for another.
func passedBacklog(kinds []string, backlog int) string {
	if s := oneServer(kinds); s != nil && s.Setting != "" {
		return s.SettingOf(backlog) + " in " + s.Name
	}
	return ""
}

// backlogSetting names the backlog of a server: "the backlog of nginx (listen … backlog=1024;)".
func backlogSetting(kinds []string, backlog int) string {
	s := oneServer(kinds)
	if s == nil {
		return "the backlog passed to listen()"
	}
	return fmt.Sprintf("the backlog of %s (%s)", s.Name, s.SettingOf(backlog))
}

// waiting names the calls that wait at once at most.
func waiting(n, calls int) string {
	if n == calls {
		return fmt.Sprintf("All %s calls of a storm can", Count(calls))
	}
	return fmt.Sprintf("Up to %s of the %s calls of a storm", Count(n), Count(calls))
}

// insteadOfBacklog is what to do for a longer queue with a server that takes no backlog; empty for another.
func insteadOfBacklog(kinds []string, backlog int) string {
	if s := oneServer(kinds); s != nil {
		return s.Advice(backlog)
	}
	return ""
}

// ListenLine is the backlog as it is typed.
func (a Advice) ListenLine() string {
	if s := oneServer(a.Servers); s != nil && s.Setting != "" {
		return s.SettingOf(a.Backlog)
	}
	return fmt.Sprintf("listen(fd, %d)", a.Backlog)
}

// Seen is what the storms showed of the setting, and of smaller and larger ones.
func (a Advice) Seen() []Prose {
	return prose(a, `{{if .From}}The server's effective backlog was {{count .From}}. {{if .Waiting}}`+
		`{{waiting .Waiting .Calls}} wait at once{{else}}The deepest accept queue was `+
		`{{depths .Peak "connection" "connections"}}{{end}}: with a quarter more, as a power of two, that is `+
		`{{count .Backlog}}.{{end}}`,
		`{{if and .Peak (not .From)}}Deepest accept queue seen with {{if .Untried}}backlog `+
			`{{backlog .Tried}}{{else}}{{.Backlog}}{{end}}: `+
			`{{depths .Peak "connection" "connections"}}{{if .Margin}}. Of the {{count (next `+
			`.Backlog)}} that a backlog of `+
			`{{.Backlog}} holds, {{percent (value .Margin)}} were free{{end}}.{{end}}`,
		`{{if and .LossFree (lt .LossFree .Backlog)}}{{.LossFree}} lost no call either, but delayed `+
			`{{if .LossFreeLate}}{{whole .LossFreeLate}} calls per storm (median){{else}}calls in some `+
			`storms{{end}} by 1 s or more.{{end}}`,
		`{{if .TryLonger}}Even this queue was full, so that calls were late: try a longer one before you `+
			`settle for it.{{end}}`,
		`{{if .Useful}}More than about {{about .Useful}} is of no use with this server: calls queued behind `+
			`that many time out before `+
			`they are served. That first-command timeout is this storm's own; Asterisk has none.{{end}}`)
}

// about writes an estimate: more than two digits would be more than is known of it.
func about(n int) string {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return Count((n + unit/2) / unit * unit)
}

func prose(facts any, phrases ...string) []Prose {
	return lists.Map(filled(facts, phrases...), func(text string) Prose { return Prose(text) })
}
