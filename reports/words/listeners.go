package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"agistorm/analysis/finding"
	"agistorm/analysis/listeners"
	"agistorm/reports/lists"
	"agistorm/target/known"
)

// listenerPhrases are the words for a listening socket of any server, and what to change.
var listenerPhrases = map[finding.Code]string{
	"listener-stuck": `The server has accepted nothing for {{duration .For}}: its accept queue is full with ` +
		`{{amount .Depth "connection" "connections"}}, and none moved.`,
	"worker-stuck": `{{count .Stuck}} of {{.Sockets}} sockets on the port {{verb .Stuck "is" "are"}} full, this one ` +
		`with {{amount .Depth "connection" "connections"}}, while another is empty.{{if .For}} It has accepted ` +
		`nothing for {{duration .For}}.{{end}}`,
	"listener-drops": `{{if and .Within (not .Drops)}}It dropped nothing within {{span .Within}}, but ` +
		`{{amount .Total "packet" "packets"}} of clients before.{{else}}It dropped ` +
		`{{amount .Drops "packet" "packets"}} of clients{{if .Within}} within {{span .Within}}` +
		`{{if gt .Total .Drops}}, of {{count .Total}} since it listens{{end}}{{else}} since it listens{{end}}.{{end}}`,
	"listener-full": `The accept queue is full: {{amount .Depth "connection waits" "connections wait"}}` +
		`{{if .Before}}, as at the earlier look{{end}}.`,
	"backlog-tiny": `Its backlog is {{.Backlog}}: only ` +
		`{{amount (next .Backlog) "connection" "connections"}} can wait.`,
	"backlog-clamped": `net.core.somaxconn cut its backlog to {{count .Backlog}}{{if .Asked}}: ` +
		`{{servers .Servers}} asks for {{count .Asked}} by itself{{else}}: {{.Programs}} programs have the same, ` +
		`which none is known to ask for{{end}}.`,
	"backlog-clamped-or-asked": `Its backlog equals net.core.somaxconn, {{count .Backlog}}. Either the kernel cut ` +
		`it, or the server asked for exactly that{{template "usual" .}}.`,
	"backlog-asked": `The server asked for {{count .Backlog}}, as {{servers .Servers}} does by default or in common ` +
		`examples; net.core.somaxconn allows {{backlog .Somaxconn}}.`,
	"backlog-asked-or-raised": `Its backlog is {{count .Backlog}}; net.core.somaxconn ` +
		`{{if .Somaxconn}}allows {{backlog (value .Somaxconn)}}{{else}}cannot be read here{{end}}. ` +
		`Either the server asked for that{{template "usual" .}}, or somaxconn was raised after it began to listen.`,
	"backlog-follows": `Its backlog is all that net.core.somaxconn allows, and that is only {{count .Backlog}}.`,
	"somaxconn-raised": `Its backlog is still {{count .Backlog}}, {{if ne .Evidence "go-binary"}}probably {{end}}` +
		`from before net.core.somaxconn was raised to ` +
		`{{backlog .Somaxconn}}{{if .Asked}}: {{servers .Servers}} asks for {{count .Asked}} by itself` +
		`{{else if .Programs}}: {{.Programs}} programs have the same, which none is known to ask for` +
		`{{else}}: {{servers .Servers}} takes what that is when it begins to listen{{end}}.`,
	"somaxconn-lowered": `net.core.somaxconn was lowered to {{backlog .Somaxconn}} after it began to listen with ` +
		`{{count .Backlog}}. When it restarts, it gets no more than that.`,
	"go-fallback": `It is built by Go, which listens with 128 because net.core.somaxconn ` +
		`({{backlog .Somaxconn}}) is 16777215 or more.`,
	"drops-unknown": `The kernel does not report what this listener dropped.`,
	"accept-again": `{{if .Worker}}A worker does not accept: find it with ss -lntp and restart it. The kernel ` +
		`spreads connections over all sockets of a port, so a longer queue will not help.{{else}}Find out what holds ` +
		`the server up: a pause, a lock, or a pool of handlers that are all busy. A longer queue will not help.{{end}}`,
	"longer-queue": `{{longer .}}`,
}

// usual is a part of phrases about a backlog: who is known to ask for it.
const usual = `{{define "usual"}}{{with .Usual}}, as {{servers .}} {{if eq (len .) 1}}does{{else}}do{{end}}` +
	`{{end}}{{end}}`

