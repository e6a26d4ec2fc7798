package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/template"

	"agistorm/analysis/record"
	"agistorm/reports/lists"
)

// notePhrases are the words for how a run was made, by the code of the note.
var notePhrases = map[string]string{
	record.NoteHostAsked:   `asked for with --isolation none`,
	record.NoteServerRuns:  `the server was already running`,
	record.NoteNoNamespace: `no network namespace of our own: {{.Error}}; {{remedy .}}`,
	record.NoteNamespaceLimit: `no network namespace of our own: the limit of namespaces is reached (ENOSPC); ` +
		`{{remedy .}}`,
	record.NoteNotLinux: `no network namespace of our own: {{.Error}}; {{remedy .}}`,
	record.NoteLinkRefused: `This machine refuses the link between clients and server ({{.Error}}). The calls go ` +
		`over loopback instead, which can drop packets itself.`,
	record.NoteLinkNeedsNamespace: `A link between clients and server needs namespaces. The calls go over loopback ` +
		`instead, which can drop packets itself.`,
	record.NoteServerOnLoopback: `The command listens on loopback only ({{.Here}}), so the calls go over loopback, ` +
		`which can drop packets itself.`,
	record.NoteTargetLeftOut: `The server is the command. The scenario's target: keys are left out` +
		`{{if .Name}}, and so is what its settings give for {{.Name}}{{end}}.`,
	record.NoteAlone: `The command runs in a network of its own: what it needs on other hosts, such as a database, ` +
		`it cannot reach.`,
	record.NoteOwnBacklog: `The command keeps a backlog of its own. To try others, put {backlog} among its ` +
		`arguments, or let it read AGISTORM_BACKLOG.`,
	record.NoteSameSettings: `{{if eq .Want "1"}}1 setting is left out: it would equal another.{{else}}` +
		`{{.Want}} settings are left out: they would equal others.{{end}}`,
	record.NoteSysctlDiffers: `the host's {{.Name}} is {{or .Here "not known"}}, not {{.Want}}`,
	record.NoteSysctlNotSet: `The scenario's sysctls were not set: the host's {{.Name}} is {{or .Here "not known"}}, ` +
		`not {{.Want}}.`,
	record.NoteNotListening:     `no socket in this network namespace listens there`,
	record.NoteNoSample:         `no sample could be taken`,
	record.NoteQueueUnreadable:  `{{.Error}}`,
	record.NoteSlabsUnreadable:  `only the host's root may read the kernel's caches in /proc/slabinfo ({{.Error}})`,
	record.NoteSlabsUnsteady:    `other programs changed the kernel's caches meanwhile`,
	record.NoteMemoryUnmeasured: `{{.Error}}`,
	record.NoteReasonsRefused: `only the host's root may count the kernel's drop reasons ({{.Error}}); run it with ` +
		`sudo`,
	record.NoteReasonsNoTracefs: `the kernel's drop reasons are in tracefs, which is not mounted ({{.Error}}); as ` +
		`root, mount it with mount -t tracefs tracefs /sys/kernel/tracing`,
	record.NoteReasonsOldKernel: `this kernel frees packets without a reason; Linux 5.17 and later have one ` +
		`({{.Error}})`,
	record.NoteReasonsNotLinux:   `only Linux counts drop reasons ({{.Error}})`,
	record.NoteReasonsUnreadable: `the kernel's drop reasons could not be counted ({{.Error}})`,
	record.NoteShareUnreadable:   `a share is missing, since its description is damaged: {{.Error}}`,
}

// notes are the phrases, parsed when they are first needed.
var notes = sync.OnceValue(func() *template.Template {
	all := template.New("").Funcs(template.FuncMap{"remedy": Remedy})
	for code, text := range notePhrases {
		template.Must(all.New(code).Parse(text))
	}
	return all
})

// Note writes a note, which may be a clause or whole sentences. A run of an earlier version has the words itself.
func Note(n record.Note) string {
	phrase := notes().Lookup(n.Code)
	if phrase == nil || n.Code == "" {
		return cmp.Or(n.Words, n.Code)
	}
	return worded(phrase, n, "There are no words for "+n.Code+".")
}

// notesOf writes those of a finding.
func notesOf(all []record.Note) string { return strings.Join(lists.Map(all, Note), "; ") }

// Remedy says how to get a namespace.
func Remedy(n record.Note) string {
	if n.Code == record.NoteNotLinux {
		return "run the sweep on Linux"
	}
	var ways []string
	for _, setting := range strings.Fields(n.Allow) {
		ways = append(ways, fmt.Sprintf("allow it with `sysctl -w %s`", setting))
	}
	if n.Code == record.NoteNamespaceLimit && len(ways) == 0 {
		ways = append(ways, "raise user.max_user_namespaces or user.max_net_namespaces")
	}
	return strings.Join(append(ways, "run it as root, or in a container with --privileged"), ", or ")
}

// LeftOut names the settings that could not be tried without a namespace, with what the host lacks.
func LeftOut(i record.Isolation) []string {
	return lists.Map(i.LeftOut(), func(a record.Asked) string {
		lacks := strings.Join(lists.Map(a.Lacks, Note), "; ")
		return fmt.Sprintf("somaxconn %d with backlog %s (%s)", a.Somaxconn, a.Backlog, lacks)
	})
}

// noLink are the codes of why the calls go over loopback.
var noLink = []string{record.NoteLinkRefused, record.NoteLinkNeedsNamespace, record.NoteServerOnLoopback}

// Notices are what the user must know before the first storm of a run.
func Notices(r *record.Run) (lines []string) {
	onHost := r.Isolation.Mode == record.IsolationHost
	if onHost && r.Isolation.Reason != nil {
		lines = append(lines, fmt.Sprintf("The storms run in the host's own network namespace (%s).",
			Note(*r.Isolation.Reason)))
	}
	lines = append(lines, lists.Map(r.Notes, Note)...)
	for _, n := range r.Warnings {
		if slices.Contains(noLink, n.Code) {
			lines = append(lines, Note(n))
		}
	}
	if onHost {
		lines = append(lines, "Each setting is shown as a fixed backlog, up to the host's limit; "+
			"the host's settings stay as they are.")
	}
	for _, setting := range LeftOut(r.Isolation) {
		lines = append(lines, "Left out: "+setting)
	}
	return lines
}

// Question is what a run is about: that of its scenario, or of a storm at a server that was already running.
func Question(s *record.Scenario) string {
	if s.Question == "" && s.Server == nil && s.Target != "" {
		return "What becomes of a storm at " + s.Target + "?"
	}
	return s.Question
}
