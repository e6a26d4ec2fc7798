package words

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"time"

	"agistorm/analysis/finding"
	"agistorm/analysis/listeners"
	"agistorm/analysis/record"
	"agistorm/analysis/watch"
	"agistorm/reports/lists"
)

// Titles of the report of a watch.
const (
	TitleWatch      = "agistorm watch"
	TitleWatched    = "Listeners, worst first"
	TitleToSet      = "What to set"
	TitleWhyShort   = "Why: what was found of each listener"
	TitleOverflows  = "Overflows"
	TitleWaiting    = "Waiting time"
	TitleEvents     = "Events"
	TitleCounters   = "Network namespaces"
	TitleSure       = "How sure"
	TitleReasons    = "Drop reasons"
	TitleWatchPlots = "Queues over time"
)

// The states of a watch, for the colour of its verdict.
const (
	WatchBad   = "Connections dropped"
	WatchStuck = "A listener accepts nothing"
	WatchGone  = "A listener has gone"
	WatchFull  = "A queue was full"
	WatchShort = "No drops, but something needs attention"
	WatchGood  = "No drops"
	WatchEmpty = "Nothing listened"
)

// Legends of the tables.
const (
	WatchedLegend = "Peak: the deepest queue, of the connections that fill it. Mean and 99 %: the depth by time. " +
		"Dropped packets are SYNs and last ACKs of clients; a retransmitted one counts again."
	OverflowsLegend = "Before: the depth at the last sample before the first drop."
	AgesLegend      = "From ages: connections that came and went between two samples are not in it, so the true mean is " +
		"shorter."
	CountersLegend = "What the counters grew by within the watch. They count all listeners of the namespace."
	ReasonsLegend  = "A SYN that meets a full accept queue is freed without a reason: none of these counts has it. " +
		"The listeners' drops do."
)

// watchFunctions are what the phrases of a watch can use beside functions.
var watchFunctions = template.FuncMap{"span": TimeSpan, "peak": PeakOf, "drops": Count[uint64]}

// TimeSpan writes how long something lasted: as Timeout up to 2 minutes, then in minutes, hours or days.
func TimeSpan(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return Timeout(d)
	case d < 10*time.Minute:
		return Tenths(d.Minutes()) + " min"
	case d < 2*time.Hour:
		return Whole(d.Minutes()) + " min"
	case d < 72*time.Hour:
		return Tenths(d.Hours()) + " h"
	}
	return Tenths(d.Hours()/24) + " days"
}