// listenerFunctions are what those phrases can use.
var listenerFunctions = map[string]any{"servers": serverNames, "longer": longerQueue, "span": TimeSpan}

// fewServers fit a sentence.
const fewServers = 3

// serverNames names well-known servers: "nginx", "Redis or Node.js (ding-dong)".
func serverNames(kinds []string) string {
	names := lists.Map(serversOf(kinds), func(s *known.Server) string { return s.Name })
	if len(names) > fewServers {
		names = append(names[:fewServers-1], "others")
	}
	last := len(names) - 1
	if last < 1 {
		return cmp.Or(strings.Join(names, ""), "the server")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// longerQueue says which number to change, where, and how it takes effect.
func longerQueue(q finding.LongerQueue) string {
	var steps []string
	servers := serversOf(q.Servers)
	sysctl := q.Action == finding.RaiseSysctl || q.Action == finding.RaiseBoth
	takesNone := len(servers) == 1 && servers[0].Setting == ""
	switch {
	case q.Action == finding.RestartServer && q.Want == 0:
		return "Restart the server: then it has what it asks for, up to net.core.somaxconn."
	case q.Action == finding.RestartServer:
		return fmt.Sprintf("Restart the server: then it can have %s.", Count(q.Want))
	case takesNone && servers[0].Follows:
		steps = append(steps, servers[0].Advice(q.Want), "Change it "+somaxconnPlace(q)+".")
	case takesNone:
		steps = append(steps, servers[0].Advice(q.Want))
	case sysctl && (q.Somaxconn == nil || *q.Somaxconn != q.Want):
		steps = append(steps, setSomaxconn(q))
	}
	if q.Action != finding.RaiseSysctl && !takesNone {
		steps = append(steps, setBacklog(servers, q))
	}
	return strings.Join(lists.NonEmpty(append(steps, liveWords(servers))...), " ")
}

func setSomaxconn(q finding.LongerQueue) string {
	from := ""
	if q.Somaxconn != nil {
		from = " from " + typed(*q.Somaxconn)
	}
	return fmt.Sprintf("Set net.core.somaxconn%s to %d (%s).", from, q.Want, somaxconnPlace(q))
}

// somaxconnPlace is where the sysctl stands: a container has it from its runtime.
func somaxconnPlace(q finding.LongerQueue) string {
	if q.Apart {
		return "in its own network namespace, as by docker run --sysctl"
	}
	return "in " + known.Of("go").File + ", then `sysctl --system`"
}

// setBacklog is the setting of a server that is known, or the call of another.
func setBacklog(servers []*known.Server, q finding.LongerQueue) string {
	settings := lists.Map(servers, func(s *known.Server) string { return "`" + s.SettingOf(q.Want) + "`" })
	switch len(servers) {
	case 0:
		return fmt.Sprintf("Raise the backlog passed to listen() from %s to at least %s.", Count(q.From), Count(q.Want))
	case 1:
		return fmt.Sprintf("Set %s in %s.", settings[0], servers[0].FileOf(q.Want))
	}
	return fmt.Sprintf("Set %s in the program.", strings.Join(settings, " or "))
}

// liveWords say how a change takes effect.
func liveWords(servers []*known.Server) string {
	if len(servers) == 1 {
		return servers[0].Live
	}
	return known.Restart
}

// FillListeners writes the words of what was found, for export.
func FillListeners(r *listeners.Report) {
	for i := range r.Listeners {
		fillListener(&r.Listeners[i])
	}
	if r.Gates != nil {
		FillGates(r.Gates)
	}
}

func fillListener(l *listeners.Listener) {
	Labels{}.Fill(l.Findings)
	if l.Advice != nil {
		l.Advice.Words = Labels{}.Sentence(*l.Advice)
	}
}

// Listeners say what is wrong with each listener that has a finding, and what to do, as prose: once for the sockets of
// a port of which the same is to be said.
func Listeners(all []listeners.Listener) []Prose {
	found := slices.DeleteFunc(slices.Clone(all), func(l listeners.Listener) bool { return len(l.Findings) == 0 })
	return aboutEach(found, listenerText)
}

// aboutEach says something of each listener: once for the sockets of a port of which the same is to be said.
func aboutEach(all []listeners.Listener, text func(*listeners.Listener) string) []Prose {
	var said []*alike
	for i := range all {
		l := &all[i]
		one := &alike{first: l, text: text(l), sockets: 1, pids: map[int]bool{l.PID: true}}
		if k := slices.IndexFunc(said, one.joins); k >= 0 {
			said[k].sockets++
			said[k].pids[l.PID] = true
		} else {
			said = append(said, one)
		}
	}
	return lists.Map(said, (*alike).prose)
}

// alike are the sockets of a port of which the same is to be said.
type alike struct {
	first   *listeners.Listener
	text    string
	sockets int
	pids    map[int]bool
}

func (a *alike) joins(o *alike) bool {
	return a.first.Sockets > 0 && a.text == o.text && a.first.Endpoint() == o.first.Endpoint() &&
		a.first.Netns == o.first.Netns && a.first.Process == o.first.Process
}

func (a *alike) prose() Prose {
	l := *a.first
	text := l.Label()
	if a.sockets > 1 {
		l.Sockets = 0
		text = fmt.Sprintf("%s (%d of %d sockets)", l.Label(), a.sockets, a.first.Sockets)
	}
	if l.PID != 0 && len(a.pids) == 1 {
		text += fmt.Sprintf(" (process %d)", l.PID)
	}
	return Prose(text + ": " + a.text)
}

func listenerText(l *listeners.Listener) string {
	all := Labels{}.Sentences(l.Findings)
	if l.Advice != nil {
		all = append(all, Labels{}.Sentence(*l.Advice))
	}
	return strings.Join(all, " ")
}

// findingNames are the short names of findings in a table.
var findingNames = map[finding.Code]string{
	"listener-stuck": "stuck", "worker-stuck": "worker stuck", "listener-full": "full", "listener-drops": "drops",
	"backlog-tiny": "tiny", "backlog-clamped": "clamped", "backlog-clamped-or-asked": "clamped, or asked for",
	"backlog-asked": "asked for less", "backlog-asked-or-raised": "asked for less, or raised later",
	"backlog-follows": "follows somaxconn", "somaxconn-raised": "raised later", "somaxconn-lowered": "lowered later",
	"go-fallback": "Go's 128", "drops-unknown": "drops unknown",
}

// FindingNames are the short names of what was found of a listener.
func FindingNames(l *listeners.Listener) string {
	return strings.Join(lists.Map(l.Findings, func(f finding.Finding) string { return findingNames[f.Code()] }), "; ")
}

// ListenersLine states in one sentence how many listeners need attention, of how many.
func ListenersLine(r *listeners.Report) string {
	n := 0
	for i := range r.Listeners {
		if r.Listeners[i].Grade() >= listeners.Fault {
			n++
		}
	}
	all := Amount(len(r.Listeners), "listener", "listeners")
	within := ""
	if r.Window > 0 {
		within = ", seen twice within " + Duration(r.Window)
	}
	switch {
	case len(r.Listeners) == 0:
		return "Nothing listens here" + within + "."
	case n == 0:
		return "Nothing is wrong with " + all + within + "."
	}
	return fmt.Sprintf("%s of %s %s attention%s.", Count(n), all, verb(n, "needs", "need"), within)
}

// Unseen says what could not be seen, and what would show it.
func Unseen(u listeners.Unseen) string {
	var parts []string
	for _, part := range []struct {
		n         int
		one, many string
	}{
		{u.Namespaces, "network namespace", "network namespaces"},
		{u.Processes, "process whose network namespace is not known",
			"processes whose network namespaces are not known"},
		{u.Owners, "owner of a listener", "owners of listeners"},
	} {
		if part.n > 0 {
			parts = append(parts, Amount(part.n, part.one, part.many))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	text := "Not seen: " + List(parts) + "."
	if !u.Root {
		text += " Run it as root for what only root may see."
	}
	return text
}

// Titles of the tables of listeners.
const (
	TitleListeners  = "Listeners"
	TitleNamespaces = "Network namespaces"
	LabelListener   = "Worst first"
)

// RestLine says how many listeners are not shown.
func RestLine(n int) string {
	if n == 0 {
		return ""
	}
	return Amount(n, "listener without a fault is", "listeners without a fault are") + " not shown; --all shows them."
}
