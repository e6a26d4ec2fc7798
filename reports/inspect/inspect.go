// Package inspect makes the report of the listeners of a host: the worst first, and what to change.
package inspect

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"

	"agistorm/analysis/gate"
	"agistorm/analysis/listeners"
	"agistorm/reports/document"
	"agistorm/reports/gates"
	"agistorm/reports/lists"
	"agistorm/reports/words"
)

// defaultWidth of the text where there is no terminal.
const defaultWidth = 132

// Options are what a report shows.
type Options struct {
	// All shows those without a fault, too.
	All bool
	// Width and Colour of the text; a width of 0 is that of a page.
	Width  int
	Colour bool
}

// Forms are the ways to write the report, by the names of their formats. JSON has all listeners.
var Forms = map[string]func(w io.Writer, r *listeners.Report, o Options) error{
	"text": func(w io.Writer, r *listeners.Report, o Options) error {
		if o.Width == 0 {
			o.Width = defaultWidth
		}
		return document.WriteText(w, Document(r, o.All), document.TextOptions{Width: o.Width, Colour: o.Colour})
	},
	"markdown": func(w io.Writer, r *listeners.Report, o Options) error {
		return document.WriteMarkdown(w, Document(r, o.All), document.Digest)
	},
	"json": func(w io.Writer, r *listeners.Report, _ Options) error {
		words.FillListeners(r)
		return document.WriteJSON(w, r)
	},
}

// Document says which listeners need attention, why, and what to do.
func Document(r *listeners.Report, all bool) *document.Document {
	shown := r.Listeners
	if !all {
		shown = slices.DeleteFunc(slices.Clone(shown), func(l listeners.Listener) bool { return !faulty(&l) })
	}
	d := &document.Document{
		Title: "agistorm inspect", Class: class(r), Lead: words.ListenersLine(r),
		Rest: words.RestLine(len(r.Listeners) - len(shown)), Version: r.Version,
		Sections: []document.Section{
			{Blocks: []document.Block{document.Paragraph{Text: document.Plain(words.Unseen(r.Unseen))}}},
			{Title: words.TitleListeners, Blocks: []document.Block{table(shown, r.Window > 0)}},
			{Title: words.LabelListener, Blocks: []document.Block{
				document.List{Items: document.MarkedTexts(words.Listeners(shown))},
			}},
			{Title: words.TitleNamespaces, Blocks: []document.Block{namespaces(r)}},
		},
	}
	if r.Gates != nil {
		d.Sections = append(d.Sections, document.Section{Title: words.TitleGates, Blocks: []document.Block{
			document.Paragraph{Text: document.Plain(words.GateHeadline(r.Gates) + ".")}, gates.Table(r.Gates),
		}})
	}
	return d
}

func faulty(l *listeners.Listener) bool { return l.Grade() >= listeners.Fault }

func class(r *listeners.Report) string {
	worst := listeners.None
	for i := range r.Listeners {
		worst = max(worst, r.Listeners[i].Grade())
	}
	switch {
	case worst == listeners.Loss || r.Gates != nil && r.Gates.Status == gate.Failed:
		return "bad"
	case worst == listeners.Fault:
		return "doubt"
	}
	return "good"
}

// marks of grades.
var marks = map[listeners.Grade]document.Mark{listeners.Loss: "bad", listeners.Fault: "doubt"}

// table has a row for each listener.
func table(all []listeners.Listener, window bool) document.Table {
	drops := "drops"
	if window {
		drops = "new drops"
	}
	t := document.Table{
		Label: words.TitleListeners, Head: 1,
		Columns: document.Columns(4, "finding", "address", "process", "where", "queue", "backlog", "somaxconn", drops),
	}
	t.Columns[0].Wrap = true
	for i := range all {
		l := &all[i]
		row := document.Cells(words.FindingNames(l), endpoint(l), process(l), where(l),
			words.Count(l.Depth)+" of "+words.Count(l.Holds()), words.Count(l.Backlog),
			optional(l.Somaxconn, words.Backlog), optional(l.Dropped(), words.Count[int]))
		row[0].Mark = marks[l.Grade()]
		t.Add(row)
	}
	return t
}

// endpoint is the address, with what else tells a listener from others.
func endpoint(l *listeners.Listener) string {
	text := l.Endpoint()
	if l.Sockets > 0 {
		text += fmt.Sprintf(" [%d/%d]", l.Socket, l.Sockets)
	}
	if l.MPTCP {
		text += " mptcp"
	}
	return text
}

// process is the name of the process and its number.
func process(l *listeners.Listener) string {
	if l.PID == 0 {
		return words.Unknown
	}
	return l.Process + " " + strconv.Itoa(l.PID)
}

// where is the container, or else the network namespace.
func where(l *listeners.Listener) string {
	if l.Container != nil {
		return l.Container.Short()
	}
	return l.Netns
}

func optional(n *int, write func(int) string) string {
	if n == nil {
		return words.Unknown
	}
	return write(*n)
}

// namespaces has the sysctls and counters of each network namespace in which something listens.
func namespaces(r *listeners.Report) document.Table {
	sysctls := lists.Map(listeners.Sysctls, func(name string) string { return path.Ext(name)[1:] })
	names := append(sysctls, listeners.Counters...)
	t := document.Table{
		Label: words.TitleNamespaces, Columns: document.Columns(1, append([]string{"network namespace"}, names...)...),
	}
	for i := range r.Namespaces {
		n := &r.Namespaces[i]
		if !slices.ContainsFunc(r.Listeners, func(l listeners.Listener) bool { return l.Netns == n.Netns }) {
			continue
		}
		t.Add(document.Cells(append([]string{namespace(n)}, values(n)...)...))
	}
	return t
}

func namespace(n *listeners.Namespace) string {
	if n.Container != nil {
		return n.Netns + " (" + n.Container.Short() + ")"
	}
	return n.Netns
}

func values(n *listeners.Namespace) (all []string) {
	for _, name := range listeners.Sysctls {
		value, ok := n.Sysctls[name]
		if !ok {
			value = words.Unknown
		}
		all = append(all, value)
	}
	counters := n.Counters
	if n.Grown != nil {
		counters = n.Grown
	}
	for _, name := range listeners.Counters {
		value, ok := counters[name]
		text := words.Unknown
		if ok {
			text = words.Count(value)
		}
		all = append(all, text)
	}
	return all
}