// Tenths writes a number with one digit after the point, unless that is 0.
func Tenths(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") }

// Watch writes about a watch.
type Watch struct {
	*watch.Report
	// Worst are the listeners, the worst first.
	Worst []*watch.Listener
}

// NewWatch returns one for a report.
func NewWatch(r *watch.Report) Watch { return Watch{r, r.WorstFirst()} }

// Length of the watch.
func (w Watch) Length() time.Duration { return w.To.Sub(w.From) }

// Clock writes a time of the watch: without its date, where that is the same from the beginning to the end.
func (w Watch) Clock(t time.Time) string {
	const day = time.DateOnly
	if from := w.From.UTC().Format(day); from == w.To.UTC().Format(day) && from == t.UTC().Format(day) {
		return t.UTC().Format("15:04:05 UTC")
	}
	return UTC(t)
}

// Short is Clock without the name of the zone, for a table whose heading has it.
func (w Watch) Short(t time.Time) string { return strings.TrimSuffix(w.Clock(t), " UTC") }

// PeakOf writes a peak: "129", "≥ 40".
func PeakOf(p watch.Peak) string {
	if p.AtLeast && p.Depth > 0 {
		return AtLeast(Count(p.Depth))
	}
	return Count(p.Depth)
}

// dropping counts the listeners that dropped, and what all but the first of them dropped.
func (w Watch) dropping() (n int, others uint64) {
	for _, l := range w.Worst {
		if l.KnownDrops() > 0 {
			n++
		}
		others += l.KnownDrops()
	}
	if n > 0 {
		others -= w.Worst[0].KnownDrops()
	}
	return n, others
}

// Unknown counts the listeners whose drops the kernel does not report.
func (w Watch) Unknown() int {
	return w.number(func(l *watch.Listener) bool { return l.DropsSeen == nil })
}

// AtLeast counts the listeners whose peak may have been deeper.
func (w Watch) AtLeast() int { return w.number(func(l *watch.Listener) bool { return l.Peak.AtLeast }) }

func (w Watch) number(is func(*watch.Listener) bool) (n int) {
	for _, l := range w.Worst {
		if is(l) {
			n++
		}
	}
	return n
}

func (w Watch) first(is func(*watch.Listener) bool) *watch.Listener {
	if i := slices.IndexFunc(w.Worst, is); i >= 0 {
		return w.Worst[i]
	}
	return nil
}

// stuck reports whether a listener accepts nothing now.
func stuck(l *watch.Listener) bool {
	return !l.Gone && slices.ContainsFunc(l.Findings, func(f finding.Finding) bool {
		return f.Code() == "listener-stuck" || f.Code() == "worker-stuck"
	})
}

// NeedsAttention reports whether more is to be said of a listener than is worth knowing.
func (w Watch) NeedsAttention(l *watch.Listener) bool {
	return w.Missing(l) || !l.Gone && l.Grade() >= listeners.Fault
}

// Status returns the class of the verdict and its words, by the gravest thing that was seen.
func (w Watch) Status() (class, status string) {
	switch l := w.subject(); {
	case len(w.Worst) == 0:
		return "doubt", WatchEmpty
	case l == nil && w.first(w.NeedsAttention) != nil:
		return "doubt", WatchShort
	case l == nil:
		return "good", WatchGood
	case l.KnownDrops() > 0:
		return "bad", WatchBad
	case stuck(l):
		return "bad", WatchStuck
	case w.Missing(l):
		return "doubt", WatchGone
	}
	return "doubt", WatchFull
}

// subject is the listener that the verdict is about: the worst one, if something happened at any.
func (w Watch) subject() *watch.Listener {
	if len(w.Worst) > 0 && w.Worst[0].KnownDrops() > 0 {
		return w.Worst[0]
	}
	for _, is := range []func(*watch.Listener) bool{
		stuck,
		w.Missing,
		func(l *watch.Listener) bool { return l.Depths.Full > 0 },
	} {
		if l := w.first(is); l != nil {
			return l
		}
	}
	return nil
}

// Lead is the first sentence of the verdict: which listener lost how much, and when.
func (w Watch) Lead() string {
	l, length := w.subject(), TimeSpan(w.Length())
	switch {
	case len(w.Worst) == 0 && len(w.Awaited) > 0:
		return fmt.Sprintf("Nothing listened on %s in %s.", List(Abbreviated(w.Awaited)), length)
	case len(w.Worst) == 0:
		return "Nothing listened here in " + length + "."
	case l == nil && w.Unknown() > 0:
		return fmt.Sprintf("No drop was counted in %s, but the kernel does not report those of %s.", length,
			Amount(w.Unknown(), "listener", "listeners"))
	case l == nil:
		return "No connection was dropped in " + length + "."
	case l.KnownDrops() > 0:
		return w.lost(l)
	case stuck(l):
		return fmt.Sprintf("%s accepts nothing: %s.", l.Label(),
			Amount(l.Depth, "connection waits", "connections wait"))
	case w.Missing(l):
		return fmt.Sprintf("Nothing has listened on %s since %s.", l.Label(), w.Clock(l.Last))
	}
	return fmt.Sprintf("The queue of %s was full, but no drop was counted.", l.Label())
}

// lost says what a listener dropped, and when.
func (w Watch) lost(l *watch.Listener) string {
	text := fmt.Sprintf("%s dropped %s of clients", l.Label(), packetsOf(l.KnownDrops()))
	if n := len(l.Overflows); n > 0 {
		first, last := l.Overflows[0].From, l.Overflows[n-1].To
		if l.OverflowCount == 1 {
			return text + " at " + w.Clock(first) + "."
		}
		text += fmt.Sprintf(" in %s between %s and %s", Amount(l.OverflowCount, "overflow", "overflows"),
			w.Short(first), w.Clock(last))
	}
	return text + "."
}

func packetsOf(n uint64) string { return Count(n) + " " + verb(int(n), "packet", "packets") }

// Rest is what follows the lead, at most two sentences: how deep and how long, and what of the others.
func (w Watch) Rest() string {
	if len(w.Worst) == 0 {
		return ""
	}
	return strings.Join(lists.NonEmpty(w.depth(), w.others()), " ")
}

// depth says how deep the queue of the subject was, and for how long; without a subject it is about the deepest.
func (w Watch) depth() string {
	l := w.subject()
	if l == nil {
		l = slices.MaxFunc(w.Worst, func(a, b *watch.Listener) int { return cmp.Compare(a.Peak.Depth, b.Peak.Depth) })
		if l.Peak.Depth == 0 {
			return "No connection was seen waiting in any queue."
		}
		return fmt.Sprintf("The deepest queue was that of %s: %s at %s.", l.Label(), deepest(l), w.Clock(l.Peak.At))
	}
	var parts []string
	switch full := "was full with " + Amount(l.Peak.Depth, "connection", "connections"); {
	case l.Peak.Full && l.Depths.Full > 0:
		parts = append(parts, full+" for "+TimeSpan(l.Depths.Full))
	case l.Peak.Full:
		parts = append(parts, full)
	case l.Peak.Depth > 0:
		parts = append(parts, "held "+deepest(l)+" at "+w.Clock(l.Peak.At))
	}
	if l.Waiting != nil {
		parts = append(parts, "a connection waited "+Timeout(l.Waiting.Mean)+" on average")
	}
	if len(parts) == 0 {
		return ""
	}
	return "Its queue " + strings.Join(parts, "; ") + "."
}

// deepest is the peak in a sentence: "up to 40 of 129".
func deepest(l *watch.Listener) string {
	bound := "up to "
	if l.Peak.AtLeast {
		bound = "at least "
	}
	return bound + Count(l.Peak.Depth) + " of " + Count(l.Holds())
}

// others says what the other listeners dropped, and which accepts nothing; or how many need attention.
func (w Watch) others() string {
	n, others := w.dropping()
	all := Amount(len(w.Worst), "listener", "listeners")
	bad := w.number(w.NeedsAttention)
	switch {
	case n == 0 && bad > 0 && (bad > 1 || w.subject() == nil):
		return fmt.Sprintf("%s of %s %s attention.", Count(bad), all, verb(bad, "needs", "need"))
	case n == 0 || len(w.Worst) == 1:
		return ""
	}
	var parts []string
	if l := w.first(stuck); l != nil && l != w.Worst[0] {
		parts = append(parts, l.Label()+" accepts nothing")
	}
	if n > 1 {
		parts = append(parts, fmt.Sprintf("%s dropped %s", Amount(n-1, "other listener", "other listeners"),
			packetsOf(others)))
	}
	if parts == nil {
		return fmt.Sprintf("No other of %s is known to have dropped any.", all)
	}
	return strings.Join(parts, "; ") + "."
}

// Verdict is the whole of it.
func (w Watch) Verdict() string { return strings.TrimSpace(w.Lead() + " " + w.Rest()) }

// States are the short words for what is to be known of a listener, the gravest first.
func (w Watch) States(l *watch.Listener) string {
	var all []string
	add := func(is bool, text string) {
		if is {
			all = append(all, text)
		}
	}
	add(l.KnownDrops() > 0, "overflowed")
	add(l.KnownDrops() == 0 && l.Depths.Full > 0, "was full")
	add(l.Gone, "gone")
	add(l.Restarts == 1, "restarted")
	add(l.Restarts > 1, "restarted "+Count(l.Restarts)+" times")
	if !l.Gone {
		for _, f := range l.Findings {
			name := findingNames[f.Code()]
			add(name != "" && f.Code() != "listener-drops", name)
		}
	}
	add(l.DropsSeen == nil && !slices.Contains(all, findingNames["drops-unknown"]), findingNames["drops-unknown"])
	add(len(all) == 0 && l.Peak.Depth == 0, "idle")
	return strings.Join(all, "; ")
}

// ToSet says what to change for each listener at which something happened: it dropped, accepts nothing or has gone.
// Sockets of a port share a text.
func (w Watch) ToSet() []Prose {
	urgent := adviceOf(w.Worst, func(l *watch.Listener) bool { return l.KnownDrops() > 0 || stuck(l) })
	for _, l := range w.Worst {
		advised := l.Gone && l.KnownDrops() > 0 && l.Advice != nil
		text := l.Label() + ", which has gone: "
		if w.Missing(l) {
			text = l.Label() + ": Start the server: nothing has listened there since " + w.Clock(l.Last) + "."
			if advised {
				text += " Before that: "
			}
		}
		if advised {
			text += Labels{}.Sentence(*l.Advice)
		}
		if advised || w.Missing(l) {
			urgent = append(urgent, Prose(text))
		}
	}
	return urgent
}

// ToSetLater says the same of the other listeners.
func (w Watch) ToSetLater() []Prose {
	return adviceOf(w.Worst, func(l *watch.Listener) bool { return l.KnownDrops() == 0 && !stuck(l) })
}

func adviceOf(all []*watch.Listener, is func(*watch.Listener) bool) []Prose {
	return aboutEach(listening(all, is), func(l *listeners.Listener) string { return Labels{}.Sentence(*l.Advice) })
}

// listening returns the listeners with advice that still listen.
func listening(all []*watch.Listener, is func(*watch.Listener) bool) (some []listeners.Listener) {
	for _, l := range all {
		if !l.Gone && l.Advice != nil && is(l) {
			some = append(some, l.Listener)
		}
	}
	return some
}

// Why says what was found of each listener with advice.
func (w Watch) Why() []Prose {
	return aboutEach(listening(w.Worst, func(*watch.Listener) bool { return true }),
		func(l *listeners.Listener) string { return strings.Join(Labels{}.Sentences(l.Findings), " ") })
}

// sources of waiting times.
var sources = map[watch.Source]string{
	watch.SourceLittle: "by Little's law", watch.SourceAges: "from the ages of queued connections",
}

// WaitingSource says how a waiting time was found.
func WaitingSource(s watch.Source) string { return cmp.Or(sources[s], string(s)) }

// happenings are the words for events; the dot is the event.
var happenings = map[watch.Happening]Phrase{
	watch.Restarted: `{{.Where}} restarted{{if .Duration}}: nothing listened for {{span .Duration}}{{end}}.`,
	watch.Appeared:  `{{.Where}} began to listen.`,
	watch.Vanished:  `Nothing listens on {{.Where}} any more.`,
	watch.NamespaceGone: `The last process of {{with .Container}}container {{.Short}}{{else}}network namespace ` +
		`{{.Netns}}{{end}} ended.`,
	watch.Wrapped: `The kernel's 32-bit count of drops of {{.Where}} began again from 0. The drops shown here ` +
		`include those before.`,
	watch.Suspended: `The host was suspended for {{span .Duration}}. Nothing was seen in that time.`,
	watch.Late:      `The watch was not scheduled for {{span .Duration}}. A short peak in that time may be unseen.`,
	watch.DiskFull:  `The disk is full: {{.Text}} was not written on.`,
}

// happened is an event with the listener that it is about.
type happened struct{ watch.Event }

// Where names the listener as its row does.
func (h happened) Where() string {
	label := strings.TrimSpace(h.Endpoint + " " + h.Process)
	switch {
	case h.Container != nil:
		return label + " in " + h.Container.Short()
	case h.Netns != "" && h.Netns != listeners.Host:
		return label + " in netns " + h.Netns
	}
	return label
}

// WatchEvent says what happened, in a line.
func WatchEvent(e watch.Event) string {
	phrase, known := happenings[e.Kind]
	if !known {
		return stop(strings.Join(lists.NonEmpty(string(e.Kind), happened{e}.Where(), e.Text), " "))
	}
	return phrase.With(happened{e})
}

// Sure says what the numbers rest on, and what they lack.
func (w Watch) Sure() (all []string) {
	add := func(is bool, format string, args ...any) {
		if is {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	cpu := 0.0
	if length := w.Length(); length > 0 {
		cpu = w.Sampling.CPU.Seconds() / length.Seconds()
	}
	add(true, "%s in %s took %s of one CPU.", Amount(w.Sampling.Samples, "sample", "samples"), TimeSpan(w.Length()),
		Portion(cpu))
	add(len(w.Worst) > w.Unknown(), "The kernel itself counts drops: none is missed between samples.")
	add(w.number(func(l *watch.Listener) bool { return l.Gone || l.Restarts > 0 }) > 0,
		"What a socket dropped between its last sample and its end is missed.")
	add(w.Unknown() > 0, "The kernel does not report what %s dropped.",
		Amount(w.Unknown(), "listener", "listeners"))
	add(w.AtLeast() > 0, "The peak of %s is a lower bound (≥): the queue may have been deeper between two samples.",
		Amount(w.AtLeast(), "listener", "listeners"))
	add(w.Suspended > 0, "The host was suspended for %s. Nothing was seen in that time.", TimeSpan(w.Suspended))
	add(w.late() > 0, "The watch was not scheduled for up to %s. A short peak in that time may be unseen.",
		TimeSpan(w.late()))
	add(w.Interrupted, "A signal ended the watch.")
	add(w.ListenersLeftOut > 0, "%s gone and not listed: there were too many.",
		Amount(w.ListenersLeftOut, "listener has", "listeners have"))
	add(w.NamespacesLeftOut > 0, "%s gone and not listed: there were too many.",
		Amount(w.NamespacesLeftOut, "network namespace has", "network namespaces have"))
	add(len(w.Awaited) > 0, "Nothing has listened on %s, which %s asked for.", List(Abbreviated(w.Awaited)),
		verb(len(w.Awaited), "was", "were"))
	add(w.EventsLeftOut > 0, "%s not listed: there were too many.",
		Amount(w.EventsLeftOut, "later event is", "later events are"))
	return append(all, lists.NonEmpty(Unseen(w.Unseen))...)
}

// late is the longest time in which the watch was not scheduled.
func (w Watch) late() (longest time.Duration) {
	for _, e := range w.Events {
		if e.Kind == watch.Late {
			longest = max(longest, e.Duration)
		}
	}
	return longest
}

// ReasonsLead says how the drop reasons were counted, or why they were not.
func ReasonsLead(r *record.DropReasons) string {
	switch {
	case r.Missing != nil:
		return "The kernel's drop reasons were not counted: " + stop(Note(*r.Missing))
	case r.Lost > 0:
		return fmt.Sprintf("%s did not fit the kernel's buffer: each count is at least what is shown.",
			Amount(r.Lost, "event", "events"))
	case len(r.By) == 0:
		return "The kernel freed no packet with a drop reason."
	}
	return ""
}

// LeftOutRows says how many rows of a table are not shown.
func LeftOutRows(n int, one, many string) string {
	if n == 0 {
		return ""
	}
	return Amount(n, one+" is", many+" are") + " not shown."
}

// LeftOutIdle says how many listeners are not shown because there is nothing to say of them.
func LeftOutIdle(n int) string {
	return LeftOutRows(n, "idle listener without a fault", "idle listeners without a fault")
}

// MoreAdvice is the title of so many more texts of advice.
func MoreAdvice(n int) string { return Count(n) + " more, with less or no loss" }

// AllZero names the counters that did not grow anywhere.
func AllZero(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "Did not grow, or are not reported: " + List(names) + "."
}

// FillWatch writes the words of what was found, for export.
func FillWatch(r *watch.Report) {
	for i := range r.Listeners {
		fillListener(&r.Listeners[i].Listener)
	}
}
